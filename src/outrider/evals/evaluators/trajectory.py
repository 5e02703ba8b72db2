"""What was done on the way: turns, tool calls, the same call again."""

import collections
from typing import Literal

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score, digest

WHAT = "how long the way to the answer was: turns, tool calls, or calls that repeat themselves"
BETTER = "lower"
ABOUT_FAILURES = True


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted. `most`: with it the score is 1 up to so many and 0 beyond, instead of the number."""

    count: Literal["turns", "tools", "repeats"] = "turns"
    most: int | None = None


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    models = [step for step in outcome.steps if step.get("kind") == "model"]
    tools = [digest([step.get("name"), step.get("arguments")]) for step in outcome.steps if step.get("kind") == "tool"]
    repeats = sum(often - 1 for often in collections.Counter(tools).values())
    called = len(tools) or len(outcome.calls)
    number = {"turns": max(1, len(models)), "tools": called, "repeats": repeats}[options.count]
    if options.most is not None:
        return Score(float(number <= options.most), f"{number} {options.count}")
    return Score(float(number), about={options.count: number})
