"""Time travel: what a replay as of a past moment takes from then, and what it cannot have of then and says so.

Documents are asked as they were, by routes, policy and guardrails that were in force (`app.then` answers by them). What
is paid today is paid at today's prices; what it would have cost is counted from the prices of the configuration of
then, else from those that the journal recorded for the same deployment last before the moment, else from the dated
price list.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from outrider.base import clock, ids
from outrider.base.usage import Price, Usage
from outrider.journal.read import get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter
from outrider.store import Store

_LOOKED_AT = 50
"""Runs of a deployment before the moment that are looked through for a price."""


class Cost(msgspec.Struct, frozen=True):
    """What the live calls of a replay would have cost then, in nano-dollars; None: a price is not known. `notes` say
    where each price is from, or that there is none."""

    then: int | None
    notes: list[str]


def told(moment: int) -> str:
    """A moment (ns) as a header says it, at most a microsecond later."""
    micros = -(-moment // 1000)
    whole = datetime.fromtimestamp(micros // 10**6, UTC).isoformat().replace("+00:00", "")
    return f"{whole}.{micros % 10**6:06d}Z"


def _nowhere(deployment: str) -> Price | None:
    return None


def cost(
    store: Store,
    project: str,
    runs: Iterable[str],
    moment: int,
    *,
    configured: Mapping[str, Price] = {},
    listed: Callable[[str], Price | None] = _nowhere,
) -> Cost:
    """What these runs of a replay would have cost at the prices of a moment. `configured` are those of the
    configuration of then by deployment, `listed` asks the price list for that moment."""
    total: int | None = 0
    notes: dict[str, str] = {}
    for run in runs:
        for deployment, usage in _used(store, run):
            price, note = configured.get(deployment), f"prices: {deployment} as configured then"
            if price is None:
                price, note = _price(store, project, deployment, moment)
            if price is None and (price := listed(deployment)) is not None:
                note = f"prices: {deployment} as the price list says of then ({price.source})"
            notes[deployment] = note
            total = None if total is None or price is None else total + price.cost(usage)
    return Cost(total, list(notes.values()))


TODAYS = "routes, policy and guardrails: today's"
"""Where the configuration of then is not asked."""
FOREVER = "today's all the same: the models behind their names, what tool servers offer, credentials, budgets"


def beside(moment: int, configured: Iterable[str] = (TODAYS,)) -> list[str]:
    """What else a replay as of a moment is made of. `configured` says by what it was answered."""
    return [
        f"documents: as they were at {clock.iso(moment)}",
        "prompts: those in the recorded requests, and what the routes add to them",
        *configured,
        FOREVER,
    ]


def _used(store: Store, run: str) -> list[tuple[str, Usage]]:
    steps = list_steps(store, ids.parse(run), limit=100)
    return [
        (str(step.attrs.get("deployment") or step.name), step.usage)
        for step in steps
        if step.kind == "model" and step.usage is not None
    ]


def _price(store: Store, project: str, deployment: str, moment: int) -> tuple[Price | None, str]:
    """The price that was applied to a deployment last before a moment."""
    where = RunFilter(project=project, deployment=deployment, until=moment + 1)
    for row in list_runs(store, where, limit=_LOOKED_AT).rows:
        found = get_run(store, row.id)
        for step in list_steps(store, row.id, limit=100) if found is not None else ():
            if step.price is not None and str(step.attrs.get("deployment") or step.name) == deployment:
                said = step.price.source or "the configuration"
                return step.price, f"prices: {deployment} as on {clock.iso(row.at)} ({said})"
    return None, f"prices: {deployment} has no priced call before then, so what it would have cost is not known"
