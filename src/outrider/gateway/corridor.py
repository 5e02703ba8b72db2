"""The corridor: accept → identify → resolve → admit → check input → ground → cache → call → check output → settle →
answer.

One `Call` walks it in one direction. Checks stand empty until guardrails come; they are composed here, and nothing else
changes. How a walk ends is in `gateway.endings`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from outrider.base.errors import JournalFull, OutriderError
from outrider.base.grounding import Grounds
from outrider.base.ports import Answer
from outrider.cache.exact import ExactCache
from outrider.cache.idempotent import Once
from outrider.dialects import ODD, odd_request
from outrider.gateway import cached, grounding, idempotent, receive, shaped, structured
from outrider.gateway.admission import Admission
from outrider.gateway.attempts import Attempts, NoAnswer
from outrider.gateway.call import Call
from outrider.gateway.control import stage as control
from outrider.gateway.control.oversight import Oversight
from outrider.gateway.endings import Endings
from outrider.gateway.front import Handler
from outrider.gateway.guarded import Guards
from outrider.gateway.identify import Gate, identify, known_as
from outrider.gateway.metrics import Metrics
from outrider.gateway.refusals import Refusals
from outrider.gateway.server import Exchange
from outrider.gateway.surface import chat, embeddings, errors, rerank
from outrider.gateway.surface.contract import Asked, Surface
from outrider.gateway.table import RouteTable
from outrider.gateway.voice import Voice
from outrider.journal.append import Journal


class Corridor:
    """Everything that requests share in one worker. `table` is replaced as a whole when the configuration changes."""

    def __init__(
        self,
        *,
        gate: Gate,
        table: RouteTable,
        journal: Journal,
        metrics: Metrics,
        cache: ExactCache,
        admission: Admission,
        attempts: Attempts,
        once: Once,
        grounds: Grounds | None = None,
        oversight: Oversight | None = None,
        guards: Guards | None = None,
    ) -> None:
        self.gate, self.table, self.journal = gate, table, journal
        self.metrics, self.cache = metrics, cache
        self.admission, self.attempts, self.once, self.grounds = admission, attempts, once, grounds
        self.oversight, self.guards = oversight, guards
        self.refusals = Refusals(gate, journal, metrics)
        self.endings = Endings(journal, metrics, self.refusals, once)

    async def chat(self, exchange: Exchange) -> None:
        """`POST /v1/chat/completions`."""
        await self._walk(Call(exchange, "chat", _this_task()), _read_chat)

    async def embeddings(self, exchange: Exchange) -> None:
        """`POST /v1/embeddings`."""
        await self._walk(Call(exchange, "embeddings", _this_task()), _read_embeddings)

    async def rerank(self, exchange: Exchange) -> None:
        """`POST /v1/rerank`."""
        await self._walk(Call(exchange, "rerank", _this_task()), _read_rerank)

    def speaking(self, surface: Surface) -> Handler:
        """Who answers callers of another language."""

        async def answer(exchange: Exchange) -> None:
            if b"key=" in exchange.query:  # where Google's callers may put it
                exchange.headers.append((b"x-goog-api-key", _key_in(exchange.query)))
            call = Call(exchange, "chat", _this_task())
            call.voice = Voice(surface, call.text_id().decode())
            await self._walk(call, _understand)

        return answer

    async def _walk(self, call: Call, read: Callable[[Call], None]) -> None:
        exchange, task, end = call.exchange, call.task, self.endings
        exchange.on_gone = task.cancel
        try:
            self.admission.accept(call)
            asking = identify(call, self.gate)
            if asking is not None:
                await asking
            if b"content-encoding" in call.headers:
                raise errors.coded(call.header(b"content-encoding"))
            read(call)
            if call.voice is not None and call.voice.request.pending is not None:
                call.voice.asked = await call.voice.request.pending(call.identity)
                _take_over(call, call.voice.request)
            call.route = exchange.route or self.table.resolve(call.model)
            call.why = call.route.why
            if idempotent.concerns(call):
                kept = await idempotent.enter(self.once, call)
                if kept is not None:
                    return await end.give_again(call, kept)
            waiting = self.admission.admit(call)
            if waiting is not None:
                await waiting
            await end.succeed(call, await self._answer(call))
        except NoAnswer as none:
            await end.fail(call, none.last)
        except JournalFull as full:
            await end.unrecorded(call, full)
        except OutriderError as error:
            await end.fail(call, error)
        except asyncio.CancelledError:
            if not exchange.gone:
                raise
            task.uncancel()
            await end.abandon(call)
        finally:
            exchange.on_gone = None
            if call.claim is not None:  # nothing above has ended it: whoever asks again may have the key
                await idempotent.release(self.once, call)
            self.admission.leave(call)
            self.metrics.observe(call)

    def _answer(self, call: Call) -> Awaitable[Answer]:
        """Stages control, ground, cache, call and shape, as far as they concern the call."""
        if call.endpoint == "chat" and self.oversight is not None and control.begin(self.oversight, call):
            return self._overseen(call)
        return self._found(call)

    async def _overseen(self, call: Call) -> Answer:
        """The answer to a conversation that its session has seen."""
        await control.hear(call)
        return await self._found(call)

    async def _guarded(self, call: Call) -> Answer:
        """The answer to what the guardrails let pass, as far as they let it."""
        try:
            await call.guarded.hear(call)
            if call.guarded.taints and call.control is not None:
                await control.flagged(call)
            return await self._looked_up(call)
        finally:
            call.guarded.close(call)

    def _found(self, call: Call) -> Awaitable[Answer]:
        if self.guards is not None and self.guards.begin(call):
            return self._guarded(call)
        return self._looked_up(call)

    def _looked_up(self, call: Call) -> Awaitable[Answer]:
        assert call.route is not None
        if call.route.knowledge is not None and call.endpoint == "chat":
            return self._grounded(call)
        return self._kept(call)

    async def _grounded(self, call: Call) -> Answer:
        """The answer that rests on what the route's collection says."""
        await grounding.find(self.grounds, call)
        if call.control is not None:
            await control.passages(call)
        return await self._kept(call)

    def _kept(self, call: Call) -> Awaitable[Answer]:
        """What was answered before, or what is said now."""
        assert call.route is not None
        if call.endpoint == "chat" and call.request.response_format is not None:
            call.want = structured.wanted(call.request, call.route.structured)
        if call.guarded is None and cached.concerns(call):  # what one caller may read is not what another may
            return cached.through(self.cache, call, self._said)
        return self._said(call)

    def _said(self, call: Call) -> Awaitable[Answer]:
        if call.endpoint == "rerank":
            return self._ranked(call)
        return self._shaped(call) if call.voice is None or call.stream else self._translated(call)

    async def _translated(self, call: Call) -> Answer:
        """The answer in the caller's own language."""
        answer, voice = await self._shaped(call), call.voice
        assert voice is not None
        answer.body = voice.words(answer.body)
        return answer

    async def _ranked(self, call: Call) -> Answer:
        """As many of the best documents as the caller wants."""
        answer = await self._shaped(call)
        answer.body = rerank.finished(call.request, answer.body)
        return answer

    def _shaped(self, call: Call) -> Awaitable[Answer]:
        return self._said_first(call) if call.control is None else control.through(call, self._said_first)

    def _said_first(self, call: Call) -> Awaitable[Answer]:
        return self._formed(call) if call.ground is None else grounding.through(call, self._formed)

    def _formed(self, call: Call) -> Awaitable[Answer]:
        if call.want is None:
            return self._ask(call)
        return shaped.through(call, call.want, self._ask)

    def _ask(self, call: Call) -> Awaitable[Answer]:
        return self.attempts.ask(call, receive.relay if call.stream else receive.collect)


