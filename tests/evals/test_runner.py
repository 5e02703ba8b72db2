"""Experiments through a whole Outrider: asked once, paid once, whatever stops them."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Experiment, Experiments
from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.runner import Runner, Told
from outrider.evals.subjects import Subject
from outrider.evals.suite import Suite, parse
from tests.evals.conftest import House

SUITE = """
dataset: cases.jsonl
variants:
  now: scripted/scripted-chat
  next: {model: scripted/scripted-chat, set: {temperature: 0}}
evaluators: [contains, seconds, dollars]
concurrency: 4
"""


def suite_of(folder: Path, cases: list[dict[str, object]], more: str = "", text: str = SUITE) -> Suite:
    (folder / "cases.jsonl").write_text("\n".join(json.dumps(one) for one in cases))
    return parse(text + more, str(folder / "suite.yaml"), folder)


def answering(count: int, **command: object) -> list[dict[str, object]]:
    said = "".join(f"{name}={value}," for name, value in command.items())
    return [
        {"id": f"c{n}", "input": f"scripted:{said}text=answer {n}", "expected": f"answer {n}"} for n in range(count)
    ]


def runner(
    suite: Suite,
    experiment: Experiment,
    datasets: Datasets,
    experiments: Experiments,
    house: House,
    told: Told = lambda items, done, cost: None,
) -> Runner:
    plan = experiment.plan
    cases = planning.by_digest(datasets.cases("p", plan["dataset"], plan["version"]))
    return Runner(experiments, experiment, suite, cases, house.opens(("eval:x",)), Ports(), told)


async def cut(made: Callable[[Told], Runner], after: int) -> None:
    """Work that is cancelled in the middle, when so many answers are there."""

    def told(items: int, done: int, cost: int) -> None:
        if done == after:
            task.cancel()

    task = asyncio.create_task(made(told).run())
    with contextlib.suppress(asyncio.CancelledError):
        await task


def test_every_answer_is_had_scored_and_kept(
    house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    suite = suite_of(tmp_path, answering(20))
    begun = planning.begin(suite, datasets, experiments, "p")
    ended = asyncio.run(runner(suite, begun, datasets, experiments, house).run())
    assert ended.status == "done"
    done = list(experiments.done(begun.id))
    assert len(done) == 40
    assert all(one.scores["contains"].value == 1.0 for one in done)
    assert all(one.outcome.run and one.outcome.cost > 0 for one in done)
    assert house.provider.counts["chat"] == 40


def test_what_was_answered_before_is_not_asked_again(
    house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    suite = suite_of(tmp_path, answering(10))
    for expected in (20, 20):
        begun = planning.begin(suite, datasets, experiments, "p")
        asyncio.run(runner(suite, begun, datasets, experiments, house).run())
        assert house.provider.counts["chat"] == expected
    assert all(one.outcome.cached and one.outcome.cost == 0 for one in experiments.done(begun.id))
    fresh = suite_of(tmp_path, answering(10), "reuse: false\n")
    begun = planning.begin(fresh, datasets, experiments, "p")
    asyncio.run(runner(fresh, begun, datasets, experiments, house).run())
    assert house.provider.counts["chat"] == 40


def test_a_cut_run_is_resumed_and_nothing_is_paid_twice(
    house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    suite = suite_of(tmp_path, answering(30, delay=0.03))
    begun = planning.begin(suite, datasets, experiments, "p")
    asyncio.run(cut(partial(runner, suite, begun, datasets, experiments, house), 15))
    assert 15 <= experiments.progress(begun.id).done < 60
    assert experiments.get("p", begun.id).status == "stopped"
    asyncio.run(runner(suite, begun, datasets, experiments, house).run())
    assert experiments.progress(begun.id).done == 60
    assert house.provider.counts["chat"] == 60, "calls that were cut in the middle went on, and gave their answer"
    assert sum(one.cost for one in experiments.done(begun.id)) == sum(
        tokens * price
        for tokens, price in (
            (house.provider.counts["input_tokens"], 1_000),
            (house.provider.counts["output_tokens"], 2_000),
        )
    )


def test_two_processes_do_not_work_on_one_experiment(
    house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    suite = suite_of(tmp_path, answering(3))
    begun = planning.begin(suite, datasets, experiments, "p")
    assert experiments.claim(begun.id, "somebody")
    with pytest.raises(RequestError, match="another process works on"):
        asyncio.run(runner(suite, begun, datasets, experiments, house).run())
    assert house.provider.counts["chat"] == 0


def test_the_budget_ends_it_and_more_money_goes_on(
    house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    cases = answering(40)
    suite = suite_of(tmp_path, cases, "budget: 0.0002\n")
    begun = planning.begin(suite, datasets, experiments, "p")
    ended = asyncio.run(runner(suite, begun, datasets, experiments, house).run())
    progress = experiments.progress(begun.id)
    assert (ended.status, ended.about["why"]) == ("stopped", "the budget is used up")
    assert 0 < progress.done < 80
    assert progress.cost <= 200_000
    richer = suite_of(tmp_path, cases)
    asyncio.run(runner(richer, begun, datasets, experiments, house).run())
    assert experiments.progress(begun.id).done == 80


def test_somebody_stops_it(house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    suite = suite_of(tmp_path, answering(200, delay=0.2))
    begun = planning.begin(suite, datasets, experiments, "p")

    def told(items: int, done: int, cost: int) -> None:
        if done == 4:
            experiments.stop("p", begun.id)

    ended = asyncio.run(runner(suite, begun, datasets, experiments, house, told).run())
    assert ended.about["why"] == "it was stopped"
    assert experiments.progress(begun.id).done < 400


def test_faults_are_answers_too(house: House, tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    cases = [
        {"id": "fails", "input": "scripted:status=400", "expected": "x"},
        {"id": "full", "input": "scripted:status=429,fail-times=1,key=full,text=x", "expected": "x"},
    ]
    suite = suite_of(tmp_path, cases)
    begun = planning.begin(suite, datasets, experiments, "p")
    asyncio.run(runner(suite, begun, datasets, experiments, house).run())
    found = {one.item.case_id: one for one in experiments.done(begun.id) if one.item.variant == "now"}
    assert (found["fails"].outcome.status, found["fails"].scores["contains"].value) == ("error", 0.0)
    assert "400" in found["fails"].outcome.error
    assert found["full"].outcome.text == "x"


class _Counting:
    """A subject of a test's own; it counts how many it has at once."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        self.now, self.all = self.now + 1, self.all + 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.001)
        self.now -= 1
        return Outcome(text="yes")

    async def close(self) -> None:
        pass


