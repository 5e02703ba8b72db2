"""What the name of a tool, or its description, says that it does: the class of its effect, or that it only reads."""

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from outrider.policy.declarations import Steer, guess_kind, words_of
from outrider.policy.forms import CLASSES, base_of, classes_of
from outrider.policy.words import ASKS, CONTENT, NOUNS, READS, VERBS, word_set

COMMANDS = word_set("sql cmd command commands script shell program statement statements")
"""Arguments that say what is to be run."""
_SELECTS = re.compile(
    r"\s*(?:select|show|describe|desc|explain|pragma|with)\b(?![\s\S]*\b(?:insert|update|delete|drop|alter|"
    r"create|truncate|grant|merge|into|call|exec|analyze|set)\b)",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\s*(?:delete\s+from|insert\s+into|update\s+\S+\s+set|drop\s+\w+|alter\s+\w+|truncate\s|"
    r"create\s+(?:table|user|role|index|view|or)|grant\s+\w+|revoke\s+\w+|merge\s+into|mutation\b)",
    re.IGNORECASE,
)
"""How a statement begins that changes something (SQL, GraphQL)."""
_NO_ARGUMENTS: Mapping[str, Any] = {}
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")


def class_of(verb: str) -> str:
    """The class that a declared verb names, by its own word or by any that users have for it (`cancel` is `delete`);
    the word itself where none has it: such an effect is asked for by that word alone."""
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
    if not _RESPONDS.isdisjoint(own[:2]) and not _DECIDED.isdisjoint(own):
        return "update"
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
    thing = next((n for n, word in enumerate(words) if n > at and word in _BETWEEN), len(words))
    kept = not _KEPT.isdisjoint(words) and not (words[thing - 1].removesuffix("s") in _MADE and words[at + 1] in _KEEPS)
    if words[at] not in _MAKES or kept:
        return ""
    return next(filter(None, (_MADE.get(word.removesuffix("s")) for word in words[at + 1 :] + words[:at])), "")


def only_reads(tool: str, arguments: Mapping[str, Any] = _NO_ARGUMENTS) -> bool:
    """Whether a tool's name says that it reads, and nothing else, and no argument says what is to be done. What is done
    stands last (`reviews.reply`)."""
    if any(_is_told(name, value) for name, value in arguments.items()):
        return False
    words = words_of(_PLACES.split(tool)[-1])
    reads = not _READING.isdisjoint(words) and _ANSWERS.isdisjoint(words[1:]) and not acting(words, _READING)
    return (reads or not ASKS.isdisjoint(words[:1])) and not any(
        base in CLASSES and (base not in NOUNS or at == 0) and not (at and word != base and words[0] in _READING)
        for at, (word, base) in enumerate((one, base_of(one)) for one in words)
    )


def _is_told(name: str, value: Any) -> bool:
    """Whether an argument says what is to be done: a command, a statement that changes something, `method=POST`."""
    last = words_of(name)[-1:]
    if last and last[0] in COMMANDS:
        return not isinstance(value, str) or not _SELECTS.match(value)
    if last in (*_ACTIONS, ["method"]):
        verb = words_of(value)[:1] if isinstance(value, str) else ["?"]
        return not verb or verb[0] not in _READING | {"head", "options", "info", "status"}
    return isinstance(value, str) and _CHANGES.match(value) is not None


def acting(words: Sequence[str], reads: Collection[str]) -> str:
    """The word of a name that does something although another one reads: one before it (`dismiss_review`), one that
    goes on (`get_or_create`), or one behind a thing that is called like reading (`list_clear`). "" if there is none."""
    first = next((at for at, word in enumerate(words) if word in reads), -1)
    if first < 0:
        return ""
    behind = words[first + 1 :]
    if not _WRITTEN_BY.get(words[first], _NOTHING).isdisjoint(behind):
        return words[first]
    if words[first] == "check" and behind[:1] in (["in"], ["out"], ["off"]):
        return words[first]
    if words[first] == "get" and behind[:1] == ["rid"]:
        return words[first]
    for at, word in enumerate(words):
        if at < first and _does(word) and not (word in _NAMES and words[first] in _ASKED):
            return word
        if at > first and words[at - 1] in _GOES_ON and (_does(word) or word in CLASSES):
            return word
        last = at == len(words) - 1 and _does(word) and word not in _THINGS_READ
        if at > first and words[first] in _READ_THINGS and (last or (word in _VERBS_NEXT and at == first + 1)):
            return word
    return ""


def goes_on(description: str) -> str:
    """What a tool does besides reading by the first sentence of its description: `Gets a label, or creates it`."""
    told = re.split(r"[.;\n]", description.lower())[0]
    if found := _NO_READING.search(told):
        return found[0]
    words: list[str] = _WORD.findall(told)
    for before, word in itertools.pairwise(words):
        base = base_of(word)
        if before in _GOES_ON and _does(base):
            return word
    return ""


def _does(word: str) -> bool:
    """Whether a word of a name that stands before a reading one is a verb that does something."""
    return word in _ACTS or word in _OWN or word in _SELDOM_THINGS or (word in CLASSES and word not in NOUNS)


def looks_up(tool: str, description: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a tool without a verb is a look-up: its name is a thing (`staff_rota`), its description begins as that of
    a thing does (`A patient's file`, `Who works when`), and it is called with nothing but names, ids and days."""
    words = words_of(tool)
    if not words or any(classes_of(word) and (not at or word not in NOUNS) for at, word in enumerate(words)):
        return False
    if _does(words[0]) or goes_on(description):
        return False
    told = _WORD.findall(re.split(r"[.:;(]", description.lower())[0])
    thing = told[:1] == words[:1] and words[0] in _STATES and words[-1].endswith("s")
    thing = thing or any(word == told[0] and _is_plural(word) for word in words if told)
    if not told or not (thing or told[0] in _THING_BEGINS):
        return False
    if any(classes_of(word) and word not in NOUNS for word in told):
        return False
    if any(_is_told(name, value) for name, value in arguments.items() if value is not None):
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
_ACTS = word_set(
    "request submit apply patch commit push pull fork clone init initialize import export sync migrate restore "
    "resolve reopen stop scale drain cordon subscribe unsubscribe follow unfollow like unlike star unstar capture "
    "process authorize authenticate login logout finalize evaluate exec eval invoke provision attach mount "
    "unmount uninstall upsert inject overwrite truncate destroy rollback revert rebase reindex refresh flush "
    "evict expire regenerate mint sign release print deposit withdraw impersonate elevate click type press fill "
    "drag vote react mute unmute archive unarchive quarantine redeem checkout bid trade stake burn bump flip ack "
    "ring dial boot shutdown wake split combine prune"
)
"""Verbs that names of tools have and users hardly: what they do has no class, but it is no reading."""
_SELDOM_THINGS = word_set(
    "post share invite reply forward trigger approve merge register raise drop clear complete close empty upload "
    "publish start open set change turn mark grant copy update trash wire"
)
"""Words for things, too, that are verbs where they stand before one of reading: `post_status`."""
_THINGS_READ = word_set(
    "issue pull commit request export import process patch push fork star vote bid trade clone archive refund tag "
    "label pin flag link feature draft mint stake swap format sync login charge credit debit deploy launch move "
    "share invite post change grant copy open start set mark reserve split release sign print resume deposit wire"
)
"""What is read at the end of a name: `view_refund`."""
_WRITTEN_BY = {
    "convert": word_set("lead leads quote draft deal trial order opportunity prospect account"),
    "track": word_set("event events conversion usage metric metrics purchase time activity click expense"),
}
"""Words of reading that write some things."""
_NOTHING = frozenset[str]()
_VERBS_NEXT = word_set("delete remove add clear drop empty set insert replace purge wipe")
"""Verbs that follow what they are done to: at the end of a name, and before more of it (`list_remove_item`)."""
_READING = (READS | {"get", "query", "lookup", "download", "retrieve"}) - word_set(
    "resume collect review lies such study"
)
"""Of the words that users read with, those that names of tools have for it: `collect_payment`, `resume_job` do not."""
_READ_THINGS = word_set(
    "list view query search check status history screenshot watch track count estimate preview show"
)
"""What reads and what is read: `list_clear` clears a list."""
_NAMES = word_set("request process export import commit sync release sign trade login issue pull")
_ASKED = word_set("read status history lookup search count stats info")
"""What is asked about something, before which a verb is its name: `export_status`."""
_GOES_ON = frozenset(("and", "or", "then"))
_NO_READING = re.compile(
    r"\bget(?:s|ting)? rid of\b|\bchecks? (?:\w+ ){0,2}(?:in|out)\b|\bshows? an? (?:notification|toast)\b"
)
_PLACES = re.compile(r"[./:]|__")
_RESPONDS = frozenset(("respond", "answer", "decide"))
_DECIDED = frozenset(("request", "requests", "invitation", "invite", "event", "application", "proposal", "approval"))
"""Who responds to one of these accepts or declines it, and writes no letter."""
_ANSWERS = frozenset(("reply", "respond", "answer", "forward", "share"))
"""Effects, whatever stands before them: a review that is answered is not only read."""
_ACTIONS = (["action"], ["operation"], ["op"], ["verb"])
_SAVES = frozenset(("save", "store", "write", "upload"))
"""What is saved is made or changed."""
_KEPT = frozenset(("draft", "drafts", "template", "templates", "reminder", "reminders", "event", "task"))
"""What is made, and is none of what it is for."""
_KEEPS = frozenset(("event", "task"))
"""What has something of its own: the comment of a task is a comment."""
_BETWEEN = frozenset(("for", "from", "to", "in", "on", "with", "about", "by", "of"))
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
_MET = word_set("group groups team teams channel channels meeting chat room workspace org organization")
_TO = frozenset(("to", "into", "in"))
_WRITTEN = word_set("email mail message letter reply answer sms dm text post comment tweet")
_ABOUT_MONEY = word_set("reminder request link receipt confirmation")
"""What is sent about money, and moves none."""


def _into(words: Sequence[str]) -> bool:
    """Whether who is added is somebody: `add_to_channel`, `group.add`, and `add` alone."""
    at = words.index("add") if "add" in words else len(words)
    behind = words[at + 1 : at + 2]
    return (
        words == ["add"]
        or (not behind and not _MET.isdisjoint(words[:at]))
        or (bool(behind) and behind[0] in _TO and not _MET.isdisjoint(words[at + 2 :]))
    )


def _first(classes: set[str], name: str) -> str:
    """Of several the one that the rest of the name speaks for."""
    own = words_of(name)
    words = set(own)
    if "pay" in classes and words & {"money", "payment", "funds", "transaction", "invoice", "bill"}:
        billed = "send" in words and not words & {"money", "payment", "funds", "transaction"}
        return "send" if billed or words & _ABOUT_MONEY else "pay"
    if "invite" in classes and words & _PEOPLE:
        return "invite"
    if classes >= {"invite", "create"}:
        return "invite" if _into(own) else "create"
    written = "write" in words and not words & _WRITTEN
    if "create" in classes and (written or words & _THINGS_MADE) and not words & {"email", "mail", "message"}:
        return "create"
    return next(one for one in VERBS if one in classes)
