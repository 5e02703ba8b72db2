"""The number in the answer is near the expected one."""

import re

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "the last number of the answer is the expected one, within a tolerance"
_THOUSANDS = r"\d{1,3}(?:[,\u2019'\u202f ]\d{3})+"
_NUMBER = re.compile(rf"(?<![\w.])[-+\u2212]?(?:{_THOUSANDS}|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\d)")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tolerance` is a part of the expected number, `within` a distance; the wider counts. `first`: the first number of
    the answer is meant and not the last."""

    tolerance: float = 0.0
    within: float = 0.0
    first: bool = False


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    wanted = read(str(case.expected))
    if case.expected is None or not wanted:
        return Score(None, "the case expects no number")
    said = read(outcome.text)
    if not said:
        return Score(0.0, "there is no number in the answer")
    found, right = said[0 if options.first else -1], wanted[0]
    near = abs(found - right) <= max(options.within, options.tolerance * abs(right), 1e-12 * abs(right))
    return Score(float(near), "" if near else f"{found:g} instead of {right:g}")


def read(text: str) -> list[float]:
    """The numbers of a text, thousands separated or not."""
    return [float(re.sub(r"[,\u2019'\u202f ]", "", one).replace("\u2212", "-")) for one in _NUMBER.findall(text)]
