"""What is sampled of live traffic, and who scores it. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base.errors import RequestError
from outrider.evals import evaluators
from outrider.evals.evaluators import Evaluator
from outrider.evals.production import FEEDBACK_BAD
from outrider.evals.records import Score, digest
from outrider.journal.events import RunRecorded
from outrider.journal.projections.usage import is_apart
from outrider.journal.rows import RunFilter
from outrider.replay import query

Kind = Literal["random", "errors", "low-feedback", "rare"]
Asked = Literal["first", "unsure", "audit"]
"""Why an evaluator was asked: it is the first, the one before it was unsure, or it looks after one that was sure."""
VERDICT = "verdict"
"""The score of a whole chain, under this name."""
ANSWERS = frozenset({"chat.completions", "messages", "responses", "gemini"})
"""Names of runs in which a model answered: what is sampled."""
JUDGES = "judge:"
"""How the tag begins under which experiments ask their judges."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
SLACK = 1e-9


class Step(msgspec.Struct, frozen=True):
    """An evaluator of a chain. The next one is asked where this one says nothing, or a score in `unsure`."""

    evaluator: Evaluator
    unsure: tuple[float, float] | None = None

    @property
    def judge(self) -> bool:
        return self.evaluator.judge

    def is_unsure(self, score: Score) -> bool:
        if score.value is None:
            return True
        return self.unsure is not None and self.unsure[0] - SLACK <= score.value <= self.unsure[1] + SLACK


class Rule(msgspec.Struct, frozen=True):
    """A rule. Of what `kind` and `where` keep, `share` (0 to 1) or so many `per_hour` are drawn. Where a check was
    sure, the next evaluator is asked all the same for the share `audit`. A score below `propose_below` proposes the
    run as a case, at most `propose_per_day` of them; without evaluators and measures every drawn run is proposed.
    `measures` are asked of every drawn run. `complained`: only runs that got bad feedback."""

    name: str
    project: str
    kind: Kind = "random"
    where: RunFilter = msgspec.field(default_factory=RunFilter)
    share: float = 0.0
    per_hour: int = 0
    steps: tuple[Step, ...] = ()
    audit: float = 0.05
    propose_below: float = 0.5
    propose_per_day: int = 20
    complained: bool = False
    measures: tuple[Evaluator, ...] = ()

    @property
    def by_feedback(self) -> bool:
        """Whether a run is drawn from when it first gets bad feedback, and not when it was answered."""
        return self.complained or self.kind == "low-feedback"

    def names(self) -> list[str]:
        """Names of its series: of the chain as a whole, those of its evaluators, and of what is measured."""
        names, measured = [step.evaluator.name for step in self.steps], [one.name for one in self.measures]
        return [VERDICT, *names, *measured] if len(names) > 1 else [*names, *measured]

    def evaluator(self, name: str) -> Evaluator | None:
        """The evaluator or measure of a name; None for the chain as a whole."""
        return next(
            (one for one in (*(step.evaluator for step in self.steps), *self.measures) if one.name == name), None
        )

    def version(self, name: str) -> str:
        """What decides about a series' scores: another judge, rubric or chain begins another series."""
        if name == VERDICT:
            chain = [[step.evaluator.digest(), step.unsure] for step in self.steps]
            return digest(chain)[:16]
        found = self.evaluator(name)
        assert found is not None
        return found.digest()[:16]

    def keeps(self, run: RunRecorded) -> bool:
        """Whether the run belongs to what is drawn from. Replays and experiments do not, nor what this asks itself, nor
        what its caller broke off."""
        if run.project != self.project or run.name not in ANSWERS or run.status not in ("ok", "error"):
            return False
        if is_apart(run.tags) or any(tag.startswith(JUDGES) for tag in run.tags):
            return False
        return (self.kind != "errors" or run.status == "error") and fits(self.where, run)


def fits(where: RunFilter, run: RunRecorded) -> bool:
    """Whether the list of runs would show it under this filter."""
    equal = (
        (where.route, run.route), (where.model, run.model), (where.deployment, run.deployment), (where.key, run.key),
        (where.status, run.status), (where.session, run.session), (where.user, run.user),
    )  # fmt: skip
    if any(wanted and wanted != found for wanted, found in equal):
        return False
    least = ((where.min_cost, run.cost), (where.min_duration, run.duration), (where.min_ttft, run.ttft))
    if any(bound is not None and found < bound for bound, found in least):
        return False
    if where.max_cost is not None and run.cost > where.max_cost:
        return False
    return not where.text or _has_words(run.preview, where.text)


