"""One drawn run, scored: the first evaluator always, each further one only where the one before it was unsure, or for
the small share in which those that were sure are looked at all the same. Blocks, as long as judges do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock, model_names
from outrider.base.errors import OutriderError, RequestError
from outrider.evals import production
from outrider.evals.evaluators import Asked as Asks
from outrider.evals.evaluators import Evaluator, Ports
from outrider.evals.online import drawing, outcomes
from outrider.evals.online.book import DAY_NS, Book, Sample, Scored
from outrider.evals.online.rules import VERDICT, Asked, Rule, Step
from outrider.evals.proposals import Proposals
from outrider.evals.records import Case, Outcome, Score, digest
from outrider.store import Store

TRIES = 6
PAUSES_NS = (30_000_000_000, 120_000_000_000, 600_000_000_000, 1_800_000_000_000, 7_200_000_000_000)
"""How long a run rests whose judge did not answer."""


HELD_NS, UNSPENT = 600_000_000_000, 0.8
"""How long a run rests whose judge had no room although less than this part of the budget is spent: what a crash cut
off is held until it is known what it cost."""


class Limits(msgspec.Struct, frozen=True):
    """A day's limits over all rules: nano-dollars and calls of models; 0: none."""

    money: int = 0
    calls: int = 0


class Full(RequestError):
    """The day's budget has no room for a call."""


