"""How far raters agree beyond chance: people with people, judges with people. Pure.

A rating is any label that can be compared; None where a rater said nothing. Repeated judgements of one thing are one
row; rows that are not independent (answers to one case) are one cluster.

Intervals: what does not agree is a share, and a coefficient is one minus that share over what chance leaves of it. The
share has the interval of as many independent rows as the jackknife over clusters (Gwet, Handbook of Inter-Rater
Reliability, 4th edition, chapter 5) says that these are worth (Korn and Graubard 1998). So it holds where few rows
disagree and where kappa's own normal interval does not, and none leaves its range. Of fewer than FEWEST clusters none
is stated.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.calibrate.intervals import Z95, Interval, limits, share, student

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]
    Cells = tuple[Places, Places, Floats]
    """Rows, categories, and which part of the row's ratings is in the category: those that are not zero."""

Row = Sequence[Hashable | None]
FEWEST = 10
"""Clusters (things that were rated, or cases) below which it is not known how they vary: no interval is stated."""


class Agreement(msgspec.Struct, frozen=True):
    """`raw` is the share of pairs of ratings that agree. `kappa` is Cohen's for two raters that rated everything, else
    Fleiss's; `ac1` is Gwet's, which stays true where nearly all ratings are the same. 1 is perfect, 0 is chance."""

    raw: Interval
    kappa: Interval
    ac1: Interval
    raters: int


def agreement(rows: Sequence[Row], clusters: Sequence[Hashable] | None = None) -> Agreement:
    """One row for each rated thing, one place in it for each rater. Rows with one rating say nothing about agreement,
    but how usual its label is: that counts where chance is shared (Gwet, the same, section 2.4; Cohen's two raters are
    looked at where both rated). `clusters` says for each row with which others it belongs together (None: with none).
    Raises ValueError for rows of different lengths."""
    import numpy as np

    raters = len(rows[0]) if rows else 0
    if any(len(row) != raters for row in rows):
        raise ValueError("every row has one place for each rater")
    if clusters is not None and len(clusters) != len(rows):
        raise ValueError("every row has its cluster")
    given = [sum(one is not None for one in row) for row in rows]
    kept = [at for at, often in enumerate(given) if often > 1]
    alone = [at for at, often in enumerate(given) if often == 1]
    pairs, every = [rows[at] for at in kept], [*kept, *alone]
    if not pairs:
        nothing = Interval(0, -1, 1, 0, True)
        return Agreement(Interval(0, 0, 1, 0, True), nothing, nothing, raters)
    agreed, spread, categories = _shares([rows[at] for at in every], len(pairs))
    groups = _groups(every if clusters is None else [clusters[at] for at in every])
    both = groups[: len(pairs)]
    same = _products(groups, spread, spread)
    by_chance = _products(both, *_marginals(pairs)) if raters == 2 else same
    return Agreement(
        _coefficient(agreed, np.zeros(2 + int(both.max())), groups, 0.0),
        _coefficient(agreed, by_chance, groups, -1.0),
        _coefficient(agreed, (1 - same) / max(1, categories - 1), groups, -1.0),
        raters,
    )


def _groups(clusters: Iterable[Hashable]) -> "Places":
    """For each row the number of its cluster, from 0."""
    import numpy as np

    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(one, len(known)) for one in clusters])


def _shares(rows: Sequence[Row], pairs: int) -> "tuple[Floats, Cells, int]":
    """For each of the first `pairs` rows the share of its pairs of ratings that agree; for all rows the shares of their
    ratings in each category; and how many categories there are."""
    import numpy as np

    known: dict[Hashable, int] = {}
    chosen = [(at, known.setdefault(one, len(known))) for at, row in enumerate(rows) for one in row if one is not None]
    cells, count = np.unique(np.array(chosen) @ np.array([len(known), 1]), return_counts=True)
    at, category = np.divmod(cells, len(known))
    given = np.bincount(at, count)
    agreed = np.bincount(at, count * (count - 1))[:pairs] / (given * (given - 1))[:pairs]
    return agreed, (at, category, count / given[at]), len(known)