def test_no_more_at_once_than_the_suite_says(tmp_path: Path, datasets: Datasets, experiments: Experiments) -> None:
    suite = suite_of(tmp_path, answering(1_200), text=SUITE.replace("[contains, seconds, dollars]", "[exact]"))
    begun = planning.begin(suite, datasets, experiments, "p")
    cases = planning.by_digest(datasets.cases("p", "cases"))
    counting = _Counting()

    def opens(variant: Variant) -> Subject:
        return counting

    asyncio.run(Runner(experiments, begun, suite, cases, opens).run())
    assert (counting.most, counting.all) == (4, 2_400)


def test_a_subject_that_takes_its_time_to_open_holds_nobody_up_and_is_opened_once(
    tmp_path: Path, datasets: Datasets, experiments: Experiments
) -> None:
    """An Outrider of then takes seconds: the loop goes on meanwhile, or what was answered is not written down."""
    suite = suite_of(tmp_path, answering(40), text=SUITE.replace("[contains, seconds, dollars]", "[exact]"))
    begun = planning.begin(suite, datasets, experiments, "p")
    cases = planning.by_digest(datasets.cases("p", "cases"))
    opening, free, opened = asyncio.Event(), threading.Event(), list[tuple[str, bool]]()

    async def go() -> None:
        loop = asyncio.get_running_loop()

        def opens(variant: Variant) -> Subject:
            loop.call_soon_threadsafe(opening.set)
            opened.append((variant.name, free.wait(20)))
            return _Counting()

        running = asyncio.create_task(Runner(experiments, begun, suite, cases, opens).run())
        await opening.wait()
        free.set()
        assert (await running).status == "done"

    asyncio.run(go())
    assert sorted(opened) == [("next", True), ("now", True)]
