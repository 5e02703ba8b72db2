"""Any function of yours."""

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "a Python function of yours: `def score(case, outcome) -> float | bool | Score`"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`function` is `module:function`; the folder that the command runs in is looked in, too. `options` go to it by
    name."""

    function: str
    options: Mapping[str, Any] = {}


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    found = function(options.function)(case, outcome, **options.options)
    if isinstance(found, Score):
        return found
    if found is None or isinstance(found, bool | int | float):
        return Score(None if found is None else float(found))
    raise RequestError(
        f"{options.function} gave a {type(found).__name__}: it has to be a number, a bool, a Score or None"
    )


@lru_cache(64)
def function(name: str) -> Callable[..., Any]:
    """The function `module:function`. Raises RequestError that says what is not there."""
    module, _, called = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), called)
    except (ImportError, AttributeError, ValueError) as error:
        raise RequestError(
            f"{name!r} is no `module:function` that can be imported: {error}", param="function"
        ) from None
    return found
