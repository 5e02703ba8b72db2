"""What an experiment says: scores with intervals, variants against the baseline case by case, and who wavers.

The case is what is drawn from the world: repeats of one case are averaged before anything is counted, so that asking
twice does not look like knowing twice as much.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from outrider.calibrate import intervals, paired, sizes
from outrider.calibrate.intervals import Interval
from outrider.calibrate.paired import Difference
from outrider.evals.evaluators import Better
from outrider.evals.experiments import Done
from outrider.evals.gates import Gate
from outrider.evals.judging import kin
from outrider.evals.suite import Suite

Verdict = Literal["passed", "failed", "inconclusive"]
MOST_NAMED = 50
UNSEEN = "a judge's score; nobody looked here whether it agrees with people (`outrider judges measure`)"


class Measured(msgspec.Struct):
    """One evaluator on one variant. `silent` is how many answers it said nothing about, `why` the first
    reason for that; `flaky` are the cases whose repeats
    disagree. `note` says what speaks against believing it."""

    score: str
    variant: str
    mean: Interval
    better: Better
    unit: str = ""
    silent: int = 0
    why: str = ""
    flaky: list[str] = []
    note: str = ""


class Against(msgspec.Struct):
    """A variant against the baseline on the cases that both answered. `p` is adjusted for all comparisons of the
    experiment (Holm). `ties` is how many cases are alike; `gained` and `lost` name some of the others, most first."""

    score: str
    variant: str
    baseline: str
    difference: Difference
    p: float
    ties: int
    gained: list[str]
    lost: list[str]


class Held(msgspec.Struct):
    """A gate and whether it holds, with the reason in words. `needs` is how many cases would tell."""

    gate: str
    verdict: Verdict
    reason: str
    needs: int | None = None


class Report(msgspec.Struct):
    """All of it. `failed` counts answers that are errors, by variant; `cost` is nano-dollars, of answers that were
    asked for (`cached` ones came from before)."""

    experiment: str
    name: str
    cases: int
    answers: int
    cached: int
    cost: int
    failed: dict[str, int]
    measured: list[Measured]
    against: list[Against]
    gates: list[Held]
    complete: bool = True

    @property
    def verdict(self) -> Verdict:
        """The worst of the gates."""
        verdicts = {one.verdict for one in self.gates}
        return "failed" if "failed" in verdicts else "inconclusive" if "inconclusive" in verdicts else "passed"


Values = dict[str, dict[str, dict[str, list[float]]]]
"""Scores by evaluator, variant, and case."""


def report(
    experiment: str, suite: Suite, done: Iterable[Done], *, items: int = 0, notes: Mapping[str, str] | None = None
) -> Report:
    """The report on what came so far. `items` is how many answers there are to be, `notes` what is to be said beside an
    evaluator's scores (`judging.notes`; None: nobody looked what judges are worth, and that is said)."""
    said = {one.name: UNSEEN for one in kin.judges(suite)} if notes is None else notes
    values: Values = {one.name: {variant.name: {} for variant in suite.variants} for one in suite.evaluators}
    silent: dict[tuple[str, str], list[str]] = {}
    failed = {variant.name: 0 for variant in suite.variants}
    cases: set[str] = set()
    answers = cached = cost = 0
    for one in done:
        answers, cached, cost = answers + 1, cached + one.outcome.cached, cost + one.cost
        cases.add(one.item.case_id)
        failed[one.item.variant] += one.outcome.status == "error"
        for name, score in one.scores.items():
            if score.value is None:
                silent.setdefault((name, one.item.variant), []).append(score.reason)
            elif name in values:
                values[name][one.item.variant].setdefault(one.item.case_id, []).append(score.value)
    measured = [
        _measured(suite, name, variant, of_case, silent.get((name, variant), []), said.get(name, ""))
        for name, variants in values.items()
        for variant, of_case in variants.items()
    ]
    means = {name: {v: _means(of_case) for v, of_case in variants.items()} for name, variants in values.items()}
    against = _compared(suite, means)
    held = [_noted(one, said.get(gate.score, "")) for gate in suite.gates for one in _held(gate, suite, means)]
    return Report(
        experiment, suite.name, len(cases), answers, cached, cost, failed, measured, against, held, answers >= items
    )


