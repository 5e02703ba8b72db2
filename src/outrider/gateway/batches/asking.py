"""One line asked for: through the handler that a client's request would go to, in the name of who made the batch."""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from outrider.base import money
from outrider.base.errors import RequestError
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.gateway.batches import results
from outrider.gateway.batches.files import Files
from outrider.gateway.batches.inside import Inside
from outrider.gateway.batches.lines import Line, model_of
from outrider.gateway.batches.rows import Batch, Batches
from outrider.gateway.batches.telling import INTERRUPTED, Spoken, Telling, route_again
from outrider.gateway.batches.told import Told
from outrider.gateway.front import Handler
from outrider.gateway.surface.body import with_fields
from outrider.gateway.table import Route
from outrider.journal.events import Event
from outrider.limits.kept import Reserves
from outrider.limits.keys import Identity

PATIENT = (429, 503, 529)
"""Refusals that end by themselves: a line waits for that as long as its batch has time."""
AGAIN = (408, 500, 502, 504)
"""Failures that may not come again: a line is tried some more times."""
UNKNOWN_PAUSE = 1.0
_UNENDED = {"code": "server_error", "message": "the stream ended before the response did"}

log = logging.getLogger("outrider.batches")


class Shop(msgspec.Struct):
    """What all batches of one process share.

    `find` gives the handler of a path, `owner` who a batch's key belongs to (None: not known here yet; raises
    RequestError when it was revoked), `busy` whether the worker must not take on more now. `slots` are the lines
    that may be under way, `concurrency` those of one batch; `tries` of a line that fails; `longest` bytes of a
    line; `keep` seconds for output files (0: for ever). With `forward`, batches go to their provider's own batch
    API where that is possible: `resolve` gives the route of a name, `price_of` a deployment's price at a time (ns)
    for so many tokens of input, `reserves` holds room of budgets for them (None: there are no budgets), `overseen`
    says whether the tool calls that models propose are judged before anybody gets them, `guarded` whether
    guardrails read what models are given.
    `record` writes an event into the journal. `told` is where streamed responses are told.
    """

    batches: Batches
    files: Files
    find: Callable[[bytes, bytes], Handler | None]
    owner: Callable[[Batch], Identity | None]
    busy: Callable[[], bool]
    slots: asyncio.Semaphore
    concurrency: int
    tries: int = 8
    longest: int = 64_000_000
    keep: int = 30 * 86_400
    forward: bool = False
    resolve: Callable[[str], Route] | None = None
    price_of: Callable[[Deployment, int, int], Price | None] | None = None
    reserves: Reserves | None = None
    overseen: Callable[[], bool] = bool
    guarded: Callable[[], bool] = bool
    record: Callable[[Event], Awaitable[None]] | None = None
    told: Told | None = None


class Asked(NamedTuple):
    """`cost` is in nano-dollars. `again`: no answer yet, to be tried again after `pause` seconds (None: nobody says);
    `patient`: however often."""

    status: int
    request_id: str = ""
    body: bytes = b""
    again: bool = False
    patient: bool = False
    pause: float | None = None
    why: str = ""
    cost: int = 0


class Asking:
    """The lines of one batch."""

    def __init__(self, shop: Shop, batch: Batch) -> None:
        self._shop, self._batch = shop, batch
        self._path = batch.made.endpoint.encode()
        self._shared = headers_of(batch)

    @property
    def headers(self) -> dict[bytes, bytes]:
        """What every line is asked with."""
        return dict(self._shared)

    async def ask(self, line: Line, route: Route | None = None) -> Asked:
        """Ask for a line, by its own route or by another. Raises RequestError 401 when the batch's key was revoked."""
        identity = self._shop.owner(self._batch)
        if identity is None:
            return Asked(0, again=True, patient=True, pause=UNKNOWN_PAUSE, why="the key is not known here yet")
        handler = self._shop.find(b"POST", self._path)
        if handler is None:
            raise RequestError(f"{self._batch.made.endpoint} is not served here", status=404, code="not_found")
        headers = [*self._shared, (b"idempotency-key", _key(self._batch.id, line.custom_id))]
        inside = await self._inside(line, headers, identity, route)
        calling = asyncio.create_task(handler(inside))
        try:
            await asyncio.wait((calling,))
        finally:
            if not calling.done():
                inside.disconnected = True  # for the handler, its client has left
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
            if isinstance(inside, Spoken):
                await inside.telling.close()
        error = calling.exception() if not calling.cancelled() else None
        if error is not None:
            if not isinstance(error, Exception):
                raise error
            log.error("a line of %s was not handled", self._batch.id, exc_info=error)  # as the HTTP edge does
        return judge_spoken(inside) if isinstance(inside, Spoken) else judge(inside)

    async def _inside(
        self, line: Line, headers: list[tuple[bytes, bytes]], identity: Identity, route: Route | None
    ) -> Inside:
        shop, batch, body = self._shop, self._batch, bytes(line.body)
        if not batch.made.stream or shop.told is None:
            return Inside(self._path, headers, body, identity, route)
        body = with_fields(body, stream=True)
        telling = Telling(shop.told, batch, await asyncio.to_thread(shop.told.last, batch.id))
        if telling.interrupted and shop.resolve is not None:
            with contextlib.suppress(RequestError):  # without a route nobody is asked either
                route = route_again(shop.resolve(model_of(line)))
        return Spoken(self._path, headers, body, identity, route, telling)


