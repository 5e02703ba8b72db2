"""Answers for a person to label: drawn at random, so that what is said of them holds for the others."""

import random

import msgspec

from outrider.evals.evaluators import Evaluator
from outrider.evals.evaluators import judge as by_rubric
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging import verdicts
from outrider.evals.judging.labels import Labels
from outrider.evals.judging.pairs import MOST, is_verdict
from outrider.evals.records import Case


class Shown(msgspec.Struct):
    """An answer to label, and the one `beside` which it stands (None: it stands alone). `turned`: that one is shown
    first, for people have a side, too."""

    done: Done
    beside: Done | None
    turned: bool


def draw(
    experiments: Experiments, labels: Labels, experiment: Experiment, judge: Evaluator, who: str, number: int
) -> list[Shown]:
    """The next answers that `who` has not labelled, in an order that is random and the same for everybody: so people
    label the same ones, and their agreement is known, too."""
    given = labels.newest(experiment.project, MOST, rubric=judge.name)
    mine = {one.place for one in given if one.experiment == experiment.id and one.who == who}
    compared = bool(getattr(judge.module, "AGAINST_BASELINE", False))
    places: list[int] = []
    beside: dict[int, int] = {}
    baseline: dict[tuple[str, int], int] = {}
    for one in experiments.done(experiment.id):
        key, place = (one.item.case_digest, one.item.turn), one.item.place
        if one.item.variant == experiment.plan["baseline"]:
            baseline[key] = place
        if is_verdict(one, judge.name) and (not compared or key in baseline):
            places.append(place)
            beside[place] = baseline.get(key, place)
    order = random.Random(f"{experiment.id}/{judge.name}")
    order.shuffle(places)
    sides = {place: order.random() < 0.5 for place in places}
    chosen = [place for place in places if place not in mine][:number]
    found = {one.item.place: one for one in experiments.at(experiment.id, [*chosen, *(beside[one] for one in chosen)])}
    return [Shown(found[one], found[beside[one]] if compared else None, compared and sides[one]) for one in chosen]


def choices(judge: Evaluator, one: Shown) -> dict[str, float]:
    """What may be said of it, and its value."""
    if one.beside is not None:
        return {"first": float(not one.turned), "second": float(one.turned), "tie": 0.5}
    said = by_rubric.choices(judge.options.levels)
    return {word: at / (len(said) - 1) for at, word in enumerate(said)}


def text(case: Case | None, judge: Evaluator, one: Shown) -> str:
    """What a person is shown: the rubric, the conversation, and what was answered; not by whom."""
    parts = [("rubric", judge.options.rubric)]
    if case is not None:
        parts.append(("conversation", verdicts.conversation(case)))
        if getattr(judge.options, "reference", False):
            parts.append(("reference", verdicts.text_of(case.expected)))
    if one.beside is None:
        parts.append(("answer", verdicts.answer(one.done.outcome)))
    else:
        two = (one.done, one.beside)
        first, second = reversed(two) if one.turned else two
        parts += [("first", verdicts.answer(first.outcome)), ("second", verdicts.answer(second.outcome))]
    return "\n".join(f"[{name}]\n{said}" for name, said in parts)
