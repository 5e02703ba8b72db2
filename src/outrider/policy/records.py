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
from typing import Any, Literal

import msgspec

from outrider.policy.declarations import Trust, words_of
from outrider.policy.fields import NAMES, SEVERAL, STATES
from outrider.policy.kinds import kinds_of
from outrider.policy.normal import holds
from outrider.policy.words import READS, VERBS, word_set

LONGEST_NAME = 120
"""Characters of a value that can name its record."""
_json = msgspec.json.Decoder()
_MOST_SIBLINGS = 5_000
_SHORTEST_KEY = 4
"""Characters of a value by which two results speak of the same."""
_LONGEST_WHOLE = 40
"""Characters of a whole name."""
_MOST_PARTS = 6
_PERSON = re.compile(r"[^\W\d_]{2,20} [^\W\d_][^\W\d_'-]{1,30}")
"""A first name and a last one."""
_MOST_HOLDING = 50
"""Records with the same value that are looked at."""
_WORD = re.compile(r"[^\W\d_]{3,}|\d+[^\W_]*|[^\W_]+\d+")
_PLAIN = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FIELD = re.compile(r"^\s*(?:[-*]\s+)?[\w ()/-]{1,40}:\s+\S")
_CHUNK = re.compile(r"\s*[,;|<>()\t]\s*|:\s+|\s+-+\s+")
_ALL = frozenset(("everybody", "everyone", "all", "each", "every", "both", "alle", "allen", "jeden", "tous", "toutes",
                  "todos", "todas", "tutti", "iedereen"))  # fmt: skip
_AT = re.compile(r"\balle(?= (?:ore )?\d)")
"""Italian: `alle 10:30`."""
_NO_THING = (
    r"(?:with|to|for|from|on|in|at|by|of|about|and|or|but|is|was|are|were|has|had|will|until|till|after|before|that|which|so|"
    r"as|if|when|then|now|please|today|tomorrow|next|this|next|mit|für|von|an|am|im|und|avec|pour|de|du|à|et|con|para|y|e)\b"
)
"""What stands behind a noun, and behind no adjective."""
_WHERE = re.compile(r"\b(?:in|at|from|im|aus|bei|à|de|en|chez)\s+(?:the\s+|der\s+|la\s+)?([^\W\d_]{4,})")
"""What those have in common whom somebody means by `all`."""
_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d\S*")
"""A day with a time: its record is that of the day."""
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
"""`(engineer at Rapidflow)` behind a name says something of somebody, and does not name them."""
_SUMS = frozenset(("deposit", "fee", "rent", "refund", "payment", "charge", "invoice", "balance", "donation", "tax"))
"""What a sum is for: everybody's deposit is called so."""
_NOUNS_BEHIND = word_set("the a an my our your his her their this that these those some any no every each of")
_SHORTEST_FIRST = 4
_NO_FIRST = frozenset(word for words_ in VERBS.values() for word in words_.split()) | READS
"""Words that users say for something else than a name that begins with them: `Open Kitchen`."""
_CODED = re.compile(r"[^\W\d_]{1,12}[-_:#.]?\d[\w-]*")
"""`job-207`: its letters name nothing."""
_EMPTY = word_set(
    "the and for with from this that your our their his her mail email com org net www http https mrs von van der "
    "die das und les des del los las example not are was has have all any new"
)


Naming = Literal["", "name", "person"]
"""What names somebody; a person by their first name, be it short."""


class Record(msgspec.Struct, gc=False):
    """What stands together in a result: `trusted` and `titled` are its short values by label (folded). `within` is the
    record that it is a part of (-1: none), `result` the number of its result, `states` those of its values that
    only say how it stands, `names` those that name somebody."""

    result: int
    within: int = -1
    trusted: list[str] = []
    titled: list[str] = []
    states: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def naming(self, value: str) -> Naming:
        """Whether a value of this record names somebody: by what its field is called, or because an address beside it
        begins with the same word (`Luc Hoffmann`, `luc.hoffmann@…`)."""
        first = _LETTERS.match(value)
        if first and any(_local(one)[:1] == [first[0]] for one in self.trusted if "@" in one and one != value):
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
            self.all.append(Record(one.result + results, within, one.trusted, one.titled, one.states, one.names))
            self._of_result.setdefault(one.result + results, []).append(len(self.all) - 1)
        self._results += other._results
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
            if trusted and key in SEVERAL and ", " in (bare := _bare(value)):
                one.trusted += [part for part in bare.split(", ", _MOST_PARTS)[:_MOST_PARTS] if _PERSON.fullmatch(part)]

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
        having = [o for o in several if any(said in words(_bare(v) if o.naming(v) else v) for v in o.trusted)]
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
                bare = [_bare(name) if one.naming(name) else name for name in names if "@" not in name]
                counts.update({word for name in bare for word in words(name)}.union(names))
            counts[""] = len(siblings)
            self._counts[result, trusted] = counts
        return counts[said] <= 1


