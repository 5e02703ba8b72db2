"""Figures of a text as results: numbers with a unit that stand beside a word of change, with what they measure."""

import re
from collections.abc import Iterator

from outrider.casebook.evidence import around, cite
from outrider.casebook.records import TEXT, Result

MOST = 12
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNIT = (
    r"\s?%|\s?percent(?:age points?)?\b|[xX×](?![A-Za-z0-9])|\s?-?fold\b"
    r"|\s?times\b(?=\s(?:faster|more|higher|better|cheaper))|\s?ms\b"
    r"|\s?(?:milli)?seconds?\b|\s?s\b(?=[\s,.;)])|\s?minutes?\b|\s?hours?\b|\s?days?\b|\s?weeks?\b|\s?months?\b"
    r"|\s?(?:million|billion|thousand)\b|\s?(?:users|customers|employees|requests|queries|tokens)\b"
)
_QUANTITY = rf"(?P<money>[$€£])?(?P<number>{_NUMBER})(?P<unit>{_UNIT})?"
_DOWN = r"reduc\w+|decreas\w+|cut(?:s|ting)?|lower\w*|dropp?\w*|sav\w+|shrank|declin\w+|fewer|less|fell"
_UP = (
    r"increas\w+|improv\w+|boost\w*|rais\w+|rose|gr[eo]w\w*|gain\w*|uplift\w*|lift\w*|faster|higher|more|better|speedup"
)
_REACHED = (
    r"achiev\w+|reach\w+|attain\w+|hit(?:s|ting)?|handl\w+|process\w+|serv\w+|resolv\w+|automat\w+|deflect\w+"
    r"|deliver\w+"
)
_QUALIFIER = r"(?P<qualifier>up to|over|more than|at least|about|around|nearly|approximately|less than|under|~|>|<)\s?"
_NO_NOUN = r"(?!(?:by|to|from|and|while|with|for|in|on|at|as|through|when)\b)"
_NOUNS = rf"(?P<metric>[A-Za-z][\w/-]*(?: {_NO_NOUN}[\w/-]+){{0,4}})"
_FROM_TO = (
    rf"(?:{_QUALIFIER})?(?P<bmoney>[$€£])?(?P<before>{_NUMBER})(?P<bunit>{_UNIT})? to (?:just |only )?{_QUANTITY}"
)

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_NOUNS} (?:has |have |was |were )?(?P<verb>{_DOWN}|{_UP}|went) from {_FROM_TO}",
        rf"(?P<verb>{_DOWN}|{_UP}|went|going|from)\b (?:(?:the|its|their|in)\b )?(?:{_NOUNS} )?(?:from )?{_FROM_TO}",
        rf"(?:{_QUALIFIER})?{_QUANTITY} (?P<verb>{_DOWN}|{_UP})(?: (?:in|of|for|to))?(?: (?:the|its|their))? {_NOUNS}",
        rf"\b(?P<verb>{_DOWN}|{_UP})\b(?: (?:the|its|their|in))? {_NOUNS} by (?:{_QUALIFIER})?{_QUANTITY}",
        rf"{_QUANTITY} (?:of )?{_NOUNS}(?= (?:was|were|is|are|rate\b))",
        rf"\b(?P<verb>{_REACHED})\b (?:a |an |the )?(?:{_QUALIFIER})?{_QUANTITY}"
        rf"(?: (?:of )?(?:the |its |all )?{_NOUNS})?",
        rf"\b{_NOUNS} (?:of|at|is|was|reached) (?:{_QUALIFIER})?{_QUANTITY}",
    )
)
_MEASURED = re.compile(rf"[$€£]\d|\d(?:{_UNIT})", re.IGNORECASE)
_PLAIN_UNITS = {"percent": "%", "×": "x", "fold": "x", "times": "x", "milliseconds": "ms", "millisecond": "ms"}
_MONEY = {"$": "USD", "€": "EUR", "£": "GBP"}
_QUALIFIERS = {"over": ">", "more than": ">", "at least": ">=", "less than": "<", "under": "<", "up to": "up to"}
_STOP_WORDS = """
the a an of its their this that which it they we our by than over more less about nearly around was were is are from to
went has have
"""
_NO_METRIC_WORDS = "and while when still likely indicating achieving reported also only now v0 gpt notable"
_NO_METRIC = frozenset(_NO_METRIC_WORDS.split())
_RANGE_START = re.compile(r"(\d[\d.,]*)\s?[-–]\Z")
_STOP = frozenset(_STOP_WORDS.split())


