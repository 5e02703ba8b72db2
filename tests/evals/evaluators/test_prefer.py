"""Which of two answers is better, asked in both orders."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from outrider.base.errors import RequestError, UpstreamError
from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score
from tests.evals.evaluators.test_judge import verdict

Chooses = Callable[[str, str], str]


def preferred(chooses: Chooses, mine: str, other: Outcome | None, **options: Any) -> Score:
    def ask(model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any) -> tuple[str, int]:
        first, second = (
            re.findall(rf"<{name} \w+>\n(.*?)\n</{name}", messages[1]["content"], re.DOTALL)[0]
            for name in ("FIRST", "SECOND")
        )
        return verdict(chooses(first, second)), 500

    judge = named("prefer", {"model": "judge", **options})
    return judge.score(Case("a", "x"), Outcome(text=mine), Ports(ask=ask, again="e-1", baseline=other))


def longer(first: str, second: str) -> str:
    return "first" if len(first) > len(second) else "second"


def test_both_orders_are_asked() -> None:
    found = preferred(longer, "a long answer", Outcome(text="short"))
    assert (found.value, found.label, found.cost) == (1.0, "better", 1_000)
    assert found.about["shown_first"] == [1.0]
    assert found.about["shown_second"] == [0.0]
    assert found.about["lengths"] == [13, 5]
    assert preferred(longer, "short", Outcome(text="a long answer")).value == 0.0


def test_a_judge_with_a_side_makes_a_tie() -> None:
    found = preferred(lambda first, second: "first", "a", Outcome(text="b"), repeats=3)
    assert (found.value, found.label, found.cost) == (0.5, "tie", 3_000)
    assert preferred(lambda first, second: "tie", "a", Outcome(text="b")).value == 0.5


def test_nobody_is_asked_where_there_is_nothing_to_choose() -> None:
    def never(first: str, second: str) -> str:
        raise AssertionError

    assert preferred(never, "a", None).value == 0.5
    assert preferred(never, "a", Outcome(text="a")).value == 0.5
    assert preferred(never, "a", Outcome("error", error="HTTP 500")).value == 1.0


def test_one_order_alone_says_nothing() -> None:
    said = iter(["first"])

    def once(first: str, second: str) -> str:
        if (word := next(said, None)) is None:
            raise UpstreamError("it is down")
        return word

    found = preferred(once, "a", Outcome(text="b"))
    assert (found.value, found.cost) == (None, 500)
    assert "it is down" in found.reason


def test_wrong_options_are_named() -> None:
    for wrong in ({"model": ""}, {"model": "m", "rubric": " "}, {"model": "m", "repeats": 21}):
        with pytest.raises(RequestError, match="the evaluator 'prefer'"):
            named("prefer", wrong)