class Words:
    """What the user said, for naming records."""

    def __init__(self, asked: list[str]) -> None:
        self._asked = asked
        self._alone = {word for text in asked for word in words(text) if holds(text, word)}
        self.everybody = any(not _ALL.isdisjoint(_AT.sub(" ", text).split()) for text in asked)
        self._where = {match[1] for text in asked for match in _WHERE.finditer(text)} if self.everybody else set()
        self._days = {match[0] for text in asked for match in _DAY.finditer(text)}

    def holds(self, name: str) -> bool:
        """Whether the user said it whole."""
        return any(holds(text, name) for text in self._asked)

    def is_so(self, state: str) -> bool:
        """Whether a word says how a thing is that is named behind it (`the pending order`), or the user means all."""
        found = re.compile(rf"(?<!\w){re.escape(state)} (?!{_NO_THING})[^\W\d_]") if state else None
        return found is not None and (self.everybody or any(found.search(text) for text in self._asked))

    def said(self, value: str, tells: Callable[[str], bool] | None = None, *, names: Naming = "") -> str:
        """The value if it was said as a whole, else the word of it that was, if at least half of its words were; of
        several the longest that `tells` its record from others, if there is one. Of what `names` somebody the first
        word is enough, and what stands in brackets is not looked at.
        Where two were, numbers count for none: `lidocaine cartridges` of `Lidocaine 2 % cartridges, pack of 50`."""
        if value in _SUMS:
            return ""
        if len(value) > 2 and value not in _EMPTY and any(holds(text, value) for text in self._asked):
            return value
        if _MOMENT.fullmatch(value):
            return value[:10] if self.everybody and value[:10] in self._days else ""
        bare = _bare(value) if names else value
        if "@" in bare or "/" in bare or _CODED.fullmatch(value):
            return ""
        own = words(bare)
        found = [word for word in own if word in self._alone and not word.isdigit()]
        if names and found and found[0] == own[0] and self._is_name(own[0], person=names == "person"):
            own = found
        if found and not self._where.isdisjoint(found):  # `all tenants in Lindenweg`: it need not be all of the value
            return next(word for word in found if word in self._where)
        many = [word for word in own if not word.isdigit()] if len(found) > 1 else own
        if not found or 2 * len(found) < len(many):
            return self._role(value) if names else ""
        return max(found if tells is None else list(filter(tells, found)) or found, key=len)

    def _role(self, name: str) -> str:
        """What stands alone in the brackets behind a name, if the user said it: `Ruth Whitlock (granny)`. Owners and
        tenants there are many."""
        aside = _ASIDE.search(name) if name[-1:] in ")]" else None
        parts = aside[0].strip(" ()[]").split(", ", _MOST_PARTS) if aside else []
        good = (one for one in parts if len(one) >= _SHORTEST_KEY and one not in _SUMS | SEVERAL and self.holds(one))
        return next((one for one in good if not kinds_of(one)), "")

    def _is_name(self, word: str, *, person: bool) -> bool:
        """Whether a word stands somewhere as a name does: `pay Rapidflow`, and not `the water bill`."""
        if (len(word) < _SHORTEST_FIRST and not person) or word in _NO_FIRST:
            return False
        stands = re.compile(rf"(?<!\w)(?P<before>[^\W\d_]+ )?{re.escape(word)}(?: (?P<behind>[^\W\d_]+))?(?!\w)")
        found = (one for text in self._asked for one in stands.finditer(text))
        return any(
            (one["before"] or "").strip() not in _NOUNS_BEHIND and not kinds_of(one["behind"] or "") for one in found
        )


def _local(address: str) -> list[str]:
    """The words of an address before its host."""
    return _LETTERS.findall(address.partition("@")[0])


def _bare(name: str) -> str:
    return _ASIDE.sub(" ", name) if name[-1:] in ")]" else name


def words(text: str) -> list[str]:
    """Words that can tell one thing from another."""
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word not in _EMPTY]


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