class Meter:
    """Asks a model within the day's limits, for one run under one rule. `full`: there was no room; `held`: but most of
    it is not spent; `fault`: why nobody answered."""

    def __init__(self, ask: Asks, book: Book, sample: Sample, limits: Limits) -> None:
        self._ask, self._book, self._sample, self._limits = ask, book, sample, limits
        self.full, self.held, self.fault = False, False, ""

    def __call__(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any
    ) -> tuple[str, int]:
        sample = self._sample
        again = again or digest([sample.rule, sample.run, model, messages])
        try:
            if not self._book.reserve(again, sample.project, sample.rule, self._limits.calls, self._limits.money):
                raise Full("the day's budget for scores is used up", status=429, code="budget_exceeded")
            text, cost = self._asked(again, model, messages, **fields)
        except OutriderError as error:
            self.full = self.full or "budget" in error.code
            self.held = self.full and not isinstance(error, Full) and self._unspent()
            self.fault = error.message
            raise
        self._book.paid(again, cost)
        return text, cost

    def _unspent(self) -> bool:
        """Whether the budget is held by calls that were cut off, and not spent."""
        return self._book.spent(clock.now_ns() // DAY_NS).cost < UNSPENT * self._limits.money

    def _asked(self, again: str, model: str, messages: Sequence[Mapping[str, Any]], **fields: Any) -> tuple[str, int]:
        try:
            return self._ask(model, messages, again=again, **fields)
        except OutriderError as error:
            self._book.paid(again, None if isinstance(error, RequestError) else 0)
            raise


class Scoring:
    """Scores runs. `journal` has them, `ports` is what evaluators are lent for a project."""

    def __init__(
        self,
        journal: Callable[[], Store],
        book: Book,
        ports: Callable[[str], Ports],
        limits: Limits,
        proposals: Proposals,
    ) -> None:
        self._journal, self._book, self._ports, self._limits = journal, book, ports, limits
        self._proposals = proposals

    def score(self, rule: Rule, sample: Sample) -> list[Scored]:
        """Have a run scored as far as it can be now, and write that down; what was said of it now. Raises NotLeading,
        StoreUnavailable."""
        known = self._book.said_of(sample.project, sample.rule, sample.run)
        said = {one.evaluator: one for one in known if one.version == rule.version(one.evaluator)} if known else {}
        fresh: list[Scored] = []
        try:
            run = production.find(self._journal(), sample.project, sample.run)
            case, outcome = outcomes.of_run(self._journal(), run)
            subject = run.deployment or run.model
            fresh += self._measured(rule, sample, said, case, outcome)
            while (wanted := self._next(rule, sample, said)) is not None:
                found = self._ask(rule, sample, *wanted, case, outcome, subject)
                if found is None:
                    break
                said[found.evaluator] = found
                fresh.append(found)
            else:
                sample.status, sample.why = "done", ""
                fresh += self._verdict(rule, sample, said)
                self._propose(rule, sample, fresh)  # before it is written that it is done: a kill between loses neither
        except RequestError as error:  # the run or its bodies are gone, or hold nothing to be judged
            sample.status, sample.why = "failed", error.message
        return fresh if self._book.record(sample, fresh) else []

    def _measured(
        self, rule: Rule, sample: Sample, said: Mapping[str, Scored], case: Case, outcome: Outcome
    ) -> list[Scored]:
        """What is measured of every drawn run, and was not yet."""
        ports = Ports()
        wanted = [one for one in rule.measures if one.name not in said]
        return [self._scored(rule, sample, one, _said(one, case, outcome, ports), "first") for one in wanted]

    def _next(self, rule: Rule, sample: Sample, said: Mapping[str, Scored]) -> tuple[Step, Asked] | None:
        """Who is asked now, and why."""
        before: tuple[Step, Scored] | None = None
        for at, step in enumerate(rule.steps):
            sample.step = at
            if (there := said.get(step.evaluator.name)) is not None:
                before = step, there
                continue
            if before is None:
                return step, "first"
            if before[1].asked == "audit":
                return None
            if before[0].is_unsure(Score(before[1].value)):
                return step, "unsure"
            taken = drawing.lot(rule.name, sample.run, f"audit {step.evaluator.name}") < rule.audit
            return (step, "audit") if taken else None
        return None

    def _ask(
        self, rule: Rule, sample: Sample, step: Step, asked: Asked, case: Case, outcome: Outcome, subject: str
    ) -> Scored | None:
        """What an evaluator says; None: nobody answered, and the sample says when it is tried again."""
        lent = self._ports(rule.project)
        meter = Meter(lent.ask, self._book, sample, self._limits) if lent.ask is not None else None
        try:
            why = self._kin(step, subject, lent)
        except OutriderError as error:  # whose models the judge has is asked of the server
            _rest(sample, False, error.message)
            return None
        again = f"online-{digest([rule.name, sample.run, step.evaluator.digest()])}"
        ports = msgspec.structs.replace(lent, ask=meter, again=again)
        found = Score(None, why) if why else _said(step.evaluator, case, outcome, ports)
        if found.value is None and meter is not None and (meter.full or meter.fault):
            _rest(sample, meter.full, meter.fault, held=meter.held)
            return None
        return self._scored(rule, sample, step.evaluator, found, asked)

    def _scored(self, rule: Rule, sample: Sample, evaluator: Evaluator, found: Score, asked: Asked) -> Scored:
        name, weight = evaluator.name, sample.weight / (rule.audit if asked == "audit" else 1.0)
        return Scored(
            rule.project, rule.name, name, rule.version(name), 0, sample.run, sample.at, clock.now_ns(), found.value,
            weight, asked, found.label, found.reason, found.cost,
        )  # fmt: skip

    def _kin(self, step: Step, subject: str, lent: Ports) -> str:
        """Why a judge may not judge this run's model; empty where it may."""
        if not step.judge or step.evaluator.options.same_family:
            return ""
        model = str(step.evaluator.options.model)
        theirs = lent.families(model) if lent.families is not None else model_names.families(model)
        both = sorted(theirs & model_names.families(subject))
        if not both:
            return ""
        return f"the judge is of the family that answered ({both[0]}), and models prefer their own: choose another one"

    def _verdict(self, rule: Rule, sample: Sample, said: Mapping[str, Scored]) -> list[Scored]:
        """The score of the chain: the last that anybody said who was asked because it mattered."""
        if len(rule.steps) < 2:
            return []
        chain = [said.get(step.evaluator.name) for step in rule.steps]
        heard = [one for one in chain if one is not None and one.asked != "audit" and one.value is not None]
        if not heard:
            return []
        last = heard[-1]
        return [
            msgspec.structs.replace(
                last, evaluator=VERDICT, version=rule.version(VERDICT), weight=sample.weight, n=0, cost=0
            )
        ]

    def _propose(self, rule: Rule, sample: Sample, scores: Sequence[Scored]) -> None:
        """A low score proposes the run; without evaluators every drawn one is. So many in a day, and no more."""
        day, why = clock.now_ns() // DAY_NS * DAY_NS, f"online:{rule.name}"
        counted = VERDICT if len(rule.steps) > 1 else rule.names()[0] if rule.steps else ""
        low = [one for one in scores if one.evaluator == counted and one.value is not None]
        all_ = not rule.steps and not rule.measures
        wanted = all_ or any(one.value is not None and one.value < rule.propose_below for one in low)
        if wanted and self._proposals.since(rule.project, why, day) < rule.propose_per_day:
            self._proposals.propose(rule.project, sample.run, why)


def _said(evaluator: Evaluator, case: Case, outcome: Outcome, ports: Ports) -> Score:
    """A failure is a score of 0, but nothing that could be measured."""
    about_failures = evaluator.better == "higher" or getattr(evaluator.module, "ABOUT_FAILURES", False)
    if outcome.status == "error" and not about_failures:
        return Score(None, f"there is no answer: {outcome.error}")
    return evaluator.score(case, outcome, ports)


def _rest(sample: Sample, full: bool, fault: str, *, held: bool = False) -> None:
    """When a run is tried again: tomorrow where today's budget is used up, soon where it is only held, else later each
    time."""
    now = clock.now_ns()
    sample.why = fault
    if full:
        tomorrow = (now // DAY_NS + 1) * DAY_NS
        sample.due = min(tomorrow, now + HELD_NS) if held else tomorrow
        return
    sample.tries += 1
    if sample.tries >= TRIES:
        sample.status = "failed"
    else:
        sample.due = now + PAUSES_NS[min(sample.tries, len(PAUSES_NS)) - 1]
