"""Diagnoses of whole experiments, made little by little: whoever looks waits a moment, and the next look goes on.

To look whether a search could have found more is to search again, and an experiment has thousands of answers. What was
found out is kept as long as the answer and its score are the same; what could not be known is looked at again.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.base.errors import RequestError
from outrider.evals import planning
from outrider.evals.datasets import Datasets
from outrider.evals.diagnosis import STAGES, Diagnosis, Shelves, Stage, counts, examine, judge
from outrider.evals.experiments import Experiment, Experiments, Gist
from outrider.store import Store

if TYPE_CHECKING:
    from outrider.knowledge.library import Library

KEPT = 8
PORTION = 20
AGAIN = 60.0
"""Seconds until what is unknown is looked at again: the journal may have been behind, or a store away."""
PATIENCE = 1.5
"""Seconds that one look may take."""


class Looked(msgspec.Struct):
    """What is known so far: `looked` of the `total` answers that there are. `stages` counts them by variant, `wrong`
    are those of the chosen ones that are not right. `score` says which are right ("": the texts do)."""

    score: str
    stages: dict[str, dict[Stage, int]]
    wrong: list[Diagnosis]
    looked: int
    total: int


class _Told(msgspec.Struct, frozen=True):
    """A diagnosis of an answer as it was, made at a moment of the clock that never goes back (seconds)."""

    gist: Gist
    diagnosis: Diagnosis
    at: float


class _Known(msgspec.Struct):
    lock: threading.Lock = msgspec.field(default_factory=threading.Lock)
    found: dict[int, _Told] = {}


class Diagnoses:
    """One process's diagnoses. `library` None: no knowledge is kept here."""

    def __init__(
        self,
        datasets: Datasets,
        experiments: Experiments,
        journal: Callable[[], Store],
        library: "Callable[[], Library] | None",
    ) -> None:
        self._datasets, self._experiments, self._journal, self._library = datasets, experiments, journal, library
        self._kept: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def look(
        self, experiment: Experiment, score: str = "", *, variant: str = "", stage: str = "", patience: float = PATIENCE
    ) -> Looked:
        """Go on for `patience` seconds at most, and say what is known. Raises RequestError 400 for names that are
        unknown, and for a red team."""
        if not experiment.plan["dataset"]:
            raise RequestError(
                f"{experiment.name!r} is a red team and has no dataset: there is nothing to diagnose", param="id"
            )
        suite = planning.read(experiment.plan)
        chosen = judge(suite, score)
        for param, given, known in (
            ("variant", variant, [one.name for one in suite.variants]),
            ("stage", stage, STAGES),
        ):
            if given and given not in known:
                raise RequestError(f"there is no {param} {given[:80]!r}; there are: {', '.join(known)}", param=param)
        with self._lock:
            kept = self._kept.setdefault((experiment.id, chosen), _Known())
            self._kept.move_to_end((experiment.id, chosen))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        with kept.lock:
            answers = list(self._experiments.gists(experiment.id))
            self._go_on(experiment, kept, _left(kept, answers, chosen), chosen, patience)
            found = [kept.found[one.place].diagnosis for one in answers if one.place in kept.found]
        wrong = [
            one for one in found if one.stage != "right" and variant in ("", one.variant) and stage in ("", one.stage)
        ]
        return Looked(chosen, counts(found), wrong, len(found), len(answers))

    def _go_on(self, experiment: Experiment, kept: _Known, left: list[Gist], score: str, patience: float) -> None:
        until, shelves = time.monotonic() + patience, Shelves(self._library, experiment.project)
        for at in range(0, len(left), PORTION):
            if at and time.monotonic() > until:
                return
            some = {one.place: one for one in left[at : at + PORTION]}
            done = self._experiments.at(experiment.id, list(some))
            digests = list({one.item.case_digest for one in done})
            cases = self._datasets.kept(experiment.project, digests)
            done = [one for one in done if one.item.case_digest in cases]
            told = examine(done, cases, self._journal(), experiment.project, shelves, score)
            for answer, diagnosis in zip(done, told, strict=True):
                kept.found[answer.item.place] = _Told(some[answer.item.place], diagnosis, time.monotonic())


def _left(kept: _Known, answers: Sequence[Gist], score: str) -> list[Gist]:
    """The answers that are to be looked at: new and changed ones, then those of which nothing was known a while ago."""
    new, again, before = list[Gist](), list[Gist](), time.monotonic() - AGAIN
    for one in answers:
        known = kept.found.get(one.place)
        if known is None or (known.gist.said, known.gist.marks.get(score)) != (one.said, one.marks.get(score)):
            kept.found.pop(one.place, None)
            new.append(one)
        elif known.diagnosis.stage == "unknown" and known.at <= before:
            again.append(one)
    return new + again
