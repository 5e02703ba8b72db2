"""A cohort as an experiment: both stores, a thousand runs, what it costs."""

import asyncio

import pytest

from outrider.base.errors import RequestError
from outrider.evals import cohort, planning
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.records import Variant
from outrider.evals.runner import Runner
from outrider.evals.subjects.recorded import RecordedSubject
from outrider.replay.query import Found, find, parse
from tests.evals.conftest import House
from tests.replay.conftest import House as Recorded


def opens(house: House) -> object:
    gateway = Recorded(house.outrider, house.provider).gateway()
    return lambda variant: RecordedSubject(house.outrider.store, gateway)


def recorded(house: House, count: int) -> None:
    agent = Recorded(house.outrider, house.provider)
    for number in range(count):
        text = f"scripted:text={'much to read ' * 500} {number}"
        agent.ask([{"role": "user", "content": text}], model="scripted/scripted-chat")
    house.outrider.store()


def test_what_was_recorded_stands_beside_what_is(house: House, datasets: Datasets, experiments: Experiments) -> None:
    recorded(house, 6)
    found = find(house.outrider.store(), parse("status=ok", "default"), 10)
    suite = cohort.suite("replay status=ok", {"max_tokens": 1}, ["models"], concurrency=2)
    begun = cohort.begin(suite, found, datasets, experiments, "default")
    asked = house.provider.counts["chat"]
    cases = planning.by_digest(datasets.cases("default", begun.plan["dataset"], begun.plan["version"]))
    again = planning.read(begun.plan)
    assert again.variants[0] == Variant("recorded", replay={"live": []})
    ended = asyncio.run(Runner(experiments, begun, again, cases, opens(house)).run())  # type: ignore[arg-type]
    done = list(experiments.done(begun.id))
    assert (ended.status, len(done), house.provider.counts["chat"]) == ("done", 12, asked + 6)
    scores = {(one.item.variant, one.scores["same"].value) for one in done}
    assert scores == {("recorded", 1.0), ("replayed", 0.0)}
    was, now = (
        sum(one.scores["dollars"].value or 0 for one in done if one.item.variant == name)
        for name in ("recorded", "replayed")
    )
    assert was > now > 0
    assert experiments.progress(begun.id).cost == pytest.approx(now * 1e9)


def test_nothing_found_is_said(datasets: Datasets, experiments: Experiments) -> None:
    suite = cohort.suite("replay x", {}, ["models"])
    with pytest.raises(RequestError, match="no chat call fits"):
        cohort.begin(suite, [], datasets, experiments, "p")
    (case,) = cohort.cases([Found("r", "")])
    assert (case.source, case.messages()) == ("run:r", [{"role": "user", "content": "run r"}])


@pytest.mark.slow
def test_a_thousand_runs_are_one_experiment(house: House, datasets: Datasets, experiments: Experiments) -> None:
    """What they need in memory is measured in a process of its own: tests/cli/test_replay_cohort.py."""
    recorded(house, 1_000)
    found = find(house.outrider.store(), parse("status=ok", "default"), 1_000)
    begun = cohort.begin(cohort.suite("replay all", {}, ["models"]), found, datasets, experiments, "default")
    cases = planning.by_digest(datasets.cases("default", begun.plan["dataset"], begun.plan["version"]))
    assert (len(found), len(cases)) == (1_000, 1_000)
    suite = planning.read(begun.plan)
    ended = asyncio.run(Runner(experiments, begun, suite, cases, opens(house)).run())  # type: ignore[arg-type]
    assert ended.status == "done"
    assert all(one.scores["same"].value == 1.0 for one in experiments.done(begun.id))
