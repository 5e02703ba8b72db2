"""What people are told about deployments, and what an operator can do, from any process of the machine."""

from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import JournalFull, RequestError
from outrider.journal.events import BreakerForced
from outrider.limits.board import Board
from outrider.limits.conditions import condition, conditions, force
from outrider.limits.vitals import Vitals
from tests.limits import wards

SECOND = 1_000_000_000


@pytest.fixture
def vitals(tmp_path: Path) -> Vitals:
    made = Vitals(Board(tmp_path))
    wards.fill(made)
    return made


def test_trouble_comes_first(vitals: Vitals) -> None:
    found = [(one.name, one.health) for one in conditions(vitals.board)]
    assert found == [("b/down", "down"), ("c/resting", "resting"), ("a/well", "ok"), ("d/unused", "unused")]


def test_everything_that_is_known_is_told(vitals: Vitals) -> None:
    one = condition(vitals.board, "a/well")
    assert (one.calls, one.answered, one.in_flight, one.recent_calls, one.recent_failed) == (3, 3, 1, 3, 0)
    assert one.first_token == pytest.approx(0.5, rel=0.01)
    assert one.token_pace == pytest.approx(0.02, rel=0.01)
    assert [(limit.kind, limit.limit, limit.remaining) for limit in one.limits] == [("tokens", 10_000, 2_500)]
    assert [(w.in_flight, w.calls) for w in one.workers] == [(1, 3)]
    down = condition(vitals.board, "b/down")
    assert (down.state, down.cause, down.failures) == ("open", "failures in a row", {"upstream_error": 5})
    now = clock.now_ns()
    assert now - 5 * SECOND < down.since <= now
    assert now + 5 * SECOND < down.ready_at < now + 12 * SECOND
    resting = condition(vitals.board, "c/resting")
    assert now + 15 * SECOND < resting.resting_until < now + 25 * SECOND


def test_an_operators_hand_is_felt_by_workers_and_seen_by_others(vitals: Vitals, tmp_path: Path) -> None:
    onlooker = Board(tmp_path, reader=True)
    written: list[BreakerForced] = []

    def hand(name: str, *, open_: bool, why: str = "") -> str:
        return force(onlooker, name, written.append, open_=open_, by="ann", why=why).health

    assert hand("a/well", open_=True, why="it answers nonsense") == "held"
    assert vitals.begin(wards.deployment("a/well"), last_resort=True) is None
    assert hand("a/well", open_=False) == "ok"
    assert vitals.begin(wards.deployment("a/well")) is not None
    assert hand("b/down", open_=False) == "ok"
    assert vitals.begin(wards.deployment("b/down")) is not None
    assert hand("c/resting", open_=False) == "ok"
    assert vitals.of(wards.deployment("c/resting")).free(1)
    assert [(one.deployment, one.open, one.by, one.why) for one in written] == [
        ("a/well", True, "ann", "it answers nonsense"), ("a/well", False, "ann", ""), ("b/down", False, "ann", ""),
        ("c/resting", False, "ann", ""),
    ]  # fmt: skip
    onlooker.close()


def test_what_cannot_be_recorded_is_not_done(vitals: Vitals) -> None:
    def full(_: BreakerForced) -> None:
        raise JournalFull("the disk is full")

    with pytest.raises(JournalFull):
        force(vitals.board, "a/well", full, open_=True, by="ann")
    with pytest.raises(RequestError, match="say why in one line"):
        force(vitals.board, "a/well", full, open_=True, by="ann", why="two\nlines")
    assert condition(vitals.board, "a/well").health == "ok"


def test_a_name_that_nobody_knows(vitals: Vitals) -> None:
    with pytest.raises(RequestError, match="no deployment 'x/y'") as caught:
        force(vitals.board, "x/y", lambda _: None, open_=True, by="ann")
    assert caught.value.status == 404


def test_who_needs_no_board(vitals: Vitals) -> None:
    alone = Vitals(Board())
    wards.fill(alone)
    assert [one.health for one in conditions(alone.board)] == ["down", "resting", "ok", "unused"]
