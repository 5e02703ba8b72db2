"""Plain questions: "RAG in insurance with measured deflection above 50 %" is read as `technique:rag industry:insurance
deflection>50%`. By rules over the vocabulary, so that the same words always mean the same; what was understood is told
and can be taken back, and what was not stays free text.
"""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from outrider.base.errors import RequestError
from outrider.casebook import measures
from outrider.casebook.language import Asked, Term, Vocabulary, fold, merged, parse


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NAMED = ("industry", "technique", "tool", "application", "org")
ALSO = {
    "industry": {
        "banking": "finance",
        "banks": "finance",
        "fintech": "finance",
        "payments": "finance",
        "insurers": "insurance",
        "insurer": "insurance",
        "health care": "healthcare",
        "hospitals": "healthcare",
        "law firms": "legal",
        "telecom": "telecommunications",
        "telcos": "telecommunications",
        "public sector": "government",
        "ecommerce": "e-commerce",
        "online shops": "e-commerce",
        "marketplaces": "e-commerce",
        "carmakers": "automotive",
        "retailers": "retail",
        "farming": "agriculture",
        "real estate": "real-estate",
        "universities": "education",
    },
    "technique": {
        "retrieval augmented generation": "rag",
        "retrieval augmentation": "rag",
        "evaluations": "evals",
        "re ranking": "reranking",
        "finetuning": "fine-tuning",
        "fine tuned": "fine-tuning",
        "human in the loop": "human-review",
        "function calling": "tool-calling",
        "multi agents": "multi-agent",
        "llm judge": "llm-as-judge",
        "model context protocol": "mcp",
        "ab test": "ab-testing",
        "a b testing": "ab-testing",
        "a b tests": "ab-testing",
    },
    "tool": {"bedrock": "amazon-bedrock", "claude": "anthropic", "gpt 4": "openai", "chatgpt": "openai"},
}
"""Words that people use besides the vocabulary's own."""

EVERYDAY = _words(
    """memory streaming monitoring tracing retries fallback simulation citations multimodal deduplication speculative
    cascade quantization sandboxing idempotency search voice testing security compliance translation education
    research consulting media energy hiring email fraud chatbot evaluation classification recommendation
    observability guardrails prediction clinical summarisation underwriting legal hr travel temporal ray spark
    chroma triton slack phoenix strands spire docker redis jupyter airflow batch"""
)
"""Values that are everyday words too: they stay free text unless they are written as a name (Slack) or a field."""
_INDUSTRIES_BY_IN = _words("""education research consulting media energy legal hr travel gaming""")
_EMPTY = _words(
    """a about all an and any are as at by case cases companies company could deployment deployments did do does
    entries entry example examples find for from had has have having how i in industry into is it its list llm llms
    me of on or our sector show some studies study such systems system tell that the their them these they this to
    us use used uses using want was were what when where which who whose with"""
)

_NUMBER = (
    r"(?P<number>\d{1,9}(?:\.\d{1,6})?)\s*"
    r"(?P<unit>%|percent\b|x\b|ms\b|seconds?\b|minutes?\b|hours?\b|k\b|million\b|billion\b|users\b)?"
)
_OVER = r"above|over|more than|greater than|exceeding|beyond"
_UNDER = r"below|under|less than|fewer than"
_COMPARE = rf"(?:of |by )?(?P<compare>{_OVER}|{_UNDER}|at least|at most|up to|>=|<=|>|<)"
_METRIC = r"(?P<metric>(?:[A-Za-z][\w-]*\s+){0,2}[A-Za-z][\w-]*)"
_CHANGED = (
    "(?P<verb>cuts?|reduce[ds]|reducing|lowered|save[ds]|dropped|raise[ds]|increase[ds]|improve[ds]|grew|boosted)"
)
_SAID = frozenset(("measured", "reported", "published", "proven", "documented"))

