"""Whether the user's words ask for the kind of effect that a call has."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.policy.carried import share_said
from outrider.policy.declarations import Declaration, words_of
from outrider.policy.forms import classes_of
from outrider.policy.intent import Intent
from outrider.policy.kinds import kinds_of, nouns_of, stem_of
from outrider.policy.normal import plain
from outrider.policy.origins import Origin, Traced
from outrider.policy.shades import shade_of
from outrider.policy.state import SessionState
from outrider.policy.words import BUYS, word_set

_INTO = re.compile(
    r"\b(?:to|into|onto)\s(?:(?:the|our|my|an?)\s)?[\w-]*\s?(?:teams?|repo\w*|workspaces?|channels?|projects?|org\w*|"
    r"groups?|lists?|portals?|drives?|folders?|documents?|boards?|app|accounts?)\b"
)
"""What people are invited to that is no meeting."""
_ASSIGNS = word_set(
    "assign assigned assignee reassign employee driver owner technician teacher guide clerk agent staff"
)
_OF_RIGHTS = word_set("role roles right rights permission permissions access")
_MASTERS = ("admin", "superuser", "root", "sudo")
_ALL_OF_THEM = word_set("full all every alle volle vollen tous todos todas tutti plein")
_GIVES = frozenset(("share", "invite", "update"))
"""What users say for a change of somebody's rights."""
_MESSAGES = frozenset(("send", "post"))
_AIMS = frozenset(("recipient", "id", "url", "path"))
_SAYS = word_set("send write message tell create add new make text mail email e say notify inform reply respond answer")
"""Words of tools that only say that something is told."""
_EVERYBODY = word_set("everybody everyone all public publicly world alle allen tous toutes todos todas tutti iedereen")
_STATED = 3
"""So many values leave nothing to the model."""


def wants(
    tool: str,
    arguments: Mapping[str, Any],
    declaration: Declaration,
    verb: str,
    traced: Sequence[Traced],
    carried: Sequence[str],
    state: SessionState,
) -> bool:
    """Whether the user's words ask for this kind of effect."""
    if _makes_master(tool, state.intent):
        return False
    if verb in _MESSAGES and not _is_aimed(traced) and not _is_for_all(tool, state.intent):
        return False
    if state.intent.asks(verb, shade_of(verb, tool, declaration.verb)):
        return True
    if verb == "update" and "assign" in state.intent.verbs and _assigns(tool, arguments):
        return True
    others = [one for one in either(tool, verb) if one != verb]
    if any(state.intent.asks(one, shade_of(one, tool, declaration.verb)) for one in others):
        return True
    invites = [one.text for one in state.intent.clauses if "invite" in one.verbs]
    if verb in ("create", "book") and invites and not any(map(_INTO.search, invites)) and _meets(tool):
        return True
    return declaration.does in ("internal", "external") and _stated(verb, traced, carried, state)


def _makes_master(tool: str, intent: Intent) -> bool:
    """Whether a tool gives the rights of an administrator (`set_admin_rights`), of whom the user did not speak."""
    own = words_of(tool)[1:]
    said = any(word.startswith(_MASTERS) or word in _ALL_OF_THEM for word in intent.words)
    return not said and any(word.startswith(_MASTERS) for word in own)


def _is_aimed(traced: Sequence[Traced]) -> bool:
    """Whether a call says itself where it goes: to somebody, into a thing, or by a choice that the user made."""
    chosen = any(one.kind == "choice" and one.origin == Origin.USER and one.by for one in traced)
    return chosen or any(one.kind in _AIMS and one.origin != Origin.NEUTRAL for one in traced)


def _is_for_all(tool: str, intent: Intent) -> bool:
    """Whether the user wants something told to whomever a tool tells it: who wants Bob told wants no tweet."""
    own = {stem_of(word) for word in words_of(tool)} - _SAYS
    for clause in intent.clauses:
        if clause.verbs.isdisjoint(_MESSAGES):
            continue
        if any(_MESSAGES & classes_of(word) == {"post"} or stem_of(word) in own for word in clause.words):
            return True
        if not clause.words.isdisjoint(_EVERYBODY):
            return True
    return False


def _assigns(tool: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call hands something to somebody: by its tool's name, or by an argument."""
    given = [name for name, value in arguments.items() if value not in (None, "", [], {})]
    return any(not _ASSIGNS.isdisjoint(words_of(name)) for name in (tool, *given))


def _meets(tool: str) -> bool:
    """Whether a tool makes what people are invited to."""
    return any("booked" in kinds_of(noun) for noun in nouns_of(tool))


def _stated(verb: str, traced: Sequence[Traced], carried: Sequence[str], state: SessionState) -> bool:
    """Whether the user only stated how something is to be, in so many words that nothing is left to the model: a
    message has always something."""
    values = [one for one in traced if one.origin != Origin.NEUTRAL]
    if verb in ("send", "post", "share", "invite", "delete") or any(one.origin != Origin.USER for one in values):
        return False
    named = {one.by for one in values if one.by}
    how = any(one.kind in ("choice", "other", "amount") for one in values)
    free = [text for text in carried if plain(text) not in named]
    return len(named) >= _STATED and how and share_said(free, state) == 1 and state.intent.only_states([*named])


def either(tool: str, verb: str) -> tuple[str, ...]:
    """The classes by which the user may have named what an effect is about: what is set is made or changed, and a role
    that is set is given."""
    own = words_of(tool)
    if verb not in ("create", "update") or own[:1] != ["set"]:
        return (verb,)
    return ("create", "update", *(() if _OF_RIGHTS.isdisjoint(own) else _GIVES))


def buys(tool: str, verb: str, state: SessionState) -> bool:
    """Whether a tool orders something though the user only spoke of paying."""
    own = words_of(tool)
    return (
        verb == "pay" and bool(own) and own[0] in ("order", "buy", "purchase") and BUYS.isdisjoint(state.intent.words)
    )
