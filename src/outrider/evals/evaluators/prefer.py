"""A model says whether an answer is better than the baseline's; it is asked in both orders, for judges have a side."""

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.judging import verdicts
from outrider.evals.records import Case, Outcome, Score, digest

WHAT = "a model's preference over the baseline's answer, asked in both orders: 1 better, 0.5 no difference, 0 worse"
JUDGE = True
AGAINST_BASELINE = True
CHOICES = ("first", "second", "tie")
_FIRST = {"first": 1.0, "second": 0.0, "tie": 0.5}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`model` is a route, `rubric` what makes an answer better. Each of `repeats` is two verdicts, one for each order.
    `same_family`: a judge of the subject's family is taken. Below `agreement_at_least` (Gwet's AC1 with people) its
    scores are marked."""

    model: str
    rubric: str = "The better answer is the one that helps the person who asked more, and is right."
    repeats: int = 1
    same_family: bool = False
    agreement_at_least: float = 0.6

    def __post_init__(self) -> None:
        if not self.rubric.strip() or not self.model:
            raise ValueError("say which `model` judges, and by which `rubric`")
        if not 1 <= self.repeats <= 20:
            raise ValueError("`repeats` are 1 to 20")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    other = ports.baseline
    if other is None:
        return Score(0.5, "it is what others are compared with")
    if other.status == "error":
        return Score(1.0, f"the baseline has no answer: {other.error}", "better")
    if _said(outcome) == _said(other):
        return Score(0.5, "both say the same", "tie")
    orders = (
        verdicts.of_two(case, outcome, other, options.rubric, CHOICES),
        verdicts.of_two(case, other, outcome, options.rubric, CHOICES),
    )
    asked = [
        (order, digest([msgspec.to_builtins(options), turn, order]))
        for turn in range(options.repeats)
        for order in (0, 1)
    ]
    heard = [(order, verdicts.ask(ports, options.model, orders[order], CHOICES, turn)) for order, turn in asked]
    shown = [[_FIRST[one.said.verdict] for at, one in heard if at == order and one.said] for order in (0, 1)]
    about = {
        "judge": options.model, "shown_first": shown[0], "shown_second": shown[1],
        "lengths": [len(outcome.text), len(other.text)],
    }  # fmt: skip
    cost, faults = sum(one.cost for _, one in heard), [one.fault for _, one in heard if one.said is None]
    if not shown[0] or not shown[1]:
        return Score(None, f"one of the orders has no verdict: {faults[0]}", cost=cost, about=about)
    first, second = (sum(one) / len(one) for one in shown)
    value = (first + 1 - second) / 2
    label = "better" if value > 0.5 else "worse" if value < 0.5 else "tie"
    return Score(value, next(one.said.reasons for _, one in heard if one.said), label, cost, about)


def _said(outcome: Outcome) -> tuple[str, str]:
    """What of an outcome is compared."""
    return outcome.text, verdicts.text_of(outcome.calls)
