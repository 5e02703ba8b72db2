"""Figures in text: numbers with their units, percentages, money, dates and number words, each with its place.

What two texts say alike is equal here: `1.2 million` and `1,200,000`, `90 min` and `1.5 hours`, `twelve` and `12`,
`2024-03-05` and `March 5, 2024`. Numbers that are part of a name (`GPT-4`, `p95`, `v2.1`) are names: see `naming`.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

import msgspec

from outrider.knowledge.units import NAMES, SCALES, SYMBOLS, measure


class Figure(msgspec.Struct, frozen=True, gc=False):
    """`text[start:end]` and what it says. `values` has more than one reading where the writing leaves it open. `unit`
    is canonical ("": a bare number); `date` is (year, month, day) with 0 for what is not said, of a date."""

    start: int
    end: int
    values: tuple[Decimal, ...]
    unit: str = ""
    date: tuple[int, int, int] | None = None


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = {name[:n]: i for i, name in enumerate(_MONTHS, 1) for n in (3, len(name))} | {"sept": 9}
_MONTH_WORD = rf"(?P<month>{'|'.join(sorted(_MONTH, key=len, reverse=True))})\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_DATES = [
    re.compile(rf"\b{_YEAR}-(?P<month>[01]\d)(?:-(?P<day>[0-3]\d))?(?!\d|-\d)"),
    re.compile(rf"\b{_MONTH_WORD}\s+{_DAY},?\s+{_YEAR}\b", re.I),
    re.compile(rf"\b{_DAY}\.?\s+(?:of\s+)?{_MONTH_WORD},?\s+{_YEAR}\b", re.I),
    re.compile(rf"\b{_MONTH_WORD},?\s+(?:of\s+)?{_YEAR}\b", re.I),
    re.compile(rf"\b(?P<quarter>Q[1-4]),?(?:\s+of)?\s*{_YEAR}\b", re.I),
]
_NUMBER = r"\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?"
_SIGN = "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True))
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {w: i for i, w in enumerate(_ONES)} | {w: 10 * i for i, w in enumerate(_TENS, 2)} | {"dozen": 12}
_BIG = "hundred|thousand|million|billion|trillion"
_SMALL = rf"(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(sorted(_ONES, key=len, reverse=True))}"
_SPELLED = rf"(?:(?:{_SMALL}|an?)(?:\s+(?:{_BIG}))+|(?:a\s+|(?:{_SMALL})\s+)?dozen|{_SMALL})(?![-\w])"
_FIGURE = re.compile(
    rf"(?P<sign>{_SIGN}|\b(?:USD|EUR|GBP|CHF|INR|JPY|CAD|AUD))?\s?"
    rf"(?:(?<![\w.,/])(?<![A-Za-z][-–])(?P<number>{_NUMBER})|\b(?P<words>{_SPELLED}))",
    re.I,
)
_SCALE_AFTER = re.compile(
    r"(?:\s|-)?(?i:(?P<scale>(?:hundred|thousands?|millions?|billions?|trillions?|lakh|crore|mn|bn|mm)\b|(?:mio|mrd|tsd)\b\.?))"
    r"|(?P<short>[kKMBT])(?![A-Za-z])|(?P<money>m|b)(?![A-Za-z])"
)
_UNIT_AFTER = re.compile(
    r"\s?(?P<sign>%|×|°[CF]\b|€|£|\$|¢|µs\b|μs\b)|(?:\s|-)?(?P<two>(?:percentage|basis)[ -]points?)\b"
    r"|-?(?P<fold>fold)\b|(?:\s|-)?(?P<word>req/s|requests/s(?:econd)?|[A-Za-z]+)\b"
)
_RANGE = re.compile(r"\s?(?:-|–|—|\.\.\.?|to|and|bis)\s?", re.I)
_TIMES = re.compile(
    r"\b(?:(?P<two>twice|doubl(?:e|ed|es|ing)|two-?fold)|(?P<three>thrice|tripl(?:e|ed|es|ing))|"
    r"(?P<four>quadrupl(?:e|ed|es|ing))|(?P<half>halv(?:e|ed|es|ing)))\b",
    re.I,
)
_MULTIPLES = {"two": Decimal(2), "three": Decimal(3), "four": Decimal(4), "half": Decimal("0.5")}
_CURRENCIES = frozenset(SYMBOLS.values())
_ONE_LETTER = {"s": "s", "h": "h", "x": "x", "X": "x", "B": "B", "g": "g", "W": "W"}


@lru_cache(maxsize=4096)
def figures(text: str, *, european: bool = False) -> tuple[Figure, ...]:
    """The figures of `text` in order. `european`: `1.000 km` may also be a thousand, as `1.000` and `€1.000` always."""
    dates = list(_dates(text))
    taken = [(d.start, d.end) for d in dates]
    found = dates + [f for f in _numbers(text, european) if not _within(f, taken)]
    found += [Figure(m.start(), m.end(), (_MULTIPLES[m.lastgroup or ""],), "x") for m in _TIMES.finditer(text)]
    return tuple(_ranged(text, found))


def _within(figure: Figure, spans: list[tuple[int, int]]) -> bool:
    return any(start < figure.end and figure.start < end for start, end in spans)


def _dates(text: str) -> Iterator[Figure]:
    taken: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            said = match.groupdict()
            if said.get("quarter"):
                yield Figure(
                    *match.span(), (Decimal(said["year"]),), said["quarter"].lower(), (int(said["year"]), 0, 0)
                )
                continue
            month = said["month"].lower()
            number = int(month) if month.isdigit() else _MONTH[month]
            date = (int(said["year"]), number, int(said.get("day") or 0))
            yield Figure(*match.span(), (), "date", date)


def _numbers(text: str, european: bool) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        number, words, sign = match["number"], match["words"], match["sign"]
        start, end = match.start("sign") if sign else match.start("number" if number else "words"), match.end()
        unit = _currency(sign) if sign else ""
        scale, end = _scale(text, end, bool(unit))
        if not unit:
            unit, end = _unit(text, end)
        open_ = european or not unit or unit in _CURRENCIES
        values = _readings(number, open_) if number else (_spelled(words),)
        if words and words.lower() in ("one", "a", "an", "zero") and not unit and scale == 1:
            continue  # a pronoun or an article
        if number and not unit and scale == 1 and _glued(text, match.end()):
            continue
        year = int(number) if number and re.fullmatch(r"(?:19|20)\d\d", number) and not unit and scale == 1 else 0
        made = [measure(value * scale, unit) for value in values]
        yield Figure(start, end, tuple(v for v, _ in made), made[0][1], (year, 0, 0) if year else None)


def _currency(sign: str) -> str:
    return SYMBOLS.get(sign.upper()) or SYMBOLS.get(sign) or sign.lower()


def _readings(written: str, both: bool) -> tuple[Decimal, ...]:
    plain = re.sub(r"[' \u00a0\u202f]", "", written)
    if plain.count(".") >= 2:
        return (Decimal(plain.replace(".", "").replace(",", ".")),)
    if "," in plain and "." not in plain:
        head, _, tail = plain.rpartition(",")
        if plain.count(",") == 1 and (len(tail) != 3 or not head or head.startswith("0")):
            return (Decimal(f"{head}.{tail}"),)
    made = Decimal(plain.replace(",", ""))
    if both and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        return (made, Decimal(plain.replace(".", "")))
    return (made,)


def _spelled(words: str) -> Decimal:
    total = current = 0
    for word in re.split(r"[-\s]+", words.lower()):
        if word in ("a", "an"):
            current = max(current, 1) if word == "an" or not current else current
        elif word in SCALES and word not in _WORDS:
            current = max(current, 1) * SCALES[word]
        else:
            current = max(current, 1) * 12 if word == "dozen" else current + _WORDS[word]
    return Decimal(total + current)


def _scale(text: str, at: int, money: bool) -> tuple[int, int]:
    match = _SCALE_AFTER.match(text, at)
    if match is None:
        return 1, at
    word = (match["scale"] or match["short"] or match["money"]).lower().rstrip(".")
    if match["money"] and not money:
        return 1, at
    if word == "mm" and not money:
        return 1, at
    return SCALES[word], match.end()


def _unit(text: str, at: int) -> tuple[str, int]:
    match = _UNIT_AFTER.match(text, at)
    if match is None:
        return "", at
    if match["two"]:
        return ("pp" if match["two"].lower().startswith("p") else "bps"), match.end()
    if match["fold"]:
        return "x", match.end()
    word = match["sign"] or match["word"]
    if len(word) == 1 and word.isalpha():
        near = text[at : at + 1] == word or word in "sh"
        return (_ONE_LETTER[word], match.end()) if word in _ONE_LETTER and near else ("", at)
    unit = NAMES.get(word.lower(), "")
    return (unit, match.end()) if unit else ("", at)


def _glued(text: str, at: int) -> bool:
    """Whether the number goes on as something else: `3D`, `24/7`, `10th` and the like are no amounts."""
    return re.match(r"[^\W\d]|_|/\w", text[at : at + 2]) is not None


def _ranged(text: str, found: list[Figure]) -> list[Figure]:
    """Of `10-20 %` and `$3 to 5 million` both ends have what is written at one of them."""
    found = sorted(found, key=lambda f: f.start)
    for at in range(len(found) - 1):
        low, high = found[at], found[at + 1]
        between = text[low.end : high.start]
        if low.date or high.date or not low.values or not high.values or not _RANGE.fullmatch(between):
            continue
        if between.strip().lower() == "and" and high.unit != "%" and not _before(text, low.start):
            continue
        scale, unit = _written(text, high)
        if high.unit and (not low.unit or low.unit == high.unit in _CURRENCIES):
            scale = scale if _written(text, low)[0] == 1 else 1
            values = tuple(measure(value * scale, unit)[0] for value in low.values)
            found[at] = msgspec.structs.replace(low, values=values, unit=high.unit)
        elif low.unit in _CURRENCIES and not high.unit:
            scale = scale if _written(text, low)[0] == 1 else 1
            values = tuple(value * scale for value in low.values)
            found[at] = msgspec.structs.replace(low, values=values)
            found[at + 1] = msgspec.structs.replace(high, unit=low.unit)
    return found


def _before(text: str, start: int) -> bool:
    return re.search(r"\b(?:between|from)\s+$", text[max(0, start - 10) : start], re.I) is not None


def _written(text: str, figure: Figure) -> tuple[int, str]:
    """The scale that a figure is written with, and its unit as it is written, not as it is measured."""
    number = _FIGURE.match(text, figure.start)
    if number is None:
        return 1, figure.unit
    money = bool(number["sign"])
    scale, end = _scale(text, number.end(), money)
    return scale, figure.unit if money else _unit(text, end)[0] or figure.unit
