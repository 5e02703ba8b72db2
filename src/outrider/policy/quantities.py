"""Quantities in the user's words, and dates: which number is an amount, and which day was meant."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import msgspec

from outrider.policy.normal import numbers_at
from outrider.policy.words import NUMBER_WORDS, counted_in_words, word_set

_MONEY = (
    r"€|\$|£|¥|₹|euros?|eur|dollars?|usd|bucks?|pounds?|gbp|quid|francs?|chf|yen|jpy|cents?|franken|pesos?|reais|real|"
    r"kronor|kr|sek|nok|dkk|rupees?|inr|zł|pln|aud|cad|cny|yuan|brl|mxn"
)
_BEHIND = re.compile(rf"\s?(?:{_MONEY})(?!\w)|\s?(?:円|ユーロ|ドル)")
_BEFORE = re.compile(rf"(?:{_MONEY})\s?$")
_TOTAL = re.compile(
    r"\s(?:all told|in total|in all|altogether|all in|total|overall|insgesamt|zusammen|au total|en total)\b"
)
"""Behind a sum of several that the user reckoned."""
_LABELLED = re.compile(
    r"(?:#|\b(?:no\.?|nr\.?|number|invoice|order|room|ticket|flight|bill|account|reference|ref|id|case|issue|pr|page|"
    r"step|version|chapter|booking|gate|line|rechnung|bestellung|zimmer|nummer|konto|facture|commande|chambre|numéro|"
    r"factura|pedido|número|habitación))\s?#?\s?$"
)
_ALONE = re.compile(
    r"\s*(?:$|[.!?;,)](?!\d)|(?:to|for|from|on|off|back|please|instead|now|today|tomorrow|an|für|zurück|bitte|à|pour|por|para|"
    r"a|per|naar|aan|voor)\b)"
)
_NAME = re.compile(rf"(?<![^\W\d_])(?!(?:{_MONEY})-)[^\W\d_]{{1,12}}-$")
"""Letters that make a number behind them a name: `INV-2201`."""
_ORDERS = re.compile(r"(?:^|[.,;]\s|\b(?:please|and|then|to|also|just|now)\s)(?:order|book)\s$")
_COUNTED = re.compile(
    r"\s(?!(?:is|was|has|had|needs?|and|or|for|to|from|on|of|at|by|in|with|again|now|please|did|does|will|can)\b)[^\W\d_]{3}"
)
_PERCENT = re.compile(r"\s?(?:%|percent|prozent|pour ?cents?|por ciento|per ?cento|procent|por cento)")
_LASTS = re.compile(
    r"[\s-](?:years?|months?|weeks?|days?|nights?|hours?|minutes?|jahren?|jahre|monaten?|monate|wochen?|tagen?|tage|"
    r"stunden?|ans?|mois|semaines?|jours?|heures?|años?|mes(?:es)?|semanas?|días?|horas?|anni|mesi|settimane|giorni|ore|jaar|"
    r"maanden|weken|dagen)(?!\w)"
)
_BY_PERCENT = re.compile(
    r"\b(?:(?P<up>raise|increase|up|add|erhöh\w*|augmente\w*|sub[ea]|aument\w*|verhoog|verhogen)|"
    r"(?P<down>lower|reduce|decrease|cut|discount|senk\w*|rédui\w*|baisse\w*|baj[ae]|reduce|riduci|abbassa|verlaag|"
    r"verlagen))\b[^.;!?\n]{0,80}?\s(?:by|um|de|del|con|met|di|em)\s(?P<much>\d{1,3}(?:[.,]\d{1,2})?)\s?"
    + _PERCENT.pattern.removeprefix(r"\s?")
)
_MONTHS = word_set(
    "jan feb mar apr may jun jul aug sep oct nov dec januar februar märz april mai juni juli august september "
    "oktober november dezember janvier février mars avril juin juillet août septembre octobre novembre décembre "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
)
_MONTH = "|".join(f"{one}\\w*" for one in sorted(_MONTHS))
_TIME = re.compile(
    rf"\d{{4}}-\d\d?-\d\d?(?:[t ]\d\d?:\d\d)?|\b\d\d?[./](?:0?[1-9]|1[0-2])[./](?:\d{{4}}|\d\d)?|"
    rf"\b\d\d?[./]\d\d?[./](?:\d{{4}}|\d\d)|\b\d\d?(?::\d\d)\b|"
    rf"\b\d\d?\s?(?:am|pm|o'clock|uhr|h)\b|\b\d\d?(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?:{_MONTH})\b(?:\s+\d{{4}})?|"
    rf"\b(?:{_MONTH})\.?\s+\d\d?(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?|\b\d\d?(?:st|nd|rd|th)\b|"
    r"\b(?:half|quarter)\s(?:past|to)\s\w+|"
    r"\b(?:in|since|of|year)\s(?:19|20)\d\d\b(?![-.]\d)|\bat\s\d\d?(?::\d\d)?(?![\d.,])"
)
_CLOCK = re.compile(r"\d\d?:\d\d|\d\d?\s?(?:am|pm|o'clock|uhr|h)|(?:half|quarter)\s.*|at\s.*")
"""Of times those that name no day."""
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|now|asap|next|coming|this|following|later|weekend|week|month|daily|"
    r"weekly|monthly|day after|in (?:\w+ )?(?:days?|weeks?|months?|hours?|minutes?)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|heute|"
    r"morgen|übermorgen|nächst\w*|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|woche|demain|aujourd'hui|"
    r"prochain\w*|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|semaine|mañana|hoy|próxim\w*|lunes|martes|"
    r"miércoles|jueves|viernes|sábado|domingo|semana|domani|oggi|prossim\w*|amanhã|hoje)\b"
)
_PART = {"half": Decimal("0.5"), "quarter": Decimal("0.25"), "three quarters": Decimal("0.75")}
_SPELT = {**{word: Decimal(count) for word, count in NUMBER_WORDS.items()}, "a": Decimal(1), "an": Decimal(1)}
_LESS = re.compile(
    r"\b(?:tak(?:e|ing|en)|took|remov\w+|deduct\w*|subtract\w*|minus|less|fewer|lower|reduc\w+|decreas\w+|writ\w+ off|"
    r"wrote off|br(?:oke|eak)\w*|lost|sold|gone|used|missing|scrap\w*|damaged|throw\w*)\b"
)
_MORE = re.compile(r"\b(?:add\w*|plus|more|receiv\w*|arrived|came|back in|in again|restock\w*|increas\w*|rais\w*)\b")
_DURATION = re.compile(
    r"(?<![\w.,:])(?:(?P<part>half|quarter|three quarters) (?:an|of an) |"
    r"(?:(?P<n>\d{1,4}(?:[.,]\d{1,2})?)|(?P<word>[a-zà-ü]+))[ -]?)"
    r"(?P<unit>hours?|hrs?|h|minutes?|mins?|stunden?|minuten?|heures?|horas?|minutos?|ore|ora|minut[oi]|uur|minuut)(?!\w)"
    r"(?: and (?:a )?(?P<more>half|quarter|three quarters))?"
)
_BARE = ("twice", "both", "beide", "couple", "pair")
"""Numbers that are nobody's amount."""
_MOST_SAID = 200
_CENT, _LARGEST = Decimal("0.01"), Decimal(10**12)
_DAY = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|\b(\d\d?)[./](\d\d?)[./]\d{2,4}")