def _read_chat(call: Call) -> None:
    call.request = request = chat.parse_chat(call.body)
    call.model, call.stream = request.model, bool(request.stream)
    call.max_output = request.output_limit
    options = request.stream_options
    call.wants_usage = options is not None and bool(options.include_usage)
    call.user = call.user or known_as(request.user or "")


def _understand(call: Call) -> None:
    """What a caller of another language asks, in chat."""
    exchange, voice = call.exchange, call.voice
    assert voice is not None
    try:  # the same edge as in a trial: what a surface does not foresee
        voice.asked = asked = voice.surface.read(exchange.path, exchange.query, call.headers, call.body)
    except ODD:
        raise odd_request() from None
    if asked.pending is None:
        _take_over(call, asked)


def _key_in(query: bytes) -> bytes:
    return next((value for name, value in parse_qsl(query) if name == b"key"), b"")


def _take_over(call: Call, asked: Asked) -> None:
    call.outgoing = asked.chat
    call.request = request = chat.parse_chat(asked.chat)
    call.model, call.stream, call.wants_usage = asked.model, asked.stream, True
    call.max_output = request.output_limit
    call.user = call.user or known_as(request.user or "")


def _read_embeddings(call: Call) -> None:
    call.request = request = embeddings.parse_embeddings(call.body)
    call.model = request.model
    call.user = call.user or known_as(request.user or "")


def _read_rerank(call: Call) -> None:
    call.request = request = rerank.parse_rerank(call.body)
    call.model = request.model
    call.user = call.user or known_as(request.user or "")


def _this_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None
    return task
