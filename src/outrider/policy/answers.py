"""What a look-up of one named thing answered: the only payment of Brennan's booking is the one that was meant.

A value is of a named thing where it is the only one under its field in all answers to calls with that thing's id and
nothing else. Which call an answer is of is known only where its tool had no other call open: else it could be passed
for another's.
"""

from collections.abc import Callable, Mapping
from typing import Any

from outrider.policy.normal import plain
from outrider.policy.origins import Loosely

_LONGEST = 60
"""Characters of an id."""


class Answers:
    """The ids that answers belong to, by the number of a result, and the values of its fields."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._unclear: set[str] = set()
        self._asked: dict[str, str] = {}
        self._arguments: dict[str, tuple[str, ...]] = {}
        self._given: dict[int, tuple[str, ...]] = {}
        self._called_with: dict[int, str] = {}
        self._values: dict[tuple[int, str], dict[str, int]] = {}
        self._all: dict[tuple[str, str], set[str]] = {}
        self._sums: dict[int, set[str]] = {}

    def called(self, tool: str, arguments: Any) -> None:
        """A call begins."""
        if self._open.get(tool):
            self._unclear.add(tool)
        self._open[tool] = self._open.get(tool, 0) + 1
        only = [*arguments.values()] if isinstance(arguments, Mapping) else []
        is_id = len(only) == 1 and isinstance(only[0], str) and len(only[0]) <= _LONGEST
        self._asked[tool] = plain(only[0]) if is_id else ""
        self._arguments[tool] = tuple(plain(str(value)) for value in only if not isinstance(value, bool))

    def answered(self, tool: str, result: int) -> None:
        """A result comes."""
        left = self._open.get(tool, 0) - 1
        if left == 0 and tool not in self._unclear:
            self._given[result] = self._arguments.get(tool, ())
        if left == 0 and tool not in self._unclear and self._asked.get(tool):
            self._called_with[result] = self._asked[tool]
        self._open[tool] = max(0, left)
        if left <= 0:
            self._unclear.discard(tool)

    def add(self, result: int, key: str, value: str, record: int) -> None:
        """A value of a trusted field, and the record that it stands in."""
        if key and result in self._called_with:
            self._values.setdefault((result, key), {}).setdefault(value, record)
            self._all.setdefault((self._called_with[result], key), set()).add(value)

    def count(self, result: int, value: str, record: int) -> None:
        """A number of a record."""
        if result in self._called_with:
            self._sums.setdefault(record, set()).add(value)

    def given(self, result: int) -> tuple[str, ...] | None:
        """What the call of an answer had for arguments (plain); None if it is not known which call that was."""
        return self._given.get(result)

    def take(self, other: "Answers", offset: int, records: int) -> None:
        """Know another session's, too; its results and records are counted from here on."""
        self._given.update({result + offset: given for result, given in other._given.items()})
        self._called_with.update({result + offset: given for result, given in other._called_with.items()})
        self._sums.update({record + records: sums for record, sums in other._sums.items()})
        for (result, key), values in other._values.items():
            self._values[result + offset, key] = {value: record + records for value, record in values.items()}
        for where, several in other._all.items():
            self._all.setdefault(where, set()).update(several)

    def looked_up(self, result: int, key: str, value: str, said: Callable[[str], bool]) -> tuple[str, Loosely]:
        """The id that was looked up, if this is the only value that answers to it have in such a field (`part`), or the
        only one of its answer beside a sum that was `said` (`sum`); "" otherwise."""
        values, given = self._values.get((result, key), {}), self._called_with.get(result, "")
        if value not in values:
            return "", ""
        if [one for one, record in values.items() if any(map(said, self._sums.get(record, ())))] == [value]:
            return given, "sum"
        return (given, "part") if self._all[given, key] == {value} else ("", "")

    def is_only_of(self, result: int, key: str, given: str) -> bool:
        """Whether an answer has no other value in a field than the id that was looked up."""
        return set(self._values.get((result, key), ())) <= {given}
