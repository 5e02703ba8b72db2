"""Scores of live traffic over time: for each hour or day what holds of all runs of it, with an interval. Pure."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from outrider.base.clock import HOUR_NS
from outrider.calibrate import weighted
from outrider.calibrate.intervals import Interval

Bucket = Literal["hour", "day"]
WIDTH: dict[Bucket, int] = {"hour": HOUR_NS, "day": 24 * HOUR_NS}
MOST_POINTS = 750


class Point(msgspec.Struct, frozen=True):
    """The runs that began in the hour or day from `at` (ns) on: `seen` were there, of `scored` ones the evaluator said
    something, of `silent` ones nothing. `estimate` with its 95 % interval is of all of them; None: nothing was said."""

    at: int
    seen: int
    scored: int
    silent: int
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


def points(
    rows: Iterable[tuple[int, float | None, float]],
    seen: Iterable[tuple[int, int]],
    bucket: Bucket,
    since: int,
    until: int,
) -> list[Point]:
    """A point for each hour or day, also for those of which nothing is known. `rows` are (began, value, weight) of
    scores, `seen` (hour since the epoch, runs)."""
    width = WIDTH[bucket]
    values: dict[int, list[tuple[float, float]]] = {}
    silent: dict[int, int] = {}
    for at, value, weight in rows:
        if value is None:
            silent[at // width] = silent.get(at // width, 0) + 1
        else:
            values.setdefault(at // width, []).append((value, weight))
    runs: dict[int, int] = {}
    for hour, count in seen:
        runs[hour * HOUR_NS // width] = runs.get(hour * HOUR_NS // width, 0) + count
    places = range(since // width, -(-until // width))
    return [_point(one * width, runs.get(one, 0), values.get(one, ()), silent.get(one, 0)) for one in places]


def _point(at: int, seen: int, values: Sequence[tuple[float, float]], silent: int) -> Point:
    found = overall(values)
    if found is None:
        return Point(at, seen, 0, silent)
    return Point(at, max(seen, found.n), found.n, silent, found.estimate, found.low, found.high)


def overall(values: Sequence[tuple[float, float]]) -> Interval | None:
    """The mean of all runs that (value, weight) stand for; None of none."""
    if not values:
        return None
    return weighted.mean([value for value, _ in values], [weight for _, weight in values])
