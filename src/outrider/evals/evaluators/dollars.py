"""What it cost; of a recording, what it cost then."""

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "dollars that the answer cost"
BETTER = "lower"
UNIT = "$"
ABOUT_FAILURES = True


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing to choose."""


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    return Score(outcome.about.get("worth", outcome.cost) / 1e9)
