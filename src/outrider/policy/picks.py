"""What a model picks although the user said otherwise: another day, another doctor, another record than the one named.

A value that trusted data have is true, and may still not be what was meant. It is the model's own choice where the
user's words say another one: of dates and choices by what they mean, of names by the field that both stand in, of
records by which of them is named better. Dates and choices that the user said in another form are theirs.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from outrider.policy import choices
from outrider.policy.currencies import another_currency
from outrider.policy.dates import another_time, names_days, said_so, told_day
from outrider.policy.declarations import words_of
from outrider.policy.normal import address, holds, plain
from outrider.policy.origins import Origin, Traced
from outrider.policy.state import SessionState
from outrider.policy.words import word_set

_FROM_DATA = (Origin.LINKED, Origin.DESCRIBED, Origin.TRUSTED)
_FORMS = (
    ("email", re.compile(r"[^\s@]+@[^\s@]+")),
    ("iban", re.compile(r"[a-z]{2}\d{2}(?: ?[a-z0-9]{2,4}){3,8}")),
    ("phone", re.compile(r"\+?[\d ()./-]{7,}")),
)
"""Addresses that can be told by their form, by the word that names of arguments have for them."""
_ENDS = frozenset(("end", "ends", "until", "till", "finish", "stop", "to", "deadline", "departure", "checkout", "last"))
"""Names of arguments for times that follow from a beginning."""
_COUNTS = word_set(
    "rooms room people persons guests quantity qty count nights seats items copies pages limit left stock pieces units "
    "instances number"
)
_CURRENCY = (["currency"], ["ccy"], ["unit"])
_PLAIN_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+){0,5}")
_WHERE_TO = r"(?:to|into|in|on|tell|ask|remind|notify|ping|inform|alert|message|text|mail|email|invite|let|cc|copy)"
_DETERMINER = r"(?:the|an?|my|our|your|this|that|his|her|their|some|any|is|are|was|were)"
_CALLED = r"(?P<called> (?:channel|group|list|chat|team|room|people|folks|crew))?"
_ALSO_CALLED = {"mail": "email", "mobile": "phone", "tel": "phone", "telephone": "phone"}


def held(traced: Sequence[Traced], verb: str, state: SessionState, now: int, *, acts: bool) -> list[Traced]:
    """The values of a call with the origins that they have beside the user's words. `acts`: it is an effect, in a
    session in which others had a say."""
    found = [_dated(one, state, now, acts=acts) for one in traced]
    if not acts:
        return found
    if verb in ("send", "post"):
        found = [choices.by_way(one, state.intent.clauses) for one in found]
    found = [choices.meant(_in_money(one, state), verb, state.intent.clauses) for one in found]
    return [_picked(one, found, verb, state) for one in found]


def _dated(one: Traced, state: SessionState, now: int, *, acts: bool) -> Traced:
    """A date is the user's, too, if they said it in another form. It names nothing. Another time of day than theirs is
    not meant, nor a day of trusted data where they named others."""
    if one.kind != "date" or one.origin <= Origin.OPERATOR:
        return one
    today = told_day(state.told) or datetime.fromtimestamp(now // 1_000_000_000, UTC).date()
    if said_so(state.asked, one.value, today):
        return msgspec.structs.replace(one, origin=Origin.USER) if one.origin >= Origin.MADE_UP else one
    ends = not _ENDS.isdisjoint(words_of(one.path))
    if not acts or (ends and one.origin >= Origin.MADE_UP):
        return one
    day_said = said_so(state.asked, one.value.strip()[:10], today)
    if another_time(state.asked, one.value) if day_said or one.origin >= Origin.MADE_UP else names_days(state.asked):
        return msgspec.structs.replace(one, kind="other", origin=max(one.origin, Origin.MADE_UP))
    return one


def _in_money(one: Traced, state: SessionState) -> Traced:
    """A sum, or its currency, in another than the user's is nobody's."""
    says = one.kind == "amount" or (one.kind in ("choice", "other", "id") and words_of(one.path)[-1:] in _CURRENCY)
    if not says or not another_currency(state.asked, one.value):
        return one
    kind = "amount" if one.kind == "amount" else "other"
    return msgspec.structs.replace(one, kind=kind, origin=max(one.origin, Origin.MADE_UP))


def _picked(one: Traced, traced: Sequence[Traced], verb: str, state: SessionState) -> Traced:
    if one.kind == "recipient" and one.origin == Origin.USER and _is_a_thing(one.by, state):
        return msgspec.structs.replace(one, origin=Origin.MADE_UP)
    if one.origin not in _FROM_DATA:
        return one
    taken = {plain(other.value) for other in traced if other is not one}
    picked = (
        (one.kind == "other" and _instead(one, taken, state))
        or (one.kind == "id" and _worse(one, taken, verb, state))
        or (one.kind == "recipient" and (_of_another_form(one) or _is_nobody_meant(one, state)))
        or (one.kind == "amount" and _of_another_measure(one))
    )
    return msgspec.structs.replace(one, origin=Origin.MADE_UP) if picked else one


def _is_a_thing(by: str, state: SessionState) -> bool:
    """Whether the user said a word for what is sent, and not for whom it goes to: `send Bob the sales report`."""
    if not _PLAIN_WORDS.fullmatch(by):
        return False
    stands = re.compile(
        rf"(?<!\w)(?P<to>{_WHERE_TO} )?(?P<noun>{_DETERMINER} (?:[^\W\d_]+ )?)?{re.escape(by)}(?!\w){_CALLED}"
    )
    found = [match for one in state.intent.clauses for match in stands.finditer(one.text)]
    return bool(found) and all(match["noun"] and not match["to"] and not match["called"] for match in found)


def _instead(one: Traced, taken: set[str], state: SessionState) -> bool:
    """Whether the user said another value of the same field or form, and not this one: Dr Whitlock, and not Dr Anand;
    2.4.0, and not 2.4.1."""
    if state.intent.names_another(plain(one.value), [*taken]):
        return True
    known = state.naming.fields.of(one.tool, one.key)
    return any(state.said(value) == Origin.USER for value in known if value not in taken)


def _worse(one: Traced, taken: set[str], verb: str, state: SessionState) -> bool:
    """Whether a record is only named by a title that others wrote, or by what another argument is, while the words
    beside that name another record of the same field outright: `book Desmond in with Dr Whitlock for a filling`."""
    if one.origin != Origin.DESCRIBED and one.by not in taken:
        return False
    beside = [clause.text for clause in state.intent.clauses if verb in clause.verbs and holds(clause.text, one.by)]
    for value in state.naming.fields.of(one.tool, one.key) if beside else ():
        if value == plain(one.value) or value in taken:
            continue
        found = state.field(value)
        if found is None or found.origin != Origin.LINKED or found.by in taken or found.by == one.by:
            continue
        if any(holds(text, found.by) for text in beside):
            return True
    return False


def _is_nobody_meant(one: Traced, state: SessionState) -> bool:
    """Whether the record of whom an effect goes to is only named by what else it says of them: the city of a trip."""
    if one.origin != Origin.LINKED:
        return False
    value = address(one.value)
    return not any(state.is_whom(value, by) for by in {one.by} | state.names_of(value, trusted=True))


def _of_another_form(one: Traced) -> bool:
    """Whether an argument that says which kind of address it wants is given another: an account for a phone number."""
    wanted = {_ALSO_CALLED.get(word, word) for word in words_of(one.path)} & {name for name, _ in _FORMS}
    has = next((name for name, form in _FORMS if form.fullmatch(plain(one.value))), "")
    return bool(has and wanted) and has not in wanted


def _of_another_measure(one: Traced) -> bool:
    """Whether a number of trusted data counts things where a sum is wanted, or the other way round."""
    return bool(one.key) and (_COUNTS.isdisjoint(words_of(one.path)) != _COUNTS.isdisjoint(words_of(one.key)))