def results_of(
    text: str, source: str, *, said_by: str = "", vendor: bool = False, most: int = MOST
) -> tuple[Result, ...]:
    """The figures of `text` that say a result, each with the sentence that holds it."""
    made: list[Result] = []
    taken: list[tuple[int, int]] = []
    for match in _matches(text):
        result = _result(match)
        if result is None or any(start < match.end() and match.start() < end for start, end in taken):
            continue
        key = (result.metric, result.value, result.after, result.unit)
        if any((r.metric, r.value, r.after, r.unit) == key for r in made):
            continue
        taken.append(match.span())
        start, end = around(text, *match.span())
        made.append(_cited(result, cite(source, text, start, end), said_by, vendor))
        if len(made) == most:
            break
    return tuple(made)


def _matches(text: str) -> Iterator[re.Match[str]]:
    """What the forms match in sentences that have a number with a unit, sentence by sentence."""
    behind = 0
    for number in _MEASURED.finditer(text):
        if number.start() < behind:
            continue
        start, behind = around(text, *number.span())
        if not text.startswith("#", start):
            for form in _FORMS:
                yield from form.finditer(text, start, behind)


def _result(match: re.Match[str]) -> Result | None:
    fields = match.groupdict()
    unit = unit_of(fields.get("unit") or "", fields.get("money") or "")
    metric = metric_of(fields.get("metric") or "", fields.get("verb") or "")
    if not metric or not unit:
        return None
    value = _ranged(match, number_of(fields["number"]))
    before: float | str | None = number_of(fields["before"]) if fields.get("before") else None
    if before is not None and fields.get("bunit") and unit_of(fields["bunit"], "") != unit_of(fields["unit"] or "", ""):
        before = f"{fields['before']} {fields['bunit'].strip()}"  # 48 hours → 10 seconds
    qualifier = (fields.get("qualifier") or "").lower()
    return Result(
        metric=metric,
        value=None if before is not None else value,
        before=before,
        after=value if before is not None else None,
        unit=unit,
        qualifier=_QUALIFIERS.get(qualifier, "about" if qualifier else ""),
    )


def _cited(result: Result, evidence: object, said_by: str, vendor: bool) -> Result:
    import msgspec

    status = "vendor-claim" if vendor else "verified"
    return msgspec.structs.replace(result, said_by=said_by, status=status, evidence=(evidence,), made=TEXT)


def _ranged(match: re.Match[str], value: float) -> float | str:
    """`5-10` as it is written, where the number is a range's end."""
    first = _RANGE_START.search(match.string, max(0, match.start("number") - 12), match.start("number"))
    return f"{first[1]}-{match['number']}" if first else value


def number_of(text: str) -> float:
    """`1,200.5` as a number; a whole one stays whole."""
    value = float(text.replace(",", ""))
    return int(value) if value.is_integer() else value


def unit_of(unit: str, money: str) -> str:
    plain = unit.strip().lstrip("-").lower()
    plain = _PLAIN_UNITS.get(plain, plain)
    if plain.startswith("percentage point"):
        plain = "points"
    return " ".join(part for part in (plain, _MONEY.get(money, "")) if part)


def metric_of(nouns: str, verb: str) -> str:
    """A metric's name: the nouns, and the direction where a verb gives it."""
    words = [w for w in re.findall(r"[a-z0-9]+", nouns.lower()) if w not in _STOP][:4]
    while words and (words[0] in _NO_METRIC or words[0][:1].isdigit()):
        words.pop(0)
    if not words:
        return ""
    lower = verb.lower()
    if re.fullmatch(_DOWN, lower):
        words.append("reduction")
    elif re.fullmatch(_UP, lower):
        words.append("increase")
    return "_".join(words)
