"""What the name of a tool, or its description, says that it does: the class of its effect, or that it only reads."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from outrider.policy.declarations import Steer, guess_kind, words_of
from outrider.policy.forms import CLASSES, base_of, classes_of
from outrider.policy.words import ASKS, CONTENT, NOUNS, READS, VERBS, word_set

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")


def class_of(verb: str) -> str:
    """The class that a declared verb names, by its own word or by any that users have for it (`cancel` is `delete`);
    the word itself where none has it: such an effect is never asked for."""
    if verb in VERBS or not verb:
        return verb
    word = verb.strip().lower()
    classes = CLASSES.get(word) or CLASSES.get(base_of(word))
    return _first(classes, verb) if classes else verb


def verb_of(tool: str, description: str = "", wanted: Collection[str] = ()) -> str:
    """The class of a tool's effect by its name, else by the first verb of its description; "" if neither says. What is
    `set` is made or changed, whichever is `wanted`."""
    if words_of(tool)[:1] == ["page"]:
        return "send"
    for word in words_of(tool):
        if classes := CLASSES.get(word) or CLASSES.get(base_of(word)):
            first = _first(classes, tool)
            changes = first == "create" and "update" in classes and "create" not in wanted and "update" in wanted
            return "update" if changes else first
    for word in _WORD.findall(description.lower())[:6]:
        if classes := CLASSES.get(base_of(word)):
            return _first(classes, description.lower())
    return ""


def only_reads(tool: str) -> bool:
    """Whether a tool's name says that it reads, and nothing else."""
    words = words_of(tool)
    bases = [base_of(word) for word in words]
    reads = any(word in READS or word in ("get", "query", "lookup", "download") for word in bases)
    return (reads or not ASKS.isdisjoint(words[:1])) and not any(
        word in CLASSES and (word not in NOUNS or at == 0) for at, word in enumerate(bases)
    )


def looks_up(tool: str, description: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a tool without a verb is a look-up: its name is a thing (`staff_rota`), its description begins as that of
    a thing does (`A patient's file`, `Who works when`), and it is called with nothing but names, ids and days."""
    words = words_of(tool)
    if not words or any(classes_of(word) and (not at or word not in NOUNS) for at, word in enumerate(words)):
        return False
    told = _WORD.findall(re.split(r"[.:;(]", description.lower())[0])
    thing = told[:1] == words[:1] and words[0] in _STATES and words[-1].endswith("s")
    thing = thing or any(word == told[0] and _is_plural(word) for word in words if told)
    if not told or not (thing or told[0] in _THING_BEGINS):
        return False
    if any(classes_of(word) and word not in NOUNS for word in told):
        return False
    return len(arguments) <= _MOST_KEYS and all(_is_key(name, value) for name, value in arguments.items())


def _is_plural(word: str) -> bool:
    return (
        word.endswith("s") and not word.endswith("ss") and word.removesuffix("s") not in NOUNS and not classes_of(word)
    )


def _is_key(name: str, value: Any) -> bool:
    if words_of(name)[-1:] and words_of(name)[-1] in CONTENT:
        return False
    return guess_kind(name) in _KEYS and (
        value is None or (isinstance(value, str | int) and len(str(value)) <= _LONGEST_KEY)
    )


_THING_BEGINS = ASKS | word_set("a an the all every each our my your this these today's current which")
_STATES = frozenset(("free", "available", "current", "upcoming", "latest", "recent", "overdue"))
_KEYS: frozenset[Steer] = frozenset(("id", "date", "query", "choice", "other"))
_MOST_KEYS, _LONGEST_KEY = 4, 60

_THINGS_MADE = frozenset(("file", "files", "note", "notes", "document", "doc", "page", "record", "memo", "report"))
"""What is written and not sent."""


def _first(classes: set[str], name: str) -> str:
    """Of several the one that the rest of the name speaks for."""
    words = set(words_of(name))
    if "pay" in classes and words & {"money", "payment", "funds", "transaction", "invoice", "bill"}:
        return "pay"
    if "invite" in classes and words & {"user", "member", "participants", "participant", "guest", "attendee"}:
        return "invite"
    if "create" in classes and words & _THINGS_MADE and not words & {"email", "mail", "message"}:
        return "create"
    return next(one for one in VERBS if one in classes)
