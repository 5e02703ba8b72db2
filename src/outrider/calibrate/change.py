"""Whether a series of scores has changed for the worse or the better, looked at after every score. Pure.

A sum of bets against "the mean is still at least this" (e-detector of Shiryaev-Roberts type: Shin, Ramdas and Rinaldo,
2022): while nothing changes, a false alarm comes on average once in `patience` scores at most, whatever the
distribution and however often somebody looks.
"""

import math
from collections.abc import Sequence

import msgspec

PATIENCE = 5_000
"""Scores between false alarms, on average and at least."""
_STAKES = (0.1, 0.3, 0.6, 0.9)
"""Parts of the largest bet that cannot lose everything: small ones find small changes, large ones quick ones."""
_TYPICAL = 0.3


class Change(msgspec.Struct, frozen=True):
    """The mean went down (or up) after `since` scores; it was certain `at` so many. `mean` is that of the scores in
    between."""

    since: int
    at: int
    down: bool
    mean: float


class Watch:
    """Follows scores between 0 and 1 against a mean that they are known to have. It starts anew after each alarm."""

    def __init__(self, usual: float, *, slack: float = 0.02, patience: int = PATIENCE) -> None:
        """`slack` is how far the mean may move without anybody caring. Raises ValueError for a mean that scores cannot
        have."""
        if not 0 <= usual <= 1:
            raise ValueError(f"scores lie between 0 and 1, and so does their mean: {usual}")
        self._floor, self._roof, self._patience = max(0.0, usual - slack), min(1.0, usual + slack), patience
        self._seen = 0
        self._begin()

    def _begin(self) -> None:
        self._sums = {down: [0.0] * len(_STAKES) for down in (True, False)}
        self._since = {True: self._seen, False: self._seen}
        self._walks = {True: 0.0, False: 0.0}
        self._after: dict[bool, list[float]] = {True: [], False: []}

    @property
    def horizon(self) -> int:
        """A change that is still to be found began after so many scores at the earliest."""
        return min(self._since.values())

    def see(self, score: float) -> Change | None:
        """The next score; a change if it is certain now. Raises ValueError for a score outside 0 to 1."""
        if not 0 <= score <= 1:
            raise ValueError(f"{score} is no score between 0 and 1")
        self._seen += 1
        for down in (True, False):
            found = self._bet(score, down)
            if found is not None:
                self._begin()
                return found
        return None

    def _bet(self, score: float, down: bool) -> Change | None:
        bound = self._floor if down else self._roof
        gap = bound - score if down else score - bound
        most = 1 / (1 - bound) if down and bound < 1 else 1 / bound if not down and bound > 0 else 1.0
        sums = self._sums[down]
        for at, stake in enumerate(_STAKES):
            sums[at] = (sums[at] + 1) * max(0.0, 1 + stake * most * gap)
        after = self._after[down]
        after.append(score)
        if sum(sums) / len(sums) >= 2 * self._patience:  # two directions are watched
            return Change(self._since[down], self._seen, down, sum(after) / len(after))
        walk = self._walks[down] = self._walks[down] + math.log(max(1e-9, 1 + _TYPICAL * most * gap))
        if walk <= 0:  # nothing speaks for a change so far: if there is one, it is still to come (Page's CUSUM)
            self._walks[down], self._since[down] = 0.0, self._seen
            after.clear()
        return None


def changes(scores: Sequence[float], usual: float, *, slack: float = 0.02, patience: int = PATIENCE) -> list[Change]:
    """All changes of a series. Raises ValueError for scores outside 0 to 1."""
    watch = Watch(usual, slack=slack, patience=patience)
    return [found for score in scores if (found := watch.see(score)) is not None]
