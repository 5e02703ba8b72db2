"""How long it took."""

from typing import Literal

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "seconds until the answer, or until its first token"
BETTER = "lower"
UNIT = "s"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until what the time is taken."""

    until: Literal["end", "first_token"] = "end"


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if outcome.cached:
        return Score(None, "the answer was there from before")
    if options.until == "end":
        return Score(outcome.seconds)
    return Score(outcome.first_token, "" if outcome.first_token is not None else "the answer did not stream")
