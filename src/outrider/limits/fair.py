"""Who is next when several wait: priority first, then each project by its weight. Pure: no clock, no I/O.

Start-time fair queueing (Goyal, Vin and Cheng, 1996): a waiting call carries a start tag, which is the virtual time or
its project's finish tag, whichever is later; the smallest start tag is next. What is shared is *time in the slots*: a
call is charged the usual duration when it starts, and the difference to its own when it ends, so a project with long
calls gets as much of a deployment as one with short ones, not more.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Generic, Literal, TypeVar

from outrider.base.errors import RequestError

Priority = Literal["interactive", "batch"]
PRIORITIES: tuple[Priority, ...] = ("interactive", "batch")

T = TypeVar("T")


def priority(header: bytes | None) -> Priority:
    """The class in `x-outrider-priority`; without the header, `interactive`. Raises RequestError."""
    if header is None or header == b"interactive":
        return "interactive"
    if header == b"batch":
        return "batch"
    raise RequestError("`x-outrider-priority` must be `interactive` or `batch`", param="x-outrider-priority")


class _Line:
    """The calls of one project in one priority class, in the order in which they came."""

    __slots__ = ("finish", "start", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[object] = deque()
        self.start = self.finish = 0.0


class FairQueue(Generic[T]):
    """Items of projects in two classes. `weights`: a project's share against the others'; 1 if it is not there."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self.weights: Mapping[str, float] = weights or {}
        self._lines: dict[Priority, dict[str, _Line]] = {p: {} for p in PRIORITIES}
        self._now: dict[Priority, float] = dict.fromkeys(PRIORITIES, 0.0)
        self._sizes: dict[Priority, int] = dict.fromkeys(PRIORITIES, 0)

    def __len__(self) -> int:
        return sum(self._sizes.values())

    def __iter__(self) -> Iterator[T]:
        for lines in self._lines.values():
            for line in lines.values():
                yield from line.waiting  # type: ignore[misc]

    def size(self, priority: Priority) -> int:
        return self._sizes[priority]

    def push(self, item: T, project: str, priority: Priority) -> None:
        lines = self._lines[priority]
        line = lines.get(project)
        if line is None:
            line = lines[project] = _Line()
        if not line.waiting:
            line.start = max(self._now[priority], line.finish)
        line.waiting.append(item)
        self._sizes[priority] += 1

    def peek(self) -> T | None:
        """Who is next; None when nobody waits."""
        found = self._next()
        return found[2].waiting[0] if found is not None else None  # type: ignore[return-value]

    def pop(self, cost: float) -> T:
        """Take who is next, charging its project `cost`. Raises IndexError when nobody waits."""
        found = self._next()
        if found is None:
            raise IndexError("nobody waits")
        priority, project, line = found
        item = line.waiting.popleft()
        self._sizes[priority] -= 1
        self._now[priority] = max(self._now[priority], line.start)
        line.finish = line.start = line.start + cost / self._weight(project)
        self._forget(priority)
        return item  # type: ignore[return-value]

    def charge(self, project: str, priority: Priority, cost: float) -> None:
        """Correct what `project` was charged by `cost`, which may be less than 0."""
        line = self._lines[priority].get(project)
        if line is None:
            line = self._lines[priority][project] = _Line()
            line.finish = self._now[priority]
        line.finish += cost / self._weight(project)
        line.start = max(line.start + cost / self._weight(project), 0.0)

    def remove(self, item: T, project: str, priority: Priority) -> bool:
        """Take one out that does not wait any more; whether it was there."""
        line = self._lines[priority].get(project)
        if line is None or item not in line.waiting:
            return False
        line.waiting.remove(item)
        self._sizes[priority] -= 1
        return True

    def last(self, priority: Priority) -> T | None:
        """Whoever of this class is served last: the youngest call of the project with the most in front of it."""
        lines = [line for line in self._lines[priority].values() if line.waiting]
        return max(lines, key=lambda line: (len(line.waiting), line.start)).waiting[-1] if lines else None  # type: ignore[return-value]

    def ahead(self, project: str, priority: Priority) -> float:
        """About how many calls are served before a new one of `project`: those of higher classes, its own, and of
        the others what their weights let pass meanwhile."""
        before = float(sum(self._sizes[p] for p in PRIORITIES[: PRIORITIES.index(priority)]))
        lines = self._lines[priority]
        mine = len(lines[project].waiting) if project in lines else 0
        turns = (mine + 1) / self._weight(project)
        others = (min(len(o.waiting), turns * self._weight(p)) for p, o in lines.items() if p != project)
        return before + mine + sum(others)

    def _next(self) -> tuple[Priority, str, _Line] | None:
        for priority in PRIORITIES:
            if self._sizes[priority]:
                waiting = ((line.start, name, line) for name, line in self._lines[priority].items() if line.waiting)
                _, name, line = min(waiting, key=lambda found: found[0])
                return priority, name, line
        return None

    def _weight(self, project: str) -> float:
        return max(1e-6, self.weights.get(project, 1.0))

    def _forget(self, priority: Priority) -> None:
        """A project that waits for nothing and has been served no more than the others needs no memory."""
        lines, now = self._lines[priority], self._now[priority]
        if len(lines) > 64:
            self._lines[priority] = {n: line for n, line in lines.items() if line.waiting or line.finish > now}
