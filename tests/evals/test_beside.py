"""The baseline's answer, waited for while it is under way and read where it was given before."""

import asyncio
from pathlib import Path

from outrider.evals import planning
from outrider.evals.beside import Baselines
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Done, Experiments
from outrider.evals.records import Case, Outcome
from outrider.evals.suite import parse

SUITE = "dataset: d\nvariants: {next: m, now: n}\nbaseline: now\nevaluators: [%s]\n"


def test_who_needs_it_waits_for_it_or_reads_it(datasets: Datasets, experiments: Experiments) -> None:
    datasets.save("p", "d", [Case("a", "x"), Case("b", "y")])
    suite = parse(SUITE % "{prefer: {model: j}}", "s.yaml", Path())
    begun = planning.begin(suite, datasets, experiments, "p")
    first, other, before, resumed = experiments.waiting(begun.id)
    assert [one.variant for one in (first, other, before, resumed)] == ["now", "next", "now", "next"]
    experiments.record(begun.id, [Done(before, Outcome(text="earlier"), {})])

    async def asked() -> tuple[Outcome | None, ...]:
        beside = Baselines(experiments, begun, suite)
        for item in (first, other, resumed):
            beside.expect(item)
        waits = asyncio.create_task(beside.answer(other, Outcome(text="other")))
        await asyncio.sleep(0)
        assert not waits.done()
        own = await beside.answer(first, Outcome(text="first"))
        return own, await waits, await beside.answer(resumed, Outcome(text="resumed"))

    own, given, read = asyncio.run(asked())
    assert own is None
    assert (given and given.text, read and read.text) == ("first", "earlier")


def test_it_is_kept_only_where_it_is_needed() -> None:
    assert Baselines.needed(parse(SUITE % "{prefer: {model: j}}", "s.yaml", Path()))
    assert not Baselines.needed(parse(SUITE % "exact", "s.yaml", Path()))
