"""Live traffic from the journal to scores, alarms and proposals."""

import threading
import time

import msgspec
import pytest

from outrider.base import clock
from outrider.base.errors import RequestError, StoreUnavailable, UpstreamError
from outrider.evals.online.book import DAY_NS, Book
from outrider.evals.online.lead import HOLD_NS, NotLeading
from outrider.evals.online.rounds import Told, words
from outrider.evals.online.scoring import TRIES, Limits
from outrider.evals.records import Case, Outcome
from tests.evals.online.conftest import BOTH, JUDGE, Traffic, rule

CHECK = {"regex": {"pattern": "Hello"}, "name": "greets"}
NOW = 1_790_000_000_000_000_000


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    told = [NOW]
    monkeypatch.setattr(clock, "now_ns", lambda: told[0])
    return told


@BOTH
def test_what_comes_from_now_on_is_scored_once(traffic: Traffic) -> None:
    traffic.run("before")
    traffic.index()
    wanted = rule(CHECK)
    assert traffic.rounds(wanted).round() == Told(0, 0, 0), "what was before the first round is not asked about"
    for n in range(6):
        traffic.run("Hello." if n % 3 else "Go away.")
    traffic.run("replayed", tags=["replay:x"])
    traffic.run("judged", tags=["eval:online"])
    traffic.run("judging", tags=["judge:exp_1"])
    traffic.run("elsewhere", project="q")
    traffic.run("broken off", status="cancelled")
    traffic.index()
    assert traffic.rounds(wanted).round() == Told(6, 6, 0)
    assert sorted(traffic.values(wanted, "greets")) == [0, 0, 1, 1, 1, 1]
    assert traffic.rounds(wanted).round() == Told(0, 0, 0)
    assert len(traffic.proposals.list("p")) == 2
    assert {one.why for one in traffic.proposals.list("p")} == {"online:r"}
    assert traffic.asked == []


def test_a_judge_is_asked_where_the_check_is_unsure(traffic: Traffic) -> None:
    length = {
        "python": {"function": "tests.evals.online.test_rounds:by_length"},
        "name": "length",
        "unsure": [0.4, 0.6],
    }
    wanted = rule(length, JUDGE, audit=0.5)
    traffic.rounds(wanted).round()
    for _ in range(20):
        traffic.run("short")
        traffic.run("in the middle, and rude")
    traffic.index()
    traffic.rounds(wanted).round()
    assert len(traffic.values(wanted, "length")) == 40
    verdicts = traffic.values(wanted, "verdict")
    assert (verdicts.count(1.0), verdicts.count(0.0)) == (20, 20), "the check where it is sure, else the judge"
    of_judge = [
        one for run in {r.run for r in traffic.proposals.list("p")} for one in traffic.book.said_of("p", "r", run)
    ]
    assert {one.weight for one in of_judge} == {1.0}
    audits = len(traffic.asked) - 20
    assert 3 <= audits <= 17
    assert traffic.values(wanted, "judge").count(1.0) == audits
    assert len(set(traffic.asked)) == len(traffic.asked), "each asks for itself"


def by_length(case: Case, outcome: Outcome) -> float:
    return 0.5 if len(outcome.text) > 10 else 1.0


