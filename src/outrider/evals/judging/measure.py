"""What a judge is worth: how far it agrees with people, which way it leans, whether that changes, and what the scores
are when its leaning is taken out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from outrider.base import model_names
from outrider.calibrate import change, groups, intervals, paired
from outrider.calibrate.agreement import Agreement, agreement
from outrider.calibrate.change import Change
from outrider.calibrate.corrected import Corrected, corrected
from outrider.calibrate.intervals import Interval
from outrider.calibrate.paired import Difference
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.pairs import Pair, gather, is_verdict
from outrider.evals.suite import Suite

Standing = Literal["meets", "unsure", "below", "unmeasured"]
UNMEASURED = "this judge was never held against people: `outrider judges label`"
FIRST = 50
"""Labelled answers by which it is known how far a judge usually agrees; what comes after is watched."""


class Standings(msgspec.Struct):
    """Whether a judge meets its bar: `meets` where the interval of AC1 lies above it, `below` where AC1 itself lies
    under it, `unsure` between or of too few labels, `unmeasured` without any."""

    standing: Standing
    bar: float
    agreement: Agreement

    @property
    def words(self) -> str:
        """For people, wherever scores are shown; empty where all is well."""
        found = self.agreement.ac1
        seen = f"AC1 {found.estimate:.2f} {found.ends()} with people, n = {found.n}"
        return {
            "meets": "",
            "unsure": f"this judge may be below its bar of {self.bar:g}: {seen}",
            "below": f"this judge is BELOW its bar of {self.bar:g}: {seen}",
            "unmeasured": UNMEASURED,
        }[self.standing]


class Bias(msgspec.Struct):
    """A way in which a judge may lean, in points of its score (0: not at all). `p` is adjusted for all ways that were
    tested (Holm)."""

    difference: Difference
    p: float

    @property
    def found(self) -> bool:
        return self.p < 0.05


class Calibration(msgspec.Struct):
    """All that is known of a judge. `people` is the agreement among people (None: no answer has two labels).
    `confusion` counts answers by what people say and what the judge says, the worst first. Leanings, None where nothing
    can be known: `position` towards the answer that is shown first (`flips`: how often the order decides), `length`
    towards longer answers, `own` towards its own family, the last two against what people say. `corrected` are scores
    by variant, over the cases that it judged."""

    judge: str
    kind: str
    model: str
    labels: int
    standing: Standings
    people: Agreement | None
    confusion: list[list[int]]
    position: Bias | None
    flips: Interval | None
    length: Bias | None
    own: Bias | None
    corrected: dict[str, Corrected]
    drift: list[Change]


def levels(judge: Evaluator) -> int:
    """How many things a judge may say."""
    return int(getattr(judge.options, "levels", 3))


def standing(judge: Evaluator, pairs: Sequence[Pair]) -> Standings:
    """Whether it agrees with people as far as it has to."""
    top, bar = levels(judge) - 1, float(judge.options.agreement_at_least)
    said = [(round(one.person * top), round(one.judge * top)) for one in pairs]
    found = agreement(said, [one.case for one in pairs])
    known: Standing = "below" if found.ac1.estimate < bar and not found.ac1.few else "unsure"
    known = "meets" if found.ac1.low >= bar and not found.ac1.few else known
    return Standings(known if pairs else "unmeasured", bar, found)


def measure(
    experiments: Experiments,
    labels: Labels,
    experiment: Experiment,
    suite: Suite,
    judge: Evaluator,
    families: Callable[[str], frozenset[str]] = model_names.families,
    *,
    correct: bool = True,
) -> Calibration:
    """A judge, by all labels of the project and the answers of one experiment. Raises ConfigError where labels are to
    correct its scores (`correct`) and the library for that is not installed."""
    pairs = gather(experiments, labels, experiment.project, judge)
    judged = [one for one in experiments.done(experiment.id) if is_verdict(one, judge.name)]
    found = calibrated(judge, pairs, judged, families)
    if correct:
        found.corrected = _corrected(experiment, suite, judge.name, judged, pairs)
    return found


def calibrated(
    judge: Evaluator,
    pairs: Sequence[Pair],
    judged: Sequence[Done] = (),
    families: Callable[[str], frozenset[str]] = model_names.families,
) -> Calibration:
    """What pairs say of a judge, and how it compared the answers of an experiment."""
    tested = {
        "position": _position(judged, judge.name),
        "length": _length(pairs),
        "own": _own(pairs, families(judge.options.model), families),
    }
    known = {name: one for name, one in tested.items() if one is not None}
    chances = paired.holm([one.p for one in known.values()])
    biases = {name: Bias(one, p) for (name, one), p in zip(known.items(), chances, strict=True)}
    return Calibration(
        judge.name,
        judge.kind,
        judge.options.model,
        sum(len(one.people) for one in pairs),
        standing(judge, pairs),
        _people(pairs, levels(judge) - 1),
        _confusion(pairs, levels(judge)),
        biases.get("position"),
        _flips(judged, judge.name),
        biases.get("length"),
        biases.get("own"),
        {},
        drift(pairs, levels(judge) - 1),
    )


def drift(pairs: Sequence[Pair], top: int) -> list[Change]:
    """When agreement went up or down, in labelled answers after the first FIRST, which say what is usual (as far as
    they know it)."""
    agreed = [float(round(one.person * top) == round(one.judge * top)) for one in pairs]
    usual = intervals.share(int(sum(agreed[:FIRST])), len(agreed[:FIRST]))
    if len(agreed) <= FIRST:
        return []
    slack = max(usual.high - usual.estimate, usual.estimate - usual.low)
    return change.changes(agreed[FIRST:], usual.estimate, slack=slack)


def _people(pairs: Sequence[Pair], top: int) -> Agreement | None:
    who = sorted({name for one in pairs for name in one.people})
    rows = [
        [round(one.people[name] * top) if name in one.people else None for name in who]
        for one in pairs
        if len(one.people) > 1
    ]
    return agreement(rows, [one.case for one in pairs if len(one.people) > 1]) if rows else None


def _confusion(pairs: Sequence[Pair], count: int) -> list[list[int]]:
    seen = Counter((round(one.person * (count - 1)), round(one.judge * (count - 1))) for one in pairs)
    return [[seen[person, judge] for judge in range(count)] for person in range(count)]


# -- leanings ---------------------------------------------------------------------------------------------------


def _position(judged: Iterable[Done], judge: str) -> Difference | None:
    """Each comparison was shown in both orders: a judge without a side names the first answer in half of them."""
    of_case: dict[str, list[float]] = {}
    for one in judged:
        about = one.scores[judge].about
        shown = [*about.get("shown_first", ()), *about.get("shown_second", ())]
        if shown:
            of_case.setdefault(one.item.case_id, []).append(sum(shown) / len(shown))
    means = [sum(one) / len(one) for one in of_case.values()]
    return paired.compare(means, [0.5] * len(means)) if means else None


def _flips(judged: Iterable[Done], judge: str) -> Interval | None:
    """How often the answer that is shown first (or second) is the better one both times."""
    turned = []
    for one in judged:
        about = one.scores[judge].about
        if "shown_first" in about:
            pairs = zip(about["shown_first"], about["shown_second"], strict=False)
            turned += [first == second != 0.5 for first, second in pairs]
    return intervals.share(sum(turned), len(turned)) if turned else None


def _length(pairs: Sequence[Pair]) -> Difference | None:
    """By how much more than people do, a judge prefers what is longer."""
    two = [one for one in pairs if len(one.lengths) == 2 and one.lengths[0] != one.lengths[1]]
    if two:
        towards = _means((one.case, one.error if one.lengths[0] > one.lengths[1] else -one.error) for one in two)
        return paired.compare(towards, [0.0] * len(towards))
    pairs = [one for one in pairs if one.lengths]
    middle = sorted(one.lengths[0] for one in pairs)[len(pairs) // 2] if pairs else 0
    longer = _means((one.case, one.error) for one in pairs if one.lengths[0] >= middle)
    shorter = _means((one.case, one.error) for one in pairs if one.lengths[0] < middle)
    return groups.compare(longer, shorter) if longer and shorter else None


def _own(pairs: Sequence[Pair], own: frozenset[str], families: Callable[[str], frozenset[str]]) -> Difference | None:
    """By how much more than people do, a judge likes answers of its own family."""
    models = {one.model: bool(families(one.model) & own) for one in pairs if one.model}
    mine = _means((one.case, one.error) for one in pairs if models.get(one.model) is True)
    others = _means((one.case, one.error) for one in pairs if models.get(one.model) is False)
    return groups.compare(mine, others) if mine and others else None


def _means(values: Iterable[tuple[str, float]]) -> list[float]:
    """One value for each case: what is said of one case is not said independently."""
    of_case: dict[str, list[float]] = {}
    for case, value in values:
        of_case.setdefault(case, []).append(value)
    return [sum(one) / len(one) for one in of_case.values()]


# -- scores without the leaning -----------------------------------------------------------------------------------


def _corrected(
    experiment: Experiment, suite: Suite, judge: str, judged: Sequence[Done], pairs: Sequence[Pair]
) -> dict[str, Corrected]:
    """By variant. Only labels that were drawn at random in this experiment speak for its other answers."""
    drawn = {one.place: one for one in pairs if one.experiment == experiment.id and one.drawn}
    found = {}
    for variant in suite.variants if drawn else ():
        mine = [one for one in judged if one.item.variant == variant.name]
        people = _of_case((one, drawn[one.item.place].person) for one in mine if one.item.place in drawn)
        there = _of_case((one, one.scores[judge].value or 0.0) for one in mine if one.item.place in drawn)
        every = _of_case((one, one.scores[judge].value or 0.0) for one in mine)
        if people:
            elsewhere = [value for case, value in every.items() if case not in people]
            found[variant.name] = corrected(list(people.values()), list(there.values()), elsewhere)
    return found


def _of_case(values: Iterable[tuple[Done, float]]) -> Mapping[str, float]:
    of_case: dict[str, list[float]] = {}
    for done, value in values:
        of_case.setdefault(done.item.case_id, []).append(value)
    return {case: sum(one) / len(one) for case, one in of_case.items()}
