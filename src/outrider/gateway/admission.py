"""Stage `admit`: whether the worker has room, and the caller's rates allow another call.

What a call may spend is looked at later, before each attempt (`gateway.purse`): only there the price is known.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from operator import attrgetter

from outrider.base import clock
from outrider.base.budget import Scope, Subject
from outrider.gateway.call import Call
from outrider.limits import fair
from outrider.limits.keys import Identity
from outrider.limits.match import ONLINE
from outrider.limits.rates import FREE, Rates
from outrider.limits.shedding import Shedder

PATIENCE_NS = 2_000_000_000
"""How long the lease store may take to say whether a rate has room."""


class Admission:
    """What stands at the door of one worker. `accept` comes first of all, `leave` last."""

    def __init__(self, shedder: Shedder, rates: Rates) -> None:
        self.shedder, self.rates = shedder, rates
        self._scopes, self._mark = rates.scopes, marked_by(rates.scopes)

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
        rates = self.rates
        if not rates.rules:
            return None
        tokens = len(call.body) // 4 or 1  # as `estimate`; this is once per call
        if call.max_output is not None:
            tokens += call.max_output * ((call.request.n or 1) if call.endpoint == "chat" else 1)
        if rates.scopes is not self._scopes:
            self._scopes, self._mark = rates.scopes, marked_by(rates.scopes)
        covering = rates.found.get(self._mark(call)) if self._mark is not None else None
        if covering is None:
            return self._admit(call, subject_of(call), tokens)
        if covering.batch:
            call.priority = "batch"
        if covering.allowances:
            call.passed = covering.take(tokens)
            if call.passed is None:
                return self._ask(call, subject_of(call), tokens)
        return None

    def _admit(self, call: Call, subject: Subject, tokens: int) -> Awaitable[None] | None:
        """Of somebody who was not here before, or whom it takes a whole subject to know."""
        call.priority = self.rates.priority(subject, call.priority)
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
            call.passed.leave(call.usage if call.cache not in ("hit", "replay") else None)
        if call.accepted:
            self.shedder.leave()


_WHERE: Mapping[Scope, str] = {
    "project": "identity.project",
    "key": "identity.key",
    "user": "user",
    "team": "identity.team",
    "session": "session",
    "route": "route.name",
}
"""Where a call that was resolved has what its subject says."""


def marked_by(scopes: frozenset[Scope]) -> Callable[[Call], Hashable] | None:
    """The function that says of a call what limits with these scopes look at, as `match.known_by` does of its subject,
    without making one. None: what they look at takes a subject."""
    if not scopes <= _WHERE.keys():
        return None
    if not scopes:
        return lambda call: None
    return attrgetter(*[_WHERE[scope] for scope in sorted(scopes)])


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
            _tags(call.tags, who) if call.tags else (),
            call.route.name if call.route is not None else call.model,
            (call.trace or call.id).hex(),
        )
    return call.subject


def _tags(tags: list[str], who: Identity) -> tuple[str, ...]:
    """Those that limits go by: what is kept for our own judges is not spent by whoever writes the same tag."""
    if ONLINE not in tags or (who.operator and not who.key):
        return tuple(tags)
    return tuple(tag for tag in tags if tag != ONLINE)
