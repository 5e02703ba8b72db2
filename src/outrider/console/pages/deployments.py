"""Deployments: how each of them is doing now, what its breaker says and why, and an operator's hand on it."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.limits.conditions import Condition, Deployments

DOTS = {"ok": "ok", "down": "error", "held": "error", "trying": "running", "resting": "running", "unused": "cancelled"}
SECOND = 1_000_000_000


class Card(msgspec.Struct):
    """One deployment as shown: `state` in words, `dot` as the console marks states, `pace` in tokens per second."""

    condition: Condition
    health: str
    state: str
    dot: str
    first_token: int
    pace: float


class Context(msgspec.Struct):
    """All deployments of this machine, those that need attention first. `now` is nanoseconds since the epoch."""

    cards: list[Card]
    may_change: bool
    now: int
    well: int
    troubled: int
    in_flight: int
    done: str = ""


def deployments_of(view: View) -> Deployments:
    if view.deps.deployments is None:
        raise RequestError("this process serves no deployments", status=503, code="not_served")
    return view.deps.deployments


def load(view: View) -> Context:
    deployments, now = deployments_of(view), clock.now_ns()
    found = deployments.all()
    healths = [one.health for one in found]
    return Context(
        cards=[_card(one, now) for one in found],
        may_change=deployments.may_change(view.who),
        now=now,
        well=sum(health in ("ok", "unused") for health in healths),
        troubled=sum(health not in ("ok", "unused") for health in healths),
        in_flight=sum(one.in_flight for one in found),
        done=view.query.get("done", "")[:250],
    )


def _card(one: Condition, now: int) -> Card:
    pace = 1 / one.token_pace if one.token_pace else 0.0
    return Card(one, one.health, _words(one, now), DOTS[one.health], int(one.first_token * 1e9), pace)


def _words(one: Condition, now: int) -> str:
    match one.health:
        case "held":
            return f"held open by an operator for {span(now - one.since)}: no call goes here"
        case "down":
            return f"left alone for {span(now - one.since)} ({one.cause}); tried again in {span(one.ready_at - now)}"
        case "trying":
            return f"the next calls try whether it works again ({one.cause})"
        case "resting":
            return f"its provider has no room for another {span(one.resting_until - now)}"
        case "unused":
            return "no call since Outrider started"
    return "well" if not one.recent_failed else "well, with some failures"


def span(ns: int) -> str:
    """`8 s`, `3 min`, `2 h`."""
    seconds = max(0, round(ns / SECOND))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def routes(edge: Edge) -> list[Route]:
    def action(open_: bool) -> Route:
        async def act(view: View) -> Response:
            name, why = view.form.get("name", ""), view.form.get("why", "")
            force = deployments_of(view).force
            await anyio.to_thread.run_sync(lambda: force(view.who, name, open_=open_, why=why))
            return RedirectResponse(f"/deployments?done={'open' if open_ else 'close'}", 303)

        return edge.action(f"/deployments/{'open' if open_ else 'close'}", act)

    return [
        *edge.page("/deployments", load, "deployments.html", part="deployments_part.html"),
        action(True),
        action(False),
    ]
