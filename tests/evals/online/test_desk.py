"""What is seen of scores of live traffic."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals.online.desk import drawn
from tests.evals.online.living import Living


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Living]:
    made = Living(tmp_path)
    yield made
    made.close()


def test_before_anything_was_scored(living: Living) -> None:
    told = living.desk.status("default")
    assert (told.state, told.done, [rule.name for rule in told.rules]) == ("waiting", 0, ["support", "errors"])
    assert told.rules[0].lines[0].lately is None
    assert living.desk.status("other").state == "off"
    now = clock.now_ns()
    points = living.desk.series(living.support, "kind", "hour", now - 5 * clock.HOUR_NS, now)
    assert {(one.scored, one.estimate) for one in points} == {(0, None)}


def test_how_it_stands(living: Living) -> None:
    living.score()
    told = living.desk.status("default")
    assert (told.state, told.spent.calls, told.spent.cost, told.money) == ("working", 1, 1_250_000_000, 5 * 10**9)
    support, errors = told.rules
    assert (support.drawn, errors.drawn) == ("10 % of all runs", "20 an hour of runs that failed")
    assert (support.counts.done, support.counts.waiting) == (288, 0)
    assert [line.name for line in support.lines] == ["verdict", "greets", "kind"]
    kind = support.lines[2]
    assert kind.judge
    assert "never held against people" in kind.note
    assert "5 % of the rest" in kind.about
    assert kind.lately is not None
    assert kind.lately.low < 0.45 < kind.lately.high
    assert [one.evaluator for one in support.changes] == ["kind"]


def test_series_and_scores(living: Living) -> None:
    living.score()
    now = clock.now_ns()
    days = living.desk.series(living.support, "kind", "day", now - 80 * clock.HOUR_NS, now)
    assert sum(one.scored for one in days) == 288
    assert sum(one.seen for one in days) == 2_880
    first = next(one for one in days if one.scored > 20)
    assert first.estimate is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.estimate <= first.high
    low = living.desk.scores(living.support, "kind", below=0.5, limit=5)
    assert [one.value for one in low] == [0.0] * 5
    assert low[0].n > low[-1].n
    more = living.desk.scores(living.support, "kind", below=0.5, limit=5, before=low[-1].n)
    assert more[0].n < low[-1].n


def test_what_is_wrong_is_said(living: Living) -> None:
    now = clock.now_ns()
    with pytest.raises(RequestError, match="there are: support, errors"):
        living.desk.rule("default", "nothing")
    with pytest.raises(RequestError, match="has no evaluator"):
        living.desk.scores(living.support, "nobody")
    with pytest.raises(RequestError, match="750 points"):
        living.desk.series(living.support, "kind", "hour", 0, now)
    with pytest.raises(RequestError, match="nobody works"):
        living.desk.ask_for_round()
    living.score(hours=1)
    assert living.desk.ask_for_round() >= now


def test_rules_in_words(living: Living) -> None:
    assert drawn(living.support) == "10 % of all runs"
