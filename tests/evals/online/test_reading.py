"""From the journal to draws."""

import pytest

from outrider.base import clock, ids
from outrider.evals.feedback import Feedback, event
from outrider.evals.online import drawing, rules
from outrider.evals.online.reading import Reading
from tests.evals.online.conftest import BOTH, Traffic, rule

NOW = 1_790_000_000_000_000_000


def reading(traffic: Traffic) -> Reading:
    return Reading(lambda: traffic.bench.store, traffic.book)


def test_long_journals_are_read_in_pages_and_once(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.evals.online.reading.PAGE", 7)
    wanted = rule("refusal")
    reading(traffic).read([wanted])
    for _ in range(30):
        traffic.run()
    traffic.index()
    assert reading(traffic).read([wanted], lambda: True) == 0
    assert reading(traffic).read([wanted]) == 30
    assert reading(traffic).read([wanted]) == 0


def test_a_rule_that_draws_everything_is_thinned(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_WAITING", 20)
    wanted = rule("refusal")
    reading(traffic).read([wanted])
    for _ in range(60):
        traffic.run()
    traffic.index()
    reading(traffic).read([wanted])
    left = traffic.book.due("p", "r", 100)
    assert 1 <= len(left) <= 20
    assert {one.weight for one in left} <= {2.0, 4.0, 8.0, 16.0}


def test_portions_last_over_restarts(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [NOW]
    monkeypatch.setattr(clock, "now_ns", lambda: now[0])
    wanted = rule("refusal", share=0.0, per_hour=20)
    reading(traffic).read([wanted])
    for _ in range(8):
        traffic.run()
        traffic.index()
        traffic.book.claim()
        assert reading(traffic).read([wanted]) == 0
        now[0] += 40 * 10**9
    now[0] += 360 * 10**9
    traffic.book.claim()
    assert reading(traffic).read([wanted]) == 2
    assert [one.weight for one in traffic.book.due("p", "r", 9)] == [4.0, 4.0]


@BOTH
def test_a_rule_may_keep_what_got_bad_feedback(traffic: Traffic) -> None:
    """Once, with the first of it, whether it was about the run or its session, and of any kind."""
    where, complained = rules.where("feedback=bad route=support", "p", "random")
    wanted = [
        rule("refusal", name="all", where=where, complained=complained),
        rule("refusal", name="failed", kind="errors", where=where, complained=complained),
        rule("refusal", name="rare", kind="rare", where=where, complained=complained),
    ]
    reading(traffic).read(wanted)
    talk, other = traffic.run(session="s"), traffic.run(route="other")
    failed, fine = traffic.run(status="error"), traffic.run()
    traffic.index()
    assert reading(traffic).read(wanted) == 0, "nobody has said anything"
    for run in (talk, other, failed):
        traffic.feedback(run=run, thumb="down")
    traffic.feedback(run=fine, thumb="up")
    traffic.index()
    assert reading(traffic).read(wanted) == 5
    traffic.feedback(session="s", score=0.1)
    for _ in range(3):
        traffic.feedback(run=failed, thumb="down")
    traffic.index()
    assert reading(traffic).read(wanted) == 0
    assert {one.run for one in traffic.book.due("p", "all", 9)} == {talk, failed}
    assert [one.run for one in traffic.book.due("p", "failed", 9)] == [failed]
    seen = traffic.evals.query("SELECT rule, sum(runs) FROM online_seen GROUP BY rule ORDER BY rule")
    assert [(str(name), int(runs)) for name, runs in seen] == [("all", 2), ("failed", 1), ("rare", 2)]


def test_feedback_may_come_before_its_run(traffic: Traffic) -> None:
    low = rule("refusal", kind="low-feedback")
    reading(traffic).read([low])
    run = ids.new_id()
    made, texts = event(traffic.bench.store, "p", Feedback(run=ids.text(run), thumb="down"), "key:k")
    traffic.bench.journals[0].append_now(made, texts, "p")
    traffic.index()
    assert reading(traffic).read([low]) == 0
    traffic.run(id=run)
    traffic.index()
    assert reading(traffic).read([low]) == 1
    assert reading(traffic).read([low]) == 0
