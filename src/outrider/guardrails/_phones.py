"""Telephone numbers: what has the form of one, judged by the number plans of `phonenumbers` and by where it stands."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from outrider.guardrails import _phone_words as words
from outrider.guardrails._contract import Finding
from outrider.guardrails._phones_home import ANYWHERE, countries, is_amount, whose

_CLOSE = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "PT")
_GAP = r"[ .\u2011\u2013/\u00a0\u202f\u2009-]{0,2}"
_CANDIDATE = re.compile(
    r"(?<![^\W\u3040-\u9fff\uac00-\ud7af])(?<![@#./&?%-])(?<!\d[ ,:=])(?:\+|00)?"
    rf"\(?\+?\d{{1,5}}\)?(?: [/-] |{_GAP})(?:\(?\+?\d{{1,5}}\)?{_GAP}){{1,5}}\d{{1,6}}"
    r"(?:\s?(?:x|ext\.?|extension|#)\s?\d{1,6})?(?![^\W\u3040-\u9fff\uac00-\ud7af]|%)(?![.,:/-]\d)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|\d{1,2} \d{1,2} (?:19|20)\d\d"
    r"|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-](?:19|20)\d\d)(?:(?![./-]\d)\D.*)?$"
)
_NO_PHONE = re.compile(
    r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})|\d{1,2}[.:]\d\d ?[\u2013-] ?\d{1,2}[.:]\d\d"
    r"|(?:1[5-9]|20)\d\d ?[\u2013/ -] ?(?:(?:1[5-9]|20)\d\d|\d\d)|\+\d{1,3}\.\d{5,}|(\d)\1+"
)
"""Addresses of machines, from what hour to what hour, from what year to what year, decimals with a sign."""
_GROUPED = re.compile(
    r"\(\d{2,5}\)\s?\d|\d{3}[ .-]\d{3}[ .-]\d{4}$|\d-\d{3}-\d{3}-\d{4}|^0\d{1,4}[ /.-]\d{3,}"
    r"|^0\d(?:[ .-]\d\d){4}$|^0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}$|^\d{3}[.-]\d{3}[.-]\d{4}"
)
_TRUNK = re.compile(r"\(?0 ?[1-9]|8[ -]\(?9\d\d")
_DISTINCT = ((3, 2, 2, 2), (2, 3, 2, 2), (3, 2, 3), (2, 3, 4), (2, 5, 4), (3, 3, 2, 2), (2, 3, 3, 2), (2, 6))
_DISTINCT_DIVIDED = ((2, 2, 2, 2), (3, 4, 4), (4, 3, 3))
"""Groups that amounts, dates and rows of numbers do not have; some only with strokes or dots between them."""
_SHORT = ("GL", "FO")
"""Countries whose numbers have six digits."""
_SUM = 9
"""Digits of an amount that are too many for most."""
_LEAST = 7
"""Digits of a number that neither a word nor a country speaks for."""
_HEXED = re.compile(r"00 \d\d |0{3}")
"""Bytes in a row, or a number filled up with zeros."""
_SUMS = re.compile(
    r"(?<!\d)\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+(?!\d)|\d[.,]\d\d?(?!\d)|\d ?%|[€$£¥₹]|\b(?:EUR|USD|PLN|CZK)\b"
)
_RUN = re.compile(
    r"\s?[,;/|&+]?\s?(?:(?:or|and|oder|und|ou|et|o|y|e|ou|og|och|en|of|lub|i|nebo|a|vai|или|и)\s|[-*•]\s)?",
    re.IGNORECASE,
)
"""What stands between two numbers of one person."""
_RUN_GAP, _SURE = 8, 0.7
_JOINED = re.compile(r"\d{3,5} \(?\+?\d")
"""What may be a postcode with a number behind it."""
_DECIMAL = re.compile(r"(?:0|[1-9]\d*)\.\d+")
_ZIP = re.compile(r"\d{5}-\d{3,4}|\d{4}-\d{3}")
_COUNTING = "01234567890123456789"
_BEGUN = re.compile(r"(?:^|[.!?:,]\s|\n|\t|[|;>]\s?)$")
"""What stands before a number that is a clause of its own."""
_NEAR = re.compile(r"[\s,;:|(<\u2013\u2014/-]{1,4}")
_FAR = 240
"""Characters to either side in which people, mails and addresses count."""
_GREETING = 2
"""Lines between a person, mail or address and a number that has a line of its own."""


class Place:
    """The text that numbers stand in: whose it may be, and what else is in it. Each is looked up when it is needed."""

    def __init__(self, text: str, regions: Sequence[str], beside: Callable[[], Sequence[Finding]]) -> None:
        self.text, self._regions, self._beside = text, regions, beside

    @cached_property
    def countries(self) -> tuple[str, ...]:
        return (*self._regions, *sorted(countries(self.text)))

    @cached_property
    def _marks(self) -> tuple[list[int], list[Finding]]:
        """People, mails and addresses, in the order of the text."""
        found = sorted(self._beside(), key=lambda one: one.start)
        return [one.start for one in found], found

    def is_beside(self, start: int, end: int) -> bool:
        """Whether a number stands right after or before one of them, in its row, or on a line below it."""
        text, (starts, marks) = self.text, self._marks
        near = marks[bisect_left(starts, start - _FAR) : bisect_left(starts, end + _FAR)]
        if not near:
            return False
        line, line_end = _line(text, start, end)
        alone = not re.search(r"[\w+(]", text[line:start]) and not re.search(r"\w", text[end:line_end])
        in_cell = _is_cell(text, start, end) and re.search(r"[\t;|]", text[line:line_end]) is not None
        for one in near:
            between = text[one.end : start] if one.end <= start else text[end : one.start]
            if _NEAR.fullmatch(between) or (in_cell and line <= one.start < line_end):
                return True
            if alone and one.end <= start and between.count("\n") <= _GREETING and "." not in between:
                return True
        return False

    def behind_address(self, start: int, end: int) -> int:
        """Where a run of digits goes on behind the address that its first ones end; else where it starts."""
        if _JOINED.match(self.text, start) is None:
            return start
        starts, marks = self._marks
        for one in reversed(marks[bisect_left(starts, start - _FAR) : bisect_left(starts, start + 1)]):
            if one.kind == "address" and start < one.end < end - _LEAST:
                behind = re.compile(r"\D*").match(self.text, one.end)
                return behind.end() if behind is not None else start
        return start

    def is_lone(self, start: int, end: int) -> bool:
        """Whether no amount stands near a number that may be one."""
        near = self.text[max(0, start - _FAR) : start] + "\n" + self.text[end : end + _FAR]
        return _SUMS.search(near) is None

    def is_apart(self, start: int, end: int) -> bool:
        """Whether a number is all of a text, or a clause of its own at the end of a line, behind words."""
        text = self.text
        rest = text[end : _line(text, start, end)[1]]
        return (
            not rest.strip(" .!")
            and _BEGUN.search(text[max(0, start - 4) : start]) is not None
            and (
                re.search(r"[^\W\d_]{2}", text[max(0, start - _FAR) : start]) is not None
                or (start < _FAR and text[:start].isspace() | (start == 0) and not text[end : end + _FAR].strip())
            )
        )


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the line begins and ends, as far as one looks."""
    least, most = max(0, start - _FAR), end + _FAR
    line_end = text.find("\n", end, most)
    return max(least, text.rfind("\n", least, start) + 1), min(len(text), most) if line_end < 0 else line_end


