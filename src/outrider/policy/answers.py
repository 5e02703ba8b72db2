"""What a look-up of one named thing answered: the only payment of Brennan's booking is the one that was meant.

A value is of a named thing where it is the only one under its field in an answer to a call with that thing's id. Which
call an answer is of is known only where its tool had no other call open: else it could be passed for another's.
"""

from collections.abc import Callable, Sequence


class Answers:
    """The calls that answers belong to, by the number of a result, and the single values of its fields."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._unclear: set[str] = set()
        self._called_with: dict[int, tuple[str, ...]] = {}
        self._values: dict[tuple[int, str], dict[str, int]] = {}
        self._sums: dict[int, set[str]] = {}

    def called(self, tool: str) -> None:
        """A call begins."""
        if self._open.get(tool):
            self._unclear.add(tool)
        self._open[tool] = self._open.get(tool, 0) + 1

    def answered(self, tool: str, result: int, given: Sequence[str]) -> None:
        """A result comes; `given` are the texts that its tool was called with last."""
        left = self._open.get(tool, 0) - 1
        if left == 0 and tool not in self._unclear:
            self._called_with[result] = tuple(given)
        self._open[tool] = max(0, left)
        if left <= 0:
            self._unclear.discard(tool)

    def add(self, result: int, key: str, value: str, record: int) -> None:
        """A value of a trusted field, and the record that it stands in."""
        if key and result in self._called_with:
            self._values.setdefault((result, key), {}).setdefault(value, record)

    def count(self, result: int, value: str, record: int) -> None:
        """A number of a record."""
        if result in self._called_with:
            self._sums.setdefault(record, set()).add(value)

    def take(self, other: "Answers", offset: int, records: int) -> None:
        """Know another session's, too; its results and records are counted from here on."""
        self._called_with.update({result + offset: given for result, given in other._called_with.items()})
        self._sums.update({record + records: sums for record, sums in other._sums.items()})
        for (result, key), values in other._values.items():
            self._values[result + offset, key] = {value: record + records for value, record in values.items()}

    def looked_up(self, result: int, key: str, value: str, said: Callable[[str], bool]) -> Sequence[str]:
        """What the call had as arguments, if this is the only value that its answer has in such a field, or the only
        one beside a sum that was `said`; nothing otherwise."""
        values = self._values.get((result, key), {})
        if value not in values:
            return ()
        if len(values) > 1:
            values = {one: record for one, record in values.items() if any(map(said, self._sums.get(record, ())))}
        return self._called_with[result] if [*values] == [value] else ()
