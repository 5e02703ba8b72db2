"""Budgets: set, raised for a time, removed; each with who and why. Runs carry their charges."""

import msgspec

from outrider.base.budget import Budget, Raise

__all__ = ["BudgetRaised", "BudgetRemoved", "BudgetSet", "Charge", "LeasesReleased"]


class Charge(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a run took from one account: `amount` in the unit of its budget.

    The account is (`budget`, `value`, `window`): the value of the budget's `per` ("" without one), and the start of
    the window in nanoseconds since the epoch (0: it has none, or rolls). `bucket` is the time that it counts for, the
    run's `at` rounded down; a rolling window counts by it. The amount 0 says that this account had no room for the run,
    which was refused.
    """

    budget: str
    value: str
    window: int
    bucket: int
    amount: int


class BudgetSet(msgspec.Struct, tag_field="kind", tag="budget.set", omit_defaults=True):
    """The budget exists from now on in this form. `origin` is `config` or `api` (command line, API, console)."""

    budget: Budget
    at: int
    by: str = ""
    why: str = ""
    origin: str = "api"
    v: int = 1


class BudgetRemoved(msgspec.Struct, tag_field="kind", tag="budget.removed", omit_defaults=True):
    budget: str
    at: int
    by: str = ""
    why: str = ""
    v: int = 1


class BudgetRaised(msgspec.Struct, tag_field="kind", tag="budget.raised", omit_defaults=True):
    """More room for a time. A raise with the amount 0 ends those before it."""

    change: Raise
    at: int
    v: int = 1


class LeasesReleased(msgspec.Struct, tag_field="kind", tag="leases.released", omit_defaults=True):
    """What `holder` held of `accounts` accounts is given back by hand: its machine does not return."""

    holder: str
    accounts: int
    at: int
    by: str = ""
    why: str = ""
    v: int = 1
