"""Which of the values that results had the user named: by a word of their record, by a file's own name, as the only
one that a look-up of a named thing answered, or by having most of their words."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from outrider.policy.aboutness import Things, said_file
from outrider.policy.answers import Answers
from outrider.policy.fields import NAMES, Fields, Value
from outrider.policy.heard import Words, is_number
from outrider.policy.intent import Intent
from outrider.policy.kinds import stem_of
from outrider.policy.normal import holds
from outrider.policy.origins import Found, Origin
from outrider.policy.people import People, is_addressed
from outrider.policy.records import Records
from outrider.policy.selves import Selves, by_their_words

_DEEPEST = 3


class Naming:
    """What names the values of a session. `asked` is always what the user said so far (plain)."""

    def __init__(self) -> None:
        self.records = Records()
        self.fields = Fields()
        self.people = People()
        self.selves = Selves()
        self._things = Things()
        self._answers = Answers()
        self._named: dict[tuple[int, str, bool], str] = {}
        self._words: Words | None = None

    def hear(self) -> None:
        """The user said something more."""
        self._words = None
        self._named.clear()

    def called(self, tool: str, arguments: Any) -> None:
        self._answers.called(tool, arguments)

    def begin(self, tool: str) -> None:
        """A result comes."""
        self._answers.answered(tool, self.records.results + 1)

    def keep(self, one: Value, kept_as: str, given: str, *, is_text: bool) -> None:
        """A short value, in the form it is looked up by and in its plain one; `is_text` if it is a line of words."""
        trusted = one.origin == Origin.TRUSTED
        if trusted and is_text:
            self.fields.add(one.tool, one.key, kept_as)
            self.people.keep(one.record, one.key, given)
            self._answers.add(self.records.results, one.key, kept_as, one.record)
        elif trusted:
            self._answers.count(self.records.results, kept_as, one.record)
        self._things.add(one.record, one.tool, one.key, given, trusted=trusted)
        if trusted and given.isdigit() and not is_text:
            self.records.count(one.record, one.key, given)
        if is_text and not trusted and one.key in NAMES:
            self.selves.keep(one.record, given)
        if is_text:
            self.records.name(one.record, given, trusted=trusted, key=one.key)

    def take(self, other: "Naming") -> int:
        """Know another session's, too; by how much the numbers of its records grow."""
        results = self.records.results
        offset = self.records.take(other.records)
        self._answers.take(other._answers, results, offset)
        self._things.take(other._things, offset)
        self.fields.take(other.fields)
        self.people.take(other.people, offset)
        self.selves.take(other.selves, offset)
        self.hear()
        return offset

    def named(self, record: int, besides: str, asked: list[str], *, trusted: bool) -> str:
        """By which of their words the user named a record, other than `besides`; "" if they did not."""
        known = self._named.get((record, besides, trusted))
        if known is None:
            known = self.records.named(record, besides, self._said(asked), trusted=trusted)
            self._named[record, besides, trusted] = known
        return known

    def outright(self, value: str, kept: Sequence[Value], asked: list[str]) -> Found | None:
        """A value whose record has a name that the user said."""
        for trusted in (True, False):
            for one in kept:
                if by := self.named(one.record, value, asked, trusted=trusted):
                    return self._found(one, value, by, trusted=trusted)
        return None

    def _found(self, one: Value, value: str, by: str, *, trusted: bool) -> Found:
        """A value whose record the user named by what trusted data say, or by what others wrote: their own name, too,
        if nobody else can have been meant."""
        if trusted:
            return one.found(Origin.LINKED, by, "number" if self._is_number(one.record, by) else "")
        known = self._words is not None and self._words.stands_as_name(by) and self._is_alone(one.record, value, by)
        given = self._answers.given(self.records.all[one.record].result)
        known = known and self._words is not None and by_their_words(given, by, self._words.asked)
        return one.found(Origin.DESCRIBED, by, "name" if known else "")

    def _is_alone(self, record: int, value: str, by: str) -> bool:
        """Whether nobody else who has an address is called as somebody in a record calls themselves."""
        alike = self.selves.alike(record, by) if self.people.is_known(record) else None
        if alike is None or self.people.is_called(by):
            return False
        return all(value in self.records.all[at].trusted for at in alike if self.people.is_known(at))

    def loosely(
        self,
        value: str,
        kept: Sequence[Value],
        asked: list[str],
        field: Callable[[str], Found | None],
        sum_said: Callable[[str], bool],
    ) -> Found | None:
        """The same for a thing whose record has no name that the user said. `field` looks another value up, `sum_said`
        tells whether a number is a sum that the user said."""
        for one in kept:
            if by := said_file(value, asked, self.fields.of(one.tool, one.key)):
                return one.found(Origin.LINKED, by)
        for one in kept:
            result = self.records.all[one.record].result
            given, how = self._answers.looked_up(result, one.key, value, sum_said)
            whole = field(given) if given and given != value else None
            if whole is None or whole.origin != Origin.LINKED or whole.key == one.key:
                continue
            if self._answers.is_only_of(result, whole.key, given):
                return one.found(Origin.LINKED, whole.by, how)
        for names in (True, False):
            for one in kept:
                if by := self._things.best(one.record, one.key, asked, "" if "/" in value else value, trusted=names):
                    return one.found(Origin.LINKED if names else Origin.DESCRIBED, by, "words")
        return None

    def names_of(self, value: str, kept: Iterable[Value], asked: list[str], *, trusted: bool) -> set[str]:
        """All words of the user's that name a record which has this value."""
        said = self._said(asked)
        return {name for one in kept for name in self.records.all_names(one.record, value, said, trusted=trusted)}

    def is_whom(self, kept: Sequence[Value], by: str, asked: list[str], intent: Intent) -> bool:
        """Whether what the user said for a value's records (`by`) is what somebody in them is called, or stands where
        whom it goes to does. True of records that call nobody anything, and of what has figures. Nadia's manager is
        not meant by her name."""
        said = self._said(asked)
        if any(self._is_number(one.record, by) for one in kept):
            return False
        if said.everybody or any(one.isdigit() for one in by):
            return True
        having = [one for one in kept if self._has(one.record, by)]
        if having and not any(self._is_own(one, intent.words) for one in having):
            return False
        around = [at for one in kept for at in self._around(one.record)]
        names = [name for at in around for name in self.people.of(at)]
        if not names or not having:
            return True
        mine = [name for name in names if name == by or by in name.split() or holds(name, by) or said.said(name)]
        if not mine:
            return is_addressed(by, (one.text for one in intent.clauses))
        if any(said.holds(name) for name in mine):
            return True
        if any(name.split()[0] == by for name in mine if " " in name) and not said.stands_as_first_name(by):
            return is_addressed(by, (one.text for one in intent.clauses))
        return not self.people.is_one_of_several(names, by) and not all(
            self.people.is_another(name, by) for name in mine
        )

    def _is_number(self, record: int, by: str) -> bool:
        """Whether a number of its is what named a record: `table 5`."""
        return is_number(by) and not any(holds(value, by) for at in self._around(record) for value in self._all_of(at))

    def _all_of(self, record: int) -> list[str]:
        return [*self.records.all[record].trusted, *self.records.all[record].titled]

    def _has(self, record: int, by: str) -> bool:
        """Whether a record, or one that it is a part of, has a word."""
        return any(holds(value, by) for at in self._around(record) for value in self.records.all[at].trusted)

    def _is_own(self, one: Value, said: Collection[str]) -> bool:
        """Whether a value is its record's own, or the user said what it is there."""
        relation = self.people.relation(one.record, one.key)
        return not relation or any(stem_of(word) in relation or f"{stem_of(word)}s" in relation for word in said)

    def _around(self, record: int) -> Iterator[int]:
        """A record, and those that it is a part of but for the whole result."""
        for _ in range(_DEEPEST):
            yield record
            record = self.records.all[record].within
            if record < 0 or self.records.all[record].within < 0:
                return

    def words_of_named(self, asked: list[str]) -> frozenset[str]:
        """The words of trusted fields in records that the user named."""
        return self.records.words_of_named(self._said(asked))

    def _said(self, asked: list[str]) -> Words:
        if self._words is None:
            self._words = Words(asked)
        return self._words
