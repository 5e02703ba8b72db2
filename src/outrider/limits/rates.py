"""Rate limits as callers meet them: requests, tokens and calls at the same time, per whatever scope a rule names.

A call is admitted when every rule that covers it has room; it takes one request, its estimated tokens and one slot of
each. What it really used replaces the estimate when it ends. The arithmetic is in `bucket`, what workers share in
`rate_store`.
"""

import asyncio
import math
from collections.abc import Hashable, Iterable, Mapping

import msgspec

from outrider.base import clock
from outrider.base.budget import Scope, Subject
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.limits.bucket import Rate
from outrider.limits.desk import Desk
from outrider.limits.fair import Priority
from outrider.limits.match import Cover, cover, known_by, scopes_of
from outrider.limits.meter import Meter
from outrider.limits.rate_lines import lines, pairs, show_wait
from outrider.limits.slots import Slots

MOST_KEPT = 20_000
"""Allowances in memory before those at rest are forgotten."""
MOMENT = 1_000_000
"""Nanoseconds for which what answers say of the limits is not counted anew."""
SLOT_AGAIN = 1_000_000_000
"""When calls at the same time are the limit, nobody knows when one ends: the caller may try again after this."""


class RateRule(msgspec.Struct, frozen=True):
    """One entry under `rates:`. `match` and `per` as budgets have them. `priority` `batch` makes its calls batch."""

    id: str
    match: Mapping[Scope, tuple[str, ...]] = {}
    per: Scope | None = None
    requests: Rate | None = None
    tokens: Rate | None = None
    concurrent: int | None = None
    priority: Priority | None = None


