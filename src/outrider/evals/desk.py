"""What pages and programs do with a project's experiments: begin, stop, go on, look, compare. Blocking."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals import compare, diffs, holders, planning, sent
from outrider.evals.compare import Report
from outrider.evals.datasets import Datasets, Version
from outrider.evals.diagnosed import Diagnoses, Looked
from outrider.evals.diffs import CHANGES, Change, Index, Line
from outrider.evals.experiments import HOLD_NS, Done, Experiment, Experiments, Progress
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.notes import notes
from outrider.evals.proposals import Proposals
from outrider.evals.records import Case
from outrider.evals.redteam import campaign
from outrider.evals.redteam import report as redteam_report
from outrider.evals.redteam import sent as redteam_sent
from outrider.evals.redteam.campaign import Campaign
from outrider.evals.redteam.report import Report as RedteamReport
from outrider.evals.redteam.sent import Asked
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.suite import Suite
from outrider.limits.keys import Identity

State = Literal["waiting", "running", "interrupted", "stopped", "done"]
Work = Callable[[Experiment, Identity], None]
"""Has an experiment worked on, asked in the name of who wanted it. Does not wait for it."""
MOST_ANSWERS = 200_000
KEPT = 12
_T = TypeVar("_T")
FRESH_SECONDS = 15.0
"""How long a report on an experiment under way is good enough."""


class Read(msgspec.Struct):
    """An experiment's answers, read once: the report on them."""

    suite: Suite
    report: Report


class Compared(msgspec.Struct):
    """Cases of two variants, by one score: how many changed in which way, and a page of them."""

    score: str
    variant: str
    baseline: str
    counts: dict[Change, int]
    lines: list[Line]
    total: int


class _Kept(msgspec.Struct):
    stamp: tuple[Any, ...]
    at: float
    made: Any