class Said(msgspec.Struct, frozen=True):
    """A number of the user. `amount`: it may be one of money; `marked`: a currency stands beside it; `alone`: that, or
    it may be an amount and counts nothing that is named behind it; `share`: so many percent; `lasts`: so many
    days or months; `total`: the sum of several."""

    number: Decimal
    amount: bool
    marked: bool
    alone: bool = False
    share: bool = False
    lasts: bool = False
    total: bool = False


def _orders(text: str, start: int, end: int) -> bool:
    """`order 40 blue mugs`: so many of something, and no order's number."""
    return _ORDERS.search(text[max(0, start - 24) : start]) is not None and _COUNTED.match(text, end) is not None


@lru_cache(4096)
def quantities(text: str) -> tuple[Said, ...]:
    """Numbers of a folded text, in figures and in words. Days, times, and what an invoice or a room is called are no
    amounts."""
    times = [match.span() for match in _TIME.finditer(text)]
    found = []
    spelt = [(Decimal(n), start, end) for n, start, end in counted_in_words(text)]
    for value, start, end in [*numbers_at(text), *spelt]:
        total = _TOTAL.match(text, end) is not None
        marked = total or bool(_BEHIND.match(text, end) or _BEFORE.search(text[max(0, start - 8) : start]))
        before = bisect_left(times, (end, 0)) - 1  # times stand in order and apart: only the last before its end can
        is_time = before >= 0 and start < times[before][1]
        ahead = text[max(0, start - 16) : start]
        called = (_LABELLED.search(ahead) is not None and not _orders(text, start, end)) or _NAME.search(
            ahead
        ) is not None
        amount = marked or not (is_time or called or text[start:end] in _BARE)
        alone = marked or (amount and _ALONE.match(text, end) is not None)
        found.append(
            Said(
                value,
                amount,
                marked,
                alone,
                _PERCENT.match(text, end) is not None,
                _LASTS.match(text, end) is not None,
                total,
            )
        )
    return tuple(found)


