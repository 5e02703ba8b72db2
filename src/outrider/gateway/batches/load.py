"""Lines on their way to a provider: as many as go at a time, and as many as budgets have room for. Pure."""

from collections.abc import Sequence

from outrider.base.budget import Amount
from outrider.base.ports import WireRequest
from outrider.limits.kept import Share

PART_LINES, PART_BYTES = 5_000, 8 << 20
"""What is sent at a time: it is in memory once, and its answers too."""
MOST_BYTES = 8 * PART_BYTES
"""What is in memory at most of lines for a provider that takes no few."""
LEAST_LINES = 100
"""Fewer are not sent for want of room in a budget, if there are twice as many: a provider may take a day for them."""
NOTHING = Amount()


class Load:
    """Lines of one model that are sent together: number, request, the most that it may take. Where a provider takes
    `least` lines, as many stay when others are sent, so that the last ones are never too few."""

    def __init__(self, least: int = 0) -> None:
        self.lines: list[tuple[int, WireRequest, Amount]] = []
        self.size, self._least = 0, least

    def is_full(self, wire: WireRequest) -> bool:
        """Whether one more would be too much."""
        count, size = len(self.lines), self.size + len(wire.body)
        if count >= PART_LINES + self._least or size > max(PART_BYTES, MOST_BYTES if self._least else 0):
            return bool(self.lines)
        return size > PART_BYTES and count >= 2 * self._least

    def take(self, last: bool) -> list[tuple[int, WireRequest, Amount]]:
        """What is sent now; `last`: nothing comes after it."""
        keep = 0 if last or len(self.lines) < 2 * self._least else self._least
        taken, self.lines = self.lines[: len(self.lines) - keep], self.lines[len(self.lines) - keep :]
        self.size = sum(len(wire.body) for _, wire, _ in self.lines)
        return taken

    def add(self, number: int, wire: WireRequest, most: Amount) -> None:
        self.lines.append((number, wire, most))
        self.size += len(wire.body)


def total(amounts: Sequence[Amount]) -> Amount:
    """Of that many calls."""
    return Amount(
        sum(one.money for one in amounts),
        sum(one.input for one in amounts),
        sum(one.output for one in amounts),
        sum(one.calls for one in amounts),
    )


def fitting(amounts: Sequence[Amount], shares: Sequence[Share], rooms: Sequence[int]) -> int:
    """How many of the first lines fit into the rooms of their accounts."""
    fit = len(amounts)
    for share, room in zip(shares, rooms, strict=True):
        left = room
        for count, one in enumerate(amounts[:fit]):
            left -= one.of(share.measure)
            if left < 0:
                fit = count
                break
    return fit
