"""Whether a date of a call is one that the user said in another form: `Friday the 18th at 2 pm` is `2026-09-18 14:00`.

The question is never which day a text means, only whether it may mean this one; so a word that is not known makes a
date nobody's and lets nothing pass. A day without a year, or without a month, is one that is near; a weekday agrees
with the day that stands beside it. A time of day has to be the user's, too.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

import msgspec

from outrider.policy.normal import plain
from outrider.policy.words import NUMBER_WORDS

_MONTHS = (
    "jan january januar janvier enero gennaio janeiro januari",
    "feb february februar février febrero febbraio fevereiro februari",
    "mar march märz mars marzo março maart",
    "apr april avril abril aprile",
    "may mai mayo maggio maio mei",
    "jun june juni juin junio giugno junho",
    "jul july juli juillet julio luglio julho",
    "aug august août agosto augustus",
    "sep sept september septembre septiembre settembre setembro",
    "oct october oktober octobre octubre ottobre outubro okt",
    "nov november novembre noviembre novembro",
    "dec december dezember décembre diciembre dicembre dezembro dez",
)
_WEEKDAYS = (
    "mon monday montag lundi lunes lunedì segunda maandag",
    "tue tues tuesday dienstag mardi martes martedì terça dinsdag",
    "wed wednesday mittwoch mercredi miércoles mercoledì quarta woensdag",
    "thu thur thurs thursday donnerstag jeudi jueves giovedì quinta donderdag",
    "fri friday freitag vendredi viernes venerdì sexta vrijdag",
    "sat saturday samstag sonnabend samedi sábado sabato zaterdag",
    "sun sunday sonntag dimanche domingo domenica zondag",
)
_AHEAD: dict[str, int] = {
    **dict.fromkeys(("today", "tonight", "heute", "aujourd'hui", "hoy", "oggi", "hoje", "vandaag"), 0),
    **dict.fromkeys(("tomorrow", "demain", "mañana", "domani", "amanhã"), 1),
    **dict.fromkeys(("yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren"), -1),
    **dict.fromkeys(("day after tomorrow", "übermorgen", "après-demain", "pasado mañana", "dopodomani",
                    "overmorgen"), 2),
}  # fmt: skip
_MONTH_OF = {word: at for at, words in enumerate(_MONTHS, 1) for word in words.split()}
_DAY_OF = {word: at for at, words in enumerate(_WEEKDAYS) for word in words.split()}
WEEKDAYS_AND_MONTHS = frozenset((*_DAY_OF, *_MONTH_OF))


def _one_of(words: Sequence[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_TH = r"(?:st|nd|rd|th|er|\.|º|ª)?"
_MONTH = rf"(?P<month>{_one_of([*_MONTH_OF])})\.?"
_YEAR = r"(?:,?\s+(?:(?:of|de|del)\s+)?(?P<year>20\d\d))?"
_GIVEN = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[t ](\d\d?):(\d\d)(?::[0-5]\d(?:\.\d+)?)?(?:z|[+-]\d\d:?\d\d)?)?")
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::00)?")
_ISO = re.compile(r"(?<![\w-])(?P<year>20\d\d)[-/](?P<month>\d\d?)[-/](?P<day>\d\d?)(?![\d-])")
_DOTTED = re.compile(r"(?<![\w.])(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.(?:\s?(?P<year>20\d\d)(?!\d))?")
_SLASHED = re.compile(r"(?<![\w/])(?P<one>\d\d?)/(?P<two>\d\d?)/(?P<year>20\d\d)(?![\d/])")
_DAY_FIRST = re.compile(rf"(?<![\w.:-])(?P<day>\d\d?){_TH}\s+(?:(?:of|de|del|do)\s+)?{_MONTH}(?!\w){_YEAR}")
_MONTH_FIRST = re.compile(rf"(?<!\w){_MONTH}\s+(?:the\s+)?(?P<day>\d\d?){_TH}(?![\w:]){_YEAR}")
_RANGE = re.compile(
    rf"(?<![\w.:-])(?P<day>\d\d?){_TH}\s?(?:-|–|to|until|till|through|and|bis|und|au|et|al|a|y|e|t/m|tot|en)\s?\d\d?{_TH}\s+"
    rf"(?:(?:of|de|del|do)\s+)?{_MONTH}(?!\w){_YEAR}"
)
"""`from 10 to 12 August`: the first of the two."""
_NUMBERED = re.compile(
    r"(?<!\w)(?:(?P<st>\d\d?)(?:st|nd|rd|th)|(?:am|zum|den|vom|bis)\s+(?P<am>\d\d?)\.)(?!\w)|"
    r"(?<!\w)(?:the|le|el|il|o)\s+(?P<the>\d\d?)(?=$|[.,;!?](?!\d)|\s+(?:at|from|until|to|à|a|alle|às)\s)"
)
_WEEKDAY = re.compile(rf"(?<!\w)(?P<weekday>{_one_of([*_DAY_OF])})(?:-feira)?(?!\w)")
_BESIDE = re.compile(rf"(?<!\w)(?:{_one_of([*_DAY_OF])})(?:-feira)?\.?,?\s+(?:(?:the|den|dem|le|el|il|o|am)\s+)?$")
_RELATIVE = re.compile(rf"(?<!\w)(?:{_one_of([*_AHEAD])})(?!\w)")
_IN_DAYS = re.compile(
    r"\bin\s+(?P<n>\d{1,3}|[a-zà-ü]+)\s+(?P<unit>days?|weeks?|tagen?|wochen?)\b|"
    r"\b(?P<days_ago>\d{1,3})\s+(?:days?)\s+from\s+(?:now|today)\b"
)
_AM_PM = re.compile(r"(?<![\w:.])(\d\d?)(?:[:.](\d\d))?\s?([ap])\.?m\b")
_DIGITS = re.compile(r"(?<![\w:.-])(\d\d?)[:.](\d\d)(?![\d:]|\.\d)")
_HOUR = re.compile(
    r"(?<![\w:.-])(\d\d?)\s?(?:h|uhr|o'clock|uur)(?:\s?(\d\d))?(?!\w)|"
    r"\b(?:at|um|à|a las|alle|às|om)\s+(\d\d?)(?![\w:.]|\s?(?:[ap]\.?m|%|€|\$))"
)
_HALF = re.compile(r"\b(half past|quarter past|quarter to|half|halb|viertel nach|viertel vor)\s+(\d\d?|[a-zà-ü]+)")
_SPELT = re.compile(r"\b(?:at|um)\s+([a-zà-ü]+)\b")
_CHANGED = re.compile(
    r"\bmake (?:it|that) (\d\d?)(?![\w:.])|"
    r"\b(?:till|until|by|before|from|after)\s(\d\d?)\s(?=tonight\b|this (?:morning|evening|afternoon)\b|tomorrow\b)"
)
_NOON = re.compile(r"\b(?:noon|midday|mittags?|midi|mediodía|mezzogiorno|meio-dia)\b")
_PAST_HOUR = {
    "half past": 30,
    "quarter past": 15,
    "viertel nach": 15,
    "quarter to": -15,
    "viertel vor": -15,
    "half": 30,
}
_VAGUE = re.compile(
    r"\b(?:now|asap|later|weekend|week|month|days?|daily|weekly|monthly|monat|wochenende|woche|"
    r"semaines?|jours?|mois|semanas?|días?|mes|settiman[ae]|giorni|giorno|mese|dagen|maand|dias?|mês)\b"
)
_AROUND = re.compile(
    r"\b(?:before|after|until|till|by|from|since|between|within|every|each|daily|days?|nights?|weekend|end of|vor|nach|"
    r"bis|ab|avant|après|jusqu|dès|antes|después|hasta|desde|prima|dopo|fino|entro|voor|tot|vanaf)\b"
)
"""With these a weekday bounds a time, and is not its day."""
_LASTS = re.compile(
    r"\b(?:hours?|hrs?|minutes?|mins?|later|earlier|same time|long|half an hour|stunden?|minuten|später|früher|"
    r"heures?|plus tard|plus tôt|horas?|minutos|más tarde|ore|minuti|uren|minuut)\b"
)
_FIGURES = re.compile(r"(?<!\d)\d\d?(?!\d)")
_TODAY = re.compile(r"\btoday(?:'s date)? is\s+([^.;\n]{4,60})|\bheute ist\s+([^;\n]{4,60})")
_NEAR_DAYS, _NEAR_WEEKDAYS, _BEHIND, _YEAR_AHEAD = 62, 14, 7, 370
_BEHIND_A_WEEKDAY = 8
"""Within so many characters behind a weekday stands the day that it is a part of."""
_DIGIT, _MANY = re.compile(r"\d"), 6
_MOST = 20_000
"""Characters of an utterance that are looked at."""


class _Day(msgspec.Struct, frozen=True):
    """A day that was said; what was left out is None, or 0."""

    day: int = 0
    month: int = 0
    year: int = 0
    weekday: int | None = None
    ahead: int | None = None


def said_so(asked: Sequence[str], value: str, today: date) -> bool:
    """Whether the user's words (folded) name the day and the time that a value has."""
    given = value.strip().lower()
    clock = _CLOCK.fullmatch(given)
    whole = None if clock else _GIVEN.fullmatch(given)
    if clock:
        return (int(clock[1]), int(clock[2])) in _times(asked)
    if whole is None:
        return False
    try:
        day = date(int(whole[1]), int(whole[2]), int(whole[3]))
    except ValueError:
        return False
    if not any(_may_mean(one, day, today) for text in asked for one in _days(text[:_MOST])):
        return False
    time = (int(whole[4] or 0), int(whole[5] or 0))
    return time == (0, 0) or time in _times(asked)


