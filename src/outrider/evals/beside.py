"""The baseline's answer beside another variant's, for evaluators that compare two.

A case's items stand next to each other in an experiment, the baseline's first: so it is always under way, or written
down, when another one asks for it.
"""

import asyncio

from outrider.evals.experiments import Experiment, Experiments, Item
from outrider.evals.records import Outcome
from outrider.evals.suite import Suite

Place = tuple[str, int]
MOST_KEPT = 2_000
"""Answers in memory: many more than are under way or wait to be written down."""


class Baselines:
    """Answers of the baseline while others of the same case and turn need them."""

    def __init__(self, experiments: Experiments, experiment: Experiment, suite: Suite) -> None:
        self._experiments, self._id, self._baseline = experiments, experiment.id, suite.baseline
        self._answers: dict[Place, asyncio.Future[Outcome]] = {}

    @staticmethod
    def needed(suite: Suite) -> bool:
        """Whether any evaluator compares with the baseline."""
        return any(getattr(one.module, "AGAINST_BASELINE", False) for one in suite.evaluators)

    def expect(self, item: Item) -> None:
        """An item will be answered; called in the order of places."""
        if item.variant == self._baseline:
            self._answers[_place(item)] = asyncio.get_running_loop().create_future()
            oldest = next(iter(self._answers))
            if len(self._answers) > MOST_KEPT and self._answers[oldest].done():
                del self._answers[oldest]  # it is in the store by now

    async def answer(self, item: Item, outcome: Outcome) -> Outcome | None:
        """The baseline's answer to what `item` is an answer to; None for the baseline itself, whose `outcome` others
        get. An item that fails cancels the experiment, and nobody waits for it."""
        kept = self._answers.get(_place(item))
        if item.variant == self._baseline:
            if kept is not None:
                kept.set_result(outcome)
            return None
        if kept is not None:
            return await asyncio.shield(kept)
        return await asyncio.to_thread(self._written, item)

    def _written(self, item: Item) -> Outcome:
        """From the store: it was answered before the experiment was cut off."""
        for one in self._experiments.done(self._id, case=item.case_id):
            if one.item.variant == self._baseline and one.item.turn == item.turn:
                return one.outcome
        return Outcome("error", error="the baseline was not asked")


def _place(item: Item) -> Place:
    return item.case_digest, item.turn