class Desk:
    """One process's way to experiments and datasets. `work` None: nobody works on them here."""

    def __init__(
        self,
        datasets: Datasets,
        experiments: Experiments,
        work: Work | None = None,
        proposals: Proposals | None = None,
        labels: Labels | None = None,
        review: ReviewDesk | None = None,
        diagnoses: Diagnoses | None = None,
    ) -> None:
        self.datasets, self.experiments, self._work, self.proposals = datasets, experiments, work, proposals
        self.labels, self.review, self._diagnoses = labels, review, diagnoses
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._reading = threading.Lock()

    # -- beginning and ending -------------------------------------------------------------------------------------

    def begin(self, who: Identity, said: str | Mapping[str, Any]) -> Experiment:
        """A new experiment from a suite, which is worked on from now. Raises RequestError 400, 404, 503."""
        work, suite = self._worker(), sent.read(said)
        cases = self.datasets.version(who.project, suite.dataset, suite.version).cases
        answers = min(suite.sample or cases, cases) * suite.repeats * len(suite.variants)
        if answers > MOST_ANSWERS:
            raise RequestError(
                f"that would be up to {answers:,} answers, and {MOST_ANSWERS:,} is the most: choose cases by `sample`",
                code="too_many_answers",
                param="suite",
            )
        made = planning.begin(suite, self.datasets, self.experiments, who.project, who.key)
        work(made, who)
        return made

    def attack(self, who: Identity, asked: Asked, routes: Sequence[str]) -> Experiment:
        """A red team on a route, which is worked on from now. Raises RequestError 400, 503."""
        work, (made, wanted) = self._worker(), redteam_sent.made(asked, routes)
        found = self._team(who.project).begin(made, wanted, who.key)
        work(found, who)
        return found

    def resume(self, who: Identity, id_: str) -> Experiment:
        """Go on with one that was stopped or cut off. Raises RequestError 404, 409, 503."""
        work, found = self._worker(), self.experiments.get(who.project, id_)
        if (found.status == "done" and state(found) != "interrupted") or _held(found):
            what = "is being stopped: try again in some seconds" if found.status == "stopped" else f"is {state(found)}"
            raise RequestError(f"{found.id} {what}", status=409, code="experiment_held")
        suite = planning.read(found.plan)
        if not all(one.model for one in suite.variants) or _local(suite):
            raise RequestError(
                f"{found.id} uses the machine that it runs on: `outrider eval resume {found.id}` goes on with it",
                status=409,
                code="experiment_local",
            )
        work(found, who)
        return found

    def stop(self, who: Identity, id_: str) -> Experiment:
        """Ask whoever works on it to stop. Raises RequestError 404."""
        return self.experiments.stop(who.project, id_)

    def works(self) -> bool:
        """Whether experiments can be begun here."""
        return self._work is not None

    def _worker(self) -> Work:
        if self._work is None:
            raise RequestError("this process works on no experiments", status=503, code="not_served")
        return self._work

    # -- looking --------------------------------------------------------------------------------------------------

    def read(self, experiment: Experiment) -> Read:
        """What came of it. Of one under way, as it was at most 15 seconds ago."""
        return self._known(experiment, "report", self._read)

    def index(self, experiment: Experiment) -> Index:
        """What is needed to compare its variants, without the statistics, which take longer."""
        return self._known(experiment, "index", lambda one: Index(self.experiments.gists(one.id)))

    def _known(self, experiment: Experiment, what: str, make: Callable[[Experiment], _T]) -> _T:
        progress = self.experiments.progress(experiment.id)
        said = self.labels.stamp(experiment.project) if self.labels is not None else ()
        stamp, name = (progress.done, progress.cost, experiment.status, *said), f"{what} {experiment.id}"
        with self._reading:
            kept = self._kept.get(name)
            if kept is None or not _good(kept, stamp, experiment.status == "running"):
                kept = _Kept(stamp, time.monotonic(), make(experiment))
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            found: _T = kept.made
            return found

    def _read(self, experiment: Experiment) -> Read:
        suite = planning.read(experiment.plan)
        known = self.notes(experiment) if self.labels is not None else None
        done = self.experiments.done(experiment.id)
        report = compare.report(experiment.id, suite, done, items=experiment.items, notes=known)
        if campaign.PLAN in experiment.plan:  # a search chooses what succeeds: only a survey has a mean
            survey = campaign.surveyed(experiment)
            drawn = self.experiments.at(experiment.id, range(survey))
            report.measured = compare.report(experiment.id, suite, drawn, items=survey, notes=known).measured
        return Read(suite, report)

    def notes(self, experiment: Experiment) -> dict[str, str]:
        """What is to be said beside scores of judges, by their names."""
        if self.labels is None:
            return {}
        return notes(self.experiments, self.labels, experiment.project, planning.read(experiment.plan))

    def attacked(self, experiment: Experiment, *, fail_on: str = "", max_success: float | None = None) -> RedteamReport:
        """What a red team found, with the gates that are asked for. Raises RequestError for an experiment that is
        none."""
        campaign.read(experiment)
        if fail_on or max_success is not None:
            done = self.experiments.done(experiment.id)
            return redteam_report.report(experiment, done, fail_on=fail_on, max_success=max_success)
        return self._known(experiment, "redteam", lambda one: redteam_report.report(one, self.experiments.done(one.id)))

    def keep_successes(self, who: Identity, id_: str, dataset: str) -> tuple[int, Version]:
        """Make cases of what succeeded, which the evaluator `breach` holds; how many there were, and the dataset's new
        version. Raises RequestError 404, 400 where nothing did."""
        found = self.experiments.get(who.project, id_)
        campaign.read(found)
        if not dataset:
            raise RequestError("say which dataset the cases go into", param="dataset")
        won = [one for one in self.experiments.done(found.id) if campaign.progress(one) == 1]
        if not won:
            raise RequestError(f"nothing succeeded in {found.id}, so it gives no case", code="no_case", param="id")
        cases = self._team(who.project).cases(won)
        made = self.datasets.add(who.project, dataset, cases, author=who.key, note=f"successes of {found.id}")
        return len(cases), made

    def _team(self, project: str) -> Campaign:
        return Campaign(self.datasets, self.experiments, project)

    def compared(
        self,
        experiment: Experiment,
        *,
        score: str = "",
        variant: str = "",
        change: str = "",
        first: int = 0,
        limit: int = 20,
    ) -> Compared:
        """A variant beside the baseline, by the first score and the first other variant unless others are named.
        Raises RequestError 400 for names that are unknown."""
        suite = planning.read(experiment.plan)
        others = [one.name for one in suite.variants if one.name != suite.baseline]
        scores = [one.name for one in suite.evaluators]
        if not others or not scores:
            raise RequestError("a comparison needs a second variant and an evaluator", code="nothing_to_compare")
        evaluator = suite.evaluators[_place("score", score, scores)]
        chosen = others[_place("variant", variant, others)]
        if change:
            _place("change", change, CHANGES)
        lines = self.index(experiment).lines(evaluator.name, suite.baseline, chosen, evaluator.better)
        counts: dict[Change, int] = {name: sum(line.change == name for line in lines) for name in CHANGES}
        wanted = [line for line in lines if change in ("", line.change)]
        return Compared(
            evaluator.name, chosen, suite.baseline, counts, wanted[first : first + limit], len(wanted)
        )  # fmt: skip

    def diagnosed(self, experiment: Experiment, *, score: str = "", variant: str = "", stage: str = "") -> Looked:
        """Which stage failed where answers from documents are wrong, as far as that is known by now: the next look
        goes on. Raises RequestError 400, 503."""
        if self._diagnoses is None:
            raise RequestError("this process has no journal to look into", status=503, code="not_served")
        return self._diagnoses.look(experiment, score, variant=variant, stage=stage)

    def answers(self, experiment: Experiment, lines: Sequence[Line]) -> dict[str, list[Done]]:
        """The answers to the cases of a page, by case."""
        places = [place for line in lines for place in line.places]
        found: dict[str, list[Done]] = {line.case: [] for line in lines}
        for done in self.experiments.at(experiment.id, places):
            found[done.item.case_id].append(done)
        return found

    def case(self, experiment: Experiment, name: str, answers: Sequence[Done]) -> Case | None:
        """The case of a name; `answers` are those to it. A red team's cases are in no dataset."""
        plan = experiment.plan
        if plan["dataset"]:
            return self.datasets.case(experiment.project, str(plan["dataset"]), int(plan["version"]), name)
        digests = [one.item.case_digest for one in answers[:1]]
        return next(iter(self.datasets.kept(experiment.project, digests).values()), None)

    def progress(self, experiment: Experiment) -> Progress:
        return self.experiments.progress(experiment.id)


