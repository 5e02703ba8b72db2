"""Bad feedback proposes runs, in both stores; what was decided stays decided."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals.adding import of_run
from outrider.evals.feedback import Feedback, event
from outrider.evals.proposals import Proposals, words
from outrider.evals.records import Case
from outrider.journal.events import RunRecorded
from outrider.journal.feedback_query import feedback_on
from outrider.store import Store, open_evals
from tests.journal.conftest import Bench

REQUEST = json.dumps({"model": "m", "messages": [{"role": "user", "content": "When?"}]}).encode()


@pytest.fixture
def bench(tmp_path: Path, store: Store) -> Iterator[Bench]:
    made = Bench(tmp_path / "spool", store)
    yield made
    for journal in made.journals:
        journal.close()


@pytest.fixture
def proposals(store_url: str) -> Iterator[Proposals]:
    store = open_evals(store_url)
    yield Proposals(lambda: store)
    store.close()


def a_run(bench: Bench, session: str = "") -> str:
    run = RunRecorded(ids.new_id(), "p", clock.now_ns() - 10**9, "chat.completions", session=session)
    bench.put_bodies(run, REQUEST, b'{"choices":[{"message":{"role":"assistant","content":"Now."}}]}')
    bench.indexer.drain()
    return ids.text(run.id)


def say(bench: Bench, **said: object) -> None:
    made, texts = event(bench.store, "p", Feedback(**said), "key:k")  # type: ignore[arg-type]
    bench.journals[0].append_now(made, texts, "p")
    bench.indexer.drain()


def runs(proposals: Proposals, status: str = "waiting") -> list[str]:
    return [one.run for one in proposals.list("p", status)]  # type: ignore[arg-type]


def test_bad_feedback_proposes_its_run_once(bench: Bench, proposals: Proposals) -> None:
    bad, good, talk = a_run(bench), a_run(bench), a_run(bench, "s")
    say(bench, run=bad, thumb="down", comment="no\n day")
    say(bench, run=good, thumb="up")
    say(bench, session="s", score=0.1)
    say(bench, session="unknown", score=0.1)
    proposals.gather(bench.store, "p")
    proposals.gather(bench.store, "p")
    assert sorted(runs(proposals)) == sorted([bad, talk])
    proposals.gather(bench.store, "q")
    assert proposals.list("q") == []
    (row,) = feedback_on(bench.store, "p", run=ids.parse(bad))
    assert words(row) == "thumbs down; no day"


def test_what_was_decided_stays_decided(bench: Bench, proposals: Proposals) -> None:
    one, two = a_run(bench), a_run(bench)
    for run in (one, two):
        say(bench, run=run, thumb="down")
    proposals.gather(bench.store, "p")
    proposals.dismiss("p", one, "ann")
    proposals.taken("p", [Case("x", "y", source=f"run:{two}#3"), Case("z", "y", source="f:1")], "d", "ann")
    say(bench, run=one, score=0.0)
    proposals.gather(bench.store, "p")
    assert runs(proposals) == []
    assert (runs(proposals, "dismissed"), runs(proposals, "taken")) == ([one], [two])
    assert (proposals.list("p", "taken")[0].dataset, proposals.list("p", "taken")[0].who) == ("d", "ann")
    with pytest.raises(RequestError, match="is not proposed"):
        proposals.dismiss("p", one)


def test_others_may_propose(proposals: Proposals) -> None:
    proposals.propose("p", "r", "check", at=5)
    assert [(one.run, one.why, one.at) for one in proposals.list("p")] == [("r", "check", 5)]


def test_what_a_user_put_right_is_expected(bench: Bench) -> None:
    run = a_run(bench)
    say(bench, run=run, edit="On Friday.")
    say(bench, run=run, edit="On Monday.", score=0.3)
    found = of_run(bench.store, "p", run)
    assert (found.expected, found.labelled) == ("On Monday.", "outcome")
    accepted = of_run(bench.store, "p", run, accept=True)
    assert (accepted.expected, accepted.labelled) == ("Now.", "model")
    assert (of_run(bench.store, "p", a_run(bench)).labelled, found.recorded["answer"]) == ("given", {"text": "Now."})
    with pytest.raises(RequestError, match="names no step"):
        of_run(bench.store, "p", f"{run}#x")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"thumb": "up"}, "about a `run` or a `session`"),
        ({"session": "s"}, "feedback says something"),
        ({"session": "s", "score": 1.5}, "between 0 and 1"),
        ({"session": "s", "score": float("nan")}, "between 0 and 1"),
        ({"session": "s", "edit": "x" * 32_001}, "`edit` is longer"),
        ({"session": "s", "outcome": "a\nb"}, "`outcome` is at most"),
        ({"run": "x", "thumb": "up"}, "is not a run's id"),
    ],
)
def test_feedback_that_says_nothing_is_refused(bench: Bench, said: dict[str, object], why: str) -> None:
    with pytest.raises(RequestError, match=why):
        say(bench, **said)


def test_feedback_on_the_run_of_another_project_is_refused(bench: Bench) -> None:
    run = a_run(bench)
    with pytest.raises(RequestError, match="no run"):
        event(bench.store, "q", Feedback(run=run, thumb="up"), "")
