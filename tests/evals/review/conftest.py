"""An experiment whose answers people review, on both stores."""

from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.marks import Marks
from outrider.evals.review.queues import Plan, Queue, Queues, Source
from outrider.evals.review.rubric import parse as fields
from outrider.evals.suite import parse
from outrider.store import Store

SUITE = (
    "name: weekly\ndataset: d\nvariants: {now: x/claude-1, next: x/claude-2}\nevaluators:\n"
    "  - judge: {model: x/gpt-5, rubric: It is right.}\n  - prefer: {model: x/gpt-5}\n"
)
RIGHT = "right: yes/no | Is it right?\nnote: text"
Begin = Callable[..., Queue]


@pytest.fixture
def queues(evals_store: Store) -> Queues:
    return Queues(lambda: evals_store)


@pytest.fixture
def marks(queues: Queues) -> Marks:
    return Marks(queues)


@pytest.fixture
def begin(queues: Queues) -> Begin:
    """A queue of so many items that stand for nothing."""

    def begin(items: int, reviewers: int = 1, *, blind: bool = True, name: str = "q", rubric: str = RIGHT) -> Queue:
        plan = Plan(Source(where="x", most=1000), fields(rubric), reviewers, blind)
        return queues.create("p", name, plan, [(f"run:{n}", f"c{n // 2}") for n in range(items)], author="ann")

    return begin


@pytest.fixture
def judged(datasets: Datasets, experiments: Experiments) -> Experiment:
    """Ten cases, two variants, two judges that said something about all of it."""
    datasets.save("p", "d", [Case(f"c{n}", f"question {n}", f"expected {n}") for n in range(10)])
    begun = planning.begin(parse(SUITE, "s.yaml", Path()), datasets, experiments, "p")
    done = []
    for item in experiments.waiting(begun.id):
        verdict = Score(1.0, "so it is", "pass", 0, {"judge": "x/gpt-5"})
        better = Score(0.5, "", "tie", 0, {"judge": "x/gpt-5"})
        scores = {"judge": verdict, **({"prefer": better} if item.variant == "next" else {})}
        done.append(Done(item, Outcome(text=f"{item.variant} {item.case_id}", run=f"r{item.place}"), scores))
    experiments.record(begun.id, done)
    return begun


@pytest.fixture
def desk(queues: Queues, datasets: Datasets, experiments: Experiments) -> ReviewDesk:
    def none() -> Store:
        raise AssertionError("the journal is not needed")

    return ReviewDesk(queues, datasets, experiments, queues.store)
