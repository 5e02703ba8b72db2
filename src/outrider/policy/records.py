"""Results as records: which values stand together, and which record the user meant.

Bob's address is the user's choice where the user said Bob: the record that both stand in is then named. Only what a
trusted field says can name a record so far that money or a message may go there; what others wrote in it (the title of
an appointment) names it only so far that it itself may be changed.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from outrider.policy.declarations import Trust, words_of
from outrider.policy.fields import NAMES, SEVERAL, STATES
from outrider.policy.heard import FIRST, Naming, Words, local, without_aside, words

LONGEST_NAME = 120
"""Characters of a value that can name its record."""
_json = msgspec.json.Decoder()
_MOST_SIBLINGS = 5_000
_SHORTEST_KEY = 4
"""Characters of a value by which two results speak of the same."""
_LONGEST_WHOLE = 40
"""Characters of a whole name."""
_MOST_PARTS = 6
_LONGEST_NUMBER = 4
_PERSON = re.compile(r"[^\W\d_]{2,20} [^\W\d_][^\W\d_'-]{1,30}")
"""A first name and a last one."""
_MOST_HOLDING = 50
"""Records with the same value that are looked at."""
_PLAIN = re.compile(r"[^\W_]+")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FIELD = re.compile(r"^\s*(?:[-*]\s+)?[\w ()/-]{1,40}:\s+\S")
_CHUNK = re.compile(r"\s*[,;|<>()\t]\s*|:\s+|\s+-+\s+")


class Record(msgspec.Struct, gc=False):
    """What stands together in a result: `trusted` and `titled` are its short values by label (folded). `within` is the
    record that it is a part of (-1: none), `result` the number of its result, `states` those of its values that
    only say how it stands, `names` those that name somebody, `counted` its numbers with their fields."""

    result: int
    within: int = -1
    trusted: list[str] = []
    titled: list[str] = []
    states: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    counted: tuple[tuple[str, str], ...] = ()

    def naming(self, value: str) -> Naming:
        """Whether a value of this record names somebody: by what its field is called, or because an address beside it
        begins with the same word (`Luc Hoffmann`, `luc.hoffmann@…`)."""
        first = FIRST.match(value)
        if first and any(local(one)[:1] == [first[0]] for one in self.trusted if "@" in one and one != value):
            return "person"
        return "name" if value in self.names else ""


class Records:
    """All records that a session has seen."""

    def __init__(self) -> None:
        self.all: list[Record] = []
        self._results = 0
        self._of_result: dict[int, list[int]] = {}
        self._counts: dict[tuple[int, bool], Counter[str]] = {}
        self._holding: dict[str, list[int]] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._held = 0
        self._numbers: dict[tuple[int, str, str], int] = {}

    @property
    def results(self) -> int:
        """How many there were."""
        return self._results

    def begin(self) -> int:
        """A result comes; its own record."""
        self._results += 1
        return self.add(-1)

    def add(self, within: int) -> int:
        """A record inside another one of the present result."""
        self.all.append(Record(self._results, within))
        self._of_result.setdefault(self._results, []).append(len(self.all) - 1)
        return len(self.all) - 1

    def take(self, other: "Records") -> int:
        """Take over another session's; by how much the numbers of its records grow."""
        offset, results = len(self.all), self._results
        for one in other.all:
            within = one.within + offset if one.within >= 0 else -1
            moved = msgspec.structs.replace(one, result=one.result + results, within=within)
            self.all.append(moved)
            self._of_result.setdefault(one.result + results, []).append(len(self.all) - 1)
        self._results += other._results
        for (result, key, value), many in other._numbers.items():
            self._numbers[result + results, key, value] = many
        for word, names in other._names.items():
            self._names[word] = tuple(dict.fromkeys((*self._names.get(word, ()), *names)))[:_MOST_HOLDING]
        return offset

    def name(self, record: int, value: str, *, trusted: bool, key: str = "") -> None:
        if len(value) <= LONGEST_NAME:
            one = self.all[record]
            (one.trusted if trusted else one.titled).append(value)
            for word in words(value) if trusted and len(value) <= _LONGEST_WHOLE and " " in value else ():
                names = self._names.get(word, ())
                if len(names) < _MOST_HOLDING and value not in names:
                    self._names[word] = (*names, value)
            if STATES.intersection(words_of(key)[-1:]):
                one.states |= {value}
            elif key in NAMES:
                one.names |= {value}
            if trusted and key in SEVERAL and ", " in (name := without_aside(value)):
                one.trusted += [part for part in name.split(", ", _MOST_PARTS)[:_MOST_PARTS] if _PERSON.fullmatch(part)]

    def count(self, record: int, key: str, value: str) -> None:
        """A number of a record, in a field of its own."""
        one = self.all[record]
        if key and len(value) <= _LONGEST_NUMBER and len(one.counted) < _MOST_PARTS:
            one.counted = (*one.counted, (key, value))
            self._numbers[one.result, key, value] = self._numbers.get((one.result, key, value), 0) + 1

    def named(self, record: int, besides: str, asked: "Words", *, trusted: bool) -> str:
        """What the user said that names this record, other than `besides`; "" if nothing does. It has to tell it from
        the others of its result, unless the user said `all`. Of several words the longest is its name."""
        at, number = record, besides.replace(".", "").isdigit()
        for _ in range(3):
            one, found = self.all[at], ""
            for value in one.trusted if trusted else [*one.trusted, *one.titled]:
                if value == besides or (len(besides) > 3 and besides in value):
                    continue
                said = asked.said(value, self._telling(at, trusted=trusted), names=one.naming(value))
                if (value in one.states and not asked.is_so(said)) or self._is_anothers(said, value, asked):
                    continue
                alone = asked.everybody or (number and said == value)  # Bob's payments: each of their amounts is his
                if len(said) > len(found) and (
                    alone or self._tells_apart(at, said, trusted=trusted) or self._is_always(at, said, besides)
                ):
                    found = said
            for key, value in one.counted if trusted else ():
                said = asked.numbered(key, value) if value != besides else ""
                if len(said) > len(found) and self._numbers[one.result, key, value] == 1:
                    found = said
            if found:
                return found
            at = one.within
            if at < 0 or self.all[at].within < 0:  # the result as a whole is no record of one thing
                break
        return self._through(record, besides, asked) if trusted and asked.everybody else ""

    def all_names(self, record: int, besides: str, asked: "Words", *, trusted: bool) -> set[str]:
        """Everything that the user said and that names this record by itself, other than `besides`."""
        one = self.all[record]
        said = {
            asked.said(value, self._telling(record, trusted=trusted), names=one.naming(value))
            for value in (one.trusted if trusted else [*one.trusted, *one.titled])
            if value != besides
            and not (len(besides) > 3 and besides in value)
            and (value not in one.states or asked.is_so(value))
        }
        return {word for word in said if word and self._tells_apart(record, word, trusted=trusted)}

    def _is_anothers(self, said: str, value: str, asked: "Words") -> bool:
        """Whether a word of a value stands in the whole name of another that the user said: Leo Pascoe, and so no
        Oliver Pascoe."""
        return (
            bool(said)
            and said != value
            and any(name not in (said, value) and asked.holds(name) for name in self._names.get(said, ()))
        )

    def _through(self, record: int, besides: str, asked: "Words") -> str:
        """The same through another result that has what this record alone is known by: the phone of each who has an
        appointment on the day that the user said."""
        for at in range(self._held, len(self.all)):
            for value in self.all[at].trusted:
                self._holding.setdefault(value, []).append(at)
        self._held = len(self.all)
        mine = self.all[record]
        for value in mine.trusted:
            if value == besides or len(value) < _SHORTEST_KEY or not self._tells_apart(record, value, trusted=True):
                continue
            for other in self._holding.get(value, ())[:_MOST_HOLDING]:
                if self.all[other].result == mine.result or not self._tells_apart(other, value, trusted=True):
                    continue
                for name in self.all[other].trusted:
                    if name != value and (said := asked.said(name)):
                        return said
        return ""

    def words_of_named(self, asked: "Words") -> frozenset[str]:
        """All words of the trusted values of the records that the user named."""
        found: set[str] = set()
        for at, one in enumerate(self.all[-_MOST_SIBLINGS:], max(0, len(self.all) - _MOST_SIBLINGS)):
            if one.trusted and self.named(at, "", asked, trusted=True):
                found.update(word for value in one.trusted for word in _PLAIN.findall(value))
        return frozenset(found)

    def words_in(self, records: Iterable[int]) -> tuple[set[str], set[str]]:
        """The words of the short values of these records, and those that only say how they stand."""
        several = [self.all[at] for at in records]
        told = (value for one in several for value in (*one.trusted, *one.titled) if value not in one.states)
        found = {word for value in told for word in _PLAIN.findall(value)}
        return found, {word for one in several for value in one.states for word in _PLAIN.findall(value)} - found

    def _telling(self, record: int, *, trusted: bool) -> Callable[[str], bool]:
        return lambda word: self._tells_apart(record, word, trusted=trusted)

    def _is_always(self, record: int, said: str, besides: str) -> bool:
        """Whether every record of its result that has a word has this value, too: somebody's three shifts."""
        if "@" not in besides or not said or len(siblings := self._of_result[self.all[record].result]) > _MOST_HOLDING:
            return False
        several = map(self.all.__getitem__, siblings)
        having = [o for o in several if any(said in words(without_aside(v) if o.naming(v) else v) for v in o.trusted)]
        return bool(having) and all(besides in one.trusted for one in having)

    def _tells_apart(self, record: int, said: str, *, trusted: bool) -> bool:
        result = self.all[record].result
        siblings = self._of_result[result]
        if len(siblings) > _MOST_SIBLINGS:
            return False
        counts = self._counts.get((result, trusted))
        if counts is None or counts[""] != len(siblings):
            counts = Counter()
            for at in siblings:
                one = self.all[at]
                names = one.trusted if trusted else [*one.trusted, *one.titled]
                bare = [without_aside(name) if one.naming(name) else name for name in names if "@" not in name]
                counts.update({word for name in bare for word in words(name)}.union(names))
            counts[""] = len(siblings)
            self._counts[result, trusted] = counts
        return counts[said] <= 1


