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

MOST_KEPT = 256
"""Projects remembered before those that mean nothing are forgotten."""

T = TypeVar("T")


def priority(header: bytes | None) -> Priority:
    """The class in `x-outrider-priority`; without the header, `interactive`. Raises RequestError."""
    if header is None or header == b"interactive":
        return "interactive"
    if header == b"batch":
        return "batch"
    raise RequestError("`x-outrider-priority` must be `interactive` or `batch`", param="x-outrider-priority")


class _Line(Generic[T]):
    """The calls of one project in one class, in the order in which they came. `tag` is the start tag of the first."""

    __slots__ = ("tag", "waiting")

    def __init__(self, tag: float) -> None:
        self.tag = tag
        self.waiting: deque[T] = deque()


class FairQueue(Generic[T]):
    """Items of projects in two classes. `weights`: a project's share against the others'; 1 if it is not there."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self.weights: Mapping[str, float] = weights or {}
        self._lines: dict[Priority, dict[str, _Line[T]]] = {p: {} for p in PRIORITIES}
        self._now: dict[Priority, float] = dict.fromkeys(PRIORITIES, 0.0)
        self._sizes: dict[Priority, int] = dict.fromkeys(PRIORITIES, 0)

    def __len__(self) -> int:
        return self._sizes["interactive"] + self._sizes["batch"]

    def __iter__(self) -> Iterator[T]:
        for lines in self._lines.values():
            for line in lines.values():
                yield from line.waiting

    def size(self, priority: Priority) -> int:
        return self._sizes[priority]

    def push(self, item: T, project: str, priority: Priority) -> None:
        line = self._line(project, priority)
        if not line.waiting:
            line.tag = max(line.tag, self._now[priority])
        line.waiting.append(item)
        self._sizes[priority] += 1

    def peek(self) -> T | None:
        """Who is next; None when nobody waits."""
        found = self._next()
        return found[2].waiting[0] if found is not None else None

    def pop(self, cost: float) -> T:
        """Take who is next, charging its project `cost`. Raises IndexError when nobody waits."""
        found = self._next()
        if found is None:
            raise IndexError("nobody waits")
        priority, project, line = found
        item = line.waiting.popleft()
        self._sizes[priority] -= 1
        self._begin(priority, project, line, cost)
        return item

    def passed(self, project: str, priority: Priority, cost: float) -> None:
        """A call of `project` did not have to wait."""
        line = self._line(project, priority)
        line.tag = max(line.tag, self._now[priority])
        self._begin(priority, project, line, cost)

    def charge(self, project: str, priority: Priority, cost: float) -> None:
        """Correct what `project` was charged by `cost`, which may be less than 0."""
        self._line(project, priority).tag += cost / self._weight(project)

    def remove(self, item: T, project: str, priority: Priority) -> bool:
        """Take one out that does not wait any more; whether it was there."""
        line = self._lines[priority].get(project)
        if line is None or item not in line.waiting:
            return False
        line.waiting.remove(item)
        self._sizes[priority] -= 1
        return True

    def last(self, priority: Priority) -> T | None:
        """Whoever of this class can wait best: the youngest call of the project with the longest line."""
        lines = [line for line in self._lines[priority].values() if line.waiting]
        return max(lines, key=lambda line: (len(line.waiting), line.tag)).waiting[-1] if lines else None

    def ahead(self, project: str, priority: Priority) -> float:
        """About how many calls are served before a new one of `project`: those of higher classes, its own, and of
        the others what their weights let pass meanwhile."""
        before = float(sum(self._sizes[p] for p in PRIORITIES[: PRIORITIES.index(priority)]))
        lines = self._lines[priority]
        mine = len(lines[project].waiting) if project in lines else 0
        turns = (mine + 1) / self._weight(project)
        others = (min(len(o.waiting), turns * self._weight(p)) for p, o in lines.items() if p != project)
        return before + mine + sum(others)

    def _line(self, project: str, priority: Priority) -> _Line[T]:
        lines = self._lines[priority]
        line = lines.get(project)
        if line is None:
            if len(lines) >= MOST_KEPT:
                self._forget(priority)
            line = self._lines[priority][project] = _Line(self._now[priority])
        return line

    def _begin(self, priority: Priority, project: str, line: _Line[T], cost: float) -> None:
        """The virtual time is the start tag of what began last."""
        self._now[priority] = max(self._now[priority], line.tag)
        line.tag += cost / self._weight(project)

    def _next(self) -> tuple[Priority, str, _Line[T]] | None:
        for priority in PRIORITIES:
            if self._sizes[priority]:
                lines = self._lines[priority].items()
                name, line = min(((n, o) for n, o in lines if o.waiting), key=lambda found: found[1].tag)
                return priority, name, line
        return None

    def _weight(self, project: str) -> float:
        return max(1e-6, self.weights.get(project, 1.0))

    def _forget(self, priority: Priority) -> None:
        """A project that waits for nothing and is not ahead of the others is as good as new."""
        now = self._now[priority]
        self._lines[priority] = {n: o for n, o in self._lines[priority].items() if o.waiting or o.tag > now}
