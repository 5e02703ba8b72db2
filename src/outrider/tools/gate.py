"""Limits of tool calls: the rates and budgets of the caller's key, as on `/v1`."""

from collections.abc import Callable, Sequence

import msgspec

from outrider.base import clock
from outrider.base.budget import Amount, Subject
from outrider.journal.events import Charge
from outrider.limits.held import Note
from outrider.limits.hold import Hold
from outrider.limits.ledger import Ledger
from outrider.limits.rates import FREE, Pass, Rates
from outrider.limits.shedding import Shedder
from outrider.tools.ports import Caller, Tool

NAME = "tool"
"""How records call a tool call."""
PATIENCE_NS = 2_000_000_000


class Settled(msgspec.Struct, frozen=True):
    """What a call took: its charges, whose leases pay, what to call once the record is written, nano-dollars."""

    charges: Sequence[Charge] = ()
    holder: str = ""
    done: Callable[[], None] | None = None
    cost: int = 0


NOTHING = Settled()


class Admitted:
    """A call that is let in. `charged` says what its record says; `leave` comes last, whatever happened."""

    def __init__(self, shedder: Shedder, passed: Pass, hold: Hold | None, price: int) -> None:
        self._shedder, self._passed, self._hold, self._price = shedder, passed, hold, price

    def charged(self, at: int, *, made: bool) -> Settled:
        """What it took; `made`: the upstream was asked."""
        cost = self._price if made else 0
        if self._hold is None:
            return Settled(cost=cost)
        if not made:
            self._hold.release()
            return NOTHING
        charges = self._hold.settle(Amount(cost, calls=1), at)
        return Settled(charges, self._hold.holder, self._hold.done, cost)

    def leave(self) -> None:
        self._passed.leave()
        self._shedder.leave()


class Gate:
    """Where tool calls are let in."""

    def __init__(self, shedder: Shedder, rates: Rates, ledger: Ledger) -> None:
        self._shedder, self._rates, self._ledger = shedder, rates, ledger

    async def admit(self, run: bytes, at: int, caller: Caller, tool: Tool, size: int, price: int) -> Admitted:
        """Let a call in; `size` is bytes of its arguments, `price` nano-dollars. Raises RequestError 429 or 503."""
        if self._shedder.refuses():
            raise self._shedder.refusal()
        self._shedder.enter()  # also while it waits for its rates
        passed, hold = FREE, None
        try:
            subject = subject_of(caller, tool, run)
            passed = await self._rates.admit(subject, max(1, size // 4), clock.mono_ns() + PATIENCE_NS)
            if self._ledger.rules.budgets:
                accounts = self._ledger.covering(subject, run)
                amount = Amount(price, calls=1, concurrent=1)
                hold = await self._ledger.hold(run, accounts, amount, _note(caller, tool, at))
        except BaseException:
            passed.leave()
            self._shedder.leave()
            raise
        return Admitted(self._shedder, passed, hold, price)


def subject_of(caller: Caller, tool: Tool, run: bytes) -> Subject:
    """Whom and what the call concerns. Its route is the tool's name."""
    who = caller.identity
    tree = caller.trace.hex() or run.hex()
    return Subject(who.project, who.key, caller.who.user, who.team, caller.who.session, caller.tags, tool.name, tree)


def _note(caller: Caller, tool: Tool, at: int) -> Note:
    who = caller.who
    return Note(
        who.project,
        at,
        NAME,
        tool.name,
        tool.name,
        f"{tool.upstream}/{tool.own}",
        tool.upstream,
        caller.identity.key,
        who.user,
        who.agent,
        who.session,
        list(caller.tags),
        False,
        caller.trace,
        caller.parent_span,
    )
