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
    own = words_of(tool)
    if own[:1] == ["page"]:
        return "send"
    if named := _verb_among(own):
        at, classes = named
        if made := _made(own, at):
            return made
        first = _first(classes, tool)
        either = "update" in classes or own[at] in _SAVES
        changes = first == "create" and either and "create" not in wanted and "update" in wanted
        return "update" if changes else first
    for word in _WORD.findall(description.lower())[:6]:
        if known := CLASSES.get(base_of(word)):
            return _first(known, description.lower())
    return ""


def verb_in(arguments: Mapping[str, Any]) -> str:
    """The class of effect that one of these says which is called for it: `action="hide"`. They have to be arguments
    that the labels know: of others the model could add any."""
    for name, value in arguments.items():
        if words_of(name)[-1:] in _ACTIONS and isinstance(value, str) and len(value) <= _LONGEST_KEY:
            return verb_of(value)
    return ""


def _verb_among(words: list[str]) -> tuple[int, set[str]] | None:
    """Which word of a name is its verb, and the classes it has: one that is no thing goes before (`orders.cancel`)."""
    found = [(at, classes) for at, word in enumerate(words) if (classes := _classes(word, at, words))]
    if found and all(at and words[at].endswith("s") and _is_thing(words[at]) for at, _ in found):
        return None  # `moderate_comments`: the verb is another word
    return next((one for one in found if not _is_thing(words[one[0]])), found[0] if found else None)


def _classes(word: str, at: int, words: list[str]) -> set[str]:
    if classes := CLASSES.get(word):
        return classes
    if own := _OWN.get(word):
        return {own}
    if word == "check" and words[at + 1 : at + 2] in (["in"], ["out"]):
        return {"update"}
    return CLASSES.get(base_of(word), set())


def _is_thing(word: str) -> bool:
    return word in _THINGS or (word not in CLASSES and word not in _OWN and base_of(word) in CLASSES)


def _made(words: list[str], at: int) -> str:
    """What a verb that only says `make` makes: `create_refund` pays, `add_comment` posts. "" where it is a thing."""
    if words[at] not in _MAKES or not _KEPT.isdisjoint(words):
        return ""
    return next(filter(None, (_MADE.get(word.removesuffix("s")) for word in words[at + 1 :] + words[:at])), "")


def only_reads(tool: str) -> bool:
    """Whether a tool's name says that it reads, and nothing else. What is done stands last (`reviews.reply`)."""
    words = words_of(_PLACES.split(tool)[-1])
    bases = [base_of(word) for word in words]
    reads = any(word in READS or word in ("get", "query", "lookup", "download") for word in words)
    reads = reads and _ANSWERS.isdisjoint(words[1:])
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

_THINGS = word_set(
    "order transfer book booking post comment note message email mail text sms dm file record log plan report alert "
    "contact call draft copy purchase schedule store build deposit rent release grant payment reply answer tip wire "
    "reminder contacts set open fax"
)
"""Verbs that names of tools have for things: beside another verb they are none."""


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    """The class of each word."""
    return {word: verb for verb, several in words.items() for word in several.split()}


_OWN = _by_word(
    {
        "send": "dispatch circulate distribute relay chase acknowledge",
        "post": "broadcast",
        "invite": "enrol enroll onboard admit",
        "pay": "charge credit debit",
        "create": "issue enter",
        "update": "lock unlock block unblock swap escalate upgrade downgrade pause resume suspend activate deactivate "
        "enable disable flag tag label pin unpin hide unhide promote demote feature prioritize prioritise freeze "
        "unfreeze waive toggle link unlink reassign snooze convert transition amend override accept reject decline "
        "confirm",
        "delete": "void withdraw unpublish retract dismiss kill abort detach discard purge wipe ban unassign unshare",
    }
)
"""What names of tools have for effects besides the words that users have."""
_MAKES = frozenset(("create", "make", "place", "submit", "execute", "issue", "add", "new", "schedule", "insert"))
_PLACES = re.compile(r"[./:]|__")
_ANSWERS = frozenset(("reply", "respond", "answer", "forward", "share"))
"""Effects, whatever stands before them: a review that is answered is not only read."""
_ACTIONS = (["action"], ["operation"], ["op"], ["verb"])
_SAVES = frozenset(("save", "store", "write", "upload"))
"""What is saved is made or changed."""
_KEPT = frozenset(("draft", "drafts", "template", "templates", "reminder", "reminders", "event", "task"))
"""What is made, and is none of what it is for."""
_MADE = _by_word(
    {
        "pay": "payment refund transfer order purchase payout charge donation",
        "book": "booking reservation",
        "post": "comment post announcement tweet reply review",
        "send": "message email mail sms notification",
        "invite": "invitation invite member user collaborator participant attendee",
        "share": "share permission",
    }
)
_THINGS_MADE = frozenset(("file", "files", "note", "notes", "document", "doc", "page", "record", "memo", "report"))
"""What is written and not sent."""


_PEOPLE = word_set(
    "user users member members participants participant guest guests attendee attendees collaborator collaborators"
)
_ADDED = word_set(
    "tag tags label labels item items row rows line lines entry event events task tasks reminder product products "
    "hours expense cart shift stock card cards time donation"
)
"""What is added to something, and is nobody."""


def _first(classes: set[str], name: str) -> str:
    """Of several the one that the rest of the name speaks for."""
    words = set(words_of(name))
    if "pay" in classes and words & {"money", "payment", "funds", "transaction", "invoice", "bill"}:
        return "pay"
    if "invite" in classes and words & _PEOPLE:
        return "invite"
    if classes >= {"invite", "create"} and words & _ADDED:
        return "create"
    if "create" in classes and words & _THINGS_MADE and not words & {"email", "mail", "message"}:
        return "create"
    return next(one for one in VERBS if one in classes)
