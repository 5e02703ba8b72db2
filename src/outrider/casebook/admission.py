"""Whether a text tells of a deployment: five questions, each answered by passages, and the reasons in words."""

from collections.abc import Sequence

import msgspec

from outrider.casebook.book import OWN
from outrider.casebook.extract import passages
from outrider.casebook.figures import results_of
from outrider.casebook.matching import Matcher
from outrider.casebook.records import Evidence, Result

LEAST_WORDS = 120
_QUESTIONS: dict[str, tuple[str, str]] = {
    "model": (
        r"\b(llms?|language models?|gpt-?\d|chatgpt|generative ai|gen ?ai|foundation models?|claude|gemini|llama"
        r"|mistral|\brag\b|prompts?|embeddings?|ai agents?|agentic|transformer"
        r"|diffusion|retrieval.augmented|openai|anthropic|langchain)\b",
        "it does not speak of language models",
    ),
    "production": (
        r"\b(in production|to production|deployed|rolled out|launched|went live|is live|now live|generally available"
        r"|serves?|in (daily )?use|released|shipped|adopted by|used by)\b",
        "it does not say that anything was deployed",
    ),
    "detail": (
        r"\b(architecture|pipeline|retriev\w+|fine-?tun\w+|prompt\w*|vector|embedding\w*|latency"
        r"|model (selection|serving|routing)|evaluat\w+|orchestrat\w+|guardrails?|caching|inference|schema|index\w*)\b",
        "it has no technical detail",
    ),
    "iteration": (
        r"\b(iterat\w+|initially|first version|at first|then (we|they|the team)|learn(ed|t)|refin\w+|improved"
        r"|redesign\w*|experiment\w*|a/b test\w*|feedback|migrat\w+|lessons?)\b",
        "it does not tell how the system changed with use",
    ),
    "live use": (
        r"\b(users?|customers?|employees|agents|engineers|teams) (use|used|using|ask|asked|rely|adopt\w*|report\w*)\b"
        r"|\b(adoption|daily active|requests per|queries per|tickets|conversations|calls (a|per) (day|month))\b",
        "it shows no use by anybody",
    ),
}
_MATCHER = Matcher({name: pattern for name, (pattern, _) in _QUESTIONS.items()})
_LEAST: dict[str, int] = {"model": 2, "detail": 3}


class Verdict(msgspec.Struct, frozen=True):
    """`reasons` say what is lacking; `found` are the passages by question."""

    accepted: bool
    reasons: tuple[str, ...]
    found: dict[str, tuple[Evidence, ...]]


def judge(text: str, results: Sequence[Result] | None = None) -> Verdict:
    """A text is accepted that speaks of language models, of something deployed, and answers two of the other
    questions: technical detail, operational metrics, iteration, live use. `results` are its figures where they were
    read already."""
    spans = _MATCHER.spans(text, 6)
    found = {name: passages(text, spans.get(name, ()), 3) for name in _QUESTIONS}
    figures = results_of(text, OWN, most=3) if results is None else results
    found["metrics"] = tuple(r.evidence[0] for r in figures[:3])
    held = {name: len(spans.get(name, ())) >= _LEAST.get(name, 1) for name in _QUESTIONS}
    held["metrics"] = bool(figures)
    lacking = {**{name: told for name, (_, told) in _QUESTIONS.items()}, "metrics": "it gives no figures"}
    reasons = [told for name, told in lacking.items() if not held[name]]
    words = len(text.split())
    if words < LEAST_WORDS:
        reasons.insert(0, f"it has only {words} words; a case needs {LEAST_WORDS}")
    others = sum(held[name] for name in ("detail", "metrics", "iteration", "live use"))
    accepted = words >= LEAST_WORDS and held["model"] and held["production"] and others >= 2
    return Verdict(accepted, tuple(reasons), found)
