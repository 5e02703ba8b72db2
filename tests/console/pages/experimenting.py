"""Datasets and experiments in a store of the world's, with nobody who works on them."""

from outrider.evals import planning, sent
from outrider.evals.datasets import Datasets
from outrider.evals.desk import Desk
from outrider.evals.diagnosed import Diagnoses
from outrider.evals.experiments import Done, Experiment, Experiments, Item
from outrider.evals.judging.labels import Labels
from outrider.evals.proposals import Proposals
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.queues import Queues
from outrider.store import open_evals
from tests.console.conftest import World

SUITE = """
name: kinder
dataset: questions
variants: {now: support, next: support}
evaluators: [exact, seconds]
repeats: 2
gates: ["next: exact >= now - 0.02"]
"""


class Lab:
    """The world's experiments. `begun` are those that somebody was to work on."""

    def __init__(self, world: World) -> None:
        self.store = open_evals(f"sqlite:///{world.home / 'outrider.sqlite3'}")
        self.begun: list[str] = []
        datasets, experiments = Datasets(lambda: self.store), Experiments(lambda: self.store)
        self.labels = Labels(lambda: self.store)
        self.review = ReviewDesk(Queues(lambda: self.store), datasets, experiments, world.open)
        self.desk = world.desk = Desk(
            datasets, experiments, lambda one, who: self.begun.append(one.id), Proposals(lambda: self.store),
            self.labels, self.review, Diagnoses(datasets, experiments, world.open, None),
        )  # fmt: skip

    def cases(self, count: int = 30, name: str = "questions") -> None:
        self.desk.datasets.save(
            "default", name, [Case(f"c{n}", f"Is <{n}> open?", f"answer {n}", tags=("day",)) for n in range(count)]
        )

    def experiment(self, *, long: str = "", count: int = 30, project: str = "default") -> Experiment:
        """A done one: `next` is wrong on every third case, wavers on the first, and says the first at length."""
        self.cases(count)
        begun = planning.begin(sent.read(SUITE), self.desk.datasets, self.desk.experiments, project, "ann")
        self.desk.experiments.claim(begun.id, "h")
        last = -1
        while items := self.desk.experiments.waiting(begun.id, last):
            last = items[-1].place
            self.desk.experiments.record(begun.id, [_done(item, long) for item in items])
        self.desk.experiments.end(begun.id, "h", "done")
        return self.desk.experiments.get(project, begun.id)

    def judged(self, name: str = "judged", count: int = 30) -> Experiment:
        """A done one in which a judge said `pass` to everything."""
        self.cases(count)
        suite = (
            f"name: {name}\ndataset: questions\nvariants: {{now: support, next: support}}\nevaluators:\n"
            "  - judge: {model: gpt-5, rubric: It is right & <short>., same_family: true}\n"
        )
        begun = planning.begin(sent.read(suite), self.desk.datasets, self.desk.experiments, "default", "ann")
        verdict = Score(1.0, "so it is", "pass", 0, {"judge": "gpt-5"})
        waiting = self.desk.experiments.waiting(begun.id)
        said = [Done(one, Outcome(text=f"<b>{one.variant}</b> {one.case_id}"), {"judge": verdict}) for one in waiting]
        self.desk.experiments.record(begun.id, said)
        return begun


def _done(item: Item, long: str) -> Done:
    number = int(item.case_id[1:])
    bad = item.variant == "next" and number % 3 == 0 and not (number == 0 and item.turn == 1)
    text = f"not <b>{number}</b>" if bad else f"answer {number}"
    if number == 0:
        text = long + text
    scores = {"exact": Score(float(not bad)), "seconds": Score(0.5)}
    return Done(item, Outcome(text=text, cost=1_000, seconds=0.5), scores)
