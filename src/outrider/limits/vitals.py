"""Vitals: how each deployment has been doing, from live traffic, and whether it may be called now.

One `Vitals` per worker. `begin` lets a call through (or not) and gives an `Attempt`, which is told what became of it;
from that come calls in flight, the time to the first piece of a stream, the pace of tokens, failures by class, the
breaker and what the provider's limits are known to be. Counts lie on the board, which all workers of the machine read;
moving averages are each worker's own.
"""

from collections.abc import Iterable
from math import log, sqrt
from typing import Literal

from outrider.base import chance, clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment, Facts
from outrider.base.usage import Usage
from outrider.limits import board as b
from outrider.limits import breakers, learned
from outrider.limits.board import Board, Place
from outrider.limits.breakers import PLAIN, Breaker, Tally
from outrider.limits.learned import Header, Learned

MOST = 200
"""Deployments with vitals of their own; all further ones of a provider share one: callers can make up names."""
ALPHA = 0.1
HALF_LIFE_NS = 60_000_000_000
MOST_EVIDENCE = 30.0
FRESH_NS = 1_000_000_000
"""Evidence fades in steps of this."""
LAST_RESORTS = 10
"""Calls in flight up to which a deployment with an open breaker is tried when there is no other way."""
LEASE_NS = 180_000_000_000
"""How long a probe keeps its place if nothing is heard of it again."""

Verdict = Literal["hard", "soft", "limited", "none"]

FAILURES = (
    "other", "upstream_error", "upstream_timeout", "upstream_connect_timeout", "upstream_unreachable",
    "upstream_disconnected", "upstream_dns_error", "upstream_tls_error", "upstream_stream_cut",
    "upstream_error_in_200", "upstream_invalid_answer", "provider_rate_limited", "provider_key_refused",
    "provider_model_not_found", "slow",
)  # fmt: skip
"""Classes under which failures are counted on the board, by position. Appended to, never reordered."""
_CLASS = {code: number for number, code in enumerate(FAILURES)} | {"upstream_invalid_http": 10, "runtime_failed": 1}
_SOFT = {"provider_key_refused", "provider_model_not_found"}
_NO_SIGN = {"provider_refused_request", "context_length_exceeded", "upstream_answer_too_large",
            "upstream_event_too_large", "upstream_stale", "upstream_seam_lost", "closed"}  # fmt: skip


def verdict(error: UpstreamError) -> Verdict:
    """What a failure says about the deployment.

    `hard`: it does not work (5xx, timeout, reset, nonsense). `soft`: it says what is wrong (key refused, model
    unknown). `limited`: it works and says not now (429, or when to come back). `none`: the request was at fault.
    """
    if error.code == "provider_rate_limited" or (error.retry_after is not None and error.status in (429, 503, 529)):
        return "limited"
    if error.code in _SOFT:
        return "soft"
    if error.code in _NO_SIGN:
        return "hard" if error.status == 408 else "none"
    return "hard"