def _good(kept: _Kept, stamp: tuple[Any, ...], under_way: bool) -> bool:
    return kept.stamp == stamp or (under_way and time.monotonic() - kept.at < FRESH_SECONDS)


def state(experiment: Experiment) -> State:
    """Its status, and `interrupted` where nobody is heard of who works on it. A red team is `running` between two of
    its rounds."""
    if experiment.status == "done" and campaign.between(experiment):
        return "running" if experiment.ended > clock.now_ns() - HOLD_NS else "interrupted"
    gone = experiment.status == "running" and not _held(experiment)
    return "interrupted" if gone else experiment.status


def _held(experiment: Experiment) -> bool:
    return experiment.held_until > clock.now_ns() and not holders.gone(experiment.holder)


def _local(suite: Suite) -> bool:
    return any(one.kind in sent.HERE_ALONE["evaluators"] for one in suite.evaluators)


def _place(param: str, given: str, known: Sequence[str]) -> int:
    if given and given not in known:
        raise RequestError(f"there is no {param} {given[:80]!r}; there are: {', '.join(known)}", param=param)
    return list(known).index(given) if given else 0


def pieces(one: Done | None, other: Done | None) -> tuple[list[diffs.Piece], list[diffs.Piece]]:
    """Two answers word by word; one that is not there is empty."""
    return diffs.words(text_of(one), text_of(other))


def text_of(done: Done | None) -> str:
    """An answer as people read it: its text, then its tool calls; or why there is none."""
    if done is None:
        return ""
    outcome = done.outcome
    calls = [f"{call.tool}({msgspec.json.encode(call.arguments).decode()})" for call in outcome.calls]
    return "\n".join(part for part in (outcome.text or outcome.error, *calls) if part)
