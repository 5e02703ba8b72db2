"""Which kind of number a question asks for, and which kind a reported result is."""

import re
from collections.abc import Sequence

from outrider.casebook import measures
from outrider.casebook.records import Result

_MONEY = (
    r"(?:money|costs?|pay|paid|pays|spend|spent|bill|price|revenue|salary|dollars|budget|fees?|charges?d?|earns?|"
    r"discount|funding|compensation)"
)
_SPANS = r"(?:seconds|minutes|hours|days|weeks|months|years)"
_SHARE = r"(?:share|percentage|percent|part|fraction|proportion|rate|portion)"
_MORE = r"(?:cheaper|faster|quicker|slower|less|more|higher|lower|better|fewer|smaller|larger|longer|shorter)"
_HOW = r"(?:much|large|big|high|great|far|accurate|low|small|well|complete|reliable|precise|good|bad)"
_ANY = frozenset(("%", "x", "points", "count", "money", "time"))
_CHANGE = frozenset(("%", "x", "points", "time"))
_MEASURED = (
    "accuracy|precision|recall|score|coverage|coherence|deflection|throughput|auc|f1|quality|usage|rating|uptime|"
    "temperature|capacity|size|volume|load|context window"
)
_DELAY = "latency|delay|speed|response time|waiting time|runtime|downtime"
_RULES: Sequence[tuple[str, frozenset[str]]] = (
    (rf"\b(?:what|which) (?:\w+ )?{_SHARE}\b", frozenset(("%",))),
    (rf"\bhow (?:many|much) (?:more |less )?(?:{_SPANS}|delay|latency)\b", frozenset(("time",))),
    (rf"\bby how much\b|\bhow much (?:\w+ )?{_MORE}\b", _CHANGE),
    (rf"\bhow many {_MORE}\b", _CHANGE | {"count"}),
    (r"\bhow much (?:money|revenue)\b|\b(?:what|how (?:large|high)) (?:\w+ ){0,2}(?:salary|revenue|price|fine)\b",
     frozenset(("money",))),
    (rf"\b(?:what|how much)\b.*\b{_MONEY}\b", frozenset(("money", "%"))),
    (r"\bwhat\b.*\bsaves?d?\b", frozenset(("money", "%", "time", "x"))),
    (r"\bhow (?:quickly|fast|soon)\b.*\b(?:gr[eo]w|rise|rose|spread|expand)", _ANY),
    (r"\bhow (?:long|quickly|fast|soon)\b|^when (?:do|does)\b", frozenset(("time", "x", "%"))),
    (r"\bhow (?:old|late)\b", frozenset(("time",))),
    (r"\bhow often\b", frozenset(("%", "count", "time", "x"))),
    (r"\bhow many\b", frozenset(("count",))),
    (rf"\bhow {_HOW}\b", _ANY),
    (rf"\bwhat (?:(?:is|was|are|were) (?:\S+ ){{0,4}}|(?:\w+ ){{0,2}})(?:{_DELAY})\b", frozenset(("time", "x"))),
    (rf"\bwhat (?:(?:is|was|are|were) (?:\S+ ){{0,4}}|(?:\w+ ){{0,2}})(?:{_MEASURED})\b",
     frozenset(("%", "points", "count", "x"))),
    (r"\bto what (?:level|degree|extent)\b", _ANY),
    (r"\bwhat (?:\w+ ){0,3}(?:gain|score|accuracy|increase|reduction|improvement|level|number)\b", _ANY),
    (r"\bnumber of\b|\b(?:what|which) factor\b|\bproportions\b|\b(?:mean|median|average|p\d\d)\b|"
     r"\bper (?:second|minute|hour|day)\b|\bhow (?:accurate|reliab|precise|frequent)ly\b|\bhow satisfied\b", _ANY),
)  # fmt: skip
_COMPILED = [(re.compile(pattern, re.IGNORECASE), found) for pattern, found in _RULES]
_WENT = r"\b(?:change|grow|evolve|improve|develop|move|drop|fall|rise)"
_MEASURE = rf"(?:{_MEASURED}|{_DELAY}|costs?)"
_HOW_IT_WENT = re.compile(
    rf"how (?:did|does|has|have)\b.*(?:{_WENT}[a-z]*\b.*\b(?:in|of|by) (?:\w+ )?{_MEASURE}\b|\b{_MEASURE}\b.*{_WENT})",
    re.IGNORECASE,
)
"""`How did the accuracy change?` asks for a number though it begins as a question for a way does."""
_NOT_A_NUMBER = re.compile(
    r"(?:how (?:do|does|did|is|are|can)|why|who|whose|where|"
    r"when (?:did|was|were|is|are|will|has|have|had|can|could))\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:how|what|which|who|whom|whose|why|when|where)\b|"
    r"^(?:is|are|was|were|do|does|did|has|have|can|could)\b|\?\s*$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:before|at first|origin\w+|initial\w*|used to|formerly|previous\w*|earlier|until|to begin with|started)\b",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(r"\b(?:has|have|had|did|do|does|are|is|were|was|can|could|of|in|at|by|to)\b", re.IGNORECASE)
_FOCUS = (
    re.compile(r"\b(?:how many|number of) ((?:[\w'-]+ ?){1,2})", re.IGNORECASE),
    re.compile(rf"\bwhat (?:{_SHARE}) of (?:[\w.&-]+['’]s )?((?:[\w'-]+ ?){{1,3}})", re.IGNORECASE),
    re.compile(r"\bwhat ((?:[\w'-]+ ){0,2}[\w'-]+) (?:does|do|did|has|have|is|was|were)\b", re.IGNORECASE),
)


def kinds(question: str) -> frozenset[str]:
    """The kinds of number that a question asks for (see `measures.dimension`); none: it does not ask for a number."""
    if _HOW_IT_WENT.match(question):
        return _ANY
    if _NOT_A_NUMBER.match(question):
        return frozenset()
    return next((found for pattern, found in _COMPILED if pattern.search(question)), frozenset())


def form(question: str) -> tuple[float, float, float]:
    """What the form of a question says of whether a number is asked for: its words do, it begins as one for a way or a
    reason, it is typed like a search."""
    asks = _ASKS.search(question)
    return float(bool(kinds(question))), float(bool(_NOT_A_NUMBER.match(question))), float(not asks)


def focus(question: str) -> str:
    """What the number is of: `agents` of "How many agents …"; the question where no words say it alone."""
    found = next((m[1] for pattern in _FOCUS if (m := pattern.search(question))), "")
    return _AUXILIARY.split(found)[0].strip() or question


def fits(result: Result, wanted: frozenset[str]) -> bool:
    """Whether a result is a number of a kind that is asked for; any is where none is said."""
    return kind(result) in (wanted or _ANY)


def kind(result: Result) -> str:
    """The kind of a result's number; the unit may stand with the value (`20 minutes`)."""
    if result.unit.startswith("per "):
        return "count"
    if result.unit:
        return measures.dimension(result.unit)[0]
    for value in (result.after, result.value, result.before):
        if isinstance(value, str) and (unit := re.search(r"\d\s*([a-z%]+)\s*$", value.lower())):
            return measures.dimension(unit[1])[0]
    return "count"


def stated(result: Result) -> str:
    """What a result measures, in words."""
    unit = result.unit if result.unit not in ("%", "x") else ""
    words = " ".join(w for w in (result.metric.replace("_", " "), unit, result.note) if w)
    return re.sub(r"\bllm(s?)\b", r"language model\1", words)


_FALLING = re.compile(
    r"\b(?:falls?|fell|fallen|drop\w*|sav(?:e[sd]?|ings?)|cuts?|cutting|reduc\w*|cheaper|less|fewer|lower\w*|shorter|"
    r"shr[aiu]nk\w*|decreas\w*|declin\w*|faster|quicker)\b",
    re.IGNORECASE,
)
_RISING = re.compile(
    r"\b(?:rises?|rose|risen|gr[eo]w\w*|lift\w*|rais\w*|increas\w*|gain\w*|more|higher|better|improv\w*|boost\w*|larger|"
    r"longer)\b",
    re.IGNORECASE,
)


def moves(question: str, result: Result) -> float:
    """For a question after a change: 1 if the result went the same way, -1 if the other; 0 where no change is asked
    for, or none is told."""
    return float(_way(question) * _went(result))


def was(question: str, result: Result) -> float:
    """1 for a question after how it was before, and a result that tells it."""
    told = result.before is not None or "before" in result.metric
    return float(told and bool(_BEFORE.search(question)))


def _way(text: str) -> int:
    """1 for words of rising, -1 for words of falling, 0 for neither or both."""
    return bool(_RISING.search(text)) - bool(_FALLING.search(text))


def _went(result: Result) -> int:
    before, after, value = (measures.as_number(v) for v in (result.before, result.after, result.value))
    if before is not None and after is not None:
        return (after > before) - (after < before)
    return -1 if value is not None and value < 0 else _way(stated(result))