def tally(board: Board, place: Place, width: int, clean: int, now: int) -> Tally:
    """Outcomes of the last BUCKETS spans of `width` nanoseconds, in all workers; nothing from before `clean`."""
    cells = place.cells
    oldest = max(now // width - b.BUCKETS + 1, clean // width + 1 if clean else 0)
    calls = failed = soft = 0
    for at in board.each(place):
        for bucket in range(at + b.WINDOW, at + b.CLASSES, 4):
            if cells[bucket] >= oldest:
                calls += cells[bucket + 1]
                failed += cells[bucket + 2]
                soft += cells[bucket + 3]
    return Tally(calls, failed, soft)


class Vital:
    """One deployment: its averages in this worker (they satisfy `base.choice.Signs`), its cells on the board."""

    __slots__ = (
        "_at", "_board", "_columns", "_evidence", "_gate", "_in_flight", "_samples", "_told", "_width", "breaker",
        "cells", "column", "deployment", "facts", "facts_of", "facts_said", "facts_whole", "failing", "first",
        "learned", "name", "pace", "place", "spread",
    )  # fmt: skip

    def __init__(self, name: str, board: Board, deployment: Deployment) -> None:
        self.name, self._board, self.deployment = name, board, deployment
        rules = deployment.breaker
        self.place = place = board.place(name)
        self.cells, self.column = place.cells, place.column
        self.breaker = Breaker(place.cells[place.row + b.BREAKER :], rules, board.lock)
        self.learned = Learned(place.cells[place.row + b.LIMITS :])
        self._gate, self._told = place.row + b.BREAKER + breakers.UNTIL, place.row + b.LIMITS
        self._columns: tuple[int, ...] = ()
        self._in_flight: list[int] = []
        self._width = max(1, int(rules.window * 1e9 / b.BUCKETS))
        place.cells[place.row + b.WIDTH] = self._width
        self.first = self.pace = self.failing = 0.0
        self.spread = 0.3
        self._samples, self._evidence, self._at = 0, 0.0, 0
        self.facts = Facts()  # what routing found out about the model, and from what the configuration says of which
        self.facts_of, self.facts_said, self.facts_whole = "", self.facts, False

    # -- signs --------------------------------------------------------------------------------------------------------

    def busy(self) -> int:
        """Calls in flight, of all workers of this machine."""
        cells = self.cells
        if self._columns is not self._board.columns:
            self._columns = self._board.columns
            self._in_flight = [at + b.IN_FLIGHT for at in self._board.each(self.place)]
        return sum([cells[at] for at in self._in_flight])

    def last(self) -> int:
        """When the last call ended, or the last check, in any worker; 0: never."""
        cells = self.cells
        return max([cells[at + b.LAST] for at in self._board.each(self.place)], default=0)

    def checked(self, now: int) -> None:
        """It was looked after, without a call."""
        self.cells[self.column + b.LAST] = now

    def free(self, tokens: int) -> bool:
        """Whether nothing at all speaks against a call: the breaker is closed, no rest, plenty of room."""
        cells, told = self.cells, self._told
        return not (
            cells[self._gate]
            or cells[told + learned.REST]
            or (cells[told + learned.HEARD] and (cells[told + learned.LOW] or tokens >= cells[told + learned.ROOM]))
        )

    def evidence(self, now: int) -> float:
        """How many recent measurements stand behind the averages: halved each minute."""
        return self._evidence * float(0.5 ** ((now - self._at) / HALF_LIFE_NS))

    def tally(self, now: int) -> Tally:
        """Outcomes of the window in all workers, since the breaker closed last."""
        return tally(self._board, self.place, self._width, self.breaker.clean, now)

    # -- told by attempts ---------------------------------------------------------------------------------------------

    def count(self, now: int, failed: int = 0, soft: int = 0) -> None:
        cells, epoch = self.cells, now // self._width
        at = self.column + b.WINDOW + 4 * (epoch % b.BUCKETS)
        if cells[at] != epoch:
            cells[at], cells[at + 1], cells[at + 2], cells[at + 3] = epoch, 1, failed, soft
        else:
            cells[at + 1] += 1
            if failed:
                cells[at + 2] += 1
                cells[at + 3] += soft
        self.failing += ALPHA * (failed - self.failing)

    def first_after(self, seconds: float, now: int) -> None:
        """A stream's first piece came after this time."""
        seconds = max(seconds, 1e-6)
        self._samples += 1
        if self._samples == 1:
            self.first = seconds
        else:
            off = log(seconds / self.first)
            weight = max(ALPHA, 1 / self._samples)
            self.spread = sqrt((1 - weight) * (self.spread * self.spread + weight * off * off))
            self.first += weight * (seconds - self.first)
        if now - self._at > FRESH_NS:
            self._evidence, self._at = self.evidence(now), now
        self._evidence = min(MOST_EVIDENCE, self._evidence + 1)
        self.cells[self.column + b.FIRST_US] = int(self.first * 1e6)

    def pace_of(self, seconds: float, tokens: int, now: int) -> None:
        """So many tokens came in this time."""
        each = seconds / tokens
        self.pace += (ALPHA if self.pace else 1.0) * (each - self.pace)
        if now - self._at > FRESH_NS:  # of a stream, its first piece has counted already
            self._evidence = min(MOST_EVIDENCE, self.evidence(now) + 1)
            self._at = now
        self.cells[self.column + b.PACE_US] = int(self.pace * 1e6)


class Attempt:
    """One call of one deployment. Tell it the first piece of a stream, then an ending; only the first ending counts."""

    __slots__ = ("_ended", "_first", "_probe", "_told", "began", "vital")

    def __init__(self, vital: Vital, probe: int, now: int, tokens: int) -> None:
        self.vital, self._probe, self.began = vital, probe, now
        self._first, self._told, self._ended = 0, False, False
        vital.cells[vital.column + b.IN_FLIGHT] += 1
        vital.learned.take(tokens)

    def heard(self, headers: Iterable[Header], status: int = 200) -> None:
        """The head of the answer is there: what it says of limits."""
        self.vital.learned.hear(headers, clock.mono_ns(), refused=status == 429)

    def first_token(self, now: int) -> None:
        """The first piece of a streamed answer is there."""
        if self._first:
            return
        self._first = now
        vital, waited = self.vital, (now - self.began) / 1e9
        vital.first_after(waited, now)
        slow = vital.breaker.rules.slow
        if slow and waited > slow:
            self._fail(now, "slow", soft=True)
        elif self._probe != PLAIN:  # a long stream need not end before others may come
            vital.breaker.succeeded(self._probe, now)
            self._probe = PLAIN

    def ok(self, usage: Usage | None, now: int) -> None:
        """Answered to the end."""
        if not self._end(now):
            return
        vital = self.vital
        seconds = (now - (self._first or self.began)) / 1e9
        if usage is not None and usage.output > 1:
            vital.pace_of(seconds, usage.output, now)
        elif not self._first:  # no tokens come out: vectors
            vital.first_after(seconds, now)
        if not self._told:
            vital.count(now)
            vital.breaker.succeeded(self._probe, now)
        vital.learned.served(self.began)
        vital.cells[vital.column + b.ANSWERED] += 1

    def failed(self, error: UpstreamError, now: int) -> None:
        """It failed: by the deployment's fault or the request's, as the error says."""
        if not self._end(now):
            return
        found, vital = verdict(error), self.vital
        if found == "none":
            vital.breaker.left(self._probe)
        elif found == "limited":
            self._class(error.code, now)
            vital.breaker.left(self._probe)
            vital.learned.limited(now, error.retry_after, chance.uniform(1.0))
        else:
            self._fail(now, error.code, soft=found == "soft", retry_after=error.retry_after or 0.0)

    def left(self, now: int) -> None:
        """Ended by us (the caller is gone, another answer was quicker): says nothing about the deployment."""
        if self._end(now):
            self.vital.breaker.left(self._probe)

    def _end(self, now: int) -> bool:
        """Whether this is the first ending."""
        if self._ended:
            return False
        self._ended = True
        cells, column = self.vital.cells, self.vital.column
        cells[column + b.IN_FLIGHT] -= 1
        cells[column + b.CALLS] += 1
        cells[column + b.LAST] = now
        return True

    def _fail(self, now: int, code: str, *, soft: bool, retry_after: float = 0.0) -> None:
        """Count a failure and let the breaker judge; once per call, though its class may be told again."""
        self._class(code, now)
        if self._told:
            return
        self._told = True
        vital = self.vital
        vital.count(now, 1, int(soft))
        vital.breaker.failed(
            self._probe,
            now,
            self.began,
            lambda: vital.tally(now),
            soft=soft,
            retry_after=retry_after,
            spread=chance.uniform(1.0),
        )
        self._probe = PLAIN

    def _class(self, code: str, now: int) -> None:
        vital = self.vital
        vital.cells[vital.column + b.CLASSES + _CLASS.get(code, 0)] += 1
        vital.cells[vital.column + b.LAST_FAILURE] = now


class Vitals:
    """The vitals of all deployments in one worker."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._by_name: dict[str, Vital] = {}

    def of(self, deployment: Deployment) -> Vital:
        """The vital of a deployment, made when it is first asked for. Its rules follow the configuration."""
        vital = self._by_name.get(deployment.name)
        if vital is None:
            vital = self._new(deployment)
        if vital.deployment is not deployment:
            vital.deployment, vital.breaker.rules = deployment, deployment.breaker
        return vital

    def _new(self, deployment: Deployment) -> Vital:
        name = deployment.name
        if len(self._by_name) >= MOST:
            name = f"{deployment.provider}/*"
            if name in self._by_name:
                return self._by_name[name]
        return self._by_name.setdefault(name, Vital(name, self.board, deployment))

    def know(self, deployments: Iterable[Deployment]) -> None:
        """Give these a place on the board before anybody calls them, so that they are listed."""
        for deployment in deployments:
            self.of(deployment)

    def all(self) -> list[Vital]:
        """Those of every deployment that this worker has met."""
        return list(self._by_name.values())

    def begin(self, deployment: Deployment, tokens: int = 0, *, last_resort: bool = False) -> Attempt | None:
        """A call of the deployment begins; None: its breaker does not let it through now.

        `tokens` is what the call may take from the provider's token limit. `last_resort`: there is no other way.
        """
        vital = self.of(deployment)
        now = clock.mono_ns()
        probe = vital.breaker.enter(now, LEASE_NS, last_resort=last_resort)
        if probe is None and last_resort and not vital.breaker.forced and vital.busy() < LAST_RESORTS:
            probe = breakers.UNBOUNDED  # to try is better than to refuse, as long as few wait for what may not come
        return None if probe is None else Attempt(vital, probe, now, tokens)
