"""Recorded runs as evaluators see them."""

import pytest

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.evals.online.outcomes import of_run
from outrider.evals.production import find
from outrider.journal.events import Step
from tests.evals.online.conftest import Traffic


def test_an_answer_with_its_facts(traffic: Traffic) -> None:
    step = Step(1, "policy", "call", attrs={"verdict": "deny"})
    run = traffic.run("Yes.", "Open?", duration=2 * 10**9, ttft=10**9, usage=Usage(7, 3), cost=5, steps=[step])
    traffic.index()
    case, outcome = of_run(traffic.bench.store, find(traffic.bench.store, "p", run))
    assert (case.input, case.expected, case.id) == ("Open?", None, f"run:{run}")
    assert (outcome.status, outcome.text, outcome.seconds, outcome.first_token) == ("ok", "Yes.", 2.0, 1.0)
    assert (outcome.tokens, outcome.cost, outcome.run) == ((7, 3), 5, run)
    assert (outcome.steps[0]["kind"], outcome.steps[0]["verdict"]) == ("policy", "deny")


def test_what_a_user_put_right_is_expected_and_a_failure_is_one(traffic: Traffic) -> None:
    run = traffic.run("Yes.", status="error", error="timeout", message="too slow")
    traffic.feedback(run=run, edit="No.")
    traffic.index()
    case, outcome = of_run(traffic.bench.store, find(traffic.bench.store, "p", run))
    assert (case.expected, case.labelled) == ("No.", "outcome")
    assert (outcome.status, outcome.error) == ("error", "too slow")


def test_bodies_that_are_gone_are_said(traffic: Traffic) -> None:
    run = traffic.run()
    traffic.index()
    with traffic.bench.store.write() as tx:
        tx.execute("DELETE FROM blobs")
    with pytest.raises(RequestError, match="no longer there"):
        of_run(traffic.bench.store, find(traffic.bench.store, "p", run))
    assert ids.parse(run)