def _means(of_case: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {case: sum(scores) / len(scores) for case, scores in of_case.items()}


def _noted(held: Held, note: str) -> Held:
    return msgspec.structs.replace(held, reason=f"{held.reason}; {note}") if note else held


def _measured(
    suite: Suite, name: str, variant: str, of_case: Mapping[str, list[float]], silent: list[str], note: str
) -> Measured:
    evaluator = next(one for one in suite.evaluators if one.name == name)
    flaky = [
        case for case, scores in of_case.items() if max(scores) - min(scores) > 0.5 and evaluator.better == "higher"
    ]
    mean = intervals.mean(list(_means(of_case).values()), scores=not evaluator.unit)
    return Measured(
        name,
        variant,
        mean,
        evaluator.better,
        evaluator.unit,
        len(silent),
        "".join(silent[:1]),
        flaky[:MOST_NAMED],
        note,
    )


Means = Mapping[str, Mapping[str, Mapping[str, float]]]


def _compared(suite: Suite, means: Means) -> list[Against]:
    found = []
    for evaluator in suite.evaluators:
        of_variant = means[evaluator.name]
        base = of_variant[suite.baseline]
        for variant in suite.variants:
            if variant.name == suite.baseline:
                continue
            mine = of_variant[variant.name]
            gaps = {case: value - base[case] for case, value in mine.items() if case in base}
            ordered = sorted((case for case in gaps if gaps[case]), key=lambda case: -abs(gaps[case]))
            scale = 0.0 if evaluator.unit else 1.0
            difference = paired.compare([mine[case] for case in gaps], [base[case] for case in gaps], scale=scale)
            sign = -1 if evaluator.better == "lower" else 1
            found.append(
                Against(
                    evaluator.name,
                    variant.name,
                    suite.baseline,
                    difference,
                    difference.p,
                    len(gaps) - len(ordered),
                    [case for case in ordered if gaps[case] * sign > 0][:MOST_NAMED],
                    [case for case in ordered if gaps[case] * sign < 0][:MOST_NAMED],
                )
            )
    for one, p in zip(found, paired.holm([one.p for one in found]), strict=True):
        one.p = p
    return found


# -- gates ------------------------------------------------------------------------------------------------------


def _held(gate: Gate, suite: Suite, means: Means) -> list[Held]:
    """A gate on every variant that it is about."""
    names = [gate.variant] if gate.variant else [one.name for one in suite.variants if one.name != gate.other]
    unit = next(one.unit for one in suite.evaluators if one.name == gate.score)
    named = (len(names) > 1 or bool(gate.other)) and not gate.variant
    texts = {name: f"{name}: {gate.text}" if named else gate.text for name in names}
    return [_judged(gate, name, means[gate.score], text, scores=not unit) for name, text in texts.items()]


def _judged(gate: Gate, variant: str, means: Mapping[str, Mapping[str, float]], text: str, *, scores: bool) -> Held:
    mine = means[variant]
    if not mine:
        return Held(text, "inconclusive", "no case was scored")
    if gate.sign == "==":
        return _none(text, mine)
    if not gate.other:
        values = list(mine.values())
        found, spread = intervals.mean(values, scores=scores), _spread(values)
        scored = scores and min(values) >= 0 and max(values) <= 1
        if scored:
            return _told(text, found, gate, lambda: sizes.for_bound(found.estimate, gate.bound, spread))
        return _told(text, found, gate, lambda: sizes.for_difference(found.estimate, gate.bound, spread))
    other = means[gate.other]
    both = [case for case in mine if case in other]
    if not both:
        return Held(text, "inconclusive", f"no case was scored for both {variant} and {gate.other}")
    scale, ours, theirs = float(scores), [mine[case] for case in both], [gate.times * other[case] for case in both]
    one = paired.compare(ours, theirs, scale=scale)
    spread, size = _spread([a - b for a, b in zip(ours, theirs, strict=True)]), paired.usual(ours, theirs, scale=scale)
    return _told(
        text,
        Interval(one.estimate, one.low, one.high, one.n),
        gate,
        lambda: sizes.for_difference(one.estimate, gate.bound, spread, size=size),
    )


def _none(text: str, mine: Mapping[str, float]) -> Held:
    """Nothing of the kind may happen. That it did not is no proof that it cannot: the words say how often it still
    may."""
    bad = [case for case, value in mine.items() if value > 0]
    if bad:
        return Held(text, "failed", f"{len(bad)} of {len(mine)} cases, first {bad[0]}")
    most = intervals.share(0, len(mine)).high
    return Held(text, "passed", f"none of {len(mine)} cases; at most {most:.2%} of cases, with 95 % confidence")


def _told(text: str, found: Interval, gate: Gate, enough: Callable[[], int | None]) -> Held:
    """`enough`: how many cases would tell, if they are like those that were seen."""
    low, high, bound = found.low - gate.bound, found.high - gate.bound, gate.bound
    if gate.sign == "<=":
        low, high = -high, -low
    said = f"{found.estimate:+.4g} [{found.low:+.4g}, {found.high:+.4g}] against {bound:+.4g}, n = {found.n}"
    if found.n < 2:
        return Held(text, "inconclusive", f"{said}; one case tells nothing of others", 2)
    if low >= 0:
        return Held(text, "passed", said)
    if high < 0:
        return Held(text, "failed", said)
    needs = enough()
    if needs is None:
        return Held(text, "inconclusive", f"{said}; it lies on the bound, and no number of cases will tell")
    needs = max(needs, found.n + 1)  # these were not enough, whatever others would be
    return Held(text, "inconclusive", f"{said}; about {needs} cases would tell, if they are like these", needs)


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return float((sum((one - mean) ** 2 for one in values) / max(1, len(values) - 1)) ** 0.5)
