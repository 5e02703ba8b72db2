"""Rate limits as callers meet them: requests, tokens and calls at the same time, per whatever scope a rule names.

A call is admitted when every rule that covers it has room; it takes one request, its estimated tokens and one slot of
each. What it really used replaces the estimate when it ends. The arithmetic is in `bucket`, what workers share in
`rate_store`.
"""

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from outrider.base import clock
from outrider.base.budget import Scope, Subject
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.limits.bucket import Rate
from outrider.limits.desk import Desk
from outrider.limits.fair import Priority
from outrider.limits.match import Cover, cover
from outrider.limits.meter import Meter
from outrider.limits.slots import Slots

MOST_KEPT = 20_000
"""Allowances in memory before those at rest are forgotten."""
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


Taken = list[tuple[Meter | Slots, int]]


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


class Pass:
    """A call that was admitted. `settle` and `leave` may each be called more than once; the first time counts."""

    __slots__ = ("_allowances", "_left", "_settled", "_taken", "tokens")

    def __init__(self, allowances: "tuple[Allowance, ...]", taken: Taken, tokens: int) -> None:
        self._allowances, self._taken, self.tokens = allowances, taken, tokens
        self._settled = self._left = not taken

    def settle(self, usage: Usage | None) -> None:
        """What the call used replaces what was estimated; None: no provider was asked."""
        if self._settled:
            return
        self._settled = True
        unused = self.tokens - (usage.input + usage.output if usage is not None else 0)
        if unused:
            for part, _ in self._taken:
                if isinstance(part, Meter) and part.by_token:
                    part.back(unused)

    def leave(self) -> None:
        """The call is over. Without `settle` before, it used no tokens."""
        if self._left:
            return
        self._left = True
        self.settle(None)
        for part, _ in self._taken:
            if isinstance(part, Slots):
                part.leave()

    def headers(self) -> bytes:
        """`x-ratelimit-*` lines as OpenAI sends them, of the tightest limit of each kind; none where nothing limits."""
        return lines(self._allowances) if self._allowances else b""


FREE = Pass((), [], 0)
"""The pass of a call that no rule covers."""


class Rates:
    """The rules in force in one worker."""

    def __init__(self, desk: Desk, rules: Iterable[RateRule] = ()) -> None:
        self._desk = desk
        self._allowances: dict[tuple[str, str], Allowance] = {}
        self._sweep_at = MOST_KEPT
        self.load(rules)

    def load(self, rules: Iterable[RateRule]) -> None:
        """Replace the rules. Calls that are under way leave what they took where they took it."""
        self.rules = {rule.id: rule for rule in rules}
        self._covers: tuple[tuple[RateRule, Cover], ...] = tuple(
            (rule, cover(rule.match, rule.per)) for rule in self.rules.values()
        )
        for (id_, _), allowance in self._allowances.items():
            if id_ in self.rules:
                allowance.adapt(self.rules[id_], self._desk)

    def priority(self, subject: Subject, asked: Priority) -> Priority:
        """What the caller asked for, or `batch` where a rule says so: a header cannot lift a call above its rule."""
        if asked == "interactive":
            for rule, values in self._covers:
                if rule.priority == "batch" and values(subject):
                    return "batch"
        return asked

    def try_admit(self, subject: Subject, tokens: int) -> Pass | None:
        """Admit from memory: no I/O. None: memory is not enough, call `admit`."""
        if not self._covers:
            return FREE
        allowances = self._covering(subject)
        if not allowances:
            return FREE
        now = clock.mono_ns()
        taken: Taken = []
        for allowance in allowances:
            for part, units in allowance.parts(tokens):
                if not (part.try_take(units, now) if isinstance(part, Meter) else part.try_take()):
                    _give_back(taken)
                    return None
                taken.append((part, units))
        return Pass(allowances, taken, tokens)

    async def admit(self, subject: Subject, tokens: int, deadline: int) -> Pass:
        """Admit, asking the lease store where memory is not enough; until `deadline` (monotonic ns) at most.

        Raises RequestError: 429 `rate_limit_exceeded`, or 503 `limits_unavailable` when there was no answer in time.
        """
        quick = self.try_admit(subject, tokens)
        if quick is not None:
            return quick
        allowances = self._covering(subject)
        self._refuse_from_memory(allowances, tokens)
        now = clock.mono_ns()
        taken: Taken = []
        asked: list[tuple[Allowance, Meter | Slots, int, asyncio.Future[int] | asyncio.Future[bool]]] = []
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
        return Pass(allowances, taken + [(part, units) for _, part, units, _ in asked], tokens)

    def _covering(self, subject: Subject) -> "tuple[Allowance, ...]":
        found = []
        for rule, values in self._covers:
            for value in values(subject):
                allowance = self._allowances.get((rule.id, value))
                if allowance is None:
                    if len(self._allowances) >= self._sweep_at:
                        self._sweep()
                    allowance = self._allowances[rule.id, value] = Allowance(rule, value, self._desk)
                found.append(allowance)
        return tuple(found)

    def _sweep(self) -> None:
        """Forget who is at rest: what they used stands in the lease store."""
        self._allowances = {key: kept for key, kept in self._allowances.items() if not kept.resting}
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


