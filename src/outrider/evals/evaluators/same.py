"""The answer is what it was in the recording that a replay began with."""

import difflib
from typing import Literal

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "a replay's answer, or its whole way, is as it was recorded"
MOST_COMPARED = 20_000


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`what` has to be the same: the last `answer`, or every step of the `way` to it. `partly`: another answer counts
    as far as its words are the same."""

    what: Literal["answer", "way"] = "answer"
    partly: bool = False


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    replay = outcome.about.get("replay")
    if not isinstance(replay, dict) or replay.get("before") is None:
        return Score(None, "there is no recorded answer to hold it against")
    if options.what == "way":
        at = replay.get("diverged") or 0
        return Score(float(not at), f"other than recorded from step {at} on" if at else "")
    before, after = str(replay["before"]), str(replay.get("after", ""))
    if before == after or not options.partly:
        return Score(float(before == after))
    one, other = before[:MOST_COMPARED].split(), after[:MOST_COMPARED].split()
    return Score(difflib.SequenceMatcher(None, one, other, autojunk=False).ratio())
