"""Sums for the costs page per hour and day, by project, route, model, deployment and key, with latency histograms.

What replays and experiments called is no production: it stands in rows of its own.
"""

from collections.abc import Iterable, Sequence

from outrider.base.clock import HOUR_NS
from outrider.base.usage import Usage
from outrider.journal import sketch
from outrider.journal.batch import Batch, Part
from outrider.journal.events import RunRecorded
from outrider.journal.names import Names, clean
from outrider.store import Tx

tables = ("usage",)

HOUR, DAY, ALL, APART = 1, 24, -1, 2
"""Kinds of rows (`span`): an hour or a day of one combination of names, an hour of a whole project, and an hour of one
combination of names outside of production."""

APART_TAGS = ("replay:", "eval:")
"""How the tags begin that say that a run is no production."""

_NO_USAGE = Usage()
_KEY = ("span", "starts", "project", "route", "model", "deployment", "key")
_SUMS = ("calls", "errors", "cached", "input", "output", "cost")
_NOTHING = (0,) * len(_SUMS)
_DIMENSIONS = ("route", "model", "deployment", "key")

Key = tuple[int, int, int, int, int, int, int]
"""Span, its start in hours since the epoch, numbers of project, route, model, deployment, key (0: none)."""

Named = tuple[bool, int, str, str, str, str, str]
"""Whether it stands apart, hour, and the names themselves."""


class _Sum:
    """Sums in the order of `_SUMS`, and the two histograms."""

    __slots__ = ("latency", "sums", "ttft")

    def __init__(
        self, sums: Sequence[int] = _NOTHING, latency: sketch.Sketch | None = None, ttft: sketch.Sketch | None = None
    ) -> None:
        self.sums = list(sums)
        self.latency: sketch.Sketch = {} if latency is None else latency
        self.ttft: sketch.Sketch = {} if ttft is None else ttft

    def add(self, other: "_Sum") -> None:
        self.sums = [a + b for a, b in zip(self.sums, other.sums, strict=True)]
        sketch.add(self.latency, other.latency)
        sketch.add(self.ttft, other.ttft)


def apply(tx: Tx, batch: Batch) -> None:
    sums: dict[Named, _Sum] = {}
    for _, run in batch.runs:
        hour = run.at // HOUR_NS
        if hour > batch.floor_hour:
            key = (is_apart(run.tags), hour, run.project, run.route, run.model, run.deployment, run.key)
            found = sums.get(key)
            if found is None:
                found = sums[key] = _Sum()
            _add_run(found, run)
    for part in batch.parts:
        hour = part.event.at // HOUR_NS
        if hour > batch.floor_hour:
            _add_part(sums, hour, part)
    numbered: dict[Key, _Sum] = {}
    for (apart, hour, project, *values), total in sums.items():
        names = _numbers(tx, batch.names, project, values)
        if apart:
            numbered[APART, hour, *names] = total
            continue
        numbered[HOUR, hour, *names] = total
        for wider in ((DAY, hour // 24 * 24, *names), (ALL, hour, names[0], 0, 0, 0, 0)):
            if wider in numbered:
                numbered[wider].add(total)
            else:
                numbered[wider] = _Sum(total.sums, dict(total.latency), dict(total.ttft))
    _store(tx, numbered)


def is_apart(tags: Iterable[str]) -> bool:
    """Whether a run with these tags was made by a replay or an experiment."""
    return any(tag.startswith(APART_TAGS) for tag in tags)


def reset(tx: Tx, floor_hour: int) -> None:
    tx.execute(f"DELETE FROM usage WHERE span = {DAY} OR starts > ?", (floor_hour,))
    kept = tx.query(f"SELECT {', '.join(_KEY + _SUMS)}, latency, ttft FROM usage WHERE span = {HOUR}")
    days: dict[Key, _Sum] = {}
    for _, starts, project, route, model, deployment, key, *sums, latency, ttft in kept:
        day = (DAY, starts // 24 * 24, project, route, model, deployment, key)
        days.setdefault(day, _Sum()).add(_Sum(sums, sketch.unpack(latency), sketch.unpack(ttft)))
    _store(tx, days)


def _add_run(total: _Sum, run: RunRecorded) -> None:
    usage = run.usage or _NO_USAGE
    sums = total.sums
    sums[0] += 1
    sums[1] += run.status == "error"
    sums[2] += run.cache == "hit"
    sums[3] += usage.input
    sums[4] += usage.output
    sums[5] += run.cost
    if run.duration > 0:
        class_ = sketch.class_of(run.duration)
        total.latency[class_] = total.latency.get(class_, 0) + 1
    if run.ttft > 0:
        class_ = sketch.class_of(run.ttft)
        total.ttft[class_] = total.ttft.get(class_, 0) + 1


def _add_part(sums: dict[Named, _Sum], hour: int, part: Part) -> None:
    """Tokens and cost of steps that stand outside a run's record; they are no calls of their own."""
    for step in part.fresh:
        if step.usage is None and not step.cost:
            continue
        model, deployment = (str(step.attrs.get(name) or "") for name in ("model", "deployment"))
        total = sums.setdefault((False, hour, part.event.project, "", model, deployment, ""), _Sum())
        usage = step.usage or _NO_USAGE
        total.add(_Sum((0, 0, 0, usage.input, usage.output, step.cost)))


def _numbers(tx: Tx, names: Names, project: str, values: Iterable[str]) -> tuple[int, int, int, int, int]:
    number = names.project(tx, clean(project))
    route, model, deployment, key = (
        names.number(tx, number, field, clean(value)) if value else 0
        for field, value in zip(_DIMENSIONS, values, strict=True)
    )
    return number, route, model, deployment, key


def _store(tx: Tx, sums: dict[Key, _Sum]) -> None:
    """Add sums to those that are stored."""
    where = " AND ".join(f"{name} = ?" for name in _KEY)
    for key, total in sums.items():
        for latency, ttft in tx.query(f"SELECT latency, ttft FROM usage WHERE {where}", key):
            sketch.add(total.latency, sketch.unpack(latency))
            sketch.add(total.ttft, sketch.unpack(ttft))
    columns = ", ".join((*_KEY, *_SUMS, "latency", "ttft"))
    grow = ", ".join(f"{name} = usage.{name} + excluded.{name}" for name in _SUMS)
    tx.executemany(
        f"INSERT INTO usage ({columns}) VALUES ({', '.join('?' * 15)}) ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET"
        f" {grow}, latency = excluded.latency, ttft = excluded.ttft",
        [(*key, *total.sums, sketch.pack(total.latency), sketch.pack(total.ttft)) for key, total in sums.items()],
    )