def another(asked: Sequence[str], value: str) -> bool:
    """Whether a value is another day than all that the user named with a number: who says `Friday the 18th` wants no
    25th; nor is a Sunday meant by who named weekdays alone. Nothing is known where its number was said, `next week`, a
    weekday or `tomorrow` that it could be, or how long something lasts."""
    whole = _GIVEN.fullmatch(value.strip().lower())
    named = [one for text in asked for one in _days(text[:_MOST])]
    if not named or any(one.ahead is not None for one in named):
        return False
    if not any(one.day for one in named) and any(_LASTS.search(text) or _AROUND.search(text) for text in asked):
        return False
    if whole is None:
        return not any(_VAGUE.search(text) for text in asked) and _is_written_otherwise(value, named)
    if any(_VAGUE.search(text) or int(whole[3]) in _loose(text[:_MOST]) for text in asked):
        return False
    try:
        day = date(int(whole[1]), int(whole[2]), int(whole[3]))
    except ValueError:
        return False
    return not any(
        (one.day or day.day, one.month or day.month, one.year or day.year) == (day.day, day.month, day.year)
        and one.weekday in (None, day.weekday())
        for one in named
    )


def _is_written_otherwise(value: str, named: Sequence["_Day"]) -> bool:
    """The same for a day in words (`24 December 2026`), or in a form in which it cannot be read (`1798106400`)."""
    told = [one for one in _days(plain(value)) if one.day and one.month]
    if not told:
        return len(_DIGIT.findall(value)) >= _MANY
    return not any(
        one.day == day.day and one.month in (0, day.month) and (0 in (one.year, day.year) or one.year == day.year)
        for one in named
        for day in told
        if one.day
    )