def _is_cell(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 4) : start].rstrip(" \"'"), text[end : end + 4].lstrip(" \"'")
    return before[-1:] in ("", "\t", ";", "|", ",", "\n") and after[:1] in ("", "\t", ";", "|", ",", "\n", "\r")


def _nobody() -> Sequence[Finding]:
    return ()


def phones(
    text: str, regions: Sequence[str] = (), beside: Callable[[], Sequence[Finding]] = _nobody
) -> Iterator[Finding]:
    """The numbers of a text. `regions` are countries whose numbers it may have; `beside` tells the people, mails and
    addresses in it, and is asked only if a number needs it."""
    place = Place(text, regions, beside)
    last: Finding | None = None
    for m in _CANDIDATE.finditer(text):
        found = _found(*_trimmed(text, m.start(), m.end()), place, last)
        if found is None and (start := place.behind_address(m.start(), m.end())) > m.start():
            found = _found(*_trimmed(text, start, m.end()), place, last)
        if found is not None:
            last = found if found.score > _SURE else None
            yield found


def _found(start: int, end: int, place: Place, last: Finding | None) -> Finding | None:
    said = place.text[start:end]
    digits = "".join(_groups(said))
    if not 6 <= len(digits) <= 17 or _DATE.match(said) or _NO_PHONE.fullmatch(said) or digits in _COUNTING:
        return None
    score = _score(said, digits, start, end, place)
    if not score and last is not None and _goes_on(place.text, last, start, end):
        score = 0.75
    return Finding(start, end, "phone", score) if score else None


def _goes_on(text: str, last: Finding, start: int, end: int) -> bool:
    """Whether a number is one more of those that one is surely of: after a stroke or an `or`, or below it."""
    said, before, between = text[start:end], text[last.start : last.end], text[last.end : start]
    if len(between) > _RUN_GAP or not _RUN.fullmatch(between) or words.UNIT.match(text, end):
        return False
    return _shape(said) == _shape(before) or ("\n" not in between and whose(_groups(said), ANYWHERE, strictly=True))


def _shape(said: str) -> str:
    return re.sub(r"\d", "0", said)