def amounts(texts: list[str]) -> set[Decimal]:
    """What may be an amount of money: where some numbers have a currency, only those, and never how long something
    lasts."""
    said = [one for text in texts for one in quantities(text)]
    marked = {one.number for one in said if one.marked}
    return marked or {one.number for one in said if one.amount and not one.lasts}


def counts(texts: list[str]) -> set[Decimal]:
    """What may be so many of something: no number beside which a currency stands."""
    return {one.number for text in texts for one in quantities(text) if one.amount and not one.marked}


def durations(text: str) -> set[Decimal]:
    """How long something is to last, in minutes: `an hour and a half`, `20 mins`, `2.5 h`."""
    found = set()
    for match in _DURATION.finditer(text):
        one = 60 if match["unit"][0] in "hsou" else 1
        if match["part"]:
            found.add(_PART[match["part"]] * one)
        elif count := Decimal(match["n"].replace(",", ".")) if match["n"] else _SPELT.get(match["word"]):
            found.add((count + _PART.get(match["more"], 0)) * one)
    return found


def less(text: str) -> set[Decimal]:
    """The numbers of a text that only takes away: `six pairs went to the workshop, take them out of stock`."""
    numbers = {one.number for one in quantities(text)}
    return numbers if len(numbers) == 1 and _LESS.search(text) and not _MORE.search(text) else set()


def totals(said: Sequence[Said]) -> set[Decimal]:
    """Sums that the user reckoned of so many times another (`2 at 45, so 90 all told`): these are for one."""
    numbers = {one.number for one in said if not one.total and one.number > 0}
    reckoned = {one.number for one in said[:_MOST_SAID] if one.total}
    return {one for one in reckoned if any(one / number in numbers for number in numbers)}


def shares(text: str) -> list[Decimal]:
    """By which factors a clause wants something raised or lowered: `by 10 %`."""
    found = []
    for match in _BY_PERCENT.finditer(text):
        much = Decimal(match["much"].replace(",", ".")) / 100
        found.append(1 + much if match["up"] else 1 - much)
    return [one for one in found if one > 0]


def before_share(number: Decimal, factor: Decimal) -> list[Decimal]:
    """Sums, to the cent, that are this number if they are raised or lowered so and rounded as it is."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or abs(number) > _LARGEST:
        return []
    grain = Decimal(1).scaleb(min(exponent, 0))
    near = (number / factor).quantize(_CENT)
    around = dict.fromkeys((near, near - _CENT, near + _CENT, near.quantize(Decimal(1))))
    return [one for one in around if (one * factor).quantize(grain, ROUND_HALF_UP) == number]


def contradicts(texts: list[str], date: str) -> bool:
    """Whether a date is another than those that the user named. Nothing is known where they named none (a time of day
    is none), or said `tomorrow`."""
    named = any(not _CLOCK.fullmatch(match[0]) for text in texts for match in _TIME.finditer(text))
    wanted = _DAY.search(date)
    if not named or wanted is None or any(_RELATIVE.search(text) for text in texts):
        return False
    day = int(wanted[3] or wanted[4])
    said = {int(n.number) for text in texts for n in quantities(text) if n.number == n.number.to_integral_value()}
    said |= {int(part) for text in texts for match in _TIME.finditer(text) for part in re.findall(r"\d+", match[0])}
    return day not in said
