"""The corridor: accept → identify → admit → resolve → check input → cache → call → check output → settle → answer.

One `Call` walks it in one direction. Stages that stand empty today (`admit`: budgets and rates; checks: guardrails)
are composed here when they come; nothing else changes.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from outrider.base import money
from outrider.base.errors import JournalFull, OutriderError
from outrider.base.ports import Answer
from outrider.cache.exact import ExactCache
from outrider.gateway import cached, receive
from outrider.gateway.attempts import Attempts, NoAnswer
from outrider.gateway.booking import PriceOf
from outrider.gateway.call import Call
from outrider.gateway.identify import Gate, identify
from outrider.gateway.metrics import Metrics
from outrider.gateway.patience import Watch
from outrider.gateway.refusals import Refusals
from outrider.gateway.server import Exchange
from outrider.gateway.settle import settle
from outrider.gateway.surface import chat, embeddings, errors
from outrider.gateway.table import RouteTable
from outrider.journal.append import Journal
from outrider.limits.vitals import Vitals


class Corridor:
    """Everything that requests share in one worker. `table` is replaced as a whole when the configuration changes."""

    def __init__(
        self,
        *,
        gate: Gate,
        table: RouteTable,
        journal: Journal,
        price_of: PriceOf,
        metrics: Metrics,
        cache: ExactCache,
        vitals: Vitals,
    ) -> None:
        self.gate, self.table, self.journal = gate, table, journal
        self.metrics, self.cache = metrics, cache
        self.refusals = Refusals(gate, journal, metrics)
        self.attempts = Attempts(Watch(), price_of, vitals)

    async def chat(self, exchange: Exchange) -> None:
        """`POST /v1/chat/completions`."""
        await self._walk(Call(exchange, "chat", _this_task()), self._read_chat)

    async def embeddings(self, exchange: Exchange) -> None:
        """`POST /v1/embeddings`."""
        await self._walk(Call(exchange, "embeddings", _this_task()), self._read_embeddings)

    # -- the way ------------------------------------------------------------------------------------------------

    async def _walk(self, call: Call, read: Callable[[Call], None]) -> None:
        exchange, task = call.exchange, call.task
        exchange.on_gone = task.cancel
        try:
            asking = identify(call, self.gate)
            if asking is not None:
                await asking
            if b"content-encoding" in call.headers:
                raise errors.coded(call.header(b"content-encoding"))
            read(call)
            call.route = self.table.resolve(call.model)
            call.why = call.route.why
            answer = await (cached.through(self.cache, call, self._ask) if cached.concerns(call) else self._ask(call))
            await self._succeed(call, answer)
        except NoAnswer as none:
            await self._fail(call, none.last)
        except JournalFull as full:
            self._unrecorded(call, full)
        except OutriderError as error:
            await self._fail(call, error)
        except asyncio.CancelledError:
            if not exchange.gone:
                raise
            task.uncancel()
            await self._abandon(call)
        finally:
            exchange.on_gone = None
            self.metrics.observe(call)

    def _ask(self, call: Call) -> Coroutine[Any, Any, Answer]:
        return self.attempts.ask(call, receive.relay if call.stream else receive.collect)

    def _read_chat(self, call: Call) -> None:
        call.request = request = chat.parse_chat(call.body)
        call.model, call.stream = request.model, bool(request.stream)
        options = request.stream_options
        call.wants_usage = options is not None and bool(options.include_usage)
        call.user = call.user or request.user or ""

    def _read_embeddings(self, call: Call) -> None:
        call.request = request = embeddings.parse_embeddings(call.body)
        call.model = request.model
        call.user = call.user or request.user or ""

    # -- endings ------------------------------------------------------------------------------------------------

    async def _succeed(self, call: Call, answer: Answer) -> None:
        call.finish, call.text = answer.finish, answer.text
        call.response = answer.body
        if call.cache == "hit":
            call.usage = answer.usage
        await settle(call, self.journal, preview(call))
        if call.stream:
            call.exchange.end(call.held)
        else:
            call.exchange.reply(200, _head(call), call.response)

    async def _fail(self, call: Call, error: OutriderError) -> None:
        """Record, then say what went wrong: as an answer, or inside a stream that has begun."""
        status, headers, body = errors.answer(error)
        call.status, call.error, call.message, call.http_status = "error", error.code, error.message, status
        event = b"data: %b\n\n" % body if call.started else b""
        if call.started:
            call.blocks.append(event)
        else:
            call.response = body
        if not call.identity.project:
            self.refusals.in_corridor(call)
        elif not call.committed:
            await self._settle_failed(call)
        if call.started:
            call.exchange.end(event)
        else:
            call.exchange.reply(status, b"".join([b"%b: %b\r\n" % h for h in headers]) + _facts(call), body)

    async def _settle_failed(self, call: Call) -> None:
        try:
            await settle(call, self.journal, preview(call))
        except JournalFull as full:
            self.metrics.unrecorded(full)

    async def _abandon(self, call: Call) -> None:
        """The client left: what was done until then is recorded, and paid for."""
        if call.committed:
            return
        call.status, call.error, call.http_status = "cancelled", "client_gone", 499
        call.message = "the client closed the connection before the answer was complete"
        if call.identity.project:
            await self._settle_failed(call)
        else:
            self.refusals.in_corridor(call)

    def _unrecorded(self, call: Call, full: JournalFull) -> None:
        """The record cannot be written, so the answer is not given: all that a client saw is in the journal."""
        self.metrics.unrecorded(full)
        call.status, call.error, call.http_status = "error", full.code, 503
        if call.started:
            call.exchange.abort()
        else:
            status, headers, body = errors.answer(full)
            call.exchange.reply(status, b"".join([b"%b: %b\r\n" % h for h in headers]) + _facts(call), body)


def _this_task() -> "asyncio.Task[Any]":
    task = asyncio.current_task()
    assert task is not None
    return task


def preview(call: Call) -> str:
    """A short text for lists and search."""
    if call.request is None:
        return ""
    return chat.preview(call.request) if call.endpoint == "chat" else embeddings.preview(call.request)


def _overhead(call: Call) -> bytes:
    return b"%.3f" % (max(0, call.since() - call.waited) / 1e6)


def _head(call: Call) -> bytes:
    passed = b"".join([b"%b: %b\r\n" % h for h in call.answer_headers])
    return b"content-type: application/json\r\n%b%b" % (passed, _facts(call))


def _facts(call: Call) -> bytes:
    """The headers that every answer carries."""
    return b"x-request-id: %b\r\nx-outrider-cost: %b\r\nx-outrider-overhead-ms: %b\r\nx-outrider-cache: %b\r\n" % (
        call.text_id(),
        money.usd(call.cost).encode(),
        _overhead(call),
        call.cache.encode() or b"off",
    )