def _marginals(rows: Sequence[Row]) -> "tuple[Cells, Cells]":
    """Which category the first rater chose in each row, and which the second did."""
    import numpy as np

    known: dict[Hashable, int] = {}
    chosen = np.array([[known.setdefault(one, len(known)) for one in row] for row in rows])
    at, once = np.arange(len(rows)), np.ones(len(rows))
    return (at, chosen[:, 0], once), (at, chosen[:, 1], once)


def _products(groups: "Places", one: "Cells", other: "Cells") -> "Floats":
    """How often two ratings are the same by chance alone, by how usual each category is in `one` and in `other`: of all
    rows, then with each cluster left out. Cohen's (1960) with each rater's own habits, Fleiss's (1971) and Gwet's
    (2008) with those of all raters."""
    import numpy as np

    width, count = 1 + int(max(one[1].max(), other[1].max())), int(groups.max()) + 1
    first, second = (np.bincount(category, part, width) for _, category, part in (one, other))
    keys = [groups[at] * width + category for at, category, _ in (one, other)]
    met, places = np.unique(np.concatenate(keys), return_inverse=True)
    here = np.bincount(places[: len(keys[0])], one[2], len(met))
    there = np.bincount(places[len(keys[0]) :], other[2], len(met))
    gone = here * second[met % width] + there * first[met % width] - here * there
    every = float(first @ second)
    rest = len(groups) - np.bincount(groups, minlength=count)
    products = np.append(every, every - np.bincount(met // width, gone, count))
    chance: Floats = products / np.maximum(1, np.append(len(groups), rest)) ** 2
    return chance


def _coefficient(agreed: "Floats", by_chance: "Floats", groups: "Places", least: float) -> Interval:
    """(observed - chance) / (1 - chance), with its interval. `least` is the lowest value that it can have. `by_chance`
    is that of all rows, then with each cluster left out. `groups` may go on after `agreed` with rows that say something
    of chance alone."""
    observed, n, out = agreed.mean(keepdims=True), len(agreed), len(by_chance) - 1
    whole, room = float(_beyond(observed, by_chance[:1])[0]), 1 - float(by_chance[0])
    count = int(groups[:n].max()) + 1
    rows = bool(((agreed < 1e-12) | (agreed > 1 - 1e-12)).all())  # each agrees or does not
    if least == 0 and count == n and rows:
        return share(round(float(agreed.sum())), n)
    if count < FEWEST or room < 1e-12:
        return Interval(whole, least, 1.0, n, True)
    apart = 1 - float(observed[0])
    parts = _beyond(_left_out(agreed, groups[:n], out), by_chance[1:])
    variance = float(((parts - parts.mean()) ** 2).sum()) * (out - 1) / out * room**2
    most = float(n) if rows else float("inf")
    worth = min(most, apart * (1 - apart) / variance) if variance > 1e-15 and 1e-12 < apart < 1 - 1e-12 else count
    low, high = limits(min(1.0, max(0.0, apart)), max(1.0, worth * (Z95 / student(count - 1)) ** 2))
    ends = max(least, min(whole, 1 - high / room)), min(1.0, max(whole, 1 - low / room))
    return Interval(whole, *ends, n)


def _beyond(observed: "Floats", chance: "Floats") -> "Floats":
    """Where chance explains everything, agreement is perfect or there is none to speak of."""
    import numpy as np

    room = 1 - chance
    certain = room < 1e-12
    perfect = (observed >= 1 - 1e-12).astype(float)
    found: Floats = np.where(certain, perfect, (observed - chance) / np.where(certain, 1, room))
    return found


def _left_out(values: "Floats", groups: "Places", count: int) -> "Floats":
    """Means with each cluster left out in turn."""
    import numpy as np

    rest = len(values) - np.bincount(groups, minlength=count)
    left: Floats = (values.sum() - np.bincount(groups, values, count)) / np.maximum(1, rest)
    return left
