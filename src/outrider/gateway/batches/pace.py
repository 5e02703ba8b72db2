"""How many lines of one model are under way at a time: additive increase, multiplicative decrease. Pure.

Every answer widens the lane a little, up to what is allowed; a refusal (429, 503, a failing provider) halves it and
closes it for the time that the refusal names, or for a pause that doubles while nothing gets through. It remembers how
many others went through when one was refused, and goes beyond that slowly. So a batch finds by itself what limits,
budgets and providers leave for it.
"""

from outrider.base import chance

SECOND = 1_000_000_000
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds of the pause when nobody says how long."""
SLOWLY = 0.05
LONGEST_SAID = 300.0
"""A refusal may name hours (a budget's next month), but somebody may also raise the budget: so we ask again."""


class Lane:
    """One model's lines. Times are monotonic nanoseconds."""

    __slots__ = ("_borne", "_pause", "flying", "most", "until", "width")

    def __init__(self, most: int) -> None:
        self.most = most
        self.width = float(most)
        self.flying = 0
        self.until = 0
        self._pause = 0.0
        self._borne = float(most)  # lines at a time that nobody has refused yet

    def is_open(self, now: int) -> bool:
        return now >= self.until and self.flying < max(1, int(self.width))

    def good(self) -> None:
        """A line got its answer."""
        self._pause = 0.0
        step = 1.0 if self.width < self._borne else SLOWLY
        self.width = min(self.most, self.width + step / self.width)
        self._borne = max(self._borne, self.width)

    def refused(self, now: int, said: float | None) -> None:
        """A line was refused, which does not count in `flying` any more; `said` is for how many seconds. Of a burst of
        refusals the first one counts."""
        if now >= self.until:
            self._borne = max(1.0, float(self.flying))
            self.width = max(1.0, min(self.width / 2, self._borne))
            self._pause = min(LONGEST, max(SHORTEST, self._pause * 2))
        if said is not None:
            pause = min(LONGEST_SAID, max(0.0, said))
        else:
            pause = self._pause / 2 + chance.uniform(self._pause / 2)
        self.until = max(self.until, now + int(pause * SECOND))