def walk(records: Records, result: Any) -> Iterator[tuple[str, Any, int]]:
    """Every scalar of a result with its path and the number of its record: the innermost object that it is in. Keys
    that are no identifiers are values, too."""
    pending: list[tuple[str, Any, int]] = [("", result, records.begin())]
    while pending:
        path, value, record = pending.pop()
        if isinstance(value, Mapping):
            inner = records.add(record)
            pending += [(f"{path}.{key}" if path else str(key), part, inner) for key, part in value.items()]
            for key in value:
                if not _KEY.fullmatch(str(key)):
                    yield f"{path}.{key}" if path else str(key), str(key), inner
        elif isinstance(value, list | tuple):
            pending += [(f"{path}[]", part, record) for part in value]
        elif value is not None:
            yield path, value, record


def lines(records: Records, text: str) -> Iterator[tuple[str, int]]:
    """The values of a text of lines, each with its record: a line, or a block of lines `name: value`."""
    record, fields = -1, False
    for line in text.split("\n"):
        is_field = _FIELD.match(line) is not None
        if record < 0 or not (is_field and fields) or line.lstrip()[:2] in ("- ", "* ") or not line.strip():
            record = records.add(-1)
        fields = is_field
        for chunk in _CHUNK.split(line.strip()):
            bare = chunk.strip(" -*\"'")
            if bare:
                yield bare, record


def key_of(path: str) -> str:
    """The name of the field that a path leads to."""
    return sys.intern(path.removesuffix("[]").rpartition(".")[2].rpartition("]")[2])


def label_of(fields: Mapping[str, Trust], path: str, otherwise: Trust) -> Trust:
    """The trust of one field: the declaration's word for its path, with `*` for any part."""
    for pattern, trust in fields.items():
        if path == pattern or fnmatchcase(path.replace("[]", ""), pattern.replace("[]", "")):
            return trust
    return otherwise


def decoded(text: str) -> Any:
    """What a result that is JSON in a text says; else the text."""
    stripped = text.lstrip()
    if stripped[:1] in ("{", "["):
        try:
            return _json.decode(stripped)
        except (msgspec.DecodeError, RecursionError):
            return text
    return text
