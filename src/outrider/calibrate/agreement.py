"""How far raters agree beyond chance: people with people, judges with people. Pure.

A rating is any label that can be compared; None where a rater said nothing. Repeated judgements of one thing are one
row; rows that are not independent (answers to one case) are one cluster.

Intervals: what does not agree is a share, and a coefficient is one minus that share over what chance leaves of it. The
share has the interval of as many independent rows as the jackknife over clusters (Gwet, Handbook of Inter-Rater
Reliability, 4th edition, chapter 5) says that these are worth (Korn and Graubard 1998). So it holds where few rows
disagree and where kappa's own normal interval does not, and none leaves its range. Of fewer than FEWEST clusters none
is stated.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.calibrate.intervals import Z95, Interval, limits, share, student

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.int64]
    Chance = Callable[[Floats], Floats]

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
    cohen = raters == 2
    agreed, spread = _shares(pairs, [rows[at] for at in alone])
    both = _marginals(pairs) if cohen else None
    groups = _groups(every if clusters is None else [clusters[at] for at in every])
    by_chance = spread if both is None else both
    return Agreement(
        _coefficient(agreed, spread[: len(pairs)], _none, groups, 0.0),
        _coefficient(agreed, by_chance, _cohen if cohen else _fleiss, groups, -1.0),
        _coefficient(agreed, spread, _gwet, groups, -1.0),
        raters,
    )


def _groups(clusters: Iterable[Hashable]) -> "Places":
    """For each row the number of its cluster, from 0."""
    import numpy as np

    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(one, len(known)) for one in clusters])


def _shares(pairs: Sequence[Row], alone: Sequence[Row]) -> "tuple[Floats, Floats]":
    """For each row of `pairs`, the share of its pairs of ratings that agree; and for each row of both, the share of its
    ratings in each category."""
    import numpy as np

    rows = [*pairs, *alone]
    labels = dict.fromkeys(one for row in rows for one in row if one is not None)
    categories = {label: at for at, label in enumerate(labels)}
    counts = np.zeros((len(rows), len(categories)))
    for at, row in enumerate(rows):
        for one in row:
            if one is not None:
                counts[at, categories[one]] += 1
    given, n = counts.sum(axis=1), len(pairs)
    agreed = (counts[:n] * (counts[:n] - 1)).sum(axis=1) / (given[:n] * (given[:n] - 1))
    return agreed, counts / given[:, None]


def _marginals(rows: Sequence[Row]) -> "Floats":
    """Which category the first rater chose in each row, then which the second did: shape (rows, 2 x categories)."""
    import numpy as np

    categories = {label: at for at, label in enumerate(dict.fromkeys(one for row in rows for one in row))}
    chosen = np.zeros((len(rows), 2, len(categories)))
    for at, (first, second) in enumerate(rows):
        chosen[at, 0, categories[first]] = chosen[at, 1, categories[second]] = 1
    return chosen.reshape(len(rows), -1)


def _cohen(shares: "Floats") -> "Floats":
    """Agreement by chance where each rater has habits of their own (Cohen 1960). `shares` has a row for each sample."""
    half = shares.shape[1] // 2
    chance: Floats = (shares[:, :half] * shares[:, half:]).sum(axis=1)
    return chance


def _fleiss(shares: "Floats") -> "Floats":
    """Agreement by chance where all raters have the same habits (Fleiss 1971)."""
    chance: Floats = (shares**2).sum(axis=1)
    return chance


def _gwet(shares: "Floats") -> "Floats":
    """Agreement by chance where only doubtful ratings come of chance (Gwet 2008)."""
    chance: Floats = (shares * (1 - shares)).sum(axis=1) / max(1, shares.shape[1] - 1)
    return chance


def _none(shares: "Floats") -> "Floats":
    """No agreement comes of chance: what is left is the raw one."""
    none: Floats = 0 * shares[:, 0]
    return none


def _coefficient(agreed: "Floats", shares: "Floats", chance: "Chance", groups: "Places", least: float) -> Interval:
    """(observed - chance) / (1 - chance), with its interval. `least` is the lowest value that it can have. `shares`
    and `groups` may go on after `agreed` with rows that say something of chance alone."""
    by_chance, observed, n = chance(shares.mean(axis=0, keepdims=True)), agreed.mean(keepdims=True), len(agreed)
    whole, room, count = float(_beyond(observed, by_chance)[0]), 1 - float(by_chance[0]), int(groups[:n].max()) + 1
    rows = bool(((agreed < 1e-12) | (agreed > 1 - 1e-12)).all())  # each agrees or does not
    if least == 0 and count == n and rows:
        return share(round(float(agreed.sum())), n)
    if count < FEWEST or room < 1e-12:
        return Interval(whole, least, 1.0, n, True)
    apart = 1 - float(observed[0])
    among = groups[: len(shares)]
    out = int(among.max()) + 1
    parts = _beyond(_left_out(agreed[:, None], groups[:n], out)[:, 0], chance(_left_out(shares, among, out)))
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
    """Means with each cluster left out in turn: shape (clusters, columns)."""
    import numpy as np

    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, groups, values)
    rest = len(values) - np.bincount(groups, minlength=count)
    left: Floats = (values.sum(axis=0, keepdims=True) - sums) / np.maximum(1, rest)[:, None]
    return left
