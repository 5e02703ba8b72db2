"""Budgets as a key may see and change them: what the API and the console share.

A key sees the budgets that cover calls of its project. It changes those that cover no other project, if it has the
right to (`limits.rights`): a key that an agent calls with must not raise its own limit.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import msgspec

from outrider.base import clock
from outrider.base.budget import Budget
from outrider.base.errors import RequestError, StoreUnavailable
from outrider.journal import read
from outrider.journal.events import BudgetRaised, BudgetRemoved, BudgetSet
from outrider.journal.rows import BudgetChange, BudgetRow
from outrider.limits import changes, holders, rights, standing
from outrider.limits.changes import Change
from outrider.limits.holders import Reserved
from outrider.limits.keys import Identity
from outrider.limits.standing import Standing
from outrider.store import Store


@dataclass(frozen=True)
class Budgets:
    """`store` and `leases` give the open stores and are called in a thread (both may raise StoreUnavailable).

    `record(change)` appends a change to the journal and takes it over in this worker. `projects` are those of the
    settings. `holds` is the folder with this machine's files of open holds.
    """

    store: Callable[[], Store]
    leases: Callable[[], Store]
    record: Callable[[Change], Awaitable[None]]
    projects: Callable[[], Sequence[str]]
    holds: Path | None = None

    def standings(self, who: Identity, most: int = standing.MOST) -> list[Standing]:
        """The budgets that cover calls of the project. Blocking."""
        seen = (row for row in read.list_budgets(self.store()) if self._sees(row.budget, who))
        return [self._standing(row, who, most) for row in seen]

    def one(self, who: Identity, id_: str, most: int = 100) -> Standing:
        """One of them. Blocking. Raises RequestError 404."""
        return self._standing(self._find(who, id_), who, most)

    def history(self, who: Identity, id_: str) -> list[BudgetChange]:
        """Its changes, newest first; of a budget that other projects share, without whom of theirs a raise was for.

        Blocking. Raises RequestError 404.
        """
        row = self._find(who, id_)
        found = read.budget_changes(self.store(), id_)
        if self.owns(row.budget, who):
            return found
        mine = ("", self._account_of(row.budget, who))
        return [one for one in found if not isinstance(one.event, BudgetRaised) or one.event.change.value in mine]

    def reserved(self, who: Identity, id_: str) -> list[Reserved]:
        """Who holds what is reserved, oldest first; of a budget that other projects share, the project's own. Blocking.

        Raises RequestError 404.
        """
        row = self._find(who, id_)
        found = holders.reserved(self.store(), self._lent(), self.holds, row.budget, clock.now_ns())
        return found if self.owns(row.budget, who) else [one for one in found if one.project == who.project]

    def series(self, who: Identity, id_: str) -> list[tuple[int, int]]:
        """What was used over the present window, by the ledger's buckets; nothing of budgets that others share."""
        row = self._find(who, id_)
        return standing.series(self.store(), row, clock.now_ns()) if self.owns(row.budget, who) else []

    def may_change(self, who: Identity, budget: Budget | None = None) -> bool:
        """Whether the key may change budgets of its project, and this one. Blocking."""
        return (budget is None or self.owns(budget, who)) and rights.has_right(self.store, who, "budgets")

    def owns(self, budget: Budget, who: Identity) -> bool:
        """Whether it covers calls of the key's project and of no other."""
        return budget.match.get("project", tuple(self.projects())) == (who.project,)

    async def set(self, who: Identity, budget: Budget, why: str) -> BudgetSet:
        """Make or replace a budget; one that names no project covers the key's own, where there are others.

        Raises RequestError 400, 403, 409.
        """
        if "project" not in budget.match and len(self.projects()) > 1:
            budget = msgspec.structs.replace(budget, match={"project": (who.project,), **budget.match})
        present = await anyio.to_thread.run_sync(self._for_change, who, budget)
        change = changes.set_(present, budget, by(who), why)
        await self.record(change)
        return change

    async def remove(self, who: Identity, id_: str, why: str) -> BudgetRemoved:
        """Raises RequestError 400, 403, 404, 409."""
        row = await anyio.to_thread.run_sync(self._mine, who, id_)
        change = changes.remove(row, by(who), why)
        await self.record(change)
        return change

    async def raise_(self, who: Identity, id_: str, amount: int, until: int, why: str, value: str = "") -> BudgetRaised:
        """More room until a time (ns); the amount 0 ends raises. Raises RequestError 400, 403, 404."""
        row = await anyio.to_thread.run_sync(self._mine, who, id_)
        change = changes.raise_(row, amount, until, by(who), why, value)
        await self.record(change)
        return change

    def _standing(self, row: BudgetRow, who: Identity, most: int) -> Standing:
        """Of a budget that other projects share, only the sums: who they are is not this project's business."""
        found = standing.standing(self.store(), self._lent(), row, clock.now_ns(), most)
        if not self.owns(row.budget, who) and found.divided:
            keep = self._account_of(row.budget, who)
            found.accounts = [a for a in found.accounts if a.value == keep]
            found.raises = [r for r in found.raises if r.value in ("", keep)]
        return found

    def _lent(self) -> Store | None:
        """The lease store, or None while it is away."""
        try:
            return self.leases()
        except StoreUnavailable:
            return None

    def _account_of(self, budget: Budget, who: Identity) -> str | None:
        """The one account of a shared budget that is the project's own business."""
        return who.project if budget.per == "project" else None

    def _find(self, who: Identity, id_: str) -> BudgetRow:
        row = read.find_budget(self.store(), id_)
        if row is None or not self._sees(row.budget, who):
            raise RequestError(
                f"no budget {id_[:64]!r} covers the project {who.project!r}; a new one is listed within about a second",
                status=404,
                code="budget_not_found",
            )
        return row

    def _mine(self, who: Identity, id_: str) -> BudgetRow:
        row = self._find(who, id_)
        self._allow(who, row.budget)
        return row

    def _for_change(self, who: Identity, budget: Budget) -> BudgetRow | None:
        """What is there under the name of `budget`, if `who` may replace it by that."""
        self._allow(who, budget)
        present = read.find_budget(self.store(), budget.id)
        if present is not None and not self.owns(present.budget, who):
            raise RequestError(f"the name {budget.id!r} is taken; choose another", status=409, code="budget_exists")
        return present

    def _allow(self, who: Identity, budget: Budget) -> None:
        rights.require(self.store, who, "budgets")
        if not self.owns(budget, who):
            raise RequestError(
                f"this budget covers more than the project {who.project!r}; change it by `outrider budgets`, "
                "or name this project alone in `match`",
                status=403,
                code="not_allowed",
                param="match",
            )

    def _sees(self, budget: Budget, who: Identity) -> bool:
        return who.project in budget.match.get("project", (who.project,))


def by(who: Identity) -> str:
    """Who changed it, for the record: the public part of the key."""
    return f"key:{who.key}" if who.key else "anybody (auth: off)"
