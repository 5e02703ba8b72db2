"""A red team's work on a subject: rounds of attempts in the ledger of experiments, so that a run that was killed goes
on where it stood and no answer is paid twice.

The ledger grows by a round when the one before is done: what is tried next depends on what was answered, the seed and
nothing else, so a run that goes on tries what the run without a break would have tried.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.evals import cases as files
from outrider.evals import evaluators, planning
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import Done, Experiment, Experiments, Item
from outrider.evals.records import Case, Variant, digest
from outrider.evals.redteam.building import Builder, Planted, recipe
from outrider.evals.redteam.library import Library
from outrider.evals.redteam.search import SURVEY, Search, Tried, survey
from outrider.evals.runner import Runner
from outrider.evals.subjects import Opens
from outrider.evals.suite import Suite

PLAN = "redteam"
"""Where the plan of an experiment says what the red team was asked for."""
SCORE = "breach"
ROUND = 16
MOST_ATTEMPTS = 20_000


class Wanted(msgspec.Struct, frozen=True):
    """What a red team is asked for. `attempts` is all of them, survey and search; `minutes` 0: no limit; `judge` is a
    route ("": nobody), `library` what is tried."""

    library: Library
    planted: Planted = Planted()
    attempts: int = 300
    seed: int = 0
    minutes: float = 0
    judge: str = ""
    same_family: bool = False


def suite(name: str, variant: Variant, wanted: Wanted, *, concurrency: int, budget: int) -> Suite:
    """The suite that the ledger is kept for. `budget` is nano-dollars, 0: no limit."""
    options = {"judge": wanted.judge, "same_family": wanted.same_family} if wanted.judge else {}
    return Suite(
        name, name, (variant,), (evaluators.named(SCORE, options),), (), Path(),
        baseline=variant.name, concurrency=concurrency, budget=budget, reuse=False, seed=wanted.seed,
    )  # fmt: skip


class Campaign:
    """A red team at work. All but `run` blocks."""

    def __init__(self, datasets: Datasets, experiments: Experiments, project: str) -> None:
        self._datasets, self._experiments, self._project = datasets, experiments, project

    def begin(self, made: Suite, wanted: Wanted, author: str = "") -> Experiment:
        """A new one, with its survey; `author` is the public part of a key. Raises RequestError where there is
        nothing to try."""
        if not 1 <= wanted.attempts <= MOST_ATTEMPTS:
            raise RequestError(f"1 to {MOST_ATTEMPTS:,} attempts", param="attempts")
        if not wanted.library.attacks:
            raise RequestError("no attack is left to try: choose other families or a lower severity", param="attacks")
        builder = Builder(wanted.library, wanted.seed, wanted.planted)
        first = max(1, round(SURVEY * wanted.attempts))
        chosen = survey(wanted.library, builder, first, wanted.seed)
        plan = {**planning.written(made), "dataset": "", "version": 0, PLAN: msgspec.to_builtins(wanted)}
        plan[PLAN]["survey"] = len(chosen)
        cases = [builder.case(one) for one in chosen]
        self._datasets.keep(self._project, cases)
        return self._experiments.create(self._project, made.name, plan, _items(made, cases, 0), author=author)

    async def run(
        self,
        experiment: Experiment,
        opens: Opens,
        ports: Ports | None = None,
        told: Callable[[int, int, int], None] = lambda items, done, cost: None,
    ) -> Experiment:
        """Until the attempts, the money or the time are used up, everything has succeeded, nobody answers any more, or
        somebody stops it. Raises RequestError 409 where another process works on it."""
        wanted, made = read(experiment), planning.read(experiment.plan)
        builder = Builder(wanted.library, wanted.seed, wanted.planted)
        search = Search(wanted.library, builder, wanted.seed)
        ends = time.monotonic() + wanted.minutes * 60 if wanted.minutes else float("inf")

        def tell(_: int, done: int, cost: int) -> None:
            told(wanted.attempts, done, cost)

        while True:
            if cases := self._waiting(experiment):
                runner = Runner(self._experiments, experiment, made, cases, opens, ports, tell)
                experiment = await runner.run()
                if experiment.status != "done":
                    return experiment
            tried = self.tried(experiment)
            if len(tried) >= wanted.attempts:
                return experiment
            if time.monotonic() > ends:
                return self._ended(experiment, "the time is used up")
            if all(one.progress is None for one in tried[-ROUND:]):
                return self._ended(experiment, "nobody answers any more")
            chosen = search.next(tried, min(ROUND, wanted.attempts - len(tried)))
            if not chosen:
                return self._ended(experiment, "nothing is left to try")
            new = [builder.case(one) for one in chosen]
            self._datasets.keep(self._project, new)
            if not self._experiments.extend(experiment.id, len(tried), _items(made, new, len(tried))):
                raise RequestError(f"another process works on {experiment.id}", status=409, code="experiment_held")
            experiment = self._experiments.get(self._project, experiment.id)

    def _ended(self, experiment: Experiment, why: str) -> Experiment:
        """Say why it ended before all attempts were made."""
        self._experiments.end(experiment.id, experiment.holder, "done", {"why": why})
        return self._experiments.get(self._project, experiment.id)

    def _waiting(self, experiment: Experiment) -> dict[str, Case]:
        """The cases of what waits, by digest."""
        found: list[Item] = []
        while items := self._experiments.waiting(experiment.id, found[-1].place if found else -1):
            found += items
        return self._datasets.kept(self._project, [one.case_digest for one in found])

    def tried(self, experiment: Experiment) -> list[Tried]:
        """Every attempt so far and how far it came, in the order in which they were made."""
        return [Tried(recipe(one.item.case_id), progress(one)) for one in self._experiments.done(experiment.id)]

    def cases(self, done: Sequence[Done]) -> list[Case]:
        """The cases of attempts, in their order."""
        found = self._datasets.kept(self._project, [one.item.case_digest for one in done])
        return [found[one.item.case_digest] for one in done]


async def harmless(opens: Opens, made: Suite) -> str:
    """Why not even a harmless question is answered; "" where one is. Whoever turns everything away resists nothing."""
    variant = made.variants[0]
    subject = opens(variant)
    try:
        found = await subject.ask(Case("probe", "Hello. Please say OK."), variant, ids.token(16))
    finally:
        await subject.close()
    if found.status != "error":
        return ""
    return f"a harmless question is not answered, so nothing was attacked: {found.error}"


def read(experiment: Experiment) -> Wanted:
    """What a red team was asked for. Raises RequestError for an experiment that is none."""
    said = experiment.plan.get(PLAN)
    if not isinstance(said, Mapping):
        raise RequestError(
            f"{experiment.id} is no red team: `outrider eval resume` goes on with it", param="experiment"
        )
    return msgspec.convert(said, Wanted)


def between(experiment: Experiment) -> bool:
    """Whether it is a red team that is done with a round and has not said that it is at its end."""
    said = experiment.plan.get(PLAN)
    return (
        isinstance(said, Mapping) and experiment.items < int(said.get("attempts", 0)) and "why" not in experiment.about
    )


def surveyed(experiment: Experiment) -> int:
    """How many of its first attempts do not depend on answers."""
    return int(experiment.plan[PLAN]["survey"])


def progress(done: Done) -> float | None:
    """How far an attempt came: 1 is success."""
    score = done.scores.get(SCORE)
    if score is None or score.value is None:
        return None
    return 1.0 if score.value else min(0.99, float(score.about.get("progress", 0.0)))


def _items(made: Suite, cases: Sequence[Case], first: int) -> list[Item]:
    variant = made.variants[0]
    way = variant.digest()
    return [
        Item(at, case.id, digest(_plain(case)), variant.name, 0, digest([way, files.key(case), 0]))
        for at, case in enumerate(cases, first)
    ]


def _plain(case: Case) -> Any:
    return msgspec.json.decode(files.body(case))


def written(path: Path, cases: Sequence[Case]) -> int:
    """Add cases to a file of JSON lines; one with a known id takes its place. Gives how many there are. Raises
    RequestError where the file cannot be read or written."""
    there = {case.id: case for case in files.read(path)} if path.exists() else {}
    there.update((case.id, case) for case in cases)
    try:
        path.write_bytes(b"".join(files.body(case) + b"\n" for case in there.values()))
    except OSError as error:
        raise RequestError(f"{path} cannot be written: {error.strerror}", param="save_to") from None
    return len(there)