def _check(allowance: Allowance, part: Meter | Slots, future: "asyncio.Future[int] | asyncio.Future[bool]") -> None:
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


def _abandon(part: Meter | Slots, units: int, future: "asyncio.Future[int] | asyncio.Future[bool]") -> None:
    """Nobody waits for this any more; what was granted goes back."""
    if not future.done():
        future.cancel()
    elif not future.cancelled() and future.result() == (0 if isinstance(part, Meter) else True):
        _give_back([(part, units)])


def refusal(allowance: Allowance, part: Meter | Slots, wait: int) -> RequestError:
    """429: which limit, how much it is, and when to try again (`wait` in nanoseconds)."""
    seconds = wait / 1e9
    again = show_wait(wait) if seconds < 1 else f"{math.ceil(seconds)} s"
    return RequestError(
        f"{_what(allowance, part)} is reached; try again in {again}",
        status=429,
        code="rate_limit_exceeded",
        headers=(
            ("retry-after", str(math.ceil(seconds))),
            ("retry-after-ms", str(math.ceil(seconds * 1000))),
            *_pairs(lines((allowance,))),
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


def _what(allowance: Allowance, part: Meter | Slots) -> str:
    rule = allowance.rule
    whose = f" for {rule.per} {allowance.value!r}" if rule.per else ""
    if isinstance(part, Slots):
        return f"the limit {rule.id!r} of {part.limit} calls at the same time{whose}"
    kind = "tokens" if part is allowance.tokens else "requests"
    return f"the limit {rule.id!r} of {part.rate.amount} {kind} {_PERIODS[part.rate.period]}{whose}"


def lines(allowances: "Sequence[Allowance]") -> bytes:
    """`x-ratelimit-limit-*`, `-remaining-*`, `-reset-*` for requests and tokens, each of the limit with least left:
    header lines, each with its CRLF."""
    now = clock.mono_ns()
    if len(allowances) == 1:
        requests, tokens = allowances[0].requests, allowances[0].tokens
    else:
        requests = _tightest([allowance.requests for allowance in allowances], now)
        tokens = _tightest([allowance.tokens for allowance in allowances], now)
    found = b"" if requests is None else _three(_REQUESTS, requests, now)
    return found if tokens is None else found + _three(_TOKENS, tokens, now)


def _pairs(lines: bytes) -> list[tuple[str, str]]:
    found = [line.partition(": ") for line in lines.decode().splitlines()]
    return [(name, value) for name, _, value in found]


def _tightest(meters: "Iterable[Meter | None]", now: int) -> Meter | None:
    return min((meter for meter in meters if meter is not None), key=lambda m: m.remaining(now), default=None)


_LINES = b"x-ratelimit-limit-%b: %%d\r\nx-ratelimit-remaining-%b: %%d\r\nx-ratelimit-reset-%b: %%b\r\n"
_REQUESTS, _TOKENS = (_LINES % (kind, kind, kind) for kind in (b"requests", b"tokens"))


def _three(lines: bytes, meter: Meter, now: int) -> bytes:
    return lines % (meter.rate.amount, meter.remaining(now), show_wait(meter.full_in(now)).encode())


def show_wait(ns: int) -> str:
    """A duration as OpenAI writes it in these headers: `120ms`, `1.5s`, `6m0s`, `1h0m0s`."""
    if ns < 1_000_000_000:
        return f"{-(-ns // 1_000_000)}ms"
    seconds = -(-ns // 1_000_000) / 1000
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{round(rest, 3):g}s"
    return f"{hours}h{minutes}m{tail}" if hours else f"{minutes}m{tail}" if minutes else tail
