"""What a judge and people said of the same answers."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from outrider.base.errors import OutriderError
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging import live
from outrider.evals.judging.labels import Label, Labels

MOST = 20_000
"""Labels that are looked at, the newest."""


class Pair(msgspec.Struct):
    """An answer with what the judge (`judge`) and people (`people`, by who they are) say of it, from 0 to 1. `lengths`
    are characters: of the answer, and of the one beside it where two were compared; none of live traffic, whose
    `experiment` is the series of a rule. `settled` is what was decided where
    people disagreed (None: nobody had to). `made` orders answers in time."""

    answer: str
    case: str
    experiment: str
    place: int
    model: str
    judge: float
    people: dict[str, float]
    lengths: list[int]
    drawn: bool
    made: tuple[int, int]
    settled: float | None = None

    @property
    def person(self) -> float:
        """What people say together."""
        if self.settled is not None:
            return self.settled
        return sum(self.people.values()) / len(self.people)

    @property
    def error(self) -> float:
        """How much more the judge gives than people do."""
        return self.judge - self.person


def is_verdict(done: Done, judge: str) -> bool:
    """Whether the judge was asked about this answer, and said something."""
    score = done.scores.get(judge)
    return score is not None and score.value is not None and "judge" in score.about


def gather(experiments: Experiments, labels: Labels, project: str, judge: Evaluator) -> list[Pair]:
    """All that is known of a judge in a project, in the order of time: labels of any experiment in which it judged as
    it does now (same model, rubric and options). An answer that was labelled twice counts once."""
    by_experiment: dict[str, dict[int, list[Label]]] = {}
    for one in reversed(labels.newest(project, MOST, rubric=judge.name)):
        by_experiment.setdefault(one.experiment, {}).setdefault(one.place, []).append(one)
    found: dict[str, Pair] = {}
    for id_, places in by_experiment.items():
        if rule := live.rule_of(id_):
            if live.is_of(id_, judge):
                _merge(found, _live(labels, project, rule, judge, id_, places))
            continue
        try:
            experiment = experiments.get(project, id_)
        except OutriderError:
            continue  # the experiment is gone, and its labels say nothing without it
        if not _same(experiment, judge):
            continue
        models = {str(one["name"]): str(one.get("model", "")) for one in experiment.plan["variants"]}
        judged = (done for done in experiments.at(id_, list(places)) if is_verdict(done, judge.name))
        _merge(found, (_pair(experiment, one, judge.name, places[one.item.place], models) for one in judged))
    return sorted(found.values(), key=lambda one: one.made)


def _merge(found: dict[str, Pair], pairs: Iterable[Pair]) -> None:
    for pair in pairs:
        known = found.setdefault(pair.answer, pair)
        known.people |= pair.people
        known.settled = pair.settled if known.settled is None else known.settled


def _live(
    labels: Labels, project: str, rule: str, judge: Evaluator, series: str, places: Mapping[int, list[Label]]
) -> Iterator[Pair]:
    """Runs of live traffic that it judged under a rule. Who answered and how long that was is not looked up."""
    for one in live.at(labels.store(), project, rule, judge, places):
        said = places[one.n]
        yield Pair(
            said[0].answer, said[0].case_digest, series, one.n, "", one.value, {each.who: each.value for each in said},
            [], any(each.drawn for each in said), (one.at, one.n),
            next((each.value for each in reversed(said) if each.settles), None),
        )  # fmt: skip


def _same(experiment: Experiment, judge: Evaluator) -> bool:
    """Whether it is the same judge: its name may stand for another one in another experiment."""
    options = msgspec.to_builtins(judge.options)
    return [judge.name, judge.kind, options] in [list(one) for one in experiment.plan["evaluators"]]


def _pair(experiment: Experiment, done: Done, judge: str, labels: list[Label], models: Mapping[str, str]) -> Pair:
    score = done.scores[judge]
    assert score.value is not None
    return Pair(
        labels[0].answer,
        done.item.case_digest,
        experiment.id,
        done.item.place,
        models.get(done.item.variant, ""),
        score.value,
        {one.who: one.value for one in labels},
        list(score.about.get("lengths") or [len(done.outcome.text)]),
        any(one.drawn for one in labels),
        (experiment.created, done.item.place),
        next((one.value for one in reversed(labels) if one.settles), None),
    )
