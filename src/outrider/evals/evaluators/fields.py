"""Field by field: how much of a structured answer is right."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.evals.evaluators import Ports
from outrider.evals.evaluators.exact import plain
from outrider.evals.evaluators.json_schema import read
from outrider.evals.records import Case, Outcome, Score

WHAT = "the share of the expected fields of a JSON answer that are right"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`only` and `leave_out` choose fields by path (`customer.name`); numbers may differ by `tolerance`; `all`: one
    wrong field makes the answer wrong."""

    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    tolerance: float = 0.0
    all: bool = False
    ignore: tuple[str, ...] = ("case", "space")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if not isinstance(case.expected, Mapping | list):
        return Score(None, "the case expects no fields")
    wanted = {path: value for path, value in leaves(case.expected).items() if _counts(path, options)}
    if not wanted:
        return Score(None, "none of the expected fields counts")
    said, why = read(outcome.text)
    if why:
        return Score(0.0, why)
    found = leaves(said)
    wrong = [path for path, value in wanted.items() if path not in found or not _same(found[path], value, options)]
    share = 1 - len(wrong) / len(wanted)
    about = {"wrong": {path: {"expected": wanted[path], "said": found.get(path)} for path in wrong[:20]}}
    if options.all:
        share = float(not wrong)
    return Score(share, f"wrong: {', '.join(wrong[:5])}" if wrong else "", about=about if wrong else {})


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every scalar by its path; an empty list or object is one, too."""
    if isinstance(value, Mapping) and value:
        parts = [leaves(part, f"{path}.{name}" if path else str(name)) for name, part in value.items()]
    elif isinstance(value, list) and value:
        parts = [leaves(part, f"{path}[{at}]") for at, part in enumerate(value)]
    else:
        return {path: value}
    return {name: leaf for part in parts for name, leaf in part.items()}


def _counts(path: str, options: Options) -> bool:
    def under(names: tuple[str, ...]) -> bool:
        return any(path == name or path.startswith((f"{name}.", f"{name}[")) for name in names)

    return (not options.only or under(options.only)) and not under(options.leave_out)


def _same(said: Any, wanted: Any, options: Options) -> bool:
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (said, wanted))
    if numbers:
        return bool(abs(said - wanted) <= options.tolerance * max(1.0, abs(wanted)))
    if isinstance(said, str) and isinstance(wanted, str):
        return plain(said, options.ignore) == plain(wanted, options.ignore)
    return type(said) is type(wanted) and bool(said == wanted)