def _groups(said: str) -> list[str]:
    """The digits as they stand together, without an extension."""
    return re.findall(r"\d+", re.split(r"(?i)\s?(?:x|ext|#)", said)[0])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without a bracket that has no other, and without a number in brackets of its own behind it."""
    said = text[start:end]
    behind = re.search(r"\s\(\d{1,3}\)?$", said)
    if behind is not None and len(re.sub(r"\D", "", said[: behind.start()])) >= 6:
        end = start + behind.start()
        said = text[start:end]
    if said[0] == "(" and ")" not in said:
        start += 1
    elif said[-1] == ")" and "(" not in said:
        end -= 1
    return start, end


def _score(said: str, digits: str, start: int, end: int, place: Place) -> float:
    """How sure it is; 0: it is none."""
    text = place.text
    before = text[max(0, start - 64) : start]
    label = words.LABEL.search(before) is not None
    if said.startswith(("+", "00", "(+")) and len(digits) > 6:
        if _possible(said if said[0] != "0" else "+" + digits[2:], None):
            return 0.95
        if said[0] == "0" and (len(digits) < 9 or _HEXED.match(said)):
            return 0.0
        return 0.8 if 8 <= len(digits) <= 16 and re.search(r"[-x() .]", said) else 0.6
    if words.OTHER.search(before) and not label:
        return 0.0
    after = _is_named_after(said, text, end)
    if label or after or any(form.search(before) for form in (words.BEFORE, words.OWN)):
        grouped = not said.isdigit() and (after or words.SHORT.search(before) is not None)
        return 0.9 if len(digits) > 6 or label or grouped else 0.0
    if "x" in said.lower() and len(digits) >= 10:
        return 0.9
    if words.UNIT.match(text, end) or _ZIP.fullmatch(said) or re.match(r"[ \u00a0]\d", text[end : end + 2]):
        return 0.0
    return _unnamed(said, _groups(said), start, end, place)


def _unnamed(said: str, groups: list[str], start: int, end: int, place: Place) -> float:
    """How sure a number is that no word names: by its form, by whose text it is in, or by what it stands beside."""
    text, before = place.text, place.text[max(0, start - 64) : start]
    if len(groups) == 1:
        if re.fullmatch(r"0\d{9,10}", said) and whose(groups, ("GB", "DE", "FR", "ES", "IT")):
            return 0.6
        return 0.7 if whose(groups, place.countries) and place.is_beside(start, end) else 0.0
    if _is_range(said) or _DECIMAL.fullmatch(said):
        return 0.0
    amount = is_amount(said)
    formed = not amount and _GROUPED.search(said) and not re.search(r"^\d{4} \d{4} \d{4}", said)
    if formed and any(_possible(said, region) for region in _CLOSE):
        return 0.85
    if _TRUNK.match(said) and whose(groups, ANYWHERE):
        return 0.8
    strict = whose(groups, _SHORT if len("".join(groups)) < _LEAST else ANYWHERE, strictly=True)
    if strict and _is_distinct(said, groups):
        return 0.75
    asked = words.ASKED.search(before) is not None
    if not asked and (words.SUMMED if amount else words.COUNTED).search(before):
        return 0.0
    beside = place.is_beside(start, end)
    ends = beside or words.ENDS.match(text, end) is not None
    rising = _is_rising(groups)
    told = not rising and whose(groups, place.countries, strictly=True)
    if told and (not amount or (ends and place.is_lone(start, end))):
        return 0.8
    short = len("".join(groups)) < _LEAST
    if not strict or short:
        return 0.75 if strict and beside and int(groups[1]) > 12 else 0.0
    if ends and (beside or asked):
        return 0.75 if beside else 0.65
    if amount:
        return 0.5 if ends and len("".join(groups)) >= _SUM and place.is_lone(start, end) else 0.0
    return 0.6 if not rising and place.is_apart(start, end) else 0.5 if not rising else 0.0


def _is_range(said: str) -> bool:
    """Whether it goes from a number to a greater one: `2500-3000`."""
    ends = re.fullmatch(r"(\d{3,5}) ?[\u2013/-] ?(\d{3,5})", said)
    if ends is None or int(ends[1]) >= int(ends[2]):
        return False
    return len(ends[1]) == len(ends[2]) or not int(ends[1]) % 50 or not int(ends[2]) % 50


def _is_rising(groups: Sequence[str]) -> bool:
    """Whether numbers of two digits rise, as those that are drawn or counted do."""
    return {len(one) for one in groups} == {2} and all(a < b for a, b in pairwise(groups))


def _is_distinct(said: str, groups: Sequence[str]) -> bool:
    """Whether hardly anything but telephone numbers is written so."""
    sizes = tuple(len(one) for one in groups)
    return sizes in _DISTINCT or (sizes in _DISTINCT_DIVIDED and " " not in said)


def _is_named_after(said: str, text: str, end: int) -> bool:
    """A bare count with a word behind a comma is none: `7500000, home`."""
    return words.AFTER.match(text, end) is not None and not (said.isdigit() and text[end] == ",")


def _possible(said: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(said, region))
    except phonenumbers.NumberParseException:
        return False
