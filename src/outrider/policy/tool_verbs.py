"""What the name of a tool, or its description, says that it does: the class of its effect, or that it only reads."""

import re
from collections.abc import Collection

from outrider.policy.declarations import words_of
from outrider.policy.forms import CLASSES, base_of
from outrider.policy.words import ASKS, NOUNS, READS, VERBS

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