def _has_words(text: str, wanted: str) -> bool:
    """All of the words, the last one may be a beginning."""
    words, known = re.findall(r"\w+", wanted.casefold()), re.findall(r"\w+", text.casefold())
    there = set(known)
    if not words:
        return True
    return all(word in there for word in words[:-1]) and any(one.startswith(words[-1]) for one in known)


def where(words: str, project: str, kind: Kind) -> tuple[RunFilter, bool]:
    """The filter of a rule, and whether it says `feedback=bad`. Raises RequestError that says what it cannot have."""
    kept, complained = FEEDBACK_BAD.subn(" ", f" {words} ")
    found = query.parse(kept, project)
    if found.since is not None or found.until is not None:
        raise RequestError("`since` and `until` say nothing of what is still to come: leave them out", param="where")
    if kind == "errors" and found.status not in ("", "error"):
        raise RequestError(f"`status={found.status}` leaves nothing of the kind `errors`", param="where")
    return found, complained > 0


def chain(said: Sequence[Any]) -> tuple[Step, ...]:
    """The evaluators of a rule, as a suite writes them, each perhaps with `unsure: [low, high]`. Raises RequestError
    whose `param` is the place of the one at fault."""
    found: list[Step] = []
    for at, given in enumerate(said):
        try:
            found.append(_step(given, last=at == len(said) - 1))
        except RequestError as error:
            raise RequestError(error.message, param=str(at)) from None
        if found[-1].evaluator.name in [VERDICT, *(one.evaluator.name for one in found[:-1])]:
            raise RequestError(
                f"the name {found[-1].evaluator.name!r} is taken: give another by `name:`", param=str(at)
            )
    return tuple(found)


def measures(said: Sequence[Any], taken: Sequence[str]) -> tuple[Evaluator, ...]:
    """What a rule measures of every drawn run, as a suite writes it; `taken` are names of its evaluators. Raises
    RequestError whose `param` is the place of the one at fault."""
    found: list[Evaluator] = []
    for at, given in enumerate(said):
        try:
            step = _step(given, last=True)
            if step.evaluator.better == "higher" or hasattr(step.evaluator.module, "ASKS"):
                raise RequestError(f"{step.evaluator.kind!r} is no measure: it belongs under `evaluators`")
        except RequestError as error:
            raise RequestError(error.message, param=str(at)) from None
        if step.evaluator.name in (VERDICT, *taken, *(one.name for one in found)):
            raise RequestError(f"the name {step.evaluator.name!r} is taken: give another by `name:`", param=str(at))
        found.append(step.evaluator)
    return tuple(found)


def _step(given: Any, *, last: bool) -> Step:
    fields = {given: {}} if isinstance(given, str) else dict(given) if isinstance(given, Mapping) else {}
    name, unsure = fields.pop("name", ""), fields.pop("unsure", None)
    if len(fields) != 1:
        raise RequestError("one evaluator with its options, and perhaps `name:` and `unsure: [low, high]`")
    kind, options = next(iter(fields.items()))
    if not isinstance(options or {}, Mapping):
        raise RequestError(f"the options of {kind!r} are a mapping, not {options!r:.40}")
    made = evaluators.named(str(kind), options or {}, str(name))
    if getattr(made.module, "AGAINST_BASELINE", False):
        raise RequestError(f"{kind!r} compares with a baseline's answer, and live traffic has none: use `judge`")
    if unsure is not None and last:
        raise RequestError("`unsure` says when the next evaluator is asked, and there is none after the last")
    if not last and made.better != "higher" and unsure is None:
        raise RequestError(f"{kind!r} is a measure: say by `unsure: [low, high]` when the next evaluator is asked")
    return Step(made, _band(unsure))


def _band(said: Any) -> tuple[float, float] | None:
    if said is None:
        return None
    try:
        low, high = (float(one) for one in said)
    except (TypeError, ValueError):
        raise RequestError("`unsure` has a lowest and a highest score, such as [0.3, 0.7]") from None
    if not low <= high:
        raise RequestError(f"`unsure`: {low:g} is above {high:g}")
    return low, high
