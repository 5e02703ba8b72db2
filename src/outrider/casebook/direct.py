"""Answers without a model that writes: the reported figure, or the sentence, that is nearest to what was asked; none if
none is near enough, or if the case does not say what the question takes for granted.

What speaks for an answer is weighed as `benchmarks/casebook_fit.py` fitted it on golden questions that are not held out
(`benchmarks/casebook.py` measures both halves).
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.casebook import coverage, facts, premises
from outrider.casebook.find import Cases
from outrider.casebook.present import figure
from outrider.casebook.records import CaseStudy, Evidence, Result
from outrider.casebook.vocabulary import terms
from outrider.knowledge.records import Hit, Query
from outrider.knowledge.sentences import sentences
from outrider.knowledge.verify import occurs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

CASES = 3
"""Cases that are looked at, the best first."""
FIGURE = (5.79, 3.99, 1.67, -2.95, 3.64, 1.58, 0.85, 1.56, -2.51, -1.0, -5.56)
"""What speaks for a figure: how near it is to the question, how near to what is counted, how near its case is to the
question, the case's place, how much of the question's words it has, how many of them its case has; whether it is a
change where one is asked for, one in the same direction, one without a direction; whether the question is about people
whom the case does not have; and the bias."""
SENTENCE = (3.34, 3.62, -0.8, 1.92, 3.33, 1.54, -3.32, -2.04, -5.54)
"""What speaks for a sentence: how near it is to the question, how near its case is, the case's place, how much of the
question's words it has, how near it comes to the word that it is farthest from, how many of the words its case has,
whether it lacks the name that is asked for, whether the question is about people whom the case does not have; and the
bias."""
FIGURE_LEAST, SENTENCE_LEAST = -1.1, -0.5
"""Log-odds that are enough."""
_SHORT = 25
_MOST = 40
_BESIDE_FIGURE, _BESIDE_SENTENCE = 0.7, 0.9
"""What is this much worse than the best of the same case is said beside it."""


class Statement(msgspec.Struct, frozen=True):
    """Something that a case says, with the passages that it is taken from. `chance` (0 to 1): how surely it answers."""

    case: str
    text: str
    evidence: tuple[Evidence, ...]
    score: float
    chance: float = 0.0


def embedder(cases: Cases) -> "Embed | None":
    """What makes vectors of texts, if there is an embedder and it made vectors of the Casebook already."""
    if not cases.library.shelf(cases.collection, Query("vectors", limit=1)).has_vectors():
        return None
    model = cases.collection.settings.embeddings.get(cases.collection.settings.embedding)
    embedders = cases.library.embedders
    if model is None or embedders is None:
        return None
    name = model.model
    return lambda texts: embedders.queries(name, texts)


def statements(
    cases: Cases, question: str, ranked: Sequence[str], hits: Sequence[Hit], embed: "Embed"
) -> list[Statement]:
    """What answers `question`, among the cases of `ranked` (the best first) and the passages that were found; empty:
    nothing does."""
    wanted = facts.kinds(question)
    if not wanted and premises.wants_time(question):
        return []
    weighed = [_weighed(c, FIGURE if wanted else SENTENCE) for c in candidates(cases, question, ranked, hits, embed)]
    if wanted:
        return _best(weighed, FIGURE_LEAST, _BESIDE_FIGURE, 2)
    return _best(weighed, SENTENCE_LEAST, _BESIDE_SENTENCE, 3)


class Candidate(msgspec.Struct, frozen=True):
    """What may be said, and what speaks for it: the features in the order of their weights."""

    statement: Statement
    features: tuple[float, ...]
    result: Result | None = None


def candidates(
    cases: Cases, question: str, ranked: Sequence[str], hits: Sequence[Hit], embed: "Embed"
) -> Iterator[Candidate]:
    """Every figure, or sentence, that a question could mean, of the cases that say what it takes for granted."""
    wanted = facts.kinds(question)
    for rank, id_ in enumerate(ranked[:CASES]):
        case = cases.get(id_)
        text = whole(cases, case)
        if premises.missing(question, text):
            continue
        if wanted:
            yield from _figures(case, rank, question, text, embed)
        else:
            yield from _sentences(case, rank, question, text, hits, embed)


def _weighed(one: Candidate, weights: Sequence[float]) -> Statement:
    score = sum(w * f for w, f in zip(weights, (*one.features, 1.0), strict=True))
    return msgspec.structs.replace(one.statement, score=score, chance=1 / (1 + math.exp(-score)))


def _best(found: Sequence[Statement], least: float, beside: float, most: int) -> list[Statement]:
    """The best statement, with those of the same case that are nearly as good."""
    order = sorted(found, key=lambda s: -s.score)
    if not order or order[0].score < least:
        return []
    said, best = list[Statement](), order[0]
    for one in order:
        near = one.case == best.case and one.score >= max(least, best.score - beside)
        if near and not any(_words_of(one) in _words_of(s) or _words_of(s) in _words_of(one) for s in said):
            said.append(one)
    return said[:most]


def _words_of(one: Statement) -> str:
    """What is said, without who says it and without what introduces it: a summary may say the lesson once more."""
    return one.text.partition(": ")[2].removeprefix("Takeaway: ")


def whole(cases: Cases, case: CaseStudy) -> str:
    """All that a case says."""
    return "\n".join((case.title, case.organisation, *case.aliases, case.system, cases.text(case) or case.summary))


def _figures(case: CaseStudy, rank: int, question: str, text: str, embed: "Embed") -> Iterator[Candidate]:
    results = facts.figures(case, question)
    if not results:
        return
    texts = [facts.stated(r) for r in results]
    plain = bare(question, case)
    asked, counted, whose, *rest = embed([plain, facts.focus(question), head(case), *texts])
    words = coverage.asked(plain, list(premises.names(question)))
    known, strangers = coverage.literally(words, text), _strangers(question, text, embed)
    for result, vector, (share, _) in zip(results, rest, coverage.nearly(words, texts, embed), strict=True):
        evidence = _cited(case, result.evidence)
        near = (float(vector @ asked), float(vector @ counted), float(whose @ asked))
        features = (*near, float(rank), share, known, *facts.moves(question, result), strangers)
        yield Candidate(Statement(case.id, f"{_who(case)}: {_said(result, evidence)}", evidence, 0.0), features, result)


def _sentences(
    case: CaseStudy, rank: int, question: str, told: str, hits: Sequence[Hit], embed: "Embed"
) -> Iterator[Candidate]:
    spans = list(_spans(case, hits))[:_MOST]
    if not spans:
        return
    plain, texts = bare(question, case), [text for _, text in spans]
    name = premises.wants_name(question, named=_is_named(question, case))
    own = next((s.id for s in case.sources if s.document == case.document), "")
    asked, whose, *rest = embed([plain, head(case), *texts])
    words = coverage.asked(plain, list(premises.names(question)))
    known, strangers = coverage.literally(words, told), _strangers(question, told, embed)
    for (start, text), vector, (share, least) in zip(spans, rest, coverage.nearly(words, texts, embed), strict=True):
        passage = Evidence(own, start, start + len(text), "", text)
        lacks = float((name and not _tells_a_name(text, question, case)) or premises.lacks_kind(question, text))
        features = (float(vector @ asked), float(whose @ asked), float(rank), share, least, known, lacks, strangers)
        yield Candidate(Statement(case.id, f"{_who(case)}: {text}", _cited(case, (passage,)), 0.0), features)


def _strangers(question: str, text: str, embed: "Embed") -> float:
    """How far the people whom a question speaks of are from all words of a case; 0 if it speaks of them, too."""
    people = [w for w in premises.people(question) if coverage.literally([w], text) < 1]
    return 1 - coverage.nearly(people, [text], embed)[0][1] if people else 0.0


def _spans(case: CaseStudy, hits: Sequence[Hit]) -> Iterator[tuple[int, str]]:
    """Sentences of the case's own text that were found, with where they begin; no headings."""
    for hit in hits:
        if hit.document.id == case.document and hit.chunk.kind != "heading":
            for start, end in sentences(hit.chunk.text):
                text = hit.chunk.text[start:end]
                if len(text) > _SHORT and not text.startswith(("#", "- ")):
                    yield hit.chunk.start + start, text