_CHANGE = re.compile(rf"\b{_CHANGED}\s+{_METRIC}\s+(?:{_COMPARE}\s+|by\s+){_NUMBER}", re.IGNORECASE)
_LEVEL = re.compile(rf"\b{_METRIC}\s+{_COMPARE}\s*{_NUMBER}", re.IGNORECASE)
_BEFORE = re.compile(rf"\b{_COMPARE}\s*{_NUMBER}\s+{_METRIC}", re.IGNORECASE)
_YEARS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = (
    (
        re.compile(
            r"\b(?:between|from)\s+(20\d\d)\s+(?:and|to|until)\s+(20\d\d)\b|\b(20\d\d)\s*(?:-|–|\.\.)\s*(20\d\d)\b",
            re.I,
        ),
        lambda m: f"{m[1] or m[3]}..{m[2] or m[4]}",
    ),
    (re.compile(r"\bsince\s+(20\d\d)\b", re.I), lambda m: f"{m[1]}.."),
    (re.compile(r"\bafter\s+(20\d\d)\b", re.I), lambda m: f"{int(m[1]) + 1}.."),
    (re.compile(r"\b(?:before|until)\s+(20\d\d)\b", re.I), lambda m: f"..{int(m[1]) - ('before' in m[0].lower())}"),
    (re.compile(r"\b(?:in|from|of|during)\s+(20\d\d)\b", re.I), lambda m: m[1]),
)
_HAS = (
    (
        re.compile(r"\bwith (?:measured|reported|published|hard) (?:figures|numbers|results|outcomes)\b", re.I),
        "figures",
    ),
    (re.compile(r"\bwith (?:a )?(?:before and after|baseline)(?: figures| numbers)?\b", re.I), "baseline"),
    (re.compile(r"\b(?:that tell|with|telling) (?:of )?(?:their )?failures\b", re.I), "failures"),
)


def understand(asked: Asked, vocabulary: Vocabulary, metrics: frozenset[str]) -> Asked:
    """`asked` with those of its free words that name something made into terms. `metrics` are the words (stems) that
    figures are named with: only these are read as a condition's metric."""
    text, found = asked.text, list[Term]()
    for rule in (_figures, _years, _having, _names):
        text, terms = rule(text, vocabulary, metrics)
        found += terms
    if not found:
        return asked
    given = {(t.field, t.without) for t in asked.terms if t.field != "result"}
    added = [t for t in found if (t.field, t.without) not in given]
    return msgspec.structs.replace(asked, text=_rest(text), terms=merged([*asked.terms, *added]))


def read(query: str, vocabulary: Vocabulary, metrics: frozenset[str]) -> Asked:
    """`query` parsed and understood. Raises RequestError."""
    return understand(parse(query, vocabulary), vocabulary, metrics)


_Result = tuple[str, list[Term]]


def _figures(text: str, vocabulary: Vocabulary, metrics: frozenset[str]) -> _Result:
    terms: list[Term] = []

    def take(match: re.Match[str]) -> str:
        condition = _condition(match, metrics)
        if condition is None:
            return match[0]
        before, written = condition
        terms.append(Term("result", (written,), understood=True))
        return f"{before} "

    for pattern in (_CHANGE, _LEVEL, _BEFORE):
        text = pattern.sub(take, text)
    return text, terms


def _condition(match: re.Match[str], metrics: frozenset[str]) -> tuple[str, str] | None:
    """The words before the metric, and the condition; None if the words name no figure."""
    words = match["metric"].split()
    last = match.re is not _BEFORE
    if last and words[-1].lower() in ("by", "of"):
        words.pop()
    kept = len(words)
    chosen: list[str] = []
    for word in reversed(words) if last else words:
        if not set(measures.stems(word)) <= metrics:
            break
        chosen.append(word)
        kept -= 1
    if not chosen:
        return None
    if last:
        chosen.reverse()
    rest = " ".join(w for w in (words[:kept] if last else words[len(chosen) :]) if w.lower() not in _SAID)
    groups = match.groupdict()
    sign = _sign((groups.get("compare") or "at least").lower())
    number = groups["number"]
    if verb := groups.get("verb"):
        down = verb.lower().startswith(("cut", "reduc", "lower", "sav", "drop"))
        number = f"{'-' if down else '+'}{number}"
        sign = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}[sign] if down else sign
    unit = (groups["unit"] or "").replace("percent", "%")
    try:
        return rest, measures.condition(f"{' '.join(chosen)}{sign}{number}{unit}").text
    except ValueError:
        return None