def _loose(text: str) -> set[int]:
    """Numbers that a text says beside its whole dates: the 18 of `18 March` is no day of another month."""
    for form in (_ISO, _DAY_FIRST, _MONTH_FIRST):
        text = form.sub(" ", text)
    return {int(one) for one in _FIGURES.findall(text)}


def names_days(asked: Sequence[str]) -> bool:
    """Whether the user named days, and nothing as vague as `next week`."""
    return any(_days(text[:_MOST]) for text in asked) and not any(_VAGUE.search(text) for text in asked)


def another_time(asked: Sequence[str], value: str) -> bool:
    """Whether a value has another time of day than those that the user named. Nothing is known where they named none,
    or how long something lasts (`for an hour`, `two hours later`)."""
    given = value.strip().lower()
    whole = _CLOCK.fullmatch(given) or _GIVEN.fullmatch(given)
    if whole is None or whole.groups()[-1] is None or any(_LASTS.search(text) for text in asked):
        return False
    said, hour = _times(asked), int(whole.groups()[-2])
    if not said or (hour, int(whole.groups()[-1])) in said:
        return False
    numbers = {int(one) for text in asked for one in _FIGURES.findall(text)}  # `from 2 to 3 pm`: it may be one of those
    numbers |= {NUMBER_WORDS[word] for text in asked for word in text.split() if word in NUMBER_WORDS}
    return numbers.isdisjoint((hour, hour % 12 or 12))


def told_day(texts: Sequence[str]) -> date | None:
    """The day that an operator says it is: `Today is Tuesday, 15 September 2026`."""
    return next(filter(None, map(_today, reversed(texts))), None)


@lru_cache(256)
def _today(text: str) -> date | None:
    for found in _TODAY.finditer(text):
        for one in _days(found[1] or found[2]):
            if one.year:
                return date(one.year, one.month, one.day)
    return None


