"""The budgets in force, compiled: which accounts cover a call, and what their limits are now. Pure and in memory."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from outrider.base.budget import Budget, Raise, Scope, Subject
from outrider.limits.match import Cover, cover, known_by, scopes_of

Accounts = tuple[tuple[Budget, str], ...]

NONE: Accounts = ()


class Rules:
    """Budgets with their raises. Immutable: a change makes new Rules, which replace the old by one assignment."""

    def __init__(self, budgets: Iterable[Budget] = (), raises: Iterable[Raise] = ()) -> None:
        self.budgets = {budget.id: budget for budget in budgets}
        self.raises = tuple(r for r in raises if r.budget in self.budgets)
        self._covers: tuple[tuple[Budget, Cover], ...] = tuple(
            (budget, cover(budget.match, divided_by(budget))) for budget in self.budgets.values()
        )
        self.known_by: Callable[[Subject], Hashable] | None = None
        """What of a subject the budgets look at: the accounts are the same where it is. None: each run has its own."""
        ways = [(budget.match, divided_by(budget)) for budget in self.budgets.values()]
        self.scopes = scopes_of(ways)
        if "tree" not in self.scopes:
            self.known_by = known_by(ways)
        self._raises: dict[str, list[Raise]] = defaultdict(list)
        for one in self.raises:
            self._raises[one.budget].append(one)

    def covering(self, subject: Subject) -> Accounts:
        """The accounts that cover a call: (budget, value of its `per`; "" without one), in the budgets' order."""
        if not self._covers:
            return NONE
        return tuple([(budget, value) for budget, values in self._covers for value in values(subject)])

    def limit_of(self, budget: Budget, value: str, now: int) -> int:
        """The limit of an account at `now` (ns), with the raises that hold then, in the budget's unit."""
        if budget.id not in self._raises:
            return budget.limit
        return budget.limit + sum(
            r.amount for r in self._raises[budget.id] if r.until > now and (not r.value or r.value == value)
        )


def divided_by(budget: Budget) -> Scope | None:
    """What divides the budget into accounts: its `per`; a budget per run has an account for each tree of runs."""
    return "tree" if budget.window == "run" else budget.per