def _sign(compare: str) -> str:
    if re.fullmatch(_OVER, compare):
        return ">"
    if re.fullmatch(_UNDER, compare):
        return "<"
    return {"at least": ">=", "at most": "<=", "up to": "<="}.get(compare, compare)


def _years(text: str, vocabulary: Vocabulary, metrics: frozenset[str]) -> _Result:
    for pattern, value in _YEARS:
        if match := pattern.search(text):
            try:
                term = parse(f"year:{value(match)}", vocabulary).terms[0]
            except RequestError:
                continue
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            return rest, [msgspec.structs.replace(term, understood=True)]
    return text, []


def _having(text: str, vocabulary: Vocabulary, metrics: frozenset[str]) -> _Result:
    terms = []
    for pattern, value in _HAS:
        text, count = pattern.subn(" ", text)
        if count:
            terms.append(Term("has", (value,), understood=True))
    return text, terms


def _names(text: str, vocabulary: Vocabulary, metrics: frozenset[str]) -> _Result:
    """Values that are named, the longest name first."""
    words = [(m[0], m.start(), m.end()) for m in re.finditer(r"[^\s,;()/?!]+", text)]
    terms: list[Term] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(6, len(words) - at), 0, -1):
            some = [w for w, _, _ in words[at : at + length]]
            if named := _named(some, words[at - 1][0] if at else "", vocabulary):
                terms.append(Term(named[0], (named[1],), understood=True))
                at += length
                break
        else:
            rest.append(words[at][0])
            at += 1
    return " ".join(rest), terms


def _named(words: Sequence[str], before: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    name = fold(" ".join(words).removesuffix("'s").rstrip(".:"))
    capital = words[0][:1].isupper()
    for field in NAMED:
        value = vocabulary.spellings.get(field, {}).get(name) or _also(field, name, vocabulary)
        if value is None or (field == "org" and (not capital or len(name) < 3)):
            continue
        if name in EVERYDAY or (fold(value) in EVERYDAY and name == fold(value)):
            by_in = field == "industry" and name in _INDUSTRIES_BY_IN and before.lower() in ("in", "for")
            if not by_in and not (field in ("tool", "org") and capital):
                continue
        if field == "application" and len(words) == 1:
            continue
        return field, value
    return None


def organisations(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The organisations that a text names, in the order of the alphabet, with those whose names hold a named one
    (`Nubank / Snowglobe`). Names that are everyday words are left out."""
    known = vocabulary.spellings.get("org", {})
    words = [w.removesuffix("'s").removesuffix("’s") for w in re.findall(r"[^\s,;()/?!:\"]+", text)]
    found, at = set[str](), 0
    while at < len(words):
        for length in range(min(6, len(words) - at), 0, -1):
            name = fold(" ".join(words[at : at + length]).rstrip("."))
            if words[at][:1].isupper() and len(name) > 2 and name in known and name not in EVERYDAY:
                found.add(known[name])
                at += length
                break
        else:
            at += 1
    return tuple(o for o in sorted(set(known.values())) if any(f" {fold(n)} " in f" {fold(o)} " for n in found))


def _also(field: str, name: str, vocabulary: Vocabulary) -> str | None:
    value = ALSO.get(field, {}).get(name)
    return value if value in vocabulary.spellings.get(field, {}).values() else None


def _rest(text: str) -> str:
    """What is left to search for: nothing, if only empty words are left."""
    words = text.split()
    while words and fold(words[0]) in _EMPTY:
        words.pop(0)
    while words and fold(words[-1]) in _EMPTY:
        words.pop()
    return " ".join(words)


def chips(asked: Asked, vocabulary: Vocabulary) -> Iterator[tuple[Term, str]]:
    """Every term with its words for people: `Industry: Insurance`."""
    for term in asked.terms:
        labels = " or ".join(vocabulary.label(term.field, v).replace("_", " ") for v in term.values)
        yield term, f"{'not ' if term.without else ''}{labels if term.field == 'result' else f'{term.field}: {labels}'}"
