"""Series of scores as they are drawn: lines, bands of intervals and marks in an SVG of fixed size. Pure."""

from collections.abc import Sequence

import msgspec

from outrider.base import clock
from outrider.evals.online.book import Changed
from outrider.evals.online.series import Point

WIDE, HIGH = 1000.0, 160.0


class Dot(msgspec.Struct):
    """A point at (`x`, `y`), with the span that the pointer finds it in (`left`, `width`) and what it says."""

    x: float
    y: float
    left: float
    width: float
    says: str


class Chart(msgspec.Struct):
    """`bands` are polygons and `lines` lines, as lists of points; a gap is where nothing was scored. `marks` are places
    of changes. `top` is what the upper edge stands for, 0 the lower one."""

    bands: list[str]
    lines: list[str]
    dots: list[Dot]
    marks: list[float]
    top: str
    since: int
    until: int
    says: str


def chart(points: Sequence[Point], changes: Sequence[Changed], better: str) -> Chart:
    """The chart of a series; what it says in a sentence is for those who do not see it."""
    first, last = (points[0].at, points[-1].at) if points else (0, 0)
    step = WIDE / max(1, len(points))
    most = 1.0 if better == "higher" else max((p.high for p in points if p.high is not None), default=1.0) or 1.0
    most = max(most, max((p.estimate for p in points if p.estimate is not None), default=0.0))

    def y(value: float) -> float:
        return round(HIGH * (1 - max(0.0, min(1.0, value / most))), 1)

    dots, bands, lines = list[Dot](), list[str](), list[str]()
    for run in _runs(points):
        places = [(round((at + 0.5) * step, 1), points[at]) for at in run]
        lines.append(" ".join(f"{x},{y(p.estimate or 0.0)}" for x, p in places))
        if len(places) == 1:  # a point alone has a band as wide as half of its stretch
            (alone, p), aside = places[0], step / 4
            places = [(round(alone - aside, 1), p), (round(alone + aside, 1), p)]
        upper = [f"{x},{y(p.high or 0.0)}" for x, p in places]
        lower = [f"{x},{y(p.low or 0.0)}" for x, p in reversed(places)]
        bands.append(" ".join([*upper, *lower]))
        for at in run:
            middle = round((at + 0.5) * step, 1)
            dots.append(
                Dot(middle, y(points[at].estimate or 0.0), round(at * step, 1), round(step, 1), _says(points[at]))
            )
    width = points[1].at - first if len(points) > 1 else clock.HOUR_NS
    marks = [round(WIDE * (c.since_at - first) / (last + width - first), 1) for c in changes if first <= c.since_at]
    scored = [p for p in points if p.estimate is not None]
    words = f"{len(scored)} of {len(points)} stretches of time have scores"
    if scored:
        words += f"; the first is {scored[0].estimate:.3g}, the last {scored[-1].estimate:.3g}"
    return Chart(bands, lines, dots, marks, f"{most:.3g}", first, last + width if points else 0, words)


def _runs(points: Sequence[Point]) -> list[list[int]]:
    """Stretches of points that have a score, by place."""
    runs: list[list[int]] = []
    for at, point in enumerate(points):
        if point.estimate is None:
            continue
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def _says(point: Point) -> str:
    said = f"{point.estimate:.3g} [{point.low:.3g}, {point.high:.3g}]"
    return f"{clock.iso(point.at)[:16].replace('T', ' ')} UTC: {said}, {point.scored} scored of {point.seen}"
