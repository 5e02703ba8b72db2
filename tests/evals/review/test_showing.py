"""Runs of a real journal as items: found by a rule, shown blind or not, and made into cases."""

from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.review import filling
from outrider.evals.review.desk import FOLLOWED_NS, ReviewDesk
from outrider.evals.review.queues import Queues, Source
from outrider.evals.review.results import veiled
from outrider.evals.review.showing import Ports, show
from outrider.store import Store, open_evals, open_store
from tests.console.conftest import World

Say = Callable[[str], str]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def evals(tmp_path: Path) -> Store:
    return open_evals(f"sqlite:///{tmp_path / 'outrider.sqlite3'}")


@pytest.fixture
def desk(world: World, evals: Store, tmp_path: Path):  # type: ignore[no-untyped-def]
    journal = open_store(f"sqlite:///{tmp_path / 'outrider.sqlite3'}")
    yield ReviewDesk(Queues(lambda: evals), Datasets(lambda: evals), Experiments(lambda: evals), lambda: journal)
    for one in (journal, evals, world.store, world.leases):
        one.close()
    world.journal.close()


def asked(world: World, text: str, **more: object) -> str:
    body = b'{"model":"s","messages":[{"role":"system","content":"Be short."},{"role":"user","content":"%s"}]}'
    return ids.text(world.run(body % text.encode(), **more).id)  # type: ignore[arg-type]


def test_a_rule_goes_on_finding(world: World, desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = asked(world, "one?")
    queue = desk.create("default", "q", Source(where="route=support", most=2), blind=False)
    assert [one.known_as for one in desk.queues.items(queue)] == [f"run:{first}"]
    asked(world, "other?", route="else")
    second = asked(world, "two?")
    assert len(desk.queues.items(desk.get("default", "q"))) == 1, "it looked a moment ago"
    now = clock.now_ns() + FOLLOWED_NS + 1
    monkeypatch.setattr(clock, "now_ns", lambda: now)
    assert [one.known_as for one in desk.queues.items(desk.get("default", "q"))] == [f"run:{first}", f"run:{second}"]
    asked(world, "three?")
    monkeypatch.setattr(clock, "now_ns", lambda: now + FOLLOWED_NS + 1)
    assert len(desk.queues.items(desk.get("default", "q"))) == 2, "no more than it may have"


def test_a_run_is_shown_with_who_answered_or_without(world: World, desk: ReviewDesk) -> None:
    run = asked(world, "Is it open?", tags=["eu"])
    for name, blind in (("blind", True), ("open", False)):
        queue = desk.create("default", name, Source(runs=(run,)), blind=blind)
        shown = show(
            Ports(world.store, Datasets(world.open), Experiments(world.open)), queue, desk.queues.item(queue, 0)
        )
        assert [(one.name, one.text) for one in shown.asked] == [("system", "Be short."), ("user", "Is it open?")]
        assert [one.text for one in shown.answers] == ["Yes & no."]
        assert ("openai/gpt-4o-mini" in str(shown.facts), "eu" in str(shown.facts)) == (not blind, not blind)
    task = desk.next(desk.get("default", "blind"), "ann")
    assert task is not None
    assert run not in str(task.shown)


def test_what_is_no_longer_there_is_said_and_passed(world: World, desk: ReviewDesk) -> None:
    gone = ids.text(world.run(kept=False).id)
    queue = desk.create("default", "q", Source(runs=(gone,)))
    task = desk.next(queue, "ann")
    assert task is not None
    assert "no longer there" in task.shown.problem
    desk.skip(queue, 0, "ann")
    task = desk.next(queue, "ben")
    assert task is not None
    desk.give(queue, 0, "ben", {"right": "no"})
    with pytest.raises(RequestError, match=r"gives no case: item 0: .*no longer there"):
        desk.cases(queue, "d")


def test_what_was_said_stays_hidden_until_it_is_settled(world: World, desk: ReviewDesk) -> None:
    run = asked(world, "Is it?")
    queue = desk.create("default", "q", Source(runs=(run,)), reviewers=2)
    desk.next(queue, "ann")
    desk.give(queue, 0, "ann", {"right": "yes"})
    (seen,) = desk.results(queue, veiled=True)
    assert ("yes" in str(seen), "ann" in str(seen), run in str(seen)) == (False, False, False)
    (whole,) = desk.results(queue)
    assert "ann" in str(whole)
    desk.next(queue, "ben")
    desk.give(queue, 0, "ben", {"right": "yes", "better": "So."})
    (settled,) = desk.results(queue, veiled=True)
    assert settled.answers == {"right": "yes", "better": "So."}
    assert veiled(settled) == settled


def test_a_share_of_what_is_found_is_the_same_share_again(world: World, desk: ReviewDesk) -> None:
    for n in range(30):
        asked(world, f"{n}?")
    source = Source(where="route=support", share=0.3)
    found = filling.by_rule(source, world.store, "default")
    assert found == filling.by_rule(source, world.store, "default")
    assert 2 <= len(found) <= 18
    with pytest.raises(RequestError, match="names no step"):
        desk.create("default", "q", Source(runs=(f"{found[0][0]}#x",)))
    with pytest.raises(RequestError, match="no run"):
        desk.create("default", "q", Source(runs=(ids.text(ids.new_id()),)))


@pytest.mark.parametrize("step", ["99", "0", "", "x", "9" * 5_000])
def test_a_step_that_is_not_there_is_no_item(world: World, desk: ReviewDesk, step: str) -> None:
    run = asked(world, "Is it?")
    with pytest.raises(RequestError, match="no step"):
        desk.create("default", "q", Source(runs=(f"{run}#{step}",)))
    assert desk.create("default", "q", Source(runs=(f"{run}#01", f"{run}#1"))).name == "q"
    assert [one.known_as for one in desk.queues.items(desk.get("default", "q"))] == [f"run:{run}#1"]
