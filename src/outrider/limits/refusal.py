"""The words with which a call is refused for want of room, and what its caller's program gets with them."""

from typing import Any

from outrider.base import clock, money
from outrider.base.budget import Budget, Measure
from outrider.base.errors import BudgetExceeded, RequestError
from outrider.journal.events import Charge
from outrider.limits import windows
from outrider.limits.account import Account

_DAY_NS = 86_400 * windows.SECOND_NS
_SOON_NS = 60 * windows.SECOND_NS


def refusal(account: Account, need: int, has: int) -> BudgetExceeded:
    """The error for a call that needs `need` of an account in all, and holds `has` of that already."""
    budget, now = account.budget, clock.now_ns()
    room = max(0, account.free + account.room + has)
    used = account.spent if account.local else account.indexed
    reserved = max(0, account.limit - used - room)
    resets_at = windows.resets_at(budget.window, budget.zone, now)
    headers: list[tuple[str, str]] = []
    if resets_at is not None and resets_at - now <= _DAY_NS:
        headers.append(("retry-after", str(max(1, -(-(resets_at - now) // windows.SECOND_NS)))))
    if resets_at is None or resets_at - now > _SOON_NS:
        headers.append(("x-should-retry", "false"))  # the usual clients try again within seconds
    whose = f" for {account.value[:80]!r}" if account.value and not account.local else ""
    reset = f"it resets at {clock.iso(resets_at)}" if resets_at is not None else _fades(budget)
    owner = f"{budget.owner} can raise it" if budget.owner else "raise it"
    return BudgetExceeded(
        f"budget {budget.id!r}{whose} has no room for this call: it may take {shown(budget.measure, need)}, and"
        f" {_free(budget.measure, room, account.limit)}"
        f" ({shown(budget.measure, used)} used, {shown(budget.measure, reserved)} held by calls under way);"
        f" {reset}; {owner} with `outrider budgets raise {budget.id}`",
        measure=budget.measure,
        room=room,
        fit=budget.fit,
        account=None if account.local else (*account.key, account.size),
        headers=tuple(headers),
        details={
            "budget": budget.id,
            "account": account.value,
            "measure": budget.measure,
            "used": _plain(budget.measure, used),
            "reserved": _plain(budget.measure, reserved),
            "limit": _plain(budget.measure, account.limit),
            "needed": _plain(budget.measure, need),
            "resets_at": clock.iso(resets_at) if resets_at is not None else None,
            "raised_by": budget.owner or None,
        },
    )


def charges(error: Exception, at: int) -> list[Charge]:
    """What the record of a run that began at `at` (ns) and ends with `error` says of it: a charge of nothing on the
    account that had no room."""
    if not isinstance(error, BudgetExceeded) or error.account is None:
        return []
    budget, value, window, size = error.account
    return [Charge(budget, value, window, at // size * size, 0)]


def shown(measure: Measure, amount: int) -> str:
    """An amount in words: `$0.25`, `1200 output tokens`, `1 call`."""
    if measure == "money":
        return f"${money.usd(amount)}"
    unit = {"total_tokens": "tokens", "concurrent": "calls at once"}.get(measure, measure.replace("_", " "))
    if amount == 1:
        unit = unit.replace("tokens", "token").replace("calls", "call")
    return f"{amount} {unit}"


def _free(measure: Measure, room: int, limit: int) -> str:
    """`$0.25 of $1 is free`, `1 of 3 calls is free`, `0 of 3 calls are free`."""
    if measure == "money":
        return f"{shown(measure, room)} of {shown(measure, limit)} is free"
    return f"{room} of {shown(measure, limit)} {'is' if 1 in (room, limit) else 'are'} free"


def _plain(measure: Measure, amount: int) -> Any:
    """As JSON: dollars as exact decimal text, everything else as a number."""
    return money.usd(amount) if measure == "money" else amount


def _fades(budget: Budget) -> str:
    if windows.rolls(budget.window):
        return f"room returns as calls of the last {budget.window} s pass out of it"
    return "it does not reset"


def unavailable() -> RequestError:
    """The error while the lease store is away and memory has no room."""
    return RequestError(
        "budgets cannot be checked now: the store that shares them out is away, and what this process had borrowed is"
        " used up; try again in a moment",
        status=503,
        code="limits_unavailable",
        kind="server_error",
        headers=(("retry-after", "1"),),
    )


def recovering(account: Account) -> RequestError:
    """The error while a process of this machine, that had borrowed room and does not answer, may be dead.

    It is no `budget_exceeded`: within seconds the indexer records what the dead one had begun, and the rest is free.
    """
    return RequestError(
        f"budget {account.budget.id!r} cannot be checked now: a process that ended holds a part of it, which is being"
        " recovered; try again in a moment",
        status=503,
        code="limits_unavailable",
        kind="server_error",
        headers=(("retry-after", "1"),),
    )