def judge_spoken(inside: Spoken) -> Asked:
    """What a streamed answer means for its line. One that said something has no second try."""
    asked, told = judge(inside), inside.telling.retold
    if inside.streams:
        good = told.ended in ("response.completed", "response.incomplete")
        body = told.response if good else msgspec.json.encode({"error": told.failure or _UNENDED})
        return Asked(200 if good else 500, asked.request_id, body, cost=asked.cost)
    return asked._replace(again=False) if results.error_code(asked.body) == INTERRUPTED else asked


def judge(inside: Inside) -> Asked:
    """What an answer means for its line."""
    status, body = inside.status, inside.answer
    request_id = inside.header(b"x-outrider-replay-of") or inside.header(b"x-request-id")
    if status == 200 or (400 <= status < 500 and status not in (408, 409, 429)):
        return Asked(status, request_id, body, cost=_cost(inside))
    code = results.error_code(body)
    final = inside.header(b"x-should-retry") == "false" and not (code == "budget_exceeded" and _will_fit(inside))
    patient = (status in PATIENT and not final) or code == "request_in_progress"
    again = patient or (not final and (status in AGAIN or status == 0 or code == "idempotent_answer_missing"))
    if not status:
        status, body = 500, results.UNANSWERED
    return Asked(status, request_id, body, again, patient, _pause(inside), f"{status} {code}".strip(), _cost(inside))


class _Short(msgspec.Struct):
    used: str = "0"
    needed: str = "0"
    limit: str = "0"


class _Refused(msgspec.Struct):
    error: _Short


_refused = msgspec.json.Decoder(_Refused).decode


def _will_fit(inside: Inside) -> bool:
    """Whether a budget that has no room now will have some while the batch has time: when its window ends, or when what
    others hold is free again. Other clients are told not to wait for that."""
    if inside.header(b"retry-after"):
        return True
    try:
        short = _refused(inside.answer).error
        return Decimal(short.used) + Decimal(short.needed) <= Decimal(short.limit)
    except (msgspec.DecodeError, UnicodeDecodeError, ArithmeticError):
        return False


def _cost(inside: Inside) -> int:
    """What the call took, also if it is an earlier one whose answer was given again."""
    said = inside.header(b"x-outrider-replay-cost") or inside.header(b"x-outrider-cost")
    try:
        return money.nano(said) if said else 0
    except (ValueError, ArithmeticError):
        return 0


def _pause(inside: Inside) -> float | None:
    for name, unit in ((b"retry-after-ms", 0.001), (b"retry-after", 1.0)):
        said = inside.header(name)
        try:
            if said:
                return max(0.0, float(said) * unit)
        except ValueError:
            continue
    return None


def _key(batch: str, custom_id: str) -> bytes:
    """The same for the same line, whoever executes it and however often."""
    return f"{batch}/{hashlib.sha256(custom_id.encode()).hexdigest()[:40]}".encode()


def headers_of(batch: Batch) -> list[tuple[bytes, bytes]]:
    """The headers of every line: the batch's own, and what marks it as a part of the batch."""
    given = dict(batch.made.headers)
    tags = given.pop("x-outrider-tags", "")
    given["x-outrider-tags"] = f"{tags},{batch.id}" if tags else batch.id
    if batch.kind != "background":
        given.setdefault("x-outrider-session", batch.id)
        given["x-outrider-priority"] = "batch"
    given["content-type"] = "application/json"
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()]
