"""Lines on their way to a provider: as many as go at a time, and as many as budgets have room for. Pure."""

from collections.abc import Sequence

from outrider.base.budget import Amount
from outrider.base.ports import WireRequest
from outrider.limits.kept import Share

PART_LINES, PART_BYTES = 5_000, 8 << 20
"""What is sent at a time: it is in memory once, and its answers too."""
LEAST_LINES = 100
"""Fewer are not sent for want of room in a budget, if there are twice as many: a provider may take a day for them."""
NOTHING = Amount()


class Load:
    """Lines of one model that are sent together: number, request, the most that it may take."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, WireRequest, Amount]] = []
        self.size = 0

    def is_full(self, wire: WireRequest) -> bool:
        """Whether one more would be too much."""
        return bool(self.lines) and (len(self.lines) >= PART_LINES or self.size + len(wire.body) > PART_BYTES)

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