def estimate(body: int, output: int | None, n: int = 1) -> int:
    """Tokens that a call is admitted at: about four bytes of body are one, and all the output that it may produce
    (nothing if the caller did not say; it is counted when it has come)."""
    return max(1, body // 4) + (output or 0) * max(1, n)


Part = Meter | Slots
Taken = list[tuple[Part, int]]


class Allowance:
    """What one rule allows one value of its scope (`""`: everybody together)."""

    __slots__ = ("_slots", "requests", "rule", "slots", "tokens", "value")

    def __init__(self, rule: RateRule, value: str, desk: Desk) -> None:
        self.value = value
        self.requests: Meter | None = None
        self.tokens: Meter | None = None
        self._slots: Slots | None = None  # kept while no rule limits them: calls may be in them
        self.adapt(rule, desk)

    def adapt(self, rule: RateRule, desk: Desk) -> None:
        """Take over a rule, new or changed. Calls in flight stay counted."""
        self.rule, name = rule, f"rates.{rule.id}"
        self.requests = _meter(desk, self.requests, f"{name}.requests", self.value, rule.requests)
        self.tokens = _meter(desk, self.tokens, f"{name}.tokens", self.value, rule.tokens, by_token=True)
        if rule.concurrent is not None:
            if self._slots is None:
                self._slots = Slots(desk, name, self.value, rule.concurrent)
            self._slots.resize(rule.concurrent)
        self.slots = self._slots if rule.concurrent is not None else None

    def parts(self, tokens: int) -> Taken:
        """What a call takes of it, in the order in which it is taken."""
        made: Taken = []
        if self.slots is not None:
            made.append((self.slots, 1))
        if self.requests is not None:
            made.append((self.requests, 1))
        if self.tokens is not None:
            made.append((self.tokens, tokens))
        return made

    @property
    def resting(self) -> bool:
        return all(part.resting for part in (self.requests, self.tokens, self._slots) if part is not None)


class Covering:
    """The allowances that cover the calls of one subject, sorted once by what a call takes of them. It is made anew
    when the rules change; calls that are under way leave what they took where they took it. `batch`: a rule says so."""

    __slots__ = ("_lines", "_said_at", "allowances", "batch", "requests", "slots", "tokens")

    def __init__(self, allowances: "tuple[Allowance, ...]", *, batch: bool = False) -> None:
        self.allowances, self.batch = allowances, batch
        self.slots = tuple([one.slots for one in allowances if one.slots is not None])
        self.requests = tuple([one.requests for one in allowances if one.requests is not None])
        self.tokens = tuple([one.tokens for one in allowances if one.tokens is not None])
        self._lines, self._said_at = b"", 0

    def take(self, tokens: int) -> "Pass | None":
        """Admit from memory: all that a call takes, or None and nothing. Once per call, hence the looks into parts."""
        now = clock.mono_ns()
        for slots in self.slots:
            if slots.used >= slots.held or slots.used >= slots.most:
                return None
        for meter in self.requests:
            if meter.credit < 1 or now >= meter.until:
                return None
        if tokens:
            for meter in self.tokens:
                if meter.credit < tokens or now >= meter.until:
                    return None
            for meter in self.tokens:
                meter.credit = credit = meter.credit - tokens
                if credit < meter.low:
                    meter.run_low()
        for slots in self.slots:
            slots.used = used = slots.used + 1
            if used > slots.peak:
                slots.peak = used
        for meter in self.requests:
            meter.credit = credit = meter.credit - 1
            if credit < meter.low:
                meter.run_low()
        return Pass(self, tokens)

    def lines(self) -> bytes:
        """`x-ratelimit-*` lines as OpenAI sends them, of the tightest limit of each kind; none where nothing limits.
        Answers of the same moment say the same: nobody could tell which of them came first."""
        now = clock.mono_ns()
        if not 0 < now - self._said_at < MOMENT:
            self._lines, self._said_at = lines(self.requests, self.tokens), now
        return self._lines


class Pass(msgspec.Struct, eq=False, gc=False):
    """A call that was admitted. `settle` and `leave` may each be called more than once; the first time counts."""

    _covering: Covering
    tokens: int
    _settled: bool = False
    _left: bool = False

    def settle(self, usage: Usage | None) -> None:
        """What the call used replaces what was estimated; None: no provider was asked."""
        if self._settled:
            return
        self._settled = True
        unused = self.tokens if usage is None else self.tokens - usage.input - usage.output
        if unused:
            for meter in self._covering.tokens:
                meter.back(unused)

    def leave(self, usage: Usage | None = None) -> None:
        """The call is over, and used this unless `settle` was told before."""
        if self._left:
            return
        self._left = True
        covering = self._covering
        if not self._settled:
            self._settled = True
            unused = self.tokens if usage is None else self.tokens - usage.input - usage.output
            if unused:
                for meter in covering.tokens:
                    meter.back(unused)
        for slots in covering.slots:
            slots.leave()

    def headers(self) -> bytes:
        """What the answer says of the limits."""
        return self._covering.lines()


FREE = Pass(Covering(()), 0)
"""The pass of a call that no rule covers."""


class Rates:
    """The rules in force in one worker."""

    def __init__(self, desk: Desk, rules: Iterable[RateRule] = ()) -> None:
        self._desk = desk
        self._allowances: dict[tuple[str, str], Allowance] = {}
        self.found: dict[Hashable, Covering] = {}  # what covers whom, by what `match.known_by` says of them
        self._sweep_at = MOST_KEPT
        self.load(rules)

    def load(self, rules: Iterable[RateRule]) -> None:
        """Replace the rules. Calls that are under way leave what they took where they took it."""
        self.rules = {rule.id: rule for rule in rules}
        self._covers: tuple[tuple[RateRule, Cover], ...] = tuple(
            (rule, cover(rule.match, rule.per)) for rule in self.rules.values()
        )
        self._batch = tuple([values for rule, values in self._covers if rule.priority == "batch"])
        ways = [(rule.match, rule.per) for rule in self.rules.values()]
        self.scopes, self._known_by = scopes_of(ways), known_by(ways)
        self.found.clear()
        for (id_, _), allowance in self._allowances.items():
            if id_ in self.rules:
                allowance.adapt(self.rules[id_], self._desk)

    def priority(self, subject: Subject, asked: Priority) -> Priority:
        """What the caller asked for, or `batch` where a rule says so: a header cannot lift a call above its rule."""
        if asked == "interactive":
            for values in self._batch:
                if values(subject):
                    return "batch"
        return asked

    def try_admit(self, subject: Subject, tokens: int) -> Pass | None:
        """Admit from memory: no I/O. None: memory is not enough, call `admit`."""
        found = self._covering(subject)
        return found.take(tokens) if found.allowances else FREE

    async def admit(self, subject: Subject, tokens: int, deadline: int) -> Pass:
        """Admit, asking the lease store where memory is not enough; until `deadline` (monotonic ns) at most.

        Raises RequestError: 429 `rate_limit_exceeded`, or 503 `limits_unavailable` when there was no answer in time.
        """
        quick = self.try_admit(subject, tokens)
        if quick is not None:
            return quick
        covering = self._covering(subject)
        allowances = covering.allowances
        self._refuse_from_memory(allowances, tokens)
        now = clock.mono_ns()
        taken: Taken = []
        asked: list[tuple[Allowance, Part, int, asyncio.Future[int] | asyncio.Future[bool]]] = []
        admitted = False
        try:
            for allowance in allowances:
                for part, units in allowance.parts(tokens):
                    if part.try_take(units, now) if isinstance(part, Meter) else part.try_take():
                        taken.append((part, units))
                    else:
                        future = part.take(units) if isinstance(part, Meter) else part.take()
                        asked.append((allowance, part, units, future))
            if asked:
                await asyncio.wait([future for *_, future in asked], timeout=max(0.0, (deadline - now) / 1e9))
            for allowance, part, _, future in asked:
                _check(allowance, part, future)
            admitted = True
        finally:
            if not admitted:
                _give_back(taken)
                for _, part, units, future in asked:
                    _abandon(part, units, future)
        return Pass(covering, tokens)

    def _covering(self, subject: Subject) -> Covering:
        key = self._known_by(subject)
        found = self.found.get(key)
        if found is None:
            if len(self.found) >= MOST_KEPT:
                self.found.clear()
            batch = any(values(subject) for values in self._batch)
            found = self.found[key] = Covering(self._allowances_of(subject), batch=batch)
        return found

    def _allowances_of(self, subject: Subject) -> "tuple[Allowance, ...]":
        made = []
        for rule, values in self._covers:
            for value in values(subject):
                allowance = self._allowances.get((rule.id, value))
                if allowance is None:
                    if len(self._allowances) >= self._sweep_at:
                        self._sweep()
                    allowance = self._allowances[rule.id, value] = Allowance(rule, value, self._desk)
                made.append(allowance)
        return tuple(made)

    def _sweep(self) -> None:
        """Forget who is at rest: what they used stands in the lease store."""
        self._allowances = {key: kept for key, kept in self._allowances.items() if not kept.resting}
        self.found.clear()
        self._sweep_at = max(MOST_KEPT, 2 * len(self._allowances))

    def _refuse_from_memory(self, allowances: "tuple[Allowance, ...]", tokens: int) -> None:
        """A flood of refused calls costs the store nothing."""
        now = clock.mono_ns()
        for allowance in allowances:
            for part, units in allowance.parts(tokens):
                if isinstance(part, Meter):
                    if units > part.rate.burst:
                        raise _too_large(allowance, part, units)
                    wait = part.refused(units, now)
                    if wait:
                        raise refusal(allowance, part, wait)


def _meter(
    desk: Desk, present: Meter | None, bucket: str, value: str, rate: Rate | None, *, by_token: bool = False
) -> Meter | None:
    if rate is None:
        return None
    if present is None:
        return Meter(desk, bucket, value, rate, by_token=by_token)
    present.adapt(rate)
    return present


def _give_back(taken: Taken) -> None:
    for part, units in taken:
        if isinstance(part, Meter):
            part.back(units)
        else:
            part.leave()


def _check(allowance: Allowance, part: Part, future: "asyncio.Future[int] | asyncio.Future[bool]") -> None:
    """Raise unless the question was answered with a yes."""
    if not future.done():
        raise RequestError(
            f"the rate limit {allowance.rule.id!r} could not be asked in time; try again",
            status=503,
            code="limits_unavailable",
            kind="server_error",
            headers=(("retry-after", "1"),),
        )
    if isinstance(part, Meter):
        if wait := future.result():
            raise refusal(allowance, part, wait)
    elif not future.result():
        raise refusal(allowance, part, SLOT_AGAIN)


def _abandon(part: Part, units: int, future: "asyncio.Future[int] | asyncio.Future[bool]") -> None:
    """Nobody waits for this any more; what was granted goes back."""
    if not future.done():
        future.cancel()
    elif not future.cancelled() and future.result() == (0 if isinstance(part, Meter) else True):
        _give_back([(part, units)])


def refusal(allowance: Allowance, part: Part, wait: int) -> RequestError:
    """429: which limit, how much it is, and when to try again (`wait` in nanoseconds)."""
    seconds, own = wait / 1e9, Covering((allowance,))
    again = show_wait(wait) if seconds < 1 else f"{math.ceil(seconds)} s"
    return RequestError(
        f"{_what(allowance, part)} is reached; try again in {again}",
        status=429,
        code="rate_limit_exceeded",
        headers=(
            ("retry-after", str(math.ceil(seconds))),
            ("retry-after-ms", str(math.ceil(seconds * 1000))),
            *pairs(lines(own.requests, own.tokens)),
        ),
    )


def _too_large(allowance: Allowance, part: Meter, units: int) -> RequestError:
    return RequestError(
        f"the request may take {units} tokens, and {_what(allowance, part)}, {part.rate.burst} at once; "
        "lower `max_tokens` or send less",
        status=429,
        code="rate_limit_exceeded",
        headers=(("x-should-retry", "false"),),
    )


_PERIODS = {10**9: "a second", 60 * 10**9: "a minute", 3600 * 10**9: "an hour", 86_400 * 10**9: "a day"}


def _what(allowance: Allowance, part: Part) -> str:
    rule = allowance.rule
    whose = f" for {rule.per} {allowance.value!r}" if rule.per else ""
    if isinstance(part, Slots):
        return f"the limit {rule.id!r} of {part.limit} calls at the same time{whose}"
    kind = "tokens" if part is allowance.tokens else "requests"
    return f"the limit {rule.id!r} of {part.rate.amount} {kind} {_PERIODS[part.rate.period]}{whose}"