def bare(question: str, case: CaseStudy) -> str:
    """The question without the names that only say which case is meant."""
    for name in sorted((case.organisation, *case.aliases), key=len, reverse=True):
        if name:
            question = re.sub(rf"\b{re.escape(name)}(?:['’]s)?(?!\w)", " ", question)
    return " ".join(question.split())


def _is_named(question: str, case: CaseStudy) -> bool:
    """Whether the question says that it is about this case."""
    own = " ".join((case.organisation, case.system, case.title, *case.aliases))
    return any(occurs(name, own) for name in premises.names(question))


_CAPITALS = """
AI API APIs CI CPU CPUs FAQ FAQs GPU GPUs HTML HTTP HTTPS ID IDs IT JSON KPI KPIs LLM LLMs ML NLP OCR PDF PDFs PII QA
RAG REST RL SDK SLA SQL SRE SSE UI URL URLs UX XML YAML
"""
_COMMON = frozenset(_CAPITALS.split())
"""Capitals that name nothing of anybody's."""


def _tells_a_name(text: str, question: str, case: CaseStudy) -> bool:
    """Whether a sentence has a name, or a tool that we know, that is neither asked about nor the case's own."""
    known = " ".join((question, case.organisation, case.system, case.title, *case.aliases))
    said = (name for name in premises.names(f"it {text[:1].lower()}{text[1:]}") if name not in _COMMON)
    if any(not occurs(name, known) for name in said):
        return True
    patterns = [tool.evidence for tool in terms().tools if tool.evidence]
    return any(p.search(text) and not p.search(known) for p in patterns)


def head(case: CaseStudy) -> str:
    return f"{case.title}. {case.what_it_does}"


def _who(case: CaseStudy) -> str:
    return case.organisation or case.title


_ASIDE = {"vendor-claim": " (claimed by the vendor)", "contradicted": " (another source says otherwise)"}


def _said(result: Result, evidence: Sequence[Evidence]) -> str:
    """The figure in the words of its passage."""
    words = " ".join(evidence[0].quote.split()).rstrip(".") if evidence else figure(result)
    return f"{words}{_ASIDE.get(result.status, '')}."


def _cited(case: CaseStudy, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The passage, and the one that says whose it is."""
    kept = [e for e in evidence if e.quote][:1]
    whose = case.facts.get("organisation")
    return (*kept, *([e for e in whose.evidence if e.quote][:1] if whose else ()))
