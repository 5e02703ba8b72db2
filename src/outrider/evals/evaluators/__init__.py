"""Evaluators: one file each, found by name. `outrider.evals.evaluators` is also the entry-point group for others.

A module has `WHAT` (a line for people), `Options` (a frozen struct: what a suite may say), and
`score(case, outcome, options, ports) -> Score`. `BETTER` is `higher` (a score between 0 and 1, the default), `lower` or
`none` for measures; `UNIT` what a measure counts. `ABOUT_FAILURES` is set where outcomes that failed are scored, too:
otherwise they count as 0. `JUDGE` is set where a model says the score, `AGAINST_BASELINE` where that takes the answer
of the baseline. `ASKS` names the option that may hold a route which is asked now and then.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Literal, Protocol

import msgspec

from outrider.base import plugins
from outrider.base.errors import OutriderError, RequestError
from outrider.evals.records import Case, Outcome, Score, digest

__all__ = ["Asked", "Better", "Evaluator", "Ports", "kinds", "measures", "named"]

PACKAGE = "outrider.evals.evaluators"
Better = Literal["higher", "lower", "none"]


class Asked(Protocol):
    """A model that evaluators may ask: the text of its answer, and what it cost in nano-dollars. The same `again` gets
    the same answer. Blocks."""

    def __call__(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any
    ) -> tuple[str, int]: ...


class Ports(msgspec.Struct):
    """What evaluators are lent. `embed` gives vectors of length 1, `families` says whose models a route has. Of the
    answer that is scored: `again` names it, `baseline` is the baseline's answer to the same (None: it is this one)."""

    embed: Callable[[Sequence[str]], Sequence[Sequence[float]]] | None = None
    ask: Asked | None = None
    families: Callable[[str], frozenset[str]] | None = None
    again: str = ""
    baseline: Outcome | None = None


class Evaluator(msgspec.Struct, frozen=True):
    """An evaluator as a suite uses it, under the suite's name for it."""

    name: str
    kind: str
    options: Any
    module: ModuleType

    @property
    def better(self) -> Better:
        found: Better = getattr(self.module, "BETTER", "higher")
        return found

    @property
    def unit(self) -> str:
        return str(getattr(self.module, "UNIT", ""))

    @property
    def judge(self) -> bool:
        """Whether a model says its scores."""
        return bool(getattr(self.module, "JUDGE", False))

    def digest(self) -> str:
        """What of it decides about scores."""
        return digest([self.kind, msgspec.to_builtins(self.options), getattr(self.module, "VERSION", 1)])

    def score(self, case: Case, outcome: Outcome, ports: Ports) -> Score:
        """An evaluator's own fault is a score of nothing with its reason, and never the end of an experiment."""
        if outcome.status == "error" and not getattr(self.module, "ABOUT_FAILURES", False):
            return Score(0.0, f"there is no answer: {outcome.error}")
        try:
            found: Score = self.module.score(case, outcome, self.options, ports)
        except OutriderError as error:
            return Score(None, error.message)
        except Exception as error:  # noqa: BLE001 -- the edge of evaluators, which anybody may write
            return Score(None, f"the evaluator met a fault of its own: {type(error).__name__}: {error}"[:500])
        return _plain(found)


def _plain(found: Score) -> Score:
    """A score as it can be kept: a number of Python's own, or none where it is not finite."""
    if found.value is None:
        return found
    value = float(found.value)
    if not math.isfinite(value):
        return msgspec.structs.replace(found, value=None, reason=f"the evaluator gave {value}")
    return msgspec.structs.replace(found, value=value)


def named(kind: str, options: Mapping[str, Any] | None = None, name: str = "") -> Evaluator:
    """The evaluator `kind` with its options. Raises RequestError for unknown kinds and options."""
    try:
        module = plugins.load(PACKAGE, kind)
    except LookupError as error:
        raise RequestError(f"there is {error}", param="evaluators") from None
    if not isinstance(options or {}, Mapping):
        raise RequestError(f"the evaluator {kind!r}: its options are `{{name: value}}`", param="evaluators")
    try:
        chosen = msgspec.convert(dict(options or {}), module.Options)
    except msgspec.ValidationError as error:
        raise RequestError(f"the evaluator {kind!r}: {error}", param="evaluators") from None
    return Evaluator(name or kind, kind, chosen, module)


def kinds() -> dict[str, str]:
    """Every evaluator and what it does."""
    return {name: str(plugins.load(PACKAGE, name).WHAT) for name in plugins.names(PACKAGE)}


def measures(kind: str) -> tuple[Better, str]:
    """Which way is better for an evaluator, and the unit of what it counts ("": none)."""
    module = plugins.load(PACKAGE, kind)
    return getattr(module, "BETTER", "higher"), str(getattr(module, "UNIT", ""))
