"""Which values of a call decide where its effect goes, and the worst that they come from."""

import re
from collections.abc import Sequence

import msgspec

from outrider.policy.dates import another
from outrider.policy.declarations import Declaration, Steer, words_of
from outrider.policy.origins import Origin, Traced, spelled, worst
from outrider.policy.quantities import contradicts
from outrider.policy.state import SessionState
from outrider.policy.words import word_set

_NAMED: frozenset[Steer] = frozenset(("recipient", "url", "path", "id"))
_AT = re.compile(r"\[(\d+)\]")
AIMS: frozenset[Steer] = frozenset(("recipient", "url", "path", "amount", "id", "command"))
"""Kinds of arguments that say where an effect goes. The others (a date, a title) may be the model's own."""
_OF_PEOPLE = word_set("tax vat national passport personal social insurance driver driving apple google login session")
READS_ONLY = Declaration(does="none", leaves=True)
GRAVE = frozenset(("money", "credentials", "destructive"))
WIDENS = word_set(
    "public publicly everyone everybody anyone all admin administrator owner root superuser world force forced "
    "recursive recursively permanent permanently recurring recurrent repeat monthly weekly daily yearly annually "
    "unlimited wildcard bypass override skip external anonymous write editor full"
)
"""Names and values of choices that make an effect larger than it has to be."""


def steering(aims: Sequence[Traced], effect: str, verb: str, *, dictated: bool, said: bool) -> Origin:
    """The worst origin of the aims. Where somebody whom the user named is invited to something, or given a
    share in it, that may be known by its whole title alone; and so may a thing that is changed, where
    the call goes to nobody, or that is answered with what the user `said` for the most part. What the user dictated for
    each of several may go to any that trusted data know."""
    named = [one for one in aims if one.kind == "recipient"]
    described = [one for one in aims if one.origin == Origin.DESCRIBED]
    changes = effect == "external" and (verb in ("create", "update", "delete", "run") or said) and not named
    if changes and described and all(one.kind == "id" for one in described):
        return max(Origin.LINKED, worst(one for one in aims if one.origin != Origin.DESCRIBED))
    if effect == "external" and verb in ("invite", "share") and named and worst(named) <= Origin.LINKED:
        return worst(one for one in aims if one.origin != Origin.DESCRIBED or " " not in one.by)
    if effect == "external" and dictated and named and worst(aims) == Origin.TRUSTED:
        others = worst(one for one in aims if one.kind != "recipient")
        return max(Origin.LINKED, others)
    return worst(aims)


def outright(traced: Sequence[Traced], effect: str) -> list[Traced]:
    """What is grave needs a thing that was named outright. Money may be for one that was named otherwise, where it goes
    to somebody who was, or for the one of the said sum among what a look-up of a named thing answered."""
    aims = [one for one in traced if one.kind in ("recipient", "amount")]
    to_somebody = any(one.kind == "recipient" for one in aims)
    sure = effect == "money" and bool(aims) and worst(aims) <= Origin.LINKED
    return [
        msgspec.structs.replace(one, origin=Origin.TRUSTED, by="")
        if one.loosely not in ("", "name") and not (sure and one.kind == "id" and (to_somebody or one.loosely == "sum"))
        else one
        for one in traced
    ]


def twice(traced: Sequence[Traced], effect: str) -> bool:
    """Whether one call has the same twice: two equal records of a list, or, with money, somebody two times."""
    parts: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for one in traced if effect in ("money", "external") else ():
        for match in _AT.finditer(one.path):
            begins, at = one.path[: match.start()], match[1]
            parts.setdefault((begins, at), set()).add((one.path[match.end() :], spelled(one.value)))
    told = [
        (begins, frozenset(values))
        for (begins, _), values in parts.items()
        if effect == "money" or any(rest for rest, _ in values)
    ]
    return len(set(told)) < len(told)


def unbounded(traced: Sequence[Traced], declaration: Declaration) -> list[Traced]:
    """What a grave effect would be done to if nothing says so: all invoices, everybody's tokens."""
    kinds = {**(declaration.steers or {}), **{one.path: one.kind for one in traced}}
    named = [(name, kind) for name, kind in kinds.items() if kind in _NAMED]
    if declaration.does not in GRAVE or not named or any(one.origin != Origin.NEUTRAL for one in traced):
        return []
    return [Traced(name, "", kind, Origin.MADE_UP) for name, kind in named[:1]]


def by_name(traced: Sequence[Traced]) -> list[Traced]:
    """What is not grave may go to somebody by the name that they gave themselves."""
    return [msgspec.structs.replace(one, origin=Origin.LINKED) if one.loosely == "name" else one for one in traced]


def going_out(one: Traced, declaration: Declaration) -> Traced:
    """A value that a call sends out although it only reads. What private data say and the user did not name is the
    model's choice there, however true it is."""
    if declaration.does != "none" or not declaration.leaves or one.origin != Origin.TRUSTED:
        return one
    if declaration == READS_ONLY and one.kind == "id" and _same_field(one):
        return one
    return msgspec.structs.replace(one, origin=Origin.MADE_UP) if one.private else one


def _same_field(one: Traced) -> bool:
    """Whether a call names a record by the very field that a result had for it: its `id`. What a state gives people is
    none of these."""
    key = words_of(one.key)
    return key[-1:] == ["id"] == words_of(one.path)[-1:] and _OF_PEOPLE.isdisjoint(key)


def is_aim(one: Traced, declaration: Declaration, state: SessionState) -> bool:
    """Whether a value decides where an effect goes."""
    if one.kind in AIMS:
        return True
    if one.kind == "date":  # the model puts "next Friday" into figures; a day that only others named is theirs
        return one.origin == Origin.UNTRUSTED or (
            one.origin == Origin.MADE_UP
            and declaration.does != "none"
            and (contradicts(state.asked, one.value) or another(state.asked, one.value))
        )
    if one.kind == "query":
        return declaration.leaves
    if _widens(one, state):
        return True
    if one.kind == "other":
        grave = declaration.does in GRAVE or state.taint is not None
        return one.origin == Origin.UNTRUSTED or (grave and one.origin == Origin.MADE_UP)
    return False


def _widens(one: Traced, state: SessionState) -> bool:
    """Whether a choice makes more of an effect than the user said: `public`, `recurring=true`."""
    if one.value in ("", "None", "False", "false", "0", "no") or one.origin in (Origin.USER, Origin.OPERATOR):
        return False
    name = words_of(one.path)
    value = words_of(one.value) if len(one.value) < 60 else []
    if one.kind not in ("choice", "other") or (WIDENS.isdisjoint(name) and WIDENS.isdisjoint(value)):
        return False
    said = state.intent.words
    return not any(word in said or word.removesuffix("ly") in said for word in {*name, *value} & WIDENS)
