"""Deadlines of the attempts under way, kept by one coarse timer for all of them.

`asyncio.timeout` arms and cancels a timer for every attempt, and again for every chunk of a stream; most never fire.
Here an attempt is one entry in a set, moving its deadline is an assignment, and a tick looks at all entries. A
deadline is met at most TICK late.
"""

import asyncio
from types import TracebackType
from typing import Any

from outrider.base import clock

TICK = 0.05


class Patience:
    """`with watch.until(task, due) as patience: …` in `task` raises TimeoutError once `due` has passed.

    `due` is monotonic nanoseconds and may be moved at any time.
    """

    __slots__ = ("_expired", "_task", "_watch", "due")

    def __init__(self, watch: "Watch", task: "asyncio.Task[Any]", due: int) -> None:
        self._watch, self._task, self.due = watch, task, due
        self._expired = False

    def __enter__(self) -> "Patience":
        self._watch.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.discard(self)
        if self._expired and self._task.uncancel() <= 0 and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._expired = True
        self._task.cancel()


class Watch:
    """All deadlines of one event loop."""

    def __init__(self) -> None:
        self._waiting: set[Patience] = set()
        self._ticking = False

    def until(self, task: "asyncio.Task[Any]", due: int) -> Patience:
        return Patience(self, task, due)

    def add(self, patience: Patience) -> None:
        self._waiting.add(patience)
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(TICK, self._tick)

    def discard(self, patience: Patience) -> None:
        self._waiting.discard(patience)

    def _tick(self) -> None:
        now = clock.mono_ns()
        for patience in [p for p in self._waiting if p.due <= now]:
            self._waiting.discard(patience)
            patience.expire()
        self._ticking = bool(self._waiting)
        if self._ticking:
            asyncio.get_running_loop().call_later(TICK, self._tick)
