"""Stage `admit`: whether the worker has room, and the caller's rates allow another call.

What a call may spend is looked at later, before each attempt (`gateway.purse`): only there the price is known.
"""

from collections.abc import Awaitable

from outrider.base import clock
from outrider.base.budget import Subject
from outrider.gateway.call import Call
from outrider.limits import fair
from outrider.limits.rates import FREE, Rates, estimate
from outrider.limits.shedding import Shedder

PATIENCE_NS = 2_000_000_000
"""How long the lease store may take to say whether a rate has room."""


class Admission:
    """What stands at the door of one worker. `accept` comes first of all, `leave` last."""

    def __init__(self, shedder: Shedder, rates: Rates) -> None:
        self.shedder, self.rates = shedder, rates

    def accept(self, call: Call) -> None:
        """Count the call in: who must not come in was turned away at the door. Raises RequestError 400 for a priority
        that is none."""
        call.priority = fair.priority(call.headers.get(b"x-outrider-priority"))
        self.shedder.enter()
        call.accepted = True

    def admit(self, call: Call) -> Awaitable[None] | None:
        """Let the call in by its rates: None when memory was enough, else an awaitable.

        Raises RequestError 429 `rate_limit_exceeded` or 503 `limits_unavailable`.
        """
        if not self.rates.rules:
            return None
        subject = subject_of(call)
        call.priority = self.rates.priority(subject, call.priority)
        tokens = estimate(len(call.body), call.max_output, _choices(call))
        found = self.rates.try_admit(subject, tokens)
        if found is None:
            return self._ask(call, subject, tokens)
        if found is not FREE:
            call.passed = found
        return None

    async def _ask(self, call: Call, subject: Subject, tokens: int) -> None:
        began = clock.mono_ns()
        try:
            call.passed = await self.rates.admit(subject, tokens, began + PATIENCE_NS)
        finally:
            call.waited += clock.mono_ns() - began

    def leave(self, call: Call) -> None:
        """The call is over: what it took of its rates is corrected to what it used."""
        if call.passed is not None:
            call.passed.settle(call.usage if call.cache not in ("hit", "replay") else None)
            call.passed.leave()
        if call.accepted:
            self.shedder.leave()


def subject_of(call: Call) -> Subject:
    """Whom and what the call concerns, for budgets and rates."""
    if call.subject is None:
        who = call.identity
        call.subject = Subject(
            who.project,
            who.key,
            call.user,
            who.team,
            call.session,
            tuple(call.tags),
            call.route.name if call.route is not None else call.model,
            call.trace.hex() or call.id.hex(),
        )
    return call.subject


def _choices(call: Call) -> int:
    return (call.request.n or 1) if call.endpoint == "chat" else 1
