"""What a user takes back: `Sorry, I meant 60` puts 60 where 50 was said, and 50 is said no more.

Only where it is plain what is meant: one amount was said, and one other behind words that take it back.
"""

import re
from decimal import Decimal

from outrider.policy.dates import WEEKDAYS_AND_MONTHS
from outrider.policy.normal import numbers_at
from outrider.policy.quantities import quantities

_TAKES_BACK = re.compile(
    r"\b(?:i meant?|make (?:it|that)|(?:it|that) should (?:be|have been)|should have said|or rather|correction|oops|"
    r"(?<!say )(?<!says )(?<!saying )sorry|"
    r"no wait|ich mein(?:t)?e|korrektur|mach daraus|je voulais dire|ou plutôt|pardon|quise decir|quería decir|"
    r"perdón|corrección|intendevo|volevo dire|scusa|ik bedoel(?:de)?|quis dizer|desculpe)\b"
)
_DROPS = re.compile(
    r"^(?:(?:oh|ok|okay|no|nope|wait|hm+|um|uh|sorry|actually|please|hey|stop|hold on|nein|non|halt|moment)[,.!]*\s+)*"
    r"(?:scratch (?:that|it)|forget (?:it|that|about (?:it|that))|never ?mind|cancel that|undo that|not yet|"
    r"(?:keep|leave) (?:it|that|them)(?=$|[.,!]| (?:as|for)\b)|on second thoughts?|"
    r"i(?:'ve| have)? changed my mind|let's not|hold off|"
    r"(?:don't|do not|dont)(?=$|[.,!]| (?!forget|worry|hesitate|mind)(?:\w+ )(?:it|that|this|him|her|them)\b)|"
    r"(?:lieber|doch) nicht|vergiss (?:es|das)|laisse tomber|olvídalo|lascia perdere|laat maar)"
)
"""What takes back all that was asked for just before."""
_WAITS = re.compile(
    r"^(?:(?:oh|ok|no|hm+|um|uh|please)[,.!]*\s+)*(?:wait|stop|hold on|halt|moment|attends|espera)(?=$|[,.!]| a\b)"
)
"""The same, where nothing else is asked for with it."""
_INSTEAD = re.compile(r"^(?:no|nope|nein|non)[,.] (?!and\b|also\b|that's\b)|\binstead[.!]?$")
"""Behind this another request stands for the one before."""
_MEANT = re.compile(r"^(?:\w+[,.!]? ){0,2}i meant?\b")
_DAY_OR_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(sorted(WEEKDAYS_AND_MONTHS))}|today|tomorrow)\b")
_TIME = re.compile(r"\b(?:half|quarter|noon|midnight|\d{1,2} ?(?:am|pm|o'clock|uhr|h)|\d{1,2}:\d\d)\b")
_HOURS = 24
_NEAR = 40
"""So many characters behind these words stands what is put right."""
_MOST_WORDS = 14
"""Words of an utterance that does nothing but take something back."""


def within(text: str) -> str:
    """A folded text in which the second of two amounts stands for the first, where it takes that back."""
    taken = _TAKES_BACK.search(text)
    places = _amounts(text) if taken else []
    if taken is None or len(places) != 2 or not places[0][2] <= taken.start() < places[1][1] <= taken.end() + _NEAR:
        return text
    if places[1][0] <= _HOURS and _TIME.search(text, places[0][2], taken.start()) and not _marked(text, places):
        return text  # it is the time that is another one: `for 4, half seven. no, make it 8`
    return _put(text, places[0], places[1])


def _marked(text: str, places: list[tuple[Decimal, int, int]]) -> bool:
    """Whether one of these is said to be money."""
    numbers = {one[0] for one in places}
    return any(one.marked and one.number in numbers for one in quantities(text))


def later(before: str, text: str) -> str:
    """What was said before, with the amount that a later text puts in the place of its own."""
    if len(text.split()) > _MOST_WORDS or not _TAKES_BACK.search(text):
        return before
    old = _amounts(before)
    new = [one for one in _amounts(text) if not old or one[0] != old[0][0]]
    return _put(before, old[0], new[0], text) if len(old) == len(new) == 1 else before


def drops(text: str, *, asks: bool) -> bool:
    """Whether a folded utterance takes back what was asked for before it; `asks`: it asks for something itself."""
    if _DROPS.search(text) or (_INSTEAD if asks else _WAITS).search(text):
        return True
    return not asks and _MEANT.search(text) is not None and not _DAY_OR_NUMBER.search(text)


def _amounts(text: str) -> list[tuple[Decimal, int, int]]:
    sums = {one.number for one in quantities(text) if one.amount}
    return sorted((one for one in numbers_at(text) if one[0] in sums), key=lambda one: one[1])


def _put(text: str, old: tuple[Decimal, int, int], new: tuple[Decimal, int, int], source: str = "") -> str:
    _, start, end = new
    return text[: old[1]] + (source or text)[start:end] + text[old[2] :]
