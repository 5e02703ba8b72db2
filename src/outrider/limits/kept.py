"""Room of budgets that is kept for work which goes on without this process: a part of a batch at its provider.

It is lent to a holder of its own, which is named after the work and no process: so it is still held when this one has
died. What the work takes is charged to that name, line by line as it comes home, and what it holds is less by as much.
When all that it took is indexed, the rest is free again.
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from outrider.base import clock
from outrider.base.budget import Amount, Budget, Measure, Subject
from outrider.journal.events import Charge
from outrider.limits import leases, windows
from outrider.limits.account import account_value
from outrider.limits.leases import Ask, Key, LeaseStore
from outrider.limits.match import ONLINE
from outrider.limits.rules import Rules, divided_by
from outrider.store import Store

PATIENCE_NS, PAUSE = 1_000_000_000, 0.05
"""How long others have to give back what they have free, and the seconds between looks."""
_ASK = 500


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is held of one account, in the budget's unit. The window is the one that it was begun in."""

    budget: str
    value: str
    starts: int
    measure: Measure
    window: str
    amount: int = 0

    def of(self, amount: Amount) -> "Share":
        """The same, with what the account would have to give for `amount`."""
        return msgspec.structs.replace(self, amount=amount.of(self.measure))


class Kept(msgspec.Struct, frozen=True):
    """What calls may take without asking: `shares` that are held by `holder`."""

    holder: str
    shares: Sequence[Share]


class KeptHold:
    """What one call holds that takes from a `Kept`: nothing of its own, so it always has room. It ends as a `Hold`."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    @property
    def holder(self) -> str:
        """Whose leases pay."""
        return self._kept.holder

    def try_grow(self, total: Amount) -> bool:
        return True

    async def grow(self, total: Amount) -> None:
        """There is room."""

    def settle(self, spent: Amount, at: int) -> list[Charge]:
        """What the run's record is to say; `at` is the run's own."""
        taken = [one.of(spent) for one in self._kept.shares]
        return [
            Charge(one.budget, one.value, one.starts, windows.bucket(one.window, at), one.amount)
            for one in taken
            if one.amount
        ]

    def done(self) -> None:
        """Nothing was held."""

    def release(self) -> None:
        """Nothing was held."""


class Reserves:
    """`rules` gives the budgets in force, `leases_` the lease store, `spent` the journal's. All but `shares` blocks
    and raises StoreUnavailable."""

    def __init__(self, rules: Callable[[], Rules], leases_: Callable[[], Store], spent: Callable[[], Store]) -> None:
        self._rules, self._leases, self._spent = rules, leases_, spent

    def shares(self, subject: Subject, now: int) -> tuple[Share, ...] | None:
        """The accounts that cover calls of `subject`, with nothing held. None: one of them is a run's own, or a tree's
        of runs, of which nothing can be held before the run is there."""
        tags = tuple(tag for tag in subject.tags if tag != ONLINE)
        found = self._rules().covering(msgspec.structs.replace(subject, tags=tags, tree=subject.tree or "some"))
        if any(divided_by(budget) == "tree" or "tree" in budget.match for budget, _ in found):
            return None
        return tuple([_share(budget, value, now) for budget, value in found if budget.measure != "concurrent"])

    def hold(self, holder: str, shares: Sequence[Share]) -> list[int] | None:
        """Hold all of them; None: done. Else nothing is held, and the most that each account could give is said."""
        store, until = LeaseStore(self._leases(), self._spent(), holder), clock.mono_ns() + PATIENCE_NS
        asks = [self._ask(one) for one in shares]
        while True:
            given = store.trade(asks)
            asks = [
                msgspec.structs.replace(
                    ask, base=got.base, granted=ask.granted + got.amount, free=ask.granted + got.amount, asked=got.asked
                )
                for ask, got in zip(asks, given, strict=True)
            ]
            short = [got for ask, got in zip(asks, given, strict=True) if ask.granted < ask.needs[0]]
            if not short:
                return None
            if any(not got.asked for got in short) or clock.mono_ns() >= until:
                break
            time.sleep(PAUSE)
        store.trade([msgspec.structs.replace(ask, granted=0, free=0, needs=()) for ask in asks])
        return [max(0, ask.granted + got.room) for ask, got in zip(asks, given, strict=True)]

    def _ask(self, one: Share) -> Ask:
        now, rules = clock.now_ns(), self._rules()
        budget = rules.budgets.get(one.budget) or Budget(one.budget, one.measure, 0)
        limit, since = rules.limit_of(budget, one.value, now), windows.since(one.window, now)
        return Ask(_key(one), limit, since, needs=(one.amount,), worst=max(1, one.amount))

    def indexed(self, runs: Sequence[bytes]) -> bool:
        """Whether what these runs took is in the sums of what was spent."""
        found = 0
        for at in range(0, len(runs), _ASK):
            part = runs[at : at + _ASK]
            marks = ",".join("?" * len(part))
            found += int(self._spent().query(f"SELECT count(*) FROM runs WHERE id IN ({marks})", part)[0][0])
        return found == len(set(runs))

    def free(self, holder: str) -> None:
        """End it: what it took stays taken, the rest is free. All that it took has to be indexed."""
        leases.close(self._leases(), self._spent(), holder)


def _share(budget: Budget, value: str, now: int) -> Share:
    starts = windows.start(budget.window, budget.zone, now)
    return Share(budget.id, account_value(value), starts, budget.measure, budget.window)


def _key(one: Share) -> Key:
    return Key(one.budget, one.value, one.starts)
