"""Changes of budgets: each is an event with who and why. Nothing here writes; whoever asks records the event."""

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from outrider.base import clock
from outrider.base.budget import Budget, Raise
from outrider.base.errors import RequestError
from outrider.journal import read
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet, LeasesReleased
from outrider.journal.rows import BudgetRow
from outrider.limits.rules import Rules, divided_by
from outrider.limits.terms import LONGEST
from outrider.store import Store

log = logging.getLogger("outrider.budgets")

CONFIG = "config"
"""The origin of budgets in outrider.yaml, and who changes them."""

Change = BudgetSet | BudgetRemoved | BudgetRaised

_LONGEST_RAISE_NS = 3660 * 86_400 * 1_000_000_000


class Known(msgspec.Struct, frozen=True):
    """What the store says about budgets at one moment; `mark` is that of `read.budgets_mark`."""

    mark: int = -1
    budgets: tuple[Budget, ...] = ()
    raises: tuple[Raise, ...] = ()

    def rules(self, config: Mapping[str, Budget]) -> Rules:
        """The rules in force here: those of the store, and those of the configuration before they are in the store.

        A budget that left the configuration holds until its removal is in the store, which is the safe side.
        """
        stored = {b.id: b for b in self.budgets}
        configured = {id_: b for id_, b in config.items() if not _of_another_measure(stored.get(id_), b)}
        return Rules((stored | configured).values(), self.raises)

    def after(self, change: Change) -> "Known":
        """What the store will say once it has `change`: so that a worker follows its own changes at once."""
        budgets, raises = {b.id: b for b in self.budgets}, self.raises
        match change:
            case BudgetSet(budget=budget):
                if budget.id in budgets and budgets[budget.id].measure != budget.measure:
                    raises = tuple(r for r in raises if r.budget != budget.id)
                budgets[budget.id] = budget
            case BudgetRemoved(budget=id_):
                budgets.pop(id_, None)
                raises = tuple(r for r in raises if r.budget != id_)
            case BudgetRaised(change=more) if more.amount:
                raises = (*raises, more)
            case BudgetRaised(change=end):
                raises = tuple(r for r in raises if r.budget != end.budget or (end.value and r.value != end.value))
        return Known(self.mark, tuple(budgets.values()), raises)


def known(store: Store) -> Known:
    """All budgets and the raises that hold or will. Blocking. Raises StoreUnavailable."""
    mark = read.budgets_mark(store)  # before the rows: a change in between is read again
    rows = read.list_budgets(store)
    return Known(mark, tuple(row.budget for row in rows), tuple(read.list_raises(store, clock.now_ns())))


class KeptBudgets:
    """A file with what was known last, so that a start without the store is no start without limits."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, known: Known) -> None:
        """Replace the file. Blocking."""
        aside = self._path.with_suffix(f".{os.getpid()}")
        with open(os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(msgspec.msgpack.encode(known))
        os.replace(aside, self._path)

    def read(self) -> Known:
        """What the file says; nothing if there is none. Its mark never equals the store's. Blocking."""
        try:
            kept = msgspec.msgpack.decode(self._path.read_bytes(), type=Known)
        except (FileNotFoundError, msgspec.DecodeError):
            return Known()
        return msgspec.structs.replace(kept, mark=-1)


def from_config(stored: Iterable[BudgetRow], wanted: Mapping[str, Budget]) -> list[BudgetSet | BudgetRemoved]:
    """The changes that make the store agree with the configuration; none when it does.

    A budget that is set elsewhere and has a name of the configuration's is taken over by it.
    """
    present, why = {row.budget.id: row for row in stored}, "outrider.yaml"
    found: list[BudgetSet | BudgetRemoved] = [
        BudgetSet(budget, _after(present.get(id_)), CONFIG, why, CONFIG)
        for id_, budget in wanted.items()
        if id_ not in present
        or ((present[id_].budget != budget or present[id_].origin != CONFIG) and not _held_back(present[id_], budget))
    ]
    gone = (row for id_, row in present.items() if row.origin == CONFIG and id_ not in wanted)
    return found + [BudgetRemoved(row.budget.id, _after(row), CONFIG, why) for row in gone]


def set_(present: BudgetRow | None, budget: Budget, by: str, why: str) -> BudgetSet:
    """The budget as it shall be. Raises RequestError (409) for one of the configuration, (400) without a reason."""
    _not_of_config(present)
    if present is not None and _of_another_measure(present.budget, budget):
        raise RequestError(
            f"budget {budget.id!r} counts {present.budget.measure}, and what was used is known in that unit: "
            "give the new one another name",
            code="invalid_parameter",
            param="budget",
        )
    return BudgetSet(budget, _after(present), by, _reason(why))


def _after(present: BudgetRow | None) -> int:
    """When a change is made: later than the one before it, if a clock that is ahead made that, or it would count as
    undone already."""
    return max(clock.now_ns(), present.at + 1 if present is not None else 0)


def _of_another_measure(present: Budget | None, budget: Budget) -> bool:
    return present is not None and present.measure != budget.measure


def _held_back(present: BudgetRow, budget: Budget) -> bool:
    """A change of the configuration that cannot be followed: it is said, and the budget stays as it is."""
    if not _of_another_measure(present.budget, budget):
        return False
    log.error(
        "budget %r of the configuration stays as it was: it counts %s, and what was used is known in that unit; "
        "give the new one another name",
        budget.id,
        present.budget.measure,
    )
    return True


def remove(present: BudgetRow, by: str, why: str) -> BudgetRemoved:
    """The end of a budget. Raises RequestError (409) for one of the configuration, (400) without a reason."""
    _not_of_config(present)
    return BudgetRemoved(present.budget.id, _after(present), by, _reason(why))


def raise_(present: BudgetRow, amount: int, until: int, by: str, why: str, value: str = "") -> BudgetRaised:
    """`amount` more room until a time (ns), for the whole budget or for one value of its `per`; 0 ends raises.

    Budgets of the configuration can be raised too. Raises RequestError (400).
    """
    budget, now = present.budget, clock.now_ns()
    if amount < 0 or budget.limit + amount >= 2**63:
        raise RequestError("amount: give how much is added, from 0 on", code="invalid_parameter", param="amount")
    if value and divided_by(budget) is None:
        raise RequestError(
            f"value: the budget {budget.id!r} has one account for all; leave the value out",
            code="invalid_parameter",
            param="value",
        )
    if len(value) > LONGEST:
        raise RequestError(f"value: at most {LONGEST} characters", code="invalid_parameter", param="value")
    if amount and not now < until <= now + _LONGEST_RAISE_NS:
        raise RequestError(
            "until: give a time that is still to come, within ten years", code="invalid_parameter", param="until"
        )
    return BudgetRaised(Raise(budget.id, amount, until if amount else now, value, by, _reason(why)), now)


def _not_of_config(present: BudgetRow | None) -> None:
    if present is not None and present.origin == CONFIG:
        raise RequestError(
            f"the budget {present.budget.id!r} stands in outrider.yaml: change it there "
            "(it is taken over within a second), or raise it for a time",
            status=409,
            code="budget_in_config",
        )


def release(holder: str, accounts: int, by: str, why: str) -> LeasesReleased:
    """The event with which a holder's leases are ended by hand. Raises RequestError 400."""
    return LeasesReleased(holder, accounts, clock.now_ns(), by, _reason(why))


def _reason(why: str) -> str:
    why = why.strip()
    if not why or len(why) > 500 or not why.isprintable():
        words = "why: say why in one line of at most 500 characters; it is kept with the change"
        raise RequestError(words, code="invalid_parameter", param="why")
    return why