@BOTH
def test_the_days_budget_holds_and_tomorrow_goes_on(traffic: Traffic, now: list[int]) -> None:
    wanted, limits = rule(JUDGE), Limits(calls=4)
    traffic.rounds(wanted, limits=limits).round()
    for _ in range(10):
        traffic.run()
    traffic.index()
    assert traffic.rounds(wanted, limits=limits).round().drawn == 10
    assert traffic.rounds(wanted, limits=limits).round().drawn == 0
    assert len(traffic.asked) == 4, "a restart makes no room"
    assert (len(traffic.asked), len(traffic.values(wanted, "judge"))) == (4, 4)
    traffic.rounds(wanted, limits=Limits(calls=5)).round()
    assert len(traffic.asked) == 5, "a larger one does"
    now[0] += DAY_NS
    traffic.book.claim()
    traffic.rounds(wanted, limits=limits).round()
    assert len(traffic.values(wanted, "judge")) == 9
    assert traffic.book.spent(now[0] // DAY_NS).calls == 4


def test_room_that_is_only_held_is_asked_for_again_the_same_day(traffic: Traffic, now: list[int]) -> None:
    wanted, limits = rule(JUDGE), Limits(money=10 * traffic.cost)
    working = traffic.rounds(wanted, limits=limits)
    working.round()
    traffic.run()
    traffic.index()
    traffic.fault = RequestError("no room", status=429, code="budget_exceeded")
    working.round()
    now[0] += 700_000_000_000
    traffic.book.claim()
    traffic.fault = None
    working.round()
    assert traffic.values(wanted, "judge") == [1.0]
    spent = [traffic.run() for _ in range(8)]
    traffic.index()
    working.round()
    assert len(spent) < len(traffic.values(wanted, "judge")) <= 10
    traffic.run()
    traffic.index()
    traffic.fault = RequestError("no room", status=429, code="budget_exceeded")
    working.round()
    now[0] += 700_000_000_000
    traffic.book.claim()
    asked = len(traffic.asked)
    working.round()
    assert len(traffic.asked) == asked, "not before tomorrow: it is spent"


def test_money_is_not_passed(traffic: Traffic) -> None:
    wanted, limits = rule(JUDGE), Limits(money=3_500_000)
    traffic.rounds(wanted, limits=limits).round()
    for _ in range(9):
        traffic.run()
    traffic.index()
    traffic.rounds(wanted, limits=limits).round()
    assert len(traffic.values(wanted, "judge")) in (3, 4)
    assert traffic.book.spent(clock.now_ns() // DAY_NS).cost <= 3_500_000 + traffic.cost


def test_a_judge_that_fails_is_asked_again_later_and_not_for_ever(traffic: Traffic, now: list[int]) -> None:
    wanted = rule(CHECK | {"unsure": [0, 1]}, JUDGE)
    traffic.rounds(wanted).round()
    traffic.run()
    traffic.index()
    traffic.fault = UpstreamError("it is away")
    traffic.rounds(wanted).round()
    assert traffic.rounds(wanted).round().scored == 0, "not at once"
    assert traffic.values(wanted, "greets") == [1.0], "what the check said is there"
    now[0] += 60_000_000_000
    traffic.book.claim()
    traffic.fault = None
    traffic.rounds(wanted).round()
    assert traffic.values(wanted, "judge") == [1.0]
    assert len(set(traffic.asked)) == 1, "the same call again: whoever answered it is not paid twice"
    traffic.run()
    traffic.index()
    traffic.fault = RequestError("no such route", status=404)
    for _ in range(TRIES + 1):
        traffic.rounds(wanted).round()
        now[0] += DAY_NS
        traffic.book.claim()
    assert len(traffic.asked) == 2 + TRIES
    assert traffic.book.spent(now[0] // DAY_NS - 1).calls == 0, "what was refused takes no room"


def test_what_was_asked_and_not_written_is_asked_as_the_same_call(
    traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, limits = rule(JUDGE), Limits(calls=1)
    traffic.rounds(wanted, limits=limits).round()
    traffic.run("rude")
    traffic.index()
    cut_off = traffic.rounds(wanted, limits=limits)
    with monkeypatch.context() as patched:

        def away(*_: object) -> bool:
            raise StoreUnavailable("gone between the answer and its place")

        patched.setattr(traffic.book, "record", away)
        with pytest.raises(StoreUnavailable):
            cut_off.round()
    traffic.rounds(wanted, limits=limits).round()
    assert traffic.values(wanted, "judge") == [0.0]
    assert len(traffic.asked) == 2
    assert len(set(traffic.asked)) == 1
    spent = traffic.book.spent(clock.now_ns() // DAY_NS)
    assert (spent.calls, spent.cost, spent.open) == (1, traffic.cost, 0)
    assert len(traffic.proposals.list("p")) == 1


def test_a_judge_that_is_slow_holds_up_nobody_but_itself(traffic: Traffic) -> None:
    slow, quick = rule(JUDGE, name="slow"), rule(CHECK, name="quick")
    working, answers = traffic.rounds(slow, quick), threading.Event()
    working.round()
    traffic.says = lambda shown: "pass" if answers.wait(30) else "fail"
    for _ in range(12):
        traffic.run()
    traffic.index()
    working.read()
    while working.fill() and len(traffic.values(quick, "greets")) < 12:
        working.reap(5.0)
    assert len(traffic.values(quick, "greets")) == 12
    assert traffic.values(slow, "judge") == []
    deadline = time.monotonic() + 20
    while len(traffic.asked) < 2 and time.monotonic() < deadline:  # their threads may not have come so far
        time.sleep(0.01)
    assert len(traffic.asked) == 2, "as many as one rule may have under way"
    answers.set()
    working.round()
    assert len(traffic.values(slow, "judge")) == 12


def test_a_judge_of_the_same_family_says_nothing(traffic: Traffic) -> None:
    wanted = rule({"judge": {"model": "gpt-5", "rubric": "Is it kind?"}})
    traffic.rounds(wanted).round()
    run = traffic.run(deployment="openai/gpt-4o")
    traffic.index()
    traffic.rounds(wanted).round()
    (said,) = traffic.book.said_of("p", "r", run)
    assert (said.value, traffic.asked) == (None, [])
    assert "family" in said.reason


@BOTH
def test_low_feedback_and_errors(traffic: Traffic) -> None:
    low, errors = rule(CHECK, name="low", kind="low-feedback"), rule(name="errors", kind="errors")
    traffic.rounds(low, errors).round()
    bad, put_right, talk = traffic.run(), traffic.run("Go."), traffic.run(session="s")
    traffic.run()
    failed = traffic.run(status="error", error="timeout", message="it took too long")
    traffic.index()
    traffic.feedback(run=bad, thumb="down")
    traffic.feedback(run=bad, score=0.1)
    traffic.feedback(run=put_right, edit="Hello there")
    traffic.feedback(session="s", score=0.2)
    traffic.feedback(session="s", score=0.1)
    traffic.index()
    assert traffic.rounds(low, errors).round().drawn == 4
    found = {run for run in (bad, put_right, talk) if traffic.book.said_of("p", "low", run)}
    assert found == {bad, put_right, talk}
    assert [one.run for one in traffic.proposals.list("p") if one.why == "online:errors"] == [failed]


def test_proposals_are_so_many_in_a_day(traffic: Traffic) -> None:
    wanted = rule(CHECK, propose_per_day=3)
    traffic.rounds(wanted).round()
    for _ in range(8):
        traffic.run("Go.")
    traffic.index()
    traffic.rounds(wanted).round()
    assert 3 <= len(traffic.proposals.list("p")) <= 4


def test_bodies_that_are_gone_end_a_sample(traffic: Traffic) -> None:
    wanted = rule(CHECK)
    traffic.rounds(wanted).round()
    run = traffic.run()
    traffic.index()
    with traffic.bench.store.write() as tx:
        tx.execute("DELETE FROM blobs")
    assert traffic.rounds(wanted).round().scored == 1
    assert traffic.rounds(wanted).round().scored == 0
    assert traffic.book.said_of("p", "r", run) == []


@BOTH
def test_a_change_is_told_once(traffic: Traffic) -> None:
    wanted = rule(CHECK)
    traffic.rounds(wanted).round()
    for n in range(150):
        traffic.run("Hello." if n < 80 else "Go.")
    traffic.index()
    traffic.rounds(wanted).round()
    (change,) = traffic.told
    assert change.down
    assert (change.usual, change.evaluator) == (1.0, "greets")
    assert "greets of r went down from 1.00 to" in words(change)
    for _ in range(60):
        traffic.run("Go.")
    traffic.index()
    assert traffic.rounds(wanted).round().changes == 0, "what is bad by now is the usual"
    assert len(traffic.told) == 1


def test_who_lost_the_lead_writes_nothing(traffic: Traffic, now: list[int]) -> None:
    wanted = rule(CHECK)
    late = traffic.rounds(wanted)
    late.round()
    run = traffic.run()
    traffic.index()
    now[0] += HOLD_NS + 1
    other = Book(lambda: traffic.evals, "other")
    assert other.claim()
    with pytest.raises(NotLeading):
        late.round()
    assert traffic.rounds(wanted, book=other).round().scored == 1
    assert len(traffic.book.said_of("p", "r", run)) == 1


def test_another_rubric_begins_another_series(traffic: Traffic) -> None:
    one, other = rule(JUDGE), rule({"judge": {"model": "claude-judge", "rubric": "Is it short?"}})
    traffic.rounds(one).round()
    for wanted in (one, other):
        traffic.run()
        traffic.index()
        traffic.rounds(wanted).round()
    assert (traffic.values(one, "judge"), traffic.values(other, "judge")) == ([1.0], [1.0])
    assert one.version("judge") != other.version("judge")
    assert msgspec.structs.replace(one, share=0.5).version("judge") == one.version("judge")
