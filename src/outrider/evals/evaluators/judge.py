"""A model says how good an answer is, by a rubric and, where there is one, the expected answer."""

from collections import Counter

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.judging import verdicts
from outrider.evals.records import Case, Outcome, Score, digest

WHAT = "a model's verdict by a rubric, of another family than the subject's; measure it with `outrider judges`"
JUDGE = True
_TWO = ("fail", "pass")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model` is a route, `rubric` what makes an answer good. `levels` 2: fail or pass; n: 1 to n, 1 the worst.
    `reference`: the expected answer is shown. `repeats` verdicts are averaged. `same_family`: a judge of the subject's
    family is taken. Below `agreement_at_least` (Gwet's AC1 with people) its scores are marked."""

    model: str
    rubric: str
    levels: int = 2
    reference: bool = False
    repeats: int = 1
    same_family: bool = False
    agreement_at_least: float = 0.6

    def __post_init__(self) -> None:
        if not self.rubric.strip() or not self.model:
            raise ValueError("say which `model` judges, and by which `rubric`")
        if not 2 <= self.levels <= 10 or not 1 <= self.repeats <= 20:
            raise ValueError("`levels` are 2 to 10, `repeats` 1 to 20")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if options.reference and case.expected is None:
        return Score(None, "the case expects no answer to hold this one against")
    allowed = choices(options.levels)
    messages = verdicts.of_answer(case, outcome, options.rubric, allowed, _scale(options), reference=options.reference)
    turns = [digest([msgspec.to_builtins(options), turn]) for turn in range(options.repeats)]
    heard = [verdicts.ask(ports, options.model, messages, allowed, turn) for turn in turns]
    cost, said = sum(one.cost for one in heard), [one.said for one in heard if one.said is not None]
    named = [one.verdict for one in said]
    about = {"judge": options.model, "verdicts": named, "faults": len(heard) - len(said)}
    if not said:
        return Score(None, heard[0].fault, cost=cost, about=about)
    label = Counter(named).most_common(1)[0][0]
    reason = next(one.reasons for one in said if one.verdict == label)
    value = sum(map(allowed.index, named)) / (len(named) * (len(allowed) - 1))
    return Score(value, reason, label, cost, about)


def choices(levels: int) -> tuple[str, ...]:
    """What a judge may say, the worst first."""
    return _TWO if levels == 2 else tuple(str(one) for one in range(1, levels + 1))


def _scale(options: Options) -> str:
    held = " Hold the answer against the reference: other words for the same are as good." if options.reference else ""
    if options.levels == 2:
        return f"Does the answer pass the rubric?{held}"
    return f"How well does the answer meet the rubric, from 1 (not at all) to {options.levels} (perfectly)?{held}"
