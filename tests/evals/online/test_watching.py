"""When a series has changed: once for each change, also across restarts, and rarely where nothing does."""

import random
from collections.abc import Callable

import msgspec
import pytest

from outrider.base import clock
from outrider.evals.online import rules
from outrider.evals.online.book import Sample, Scored
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.watching import FIRST, Series, Watching, is_measure, rank, watched
from tests.evals.online.conftest import BOTH, JUDGE, Traffic, rule

CHECK = {"regex": {"pattern": "x"}, "name": "greets", "unsure": [0, 0.5]}


def put(traffic: Traffic, values: list[float | None]) -> None:
    """Scores of a rule with one evaluator, in order."""
    wanted, now = rule(CHECK | {"unsure": None}), clock.now_ns()
    version = wanted.version("greets")
    for at, value in enumerate(values):
        run = f"{now}-{at}"
        traffic.book.drew(1, {("p", "r"): State()}, {}, [("p", "r", Drawn(run, now + at, 1.0))])
        said = Scored("p", "r", "greets", version, 0, run, now + at, now, value, 1.0, "first", "", "", 0)
        traffic.book.record(Sample("p", "r", run, now + at, 1.0, now, status="done"), [said])


def test_a_change_is_found_once_across_restarts(traffic: Traffic) -> None:
    wanted = rule(CHECK | {"unsure": None})
    put(traffic, [1.0] * 60 + [None] + [0.0] * 3)
    assert Watching(traffic.book).look([wanted]) == [], "not certain yet"
    put(traffic, [0.0] * 30)
    watching = Watching(traffic.book)
    (change,) = watching.look([wanted])
    assert (change.down, change.usual, change.since) == (True, 1.0, 60)
    assert change.mean < 0.05
    assert watching.look([wanted]) == Watching(traffic.book).look([wanted]) == []
    put(traffic, [0.0] * 40 + [1.0] * 60)
    (back,) = Watching(traffic.book).look([wanted])
    assert (back.down, back.usual) == (False, 0.0)


def test_where_nothing_changes_there_is_hardly_an_alarm() -> None:
    draws, alarms = random.Random(2), 0
    for _ in range(20):
        series = Series()
        for place in range(1_000):
            if series.see(place, float(draws.random() < 0.8)) is not None:
                alarms += 1
                break
    assert alarms <= 3
    assert FIRST < 100


def normal(draws: random.Random) -> float:
    return draws.lognormvariate(0.2, 0.8)


def heavy(draws: random.Random) -> float:
    return draws.paretovariate(1.1) / 1_000


def stepped(draws: random.Random) -> float:
    return draws.choice([0.0004, 0.0004, 0.0004, 0.0009])


def passed(draws: random.Random) -> float:
    return float(draws.random() < 0.8)


@pytest.mark.parametrize("draw", [normal, heavy, stepped, passed])
def test_false_alarms_are_as_rare_as_promised_of_scores_and_of_measures(draw: Callable[[random.Random], float]) -> None:
    """At most one in 5,000 values that are watched, over series that begin anew, each with its own first ones."""
    draws, alarms, watched_ = random.Random(20261122), 0, 0
    for _ in range(25):
        series = Series(measures=draw is not passed)
        for place in range(1_600):
            watched_ += place >= FIRST
            if series.see(place, draw(draws)) is not None:
                alarms += 1
                break
    assert watched_ > 20_000
    assert alarms <= watched_ / 5_000


def test_slower_and_dearer_runs_are_told_in_their_units() -> None:
    draws, series = random.Random(4), Series(measures=True)
    values = [draws.lognormvariate(0, 0.5) for _ in range(2_000)] + [draws.lognormvariate(0.7, 0.5) for _ in range(400)]
    (place, change) = next((n, found) for n, one in enumerate(values, 1) if (found := series.see(n, one)) is not None)
    assert not change.down
    assert 2_000 < place < 2_120
    assert 1_970 <= change.since <= 2_030
    assert 0.8 < series.usual < 1.25
    assert 1.6 < change.mean < 2.6
    again = Series(change.since, measures=True)
    assert all(again.see(n, one) is None for n, one in enumerate(values[change.since :], change.since + 1))


def test_what_never_differs_is_known_at_once_when_it_does() -> None:
    series = Series(measures=True)
    found = next(at for at, one in enumerate([0.5] * 3_000 + [0.6] * 60) if series.see(at + 1, one) is not None)
    assert 3_000 < found < 3_030
    assert len(series._seen) < 2_500, "what can no longer matter is forgotten"


def test_a_rank_is_the_part_that_lies_below() -> None:
    assert [rank([1, 2, 2, 3], one) for one in (0, 1, 2, 2.5, 9)] == [0, 0.125, 0.5, 0.75, 1]


@BOTH
def test_measures_of_live_traffic_are_watched(traffic: Traffic) -> None:
    wanted = rule(measures=rules.measures(["seconds", "dollars"], ()))
    working = traffic.rounds(wanted)
    working.round()
    for n in range(100):
        traffic.run(duration=(2 + n % 5) * 10**8 * (1 if n < 60 else 4), cost=1_000_000)
    traffic.run(status="error", duration=9)
    traffic.index()
    assert working.round().scored == 101
    assert len(traffic.values(wanted, "seconds")) == 100, "a failure has no duration that counts"
    assert len(traffic.values(wanted, "dollars")) == 101
    assert traffic.proposals.list("p") == [], "what is only measured proposes nothing"
    (change,) = traffic.told
    assert (change.measure, change.unit, change.down, change.worse) == (True, "s", False, True)
    assert change.said().startswith("seconds went up from 0.4 s to ")
    assert change.mean >= 0.8
    assert traffic.book.changes("p", "r") == [msgspec.structs.replace(change, told=True)]


def test_what_is_watched() -> None:
    two = rule(CHECK, JUDGE, measures=rules.measures(["seconds"], ["greets"]))
    assert [name for name in two.names() if watched(name)] == ["greets", "judge", "seconds"]
    assert [is_measure(two, name) for name in two.names()] == [False, False, False, True]
