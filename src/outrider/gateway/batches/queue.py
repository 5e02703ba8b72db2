"""Which line is next: those that wait, by model, and how many of each model are under way. Pure."""

from heapq import heappop, heappush
from typing import NamedTuple

from outrider.gateway.batches.lines import Place
from outrider.gateway.batches.pace import SECOND, Lane

AHEAD = 10_000
"""Lines that may wait while others of their model are refused: beyond it no further line is read."""
LONGEST_WORDS = 300
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
"""Seconds that a line waits after its first failure that no limit was the reason of, and at most: doubled with each."""


class Entry(NamedTuple):
    place: Place
    model: str
    tries: int = 0
    failures: int = 0  # those of them that no limit was the reason of


class Queue:
    """Lines that wait, and the lanes of their models. Times are monotonic nanoseconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lanes: dict[str, Lane] = {}
        self._waiting: dict[str, list[tuple[int, int, Entry]]] = {}
        self._whys: dict[str, str] = {}
        self.waiting = self.flying = 0

    def add(self, entry: Entry, due: int = 0) -> None:
        heappush(self._waiting.setdefault(entry.model, []), (due, entry.place.number, entry))
        self.waiting += 1

    def next(self, now: int) -> Entry | None:
        """The line that may start now; the model that has the fewest under way goes first."""
        if self.flying >= self._most:
            return None
        best: tuple[int, str] | None = None
        for model, waiting in self._waiting.items():
            lane = self._lane(model)
            if waiting and waiting[0][0] <= now and lane.is_open(now) and (best is None or lane.flying < best[0]):
                best = lane.flying, model
        if best is None:
            return None
        self.waiting -= 1
        return heappop(self._waiting[best[1]])[2]

    def wants_more(self) -> bool:
        """Whether there is room for a line of a model that is not refused."""
        return self.flying < self._most and self.waiting < AHEAD

    def pause(self, now: int) -> float:
        """Seconds until a line that waits may start, if nothing changes before."""
        moments = [max(waiting[0][0], self._lane(model).until) for model, waiting in self._waiting.items() if waiting]
        return max(0.001, (min(moments) - now) / SECOND) if moments and self.flying < self._most else 3600.0

    def waits(self, now: int) -> str:
        """What the models wait for that are refused at present, in words."""
        closed = [model for model, lane in self._lanes.items() if lane.until > now and self._waiting.get(model)]
        return "; ".join([f"{model}: {self._whys.get(model, '')}" for model in closed])[:LONGEST_WORDS]

    def took(self, entry: Entry) -> None:
        """The line is under way: exactly one of `good`, `refused` and `back` follows."""
        self._lane(entry.model).flying += 1
        self.flying += 1

    def good(self, entry: Entry) -> None:
        """It has its answer."""
        self._landed(entry).good()

    def refused(self, entry: Entry, now: int, said: float | None, *, patient: bool, why: str = "") -> None:
        """It waits for its next try; `why` in words."""
        lane = self._landed(entry)
        lane.refused(now, said)
        self._whys[entry.model] = why
        pause = 0.0 if patient else min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(entry.failures, 10))
        failures = entry.failures + (0 if patient else 1)
        self.add(entry._replace(tries=entry.tries + 1, failures=failures), now + int(pause * SECOND))

    def back(self, entry: Entry) -> None:
        """It was not started, or ended with nothing."""
        self._landed(entry)
        self.add(entry)

    def _landed(self, entry: Entry) -> Lane:
        lane = self._lane(entry.model)
        lane.flying -= 1
        self.flying -= 1
        return lane

    def _lane(self, model: str) -> Lane:
        lane = self._lanes.get(model)
        if lane is None:
            lane = self._lanes[model] = Lane(self._most)
        return lane
