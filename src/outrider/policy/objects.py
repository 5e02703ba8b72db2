"""What an effect is done to: who has an interview called off wants no candidate deleted.

A verb of the user's has an object: the words behind it, up to the next preposition. A call is about it if a noun of its
tool, of its arguments or of the tool's description is that word or of its kind, if a record that it names has the word,
or, where something is made, if what it carries has it. A verb without an object, or with a name or an `it` for one,
says nothing about it. Only in English: of other languages the nouns are read (`kinds.py`).
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from outrider.policy.clauses import Clause
from outrider.policy.declarations import words_of
from outrider.policy.forms import classes_of
from outrider.policy.kinds import kinds_of, nouns_of, stem_of
from outrider.policy.quantities import durations
from outrider.policy.words import NOUNS, PERSONAL, POSSESSIVE, THINGS, word_set

_ENGLISH = word_set("the my our your his their to for with from of at this that please")
_STOPS = word_set(
    "to with for on in at from by into onto about until till before after so that which who whom because via per as "
    "than if when while where and or then but under over through between against without within instead when"
)
_SKIPPED = word_set(
    "the a an my our your his her its their this that these those some any all each every both no new old next last "
    "latest newest newer older recent current previous final "
    "first second third other another same up off down out back away again now please just also only first quick short "
    "small little kind few bit lot more most one two three four five me us you today tomorrow tonight monday tuesday "
    "wednesday thursday friday saturday sunday week month year morning afternoon evening soon asap thing things stuff "
    "january february march april may june july august september october november december day hour minute "
    "something anything everything everyone everybody somebody person people name names"
)
_BEFORE_NOUNS = word_set("the a an my our your his her its their this that these those any each every last new of")
_TOKEN = re.compile(r"[^\W\d_][\w-]*(?:'s)?|[.,;:!?]")
_MESSAGES = frozenset(("send", "post"))
_IDS = (["id"], ["ids"], ["number"], ["ref"], ["key"])
_NO_SUBJECT = ("letter", "contact", "account")
_MEDIA = word_set(
    "chat dm direct channel thread comment text notification alert page slack fax push webhook tweet announcement feed "
    "blog social mailbox inbox gmail outlook sms whatsapp telegram phone call voice story update status"
)
"""Nouns of messages and of what they go by."""
_TIME, _BEGINS = ("time", "hours", "minutes", "entry"), 30
"""What is made of so long on something, where a clause begins so."""
_MET = ("meeting",)
"""And of so long with somebody."""
_OF_SOMEBODY = word_set(
    "access role roles right rights permission permissions key keys password token licence license phone number address"
)
"""Who has one of these taken away is not deleted."""
_WITHIN = re.compile(r"\b(?:in|inside|within|of|from)\s(?:(?:the|our|my)\s)?(?:file\s)?$")
_BESIDE = re.compile(r"\b(?:with|for|from|about|by|of|to|at)\s(?:(?:the|our|my|mr|mrs|ms|dr)\.?\s)?$")
_NEAR = 30
_SHORTEST, _ROOT = 3, 5


def about(
    verb: str,
    tool: str,
    description: str,
    arguments: Collection[str],
    known: Collection[str],
    clauses: Sequence[Clause],
) -> bool:
    """Whether the user's clauses want this effect on what a call is about, or do not say on what. `arguments` are the
    names of those that it gives, `known` the words of its values and of the records that they name."""
    if verb in _MESSAGES:
        return _of_a_record(tool, description, arguments, clauses)
    own = {one for one in nouns_of(tool) if verb not in classes_of(one) or words_of(tool)[-1:] == [one]}
    own |= {noun for one in arguments for noun in nouns_of(one)}
    told = {stem_of(word) for word in _TOKEN.findall(description.lower()) if len(word) >= _SHORTEST}
    kinds = {kind for noun in own for kind in kinds_of(noun)}
    stems = {stem_of(word) for word in known}
    specific = bare = False
    for clause in clauses:
        if verb not in clause.verbs:
            continue
        if any(stem_of(word) in own for word in clause.words):
            return True
        objects = _objects(clause.text, verb)
        if not objects and specific and not any(verb in classes_of(word) for word in clause.words):
            objects = (tuple(_object(_TOKEN.findall(clause.text))),)  # it goes on with what the one before asks for
        if not any(objects):
            bare = bare or not specific
            continue
        for one in objects:
            rest = [word for word in one if word not in known]
            part = verb == "delete" and bool(rest) and rest[-1] in _OF_SOMEBODY
            alike = frozenset() if part else kinds
            if not rest or any(stem_of(w) in own | told | stems or alike & kinds_of(w) for w in rest):
                return True
        specific = True
    return bare or not specific


def names_itself(text: str, verb: str) -> bool:
    """Whether a verb of a class has a name right behind it: `remove bob`."""
    tokens = _TOKEN.findall(text)
    for at, word in enumerate(tokens[:-1]):
        if verb in classes_of(word) and (not at or (word not in NOUNS and tokens[at - 1] not in _BEFORE_NOUNS)):
            name = tokens[at + 1]
            common = name in _STOPS or name in _SKIPPED or name in THINGS or name in PERSONAL or name in POSSESSIVE
            if name[0].isalpha() and not common and not kinds_of(name) and not classes_of(name):
                return True
    return False


def stands_beside(value: str, verb: str, clauses: Sequence[Clause]) -> bool:
    """Whether the user names something only as whose, with whom or for whom it is what they ask for: `cancel Bob's
    order`, `the call with Bob`."""
    places = [
        (one.text[max(0, at - _NEAR) : at], one.text[at + len(value) : at + len(value) + 3])
        for one in clauses
        if verb in one.verbs
        for at in (found.start() for found in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", one.text))
    ]
    beside = [one for one in (_BESIDE, _WITHIN) if one is _BESIDE or verb == "delete"]
    return bool(places) and all(
        behind.startswith("'s") or any(one.search(before) for one in beside) for before, behind in places
    )


def _of_a_record(tool: str, description: str, arguments: Collection[str], clauses: Sequence[Clause]) -> bool:
    """Whether a message that has a record for its subject (`send_offer(offer_id)`), or is called by another noun than
    that of messages (`request_reference`), is one that the user has a word for."""
    first = [stem_of(word) for word in _TOKEN.findall(description.lower().partition(".")[0])]
    named = {noun for one in arguments if words_of(one)[-1:] in _IDS for noun in nouns_of(one)}
    things = {noun for noun in nouns_of(tool) if kinds_of(noun).isdisjoint(_NO_SUBJECT) and noun not in _MEDIA}
    records = things & named
    if not records and any(
        word in _MEDIA or "letter" in kinds_of(word) for word in (*first, *map(stem_of, words_of(tool)))
    ):
        return True
    subject = records or things
    kinds = {kind for noun in subject for kind in kinds_of(noun)}
    told = (
        subject | {word for word in first if len(word) > _SHORTEST and not classes_of(word)} if not records else subject
    )
    said = {word for one in clauses for word in one.words}
    begins = {word[:_ROOT] for word in told if len(word) >= _ROOT}  # `remind` of a reminder
    return not subject or any(
        stem_of(word) in told or kinds & kinds_of(word) or word[:_ROOT] in begins for word in said
    )


@lru_cache(4096)
def _objects(text: str, verb: str) -> tuple[tuple[str, ...], ...]:
    """The objects of verbs of a class in a clause; of each the words that can say what it is."""
    if verb == "create" and durations(text[:_BEGINS]):
        return (_MET if " with " in text else _TIME,)  # `an hour and a half on Brandt`
    tokens = _TOKEN.findall(text)
    if _ENGLISH.isdisjoint(tokens):
        return ()
    found: list[tuple[str, ...]] = []
    for at, word in enumerate(tokens):
        if verb not in classes_of(word) or (at and tokens[at - 1] in _BEFORE_NOUNS) or (found and word in NOUNS):
            continue
        found.append(tuple(_object(tokens[at + 1 :])))
    return tuple(one for one in found if one) if all(found) else ()


def _object(behind: Sequence[str]) -> list[str]:
    words: list[str] = []
    for word in behind:
        if word in _STOPS or not word[0].isalpha():
            break
        if word in PERSONAL or word in THINGS or word in POSSESSIVE:
            continue
        if word.endswith("'s"):
            words.clear()
        elif word not in _SKIPPED and len(word) >= _SHORTEST:
            words.append(word)
    return words
