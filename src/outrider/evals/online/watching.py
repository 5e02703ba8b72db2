"""Whether scores and measures have changed: each series against what was usual in it since it changed last.

A score lies between 0 and 1. Of a measure, which may be any number, its rank among the first ones is watched (which
part of them it is above): that lies between 0 and 1, too, and is a half while nothing changes, whatever the
distribution.
"""

import bisect
import statistics
from collections.abc import Iterable, Sequence

import msgspec

from outrider.base import clock
from outrider.calibrate import intervals
from outrider.calibrate.change import Change, Watch
from outrider.evals.online.book import Book, Changed
from outrider.evals.online.rules import VERDICT, Rule

FIRST = 50
"""Scores by which it is known what is usual; what comes after is watched."""
PAGE = 5_000
SLACK = 0.02
"""How far a mean may move without anybody caring, at least."""
RANK_SLACK = 1.96 / (12 * FIRST) ** 0.5
"""How far the mean rank of what comes after lies from a half where nothing changes, for 95 % of first ones."""
TRIM = 1_000


class Series:
    """One series, followed score by score. After a change another begins behind it: one change is found once.
    `measures`: its values are no scores, and `usual` and what a change says are medians."""

    def __init__(self, place: int = 0, *, measures: bool = False) -> None:
        """It begins behind the score at `place`."""
        self.place, self.measures = place, measures
        self._first: list[float] = []
        self._seen: list[tuple[int, float]] = []
        self._left = 0  # so many of what was watched are no longer kept
        self._watch: Watch | None = None
        self.usual = 0.0

    def see(self, place: int, value: float) -> Change | None:
        """The next value, with its place in the series; a change if it is certain now, `since` and `at` as places."""
        self.place = place
        if self._watch is None:
            self._first.append(value)
            if len(self._first) == FIRST:
                self._watch = self._begun()
            return None
        self._seen.append((place, value))
        found = self._watch.see(rank(self._first, value) if self.measures else min(1.0, max(0.0, value)))
        if found is None:
            self._trim(self._watch.horizon)
            return None
        after = self._seen[found.since - self._left :]
        before = self._seen[found.since - 1 - self._left][0] if found.since > self._left else after[0][0] - 1
        mean = statistics.median(value for _, value in after) if self.measures else found.mean
        return msgspec.structs.replace(found, since=before, at=place, mean=mean)

    def _begun(self) -> Watch:
        if self.measures:
            self._first.sort()
            self.usual = statistics.median(self._first)
            return Watch(0.5, slack=RANK_SLACK)
        usual = intervals.mean([min(1.0, max(0.0, value)) for value in self._first])
        self.usual = min(1.0, max(0.0, usual.estimate))
        slack = max(SLACK, usual.high - usual.estimate, usual.estimate - usual.low)
        return Watch(self.usual, slack=slack)

    def _trim(self, horizon: int) -> None:
        """A series is as long as it likes; what a change can no longer have begun with is forgotten."""
        if horizon - self._left > TRIM:
            del self._seen[: horizon - self._left - 1]
            self._left = horizon - 1


def rank(first: Sequence[float], value: float) -> float:
    """Which part of sorted values one is above, from 0 to 1; of those that are equal, half count."""
    return (bisect.bisect_left(first, value) + bisect.bisect_right(first, value)) / (2 * len(first))


class Watching:
    """All series of a process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._series: dict[tuple[str, str, str, str], Series] = {}

    def look(self, rules: Iterable[Rule]) -> list[Changed]:
        """Follow every series up to its newest score; changes that are certain by now, written down. Raises
        NotLeading."""
        found: list[Changed] = []
        for rule in rules:
            for name in rule.names():
                if watched(name):
                    key = (rule.project, rule.name, name, rule.version(name))
                    found += self._follow(rule, key, measures=is_measure(rule, name))
        return found

    def _follow(self, rule: Rule, key: tuple[str, str, str, str], *, measures: bool) -> list[Changed]:
        known = self._series.get(key)
        if known is None:
            known = self._series[key] = Series(self._book.last_change(*key), measures=measures)
        found = []
        while rows := self._book.first(*key, known.place, PAGE):
            for place, value in rows:
                change = known.see(place, value)
                if change is not None:
                    found.append(self._changed(rule, key, known, change))
                    known = self._series[key] = Series(change.since, measures=measures)
                    break
        return found

    def _changed(self, rule: Rule, key: tuple[str, str, str, str], series: Series, change: Change) -> Changed:
        evaluator = rule.evaluator(key[2])
        made = Changed(
            *key, n=change.at, since=change.since, since_at=self._book.began(*key, change.since), found=clock.now_ns(),
            down=change.down, mean=change.mean, usual=series.usual, measure=series.measures,
            unit=evaluator.unit if evaluator is not None and series.measures else "",
        )  # fmt: skip
        self._book.changed(made)
        return made


def watched(evaluator: str) -> bool:
    """A chain is watched by its evaluators."""
    return evaluator != VERDICT


def is_measure(rule: Rule, evaluator: str) -> bool:
    """Whether it is a measure, and not a score from 0 to 1."""
    found = rule.evaluator(evaluator)
    return found is not None and found.better != "higher"
