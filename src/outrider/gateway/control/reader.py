"""The one place that asks a model what a user's own words allow. What it is asked, and what of its answer holds, is in
`policy.reading`.

An ask is a call like any other, with a run, a price and budgets, and no agent waits for it: it is made beside the
agent's own call, at the priority of a batch, and if it fails or takes too long, the rules stand alone.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from outrider.base import answers, clock
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.gateway.batches.inside import Aside
from outrider.gateway.control.wishes import Terms
from outrider.gateway.front import Handler
from outrider.gateway.table import Route
from outrider.limits.keys import Identity
from outrider.policy import reading
from outrider.policy.desk import Words
from outrider.policy.events import Offered
from outrider.policy.identity import Who

PATH, TAG = b"/v1/chat/completions", "grants"
MOST_AT_ONCE = 8
"""Asks of one process that users' words begin; beyond, words are not read."""
log = logging.getLogger("outrider.policy")


class Desk(Protocol):
    """What of `policy.desk.Desk` is needed. Blocking."""

    def words(self, project: str, session: str) -> Words: ...
    def offer(self, project: str, session: str, answer: str, asked: Offered, *, until: int, give: bool) -> Offered: ...


class Reader:
    """`chat` answers chat requests, `resolve` gives the route of a name, `identity` who a key belongs to."""

    def __init__(
        self,
        desk: Desk,
        chat: Handler,
        resolve: Callable[[str], Route],
        identity: Callable[[str], Identity | None],
        terms: Callable[[], Terms],
    ) -> None:
        self._desk, self._chat, self._resolve, self._identity, self.terms = desk, chat, resolve, identity, terms
        self._reading: dict[tuple[str, str], Who | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, who: Who) -> None:
        """A user said something: read it beside all else, where that is configured. Never waits, never raises. Words
        of a session whose task was handed down are an agent's."""
        if not self.terms().model or (who.parent and who.parent != who.session):
            return
        key = who.project, who.session
        if key in self._reading:
            self._reading[key] = who  # once more when the present answer is there
        elif len(self._reading) >= MOST_AT_ONCE:
            log.warning("words of the session %s are not read: %d others are", who.session[:80], MOST_AT_ONCE)
        else:
            self._reading[key] = None
            task = asyncio.create_task(self._beside(who))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _beside(self, who: Who) -> None:
        key = who.project, who.session
        pending: Who | None = who
        try:
            while pending is not None:
                self._reading[key] = None
                await self._once(pending)
                pending = self._reading[key]
        finally:
            del self._reading[key]

    async def _once(self, who: Who) -> None:
        """Read, or write down why not: what is said next is read all the same."""
        give = self.terms().apply == "auto"
        try:
            await self.read(who.project, who.session, "", key=who.key, user=who.user, give=give)
        except OutriderError as error:
            level = logging.DEBUG if error.code == "nothing_to_read" else logging.WARNING
            log.log(level, "words of the session %s were not read for grants: %s", who.session[:80], error.message)
        except Exception:  # the edge of what runs beside: nobody waits for it
            log.exception("words of the session %s were not read for grants", who.session[:80])

    async def read(
        self, project: str, session: str, model: str, *, key: str = "", user: str = "", give: bool = False
    ) -> Offered:
        """Ask a route about a session's words, in the name of a key; what holds is written down there, and with `give`
        given. Raises RequestError, UpstreamError, StoreUnavailable."""
        terms = self.terms()
        model = model or terms.model
        if not model:
            text = "name a route in `model`, or one for all in `policy.grants.model`"
            raise RequestError(text, code="invalid_parameter", param="model")
        route = self._resolve(model)
        if route.knowledge is not None:
            text = f"the route {model!r} answers with documents, which others may have written: name one without"
            raise RequestError(text, code="invalid_parameter", param="model")
        words = await asyncio.to_thread(self._desk.words, project, session)
        fields = {"model": model, **reading.question(words.asked, words.tools)}
        headers = {"x-outrider-session": f"{session}/{TAG}", "x-outrider-user": user}
        inside = await self._asked(
            msgspec.json.encode(fields), headers, self._identity(key) or Identity(project, key), terms.patience, model
        )
        asked = Offered((), (), len(words.asked), model, inside.header(b"x-request-id"), clock.now_ns())
        until = clock.now_ns() + int(terms.lasts * 1e9)
        return await asyncio.to_thread(
            self._desk.offer, project, session, _text(inside, model), asked, until=until, give=give
        )

    async def _asked(
        self, body: bytes, headers: dict[str, str], identity: Identity, patience: float, model: str
    ) -> Aside:
        given = {"content-type": "application/json", "x-outrider-tags": TAG, "x-outrider-priority": "batch", **headers}
        inside = Aside(PATH, [(k.encode(), v.encode()) for k, v in given.items() if v], body, identity)
        calling = asyncio.ensure_future(self._chat(inside))
        try:
            done, _ = await asyncio.wait((calling,), timeout=patience)
        finally:
            if not calling.done():
                inside.disconnected = True  # for the handler, its client has left
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
        if not done:
            raise UpstreamError(f"the route {model!r} did not answer within {patience:g} s", status=504)
        calling.result()
        return inside


def _text(inside: Aside, model: str) -> str:
    """What the model says. Raises RequestError where the route refused, UpstreamError where it did not answer."""
    if inside.status == 200:
        return answers.text_of(model, inside.answer)
    said, _ = answers.fault_of(inside.status, inside.answer)
    text = f"the route {model!r} does not read: {said}"
    if 400 <= inside.status < 500:
        raise RequestError(text, status=inside.status, code="route_refused", param="model")
    raise UpstreamError(text, status=inside.status or 502)
