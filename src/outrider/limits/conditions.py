"""How deployments are doing, for people: read from the board, by any process of the machine. And an operator's hand.

What is here is of this machine, and of the time since Outrider started.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.ports import BreakerRules
from outrider.journal.events import BreakerForced
from outrider.limits import board as b
from outrider.limits import rights
from outrider.limits.board import Board, Place
from outrider.limits.breakers import FOREVER, Breaker, State
from outrider.limits.keys import Identity
from outrider.limits.learned import Learned, Limit
from outrider.limits.vitals import FAILURES, tally
from outrider.store import Store

log = logging.getLogger("outrider")
_RULES = BreakerRules()
LONGEST_REASON = 500


class WorkerShare(msgspec.Struct):
    """One worker's part: `worker` is its number on the board."""

    worker: int
    in_flight: int
    calls: int


class Condition(msgspec.Struct):
    """One deployment. Moments are nanoseconds since the epoch (0: none), times seconds (0.0: never seen).

    `state` of the breaker since `since`, for the reason `cause`; `ready_at` is when calls may try it again (0: now, or
    when an operator says so). `resting_until`: its provider has no room until then. `calls`, `answered` and `failures`
    count since the start, `recent_calls` and `recent_failed` over the breaker's window.
    """

    name: str
    state: State
    cause: str
    since: int
    ready_at: int
    resting_until: int
    in_flight: int
    calls: int
    answered: int
    failures: dict[str, int]
    recent_calls: int
    recent_failed: int
    first_token: float
    token_pace: float
    last_call: int
    last_failure: int
    limits: list[Limit]
    workers: list[WorkerShare]

    @property
    def health(self) -> str:
        """`ok`, `held` (by an operator), `down`, `trying`, `resting`, `unused`: one word for a mark."""
        if self.state == "open":
            return "held" if self.cause == "operator" else "down"
        if self.state == "half-open":
            return "trying"
        if self.resting_until:
            return "resting"
        return "ok" if self.calls or self.in_flight else "unused"


def conditions(board: Board) -> list[Condition]:
    """All deployments on the board, those that need attention first, then by name. A fraction of a millisecond."""
    found = [condition(board, name) for name in board.names()]
    attention = {"down": 0, "held": 1, "trying": 2, "resting": 3, "ok": 4, "unused": 5}
    return sorted(found, key=lambda c: (attention[c.health], c.name))


def condition(board: Board, name: str) -> Condition:
    """One deployment that is on the board."""
    place = board.look(name)
    assert place is not None
    now, wall = clock.mono_ns(), clock.now_ns()
    cells = place.cells
    breaker, learned = _breaker(board, place), Learned(cells[place.row + b.LIMITS : place.row + b.ROW])
    columns = list(zip(board.columns, board.each(place), strict=True))
    recent = tally(board, place, cells[place.row + b.WIDTH] or 1, breaker.clean, now)

    def moment(mono: int) -> int:
        return wall - now + mono if mono and mono != FOREVER else 0

    def total(cell: int) -> int:
        return sum(cells[at + cell] for at in (*(at for _, at in columns), *board.departed(place)))

    def mean(cell: int) -> float:
        """Of the workers' averages, by their calls."""
        parts = [(cells[at + cell], max(1, cells[at + b.CALLS])) for _, at in columns if cells[at + cell]]
        return sum(v * w for v, w in parts) / sum(w for _, w in parts) / 1e6 if parts else 0.0

    by_class = {code: total(b.CLASSES + position) for position, code in enumerate(FAILURES)}
    return Condition(
        name=name,
        state=breaker.state(now),
        cause=breaker.cause,
        since=moment(breaker.since),
        ready_at=moment(breaker.until) if breaker.until > now else 0,
        resting_until=moment(learned.resting()) if learned.resting() > now else 0,
        in_flight=total(b.IN_FLIGHT),
        calls=total(b.CALLS),
        answered=total(b.ANSWERED),
        failures={code: count for code, count in by_class.items() if count},
        recent_calls=recent.calls,
        recent_failed=recent.failed,
        first_token=mean(b.FIRST_US),
        token_pace=mean(b.PACE_US),
        last_call=moment(max((cells[at + b.LAST] for _, at in columns), default=0)),
        last_failure=moment(max((cells[at + b.LAST_FAILURE] for _, at in columns), default=0)),
        limits=learned.known(now),
        workers=[WorkerShare(n, cells[at + b.IN_FLIGHT], cells[at + b.CALLS]) for n, at in columns],
    )


def _breaker(board: Board, place: Place) -> Breaker:
    return Breaker(place.cells[place.row + b.BREAKER : place.row + b.LIMITS], _RULES, board.lock)


def force(
    board: Board, name: str, record: Callable[[BreakerForced], None], *, open_: bool, by: str, why: str = ""
) -> Condition:
    """Hold a deployment's breaker open, or close it and forget what was, in all workers at once. `record` writes to the
    journal who did so, and why if they said it.

    Raises RequestError 400, 404; what `record` raises, and then nothing is changed.
    """
    why = why.strip()
    if len(why) > LONGEST_REASON or not why.isprintable():
        words = f"why: say why in one line of at most {LONGEST_REASON} characters; it is kept with the change"
        raise RequestError(words, code="invalid_parameter", param="why")
    place = board.look(name)
    if place is None:
        raise RequestError(
            f"no deployment {name[:200]!r} is known on this machine; `outrider deployments list` shows those that are",
            status=404,
            code="deployment_not_found",
            param="name",
        )
    record(BreakerForced(name, clock.now_ns(), open_, by, why))
    log.warning("the breaker of %s was %s by %s", name, "opened" if open_ else "closed", by)
    breaker, now = _breaker(board, place), clock.mono_ns()
    if open_:
        breaker.hold_open(now)
    else:
        breaker.close(now)
        Learned(place.cells[place.row + b.LIMITS : place.row + b.ROW]).rest_over()
    return condition(board, name)


@dataclass(frozen=True)
class Deployments:
    """Deployments as a key may see and change them: what API and console share.

    They serve all projects, so every key sees them; who has the right to (`limits.rights`) opens and closes breakers.
    `record` writes it to the journal, before it happens.
    """

    board: Board
    store: Callable[[], Store]
    record: Callable[[BreakerForced], None]

    def all(self) -> list[Condition]:
        return conditions(self.board)

    def may_change(self, who: Identity) -> bool:
        """Blocking."""
        return rights.has_right(self.store, who, "deployments")

    def force(self, who: Identity, name: str, *, open_: bool, why: str = "") -> Condition:
        """Blocking. Raises RequestError 400, 403, 404."""
        rights.require(self.store, who, "deployments")
        by = f"key {who.key}" if who.key else "somebody on this machine"
        return force(self.board, name, self.record, open_=open_, by=by, why=why)
