"""Draws are random, repeatable, and their weights say what holds of all."""

import random

import pytest

from outrider.base.clock import HOUR_NS
from outrider.evals.online import drawing, novelty
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.rules import Rule

SECOND = 10**9


def drawn(rule: Rule, texts: list[str], state: State | None = None, tag: str = "") -> list[Drawn]:
    state = State() if state is None else state
    return [one for n, text in enumerate(texts) for one in drawing.draw(rule, state, f"{tag}{n}", n * SECOND, text)]


def test_a_share_is_drawn_and_the_same_again() -> None:
    rule = Rule("r", "p", share=0.1)
    found = drawn(rule, [""] * 20_000)
    assert 1_850 < len(found) < 2_150
    assert {one.weight for one in found} == {10.0}
    assert drawn(rule, [""] * 20_000) == found
    other = {one.run for one in drawn(Rule("s", "p", share=0.1), [""] * 20_000)}
    assert 120 < len(other & {one.run for one in found}) < 290, "rules draw independently"


@pytest.mark.parametrize(("per_hour", "count", "seconds"), [(1, 1, 3600), (20, 2, 360), (7200, 16, 8)])
def test_portions(per_hour: int, count: int, seconds: int) -> None:
    assert drawing.portion(Rule("r", "p", per_hour=per_hour)) == (count, seconds * SECOND)


def test_so_many_per_hour_whatever_the_traffic() -> None:
    rule, state, draws = Rule("r", "p", per_hour=20), State(), random.Random(3)
    estimate, truth, count, now, number = 0.0, 0, 0, HOUR_NS, 0
    for minute in range(600):
        busy = draws.randint(0, 400) if minute % 60 < 30 else draws.randint(0, 3)
        for _ in range(busy):
            number += 1
            truth += 1
            drawing.draw(rule, state, f"{number}", now, "")
        now += 60 * SECOND
        for one in drawing.close(rule, state, now):
            estimate += one.weight
            count += 1
    assert count <= 200
    assert estimate == pytest.approx(truth, abs=800), "the weights of a portion add up to what was seen in it"


def test_every_run_of_a_portion_has_the_same_chance() -> None:
    rule, hits = Rule("r", "p", per_hour=20), [0] * 10
    for turn in range(4_000):
        state = State()
        drawing.close(rule, state, 1)
        for n in range(10):
            drawing.draw(rule, state, f"{turn}.{n}", n, "")
        found = drawing.close(rule, state, HOUR_NS)
        assert [one.weight for one in found] == [5.0, 5.0]
        for one in found:
            hits[one.at] += 1
    assert all(700 < one < 900 for one in hits)


def test_clocks_that_jump_lose_and_double_nothing() -> None:
    rule, state = Rule("r", "p", per_hour=20), State()
    assert drawing.close(rule, state, 100 * HOUR_NS) == []
    drawing.draw(rule, state, "a", 1, "")
    assert drawing.close(rule, state, 50 * HOUR_NS) == [], "back by two days: the portion begins anew"
    drawing.draw(rule, state, "b", 2, "")
    found = drawing.close(rule, state, 51 * HOUR_NS)
    assert sorted(one.run for one in found) == ["a", "b"]
    assert drawing.close(rule, state, 500 * HOUR_NS) == []


def test_what_is_rare_is_drawn_more_often_and_counts_less() -> None:
    rule, draws, state = Rule("r", "p", kind="rare", share=0.05), random.Random(1), State()
    usual = ["when do you open on sundays", "when do you open on mondays", "where is my parcel", "is my parcel lost"]
    texts = [f"explain the quantum chromodynamics of gluons {n}" if draws.random() < 0.02 else draws.choice(usual)
             for n in range(6_000)]  # fmt: skip
    rare = [n for n, text in enumerate(texts) if text.startswith("explain")]
    found = drawn(rule, texts, state)
    of_rare = [one for one in found if int(one.run) in rare]
    assert len(of_rare) / len(rare) > 4 * len(found) / len(texts)
    assert sum(one.weight for one in found) == pytest.approx(6_000, rel=0.25)
    assert sum(one.weight for one in of_rare) == pytest.approx(len(rare), rel=0.5)
    assert len(state.kept.seen) <= novelty.SEEN
    assert len(state.kept.drawn) <= novelty.DRAWN


def test_half_of_those_that_wait_are_let_go() -> None:
    stay = [f"{n}" for n in range(4_000) if drawing.stays("r", f"{n}", 0)]
    assert 1_900 < len(stay) < 2_100
    again = [one for one in stay if drawing.stays("r", one, 1)]
    assert 900 < len(again) < 1_100