def _may_mean(said: _Day, day: date, today: date) -> bool:
    away = (day - today).days
    if said.ahead is not None:
        return away == said.ahead
    if said.weekday is not None and said.weekday != day.weekday():
        return False
    if not said.day:
        return 0 <= away <= _NEAR_WEEKDAYS
    if said.day != day.day or (said.month and said.month != day.month):
        return False
    if said.year:
        return said.year == day.year
    return -_BEHIND <= away <= (_YEAR_AHEAD if said.month else _NEAR_DAYS)


@lru_cache(1024)
def _days(text: str) -> tuple[_Day, ...]:
    found, begins, taken = [], set(), bytearray(len(text))
    for form in (_ISO, _DOTTED, _RANGE, _DAY_FIRST, _MONTH_FIRST, _SLASHED, _NUMBERED):
        for match in form.finditer(text):
            start, end = match.span()
            if form is _NUMBERED and (taken[start] or taken[end - 1]):
                continue
            if one := _numbered(match, text) if form is _NUMBERED else _whole(match, text):
                found.append(one)
                begins.add(start)
                taken[start:end] = b"\1" * (end - start)
    for match in _WEEKDAY.finditer(text):
        behind = begins.intersection(range(match.end(), match.end() + _BEHIND_A_WEEKDAY))
        if not any(_BESIDE.search(text[max(0, start - 40) : start]) for start in behind):
            found.append(_Day(weekday=_DAY_OF[match["weekday"]]))
    found += [_Day(ahead=_AHEAD[match[0]]) for match in _RELATIVE.finditer(text)]
    found += [_Day(ahead=days) for days in _in_days(text)]
    return tuple(found)


def _whole(match: re.Match[str], text: str) -> _Day | None:
    """A day with its month; None if it is none, or may be another (`03/04/2026`)."""
    parts = match.groupdict()
    if "one" in parts:
        one, two = int(parts["one"]), int(parts["two"])
        if one != two and one <= 12 and two <= 12:
            return None
        day, month = (one, two) if two <= 12 else (two, one)
    else:
        day, month = int(parts["day"]), _MONTH_OF.get(parts["month"]) or int(parts["month"])
    year = int(parts["year"] or 0)
    try:
        date(year or 2024, month, day)
    except ValueError:
        return None
    return _Day(day, month, year, _beside(text, match))


def _numbered(match: re.Match[str], text: str) -> _Day:
    """A day without its month."""
    return _Day(int(match["st"] or match["am"] or match["the"]), weekday=_beside(text, match))


def _beside(text: str, match: re.Match[str]) -> int | None:
    """The weekday that stands before a day."""
    before = _BESIDE.search(text[max(0, match.start() - 40) : match.start()])
    named = _WEEKDAY.search(before[0]) if before else None
    return _DAY_OF[named["weekday"]] if named else None


def _in_days(text: str) -> Iterator[int]:
    for match in _IN_DAYS.finditer(text):
        word = match["n"] or match["days_ago"]
        count = int(word) if word.isdigit() else NUMBER_WORDS.get(word, 0)
        if count:
            yield count * (7 if (match["unit"] or "d")[0] == "w" else 1)


def _times(asked: Sequence[str]) -> set[tuple[int, int]]:
    return {one for text in asked for one in _times_of(text[:_MOST])}


@lru_cache(1024)
def _times_of(text: str) -> frozenset[tuple[int, int]]:
    """Times of day that a text may mean; `at 2` may be either."""
    found = [
        (int(hour) % 12 + (12 if half == "p" else 0), int(minute or 0)) for hour, minute, half in _AM_PM.findall(text)
    ]
    found += [(int(hour), int(minute)) for hour, minute in _DIGITS.findall(text)]
    for full, minute, bare in _HOUR.findall(text):
        found += _either(int(full or bare), int(minute or 0))
    for how, word in _HALF.findall(text):
        if hour := _hour(word):
            found += _either(hour - 1, 30) if how == "halb" else _either(hour, _PAST_HOUR[how])
    for word in _SPELT.findall(text):
        if hour := _hour(word):
            found += _either(hour, 0)
    for changed, bare in _CHANGED.findall(text):
        found += _either(int(changed or bare), 0) if int(changed or bare) < 24 else []
    if _NOON.search(text):
        found.append((12, 0))
    return frozenset(found)


def _hour(word: str) -> int:
    hour = int(word) if word.isdigit() else NUMBER_WORDS.get(word, 0)
    return hour if 0 < hour <= 12 else 0


def _either(hour: int, minute: int) -> list[tuple[int, int]]:
    """An hour of a clock with twelve of them, before noon and after."""
    at = 60 * hour + minute
    both = [at % 1440] if hour > 12 else [at % 720, at % 720 + 720]
    return [divmod(one, 60) for one in both]
