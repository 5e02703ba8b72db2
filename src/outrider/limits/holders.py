"""Who holds what is reserved of a budget, and for what: calls under way, parts of batches, workers ahead of calls.

The holds of calls are in files of the machine that they run on (`holds`); of other machines the lease store knows how
much they have, and no more. Reads files and stores; blocking.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from outrider.base import ids
from outrider.base.budget import Budget
from outrider.limits import holds, windows
from outrider.limits.held import Held
from outrider.limits.leases import Key, Lent, lent
from outrider.store import Store

MOST = 100
_MOST_LENT = 1000

Kind = Literal["call", "batch", "ahead", "elsewhere"]


class Reserved(msgspec.Struct):
    """What one of them has reserved; `amount` is in the budget's unit.

    - `call`: an attempt under way. `run` is its id, `since` when it began.
    - `batch`: lines of a batch that are with their provider. `run` is the batch and the lines, `since` when the batch
      was made.
    - `ahead`: what a worker of this machine has taken for its next calls, or for calls whose record is not read yet.
    - `elsewhere`: what a worker of another machine has, for calls or ahead of them; `since` is when it changed last.

    `account` is the value of the budget's `per`, "" without one or where there are several. Times are nanoseconds since
    the epoch. What is not known, or does not apply, is empty.
    """

    kind: Kind
    amount: int
    holder: str
    account: str = ""
    since: int = 0
    run: str = ""
    project: str = ""
    key: str = ""
    user: str = ""
    model: str = ""
    route: str = ""
    deployment: str = ""


def reserved(store: Store, leases: Store | None, folder: Path | None, budget: Budget, now: int) -> list[Reserved]:
    """Who has something reserved of the present window: calls and batches, oldest first, then workers.

    `folder` is where this machine's files of holds are. Without the lease store only the calls are known.
    """
    seen = holds.look(folder) if folder is not None else {}
    starts = windows.start(budget.window, budget.zone, now)
    calls = [one for holder, found in seen.items() for held in found for one in _call(holder, held, budget.id, starts)]
    if leases is None:
        return sorted(calls, key=_oldest)
    shares = lent(leases, store, _accounts(leases, budget.id, starts))
    parts = _parts(leases, [one for one in shares if "/" in one.holder])
    workers = _workers([one for one in shares if "/" not in one.holder], calls, seen)
    return sorted([*calls, *parts], key=_oldest) + workers


def _oldest(one: Reserved) -> tuple[int, str]:
    return one.since, one.run


def _call(holder: str, held: Held, budget: str, starts: int) -> list[Reserved]:
    """What the call holds of each account of the budget: with `per: tag` there may be several."""
    note = held.note
    return [
        Reserved(
            kind="call",
            amount=charge.amount,
            holder=holder,
            account=charge.value,
            since=note.at,
            run=ids.text(held.run),
            project=note.project,
            key=note.key,
            user=note.user,
            model=note.model,
            route=note.route,
            deployment=note.deployment,
        )
        for charge in held.charges
        if charge.budget == budget and charge.window == starts and charge.amount
    ]


def _accounts(leases: Store, budget: str, starts: int) -> list[Key]:
    rows = leases.query(
        "SELECT DISTINCT value FROM budget_leases"
        " WHERE budget = ? AND starts = ? AND closed = 0 AND granted > 0 LIMIT ?",
        (budget, starts, _MOST_LENT),
    )
    return [Key(budget, value, starts) for (value,) in rows]


def _parts(leases: Store, shares: Sequence[Lent]) -> list[Reserved]:
    """Parts of batches: their holder is the batch and its lines."""
    wanted = sorted({one.holder.partition("/")[0] for one in shares})
    marks = ",".join("?" * len(wanted))
    rows = (
        leases.query(f"SELECT id, project, key, created FROM batches WHERE id IN ({marks})", wanted) if wanted else []
    )
    batches = {id_: (project, key, int(created)) for id_, project, key, created in rows}
    found = []
    for one in shares:
        project, key, created = batches.get(one.holder.partition("/")[0], ("", "", one.at))
        found.append(
            Reserved("batch", one.amount, one.holder, one.key.value, created, run=one.holder, project=project, key=key)
        )
    return found


def _workers(shares: Sequence[Lent], calls: Sequence[Reserved], here: Mapping[str, object]) -> list[Reserved]:
    """What workers have beside the holds of calls that are known, over all accounts; those with most first."""
    amounts: Counter[str] = Counter()
    accounts: dict[str, set[str]] = {}
    last: dict[str, int] = {}
    for one in shares:
        amounts[one.holder] += one.amount
        accounts.setdefault(one.holder, set()).add(one.key.value)
        last[one.holder] = max(one.at, last.get(one.holder, 0))
    for call in calls:
        amounts[call.holder] -= call.amount
    found = []
    for holder, amount in amounts.most_common():
        if amount <= 0:
            continue
        whose = accounts[holder]
        account = next(iter(whose)) if len(whose) == 1 else ""
        if holder in here:
            found.append(Reserved("ahead", amount, holder, account))
        else:
            found.append(Reserved("elsewhere", amount, holder, account, last[holder]))
    return found
