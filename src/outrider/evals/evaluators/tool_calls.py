"""The right tools with the right arguments, in any order."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports
from outrider.evals.evaluators.exact import plain
from outrider.evals.records import Call, Case, Outcome, Score

WHAT = "the tool calls of the answer are the expected ones, argument by argument, in any order"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ordered`: the order counts. `more`: calls beside the expected ones do not harm. `names`: only the tools count,
    not their arguments. `all`: a call is right or wrong; otherwise a right tool with some right arguments is partly
    right."""

    ordered: bool = False
    more: bool = False
    names: bool = False
    all: bool = True


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if not isinstance(case.expected, list | tuple):
        return Score(None, "the case expects no list of calls")
    wanted = [_call(one) for one in case.expected]
    made = list(outcome.calls)
    if not wanted:
        return Score(float(options.more or not made), f"it calls {made[0].tool}" if made else "")
    got, missing = 0.0, []
    at = 0
    for call in wanted:
        rest = made[at:] if options.ordered else made
        best = max(rest, key=lambda one: _likeness(call, one, options), default=None)
        likeness = _likeness(call, best, options) if best is not None else 0.0
        if best is None or likeness == 0 or (options.all and likeness < 1):
            missing.append(call.tool)
            continue
        got += likeness
        if options.ordered:
            at = made.index(best, at) + 1
        else:
            made.remove(best)
    extra = 0 if options.more else max(0, len(outcome.calls) - len(wanted))
    share = got / (len(wanted) + extra)
    why = f"missing or wrong: {', '.join(missing[:5])}" if missing else "there are more calls" if extra else ""
    return Score(share, why, about={"calls": [[one.tool, one.arguments] for one in outcome.calls[:50]]})


def _call(given: Any) -> Call:
    if isinstance(given, str):
        return Call(given)
    if isinstance(given, Mapping) and isinstance(name := given.get("tool") or given.get("name"), str):
        return Call(name, given.get("arguments", given.get("args")))
    raise RequestError("each expected call is a tool's name, or {tool: …, arguments: {…}}", param="expected")


def _likeness(wanted: Call, made: Call, options: Options) -> float:
    """0: another tool; 1: the same call; between them the share of arguments that are right."""
    if wanted.tool != made.tool:
        return 0.0
    if options.names or wanted.arguments is None:
        return 1.0
    if not isinstance(wanted.arguments, Mapping) or not isinstance(made.arguments, Mapping):
        return float(_same(wanted.arguments, made.arguments))
    names = wanted.arguments.keys() | made.arguments.keys()
    if not names:
        return 1.0
    both = wanted.arguments.keys() & made.arguments.keys()
    right = sum(_same(wanted.arguments[name], made.arguments[name]) for name in both)
    return (1 + right) / (1 + len(names))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return plain(one, ("case", "space")) == plain(other, ("case", "space"))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
