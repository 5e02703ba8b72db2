"""Which of the things that a tool returned the user spoke of: the one that has the most of their words.

`The depot piece` is one article among others, though its headline has seven words: it has more of the user's words
than any other that the tool returned in this session. That names what is changed, and nobody whom money or a message
goes to.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from outrider.policy.clauses import clauses
from outrider.policy.forms import classes_of
from outrider.policy.kinds import kinds_of
from outrider.policy.normal import holds, in_a_path
from outrider.policy.records import LONGEST_NAME
from outrider.policy.words import NOT_BEFORE, NOT_BEHIND, READS, word_set

_WORD = re.compile(r"[^\W\d_]{4,}|\d{3,}")
_COMMON = word_set(
    "about after again also another because been before being both called calls could days does done down each "
    "else even ever every first from give given goes going good great have hello here hers himself into just keep "
    "kind know last later less like little look made make many maybe mine more most much must need needs never "
    "next nice none only onto other ours over please quick really right said same says should since some someone "
    "something soon still such sure take than thank thanks that their them then there these they thing things "
    "this those through time today together tomorrow tonight very want wants week weeks well were what when where "
    "which while with without would year years yesterday your yours monday tuesday wednesday thursday friday "
    "saturday sunday morning afternoon evening january february march april june july august september october "
    "november december email phone name number date people everyone everybody page title subject status state "
    "text nach noch auch aber oder wenn dann eine einen einem einer mein dein sein ihre nicht bitte vous nous "
    "leur leurs pour avec dans elle cette para como esta este todo della delle sono voor naar niet"
)
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"([^\W\d_]{3,20})[ _-]?(\d{1,3})(?!\w)")
"""`year 8`: one word of a title, with or without the space."""
_PIECE = re.compile(r"v\d{1,3}(?!\w)|[^\W\d_]{3,}|\d+")
_FOLDER = re.compile(r"(?<!\S)/[\w./-]*\w")
_ENDING = re.compile(r"\.\w{1,5}$")
_VERSIONS = re.compile(
    r"\b(?:versions?|versionen|versión|versioni)\s((?:v?\d{1,3}(?:\s?,\s?|\s(?:and|und|et|y|e|or)\s)?){1,9})"
)
_MOST = 200
"""Things with the same word that are counted; a word of more tells nothing."""


class Things:
    """The words of all things, by the tools that returned them and the fields that they have; those of trusted fields,
    and all."""

    def __init__(self) -> None:
        self._having: dict[tuple[str, bool], list[int]] = {}
        self._tools: dict[int, str] = {}
        self._fields: dict[int, set[str]] = {}

    def add(self, record: int, tool: str, key: str, text: str, *, trusted: bool) -> None:
        """A short value of a thing (plain), in a field."""
        if "\n" in text or len(text) > LONGEST_NAME:
            return
        self._tools[record] = tool
        fields = self._fields.get(record)
        if fields is None:
            fields = self._fields[record] = set()
        fields.add(key)
        for word in _words(text):
            for among in (True, False) if trusted else (False,):
                having = self._having.setdefault((word, among), [])
                if len(having) <= _MOST and (not having or having[-1] != record):
                    having.append(record)

    def take(self, other: "Things", offset: int) -> None:
        """Know another session's, too; its records are counted from here on."""
        self._tools.update({record + offset: tool for record, tool in other._tools.items()})
        self._fields.update({record + offset: keys for record, keys in other._fields.items()})
        for key, records in other._having.items():
            self._having.setdefault(key, []).extend(one + offset for one in records)

    def best(self, record: int, key: str, asked: Sequence[str], besides: str, *, trusted: bool) -> str:
        """The longest word of the user's that a thing has, other than in the value `besides`, if no other thing of its
        tool with a field of this name (a trip, and not its pupils) has as many of them; else ""."""
        counts, mine = Counter[int](), list[str]()
        for word in _telling(tuple(asked)):
            having = self._having.get((word, trusted), ())
            if len(having) > _MOST or word in besides:
                continue
            counts.update(
                one for one in having if self._tools[one] == self._tools.get(record) and key in self._fields[one]
            )
            if record in having:
                mine.append(word)
        others = max((count for one, count in counts.items() if one != record), default=0)
        return max(mine, key=len) if len(mine) > others else ""


@lru_cache(64)
def _telling(texts: tuple[str, ...]) -> frozenset[str]:
    """The words of utterances that can tell one thing from another: no verbs, kinds of things or common words."""
    found = {word for text in texts for word in _WORD.findall(text) if holds(text, word)}
    numbered = frozenset({"".join(one) for text in texts for one in _NUMBERED.findall(text)})
    known = _COMMON | READS | NOT_BEFORE | NOT_BEHIND
    telling = (word for word in found if word not in known and not classes_of(word) and not kinds_of(word))
    return numbered.union(telling)


def _words(text: str) -> set[str]:
    found = set(_WORD.findall(text))
    if _DIGIT.search(text):
        found.update("".join(one) for one in _NUMBERED.findall(text))
    return found


def said_file(path: str, asked: Sequence[str], others: Sequence[str]) -> str:
    """By which of their words the user named a file outright: one request of theirs has all words of its name
    (`versions 1 and 2` are `v1` and `v2`) and of no other folder, and no other file of its tool has a name with all of
    these. "" if they did not. It is the word with figures, by which files are told apart, or the longest."""
    own = _pieces(path)
    if len(own) < 2:  # one word alone is what many files are called
        return ""
    said = next((one for folders, one in _said(tuple(asked)) if one.keys() >= own and _is_in(path, folders)), None)
    if said is None or any(other != path and own <= _pieces(other) for other in others):
        return ""
    return said[max(own, key=lambda word: (any(one.isdigit() for one in word), len(word)))]


def _is_in(path: str, folders: Sequence[str]) -> bool:
    return all(one in path for one in folders)


@lru_cache(4096)
def _pieces(path: str) -> frozenset[str]:
    """The words of a file's own name; none of what is no path."""
    name = path.rstrip("/").rpartition("/")[2]
    return frozenset(_PIECE.findall(_ENDING.sub("", name))) if "/" in path or _ENDING.search(name) else frozenset()


@lru_cache(64)
def _said(texts: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], dict[str, str]], ...]:
    """The words of each request, outside of paths, with how they were said; and the folders that it names. What goes on
    with a request (`the 2025 one`) is a part of it."""
    found: list[tuple[tuple[str, ...], dict[str, str]]] = []
    before: frozenset[str] = frozenset()
    for text in texts:
        versions = {one for several in _VERSIONS.findall(text) for one in re.findall(r"\d+", several)}
        for clause in clauses(text):
            words = _words_of(clause.text, versions) if clause.verbs else {}
            if clause.verbs and clause.verbs == before and found:
                found[-1] = (found[-1][0], {**found[-1][1], **words})
            elif clause.verbs:
                found.append((tuple(_FOLDER.findall(clause.text)), words))
            before = clause.verbs
    return tuple(found)


def _words_of(text: str, versions: set[str]) -> dict[str, str]:
    """The words of a clause outside of paths, each with how it was said."""
    found = {match[0]: match[0] for match in _PIECE.finditer(text) if not in_a_path(text, match.start())}
    return found | {f"v{one}": one for one in versions & found.keys()}
