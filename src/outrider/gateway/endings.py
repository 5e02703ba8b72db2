"""Stages `settle` and `answer`: every way in which a call ends. First the record, then the answer's last byte."""

from collections.abc import Sequence

from outrider.base.errors import JournalFull, OutriderError
from outrider.base.ports import Answer
from outrider.cache.claims import Kept
from outrider.cache.idempotent import Once
from outrider.gateway import heads, idempotent
from outrider.gateway.call import Call
from outrider.gateway.metrics import Metrics
from outrider.gateway.refusals import Refusals
from outrider.gateway.settle import settle
from outrider.gateway.surface import chat, embeddings, errors, rerank
from outrider.journal.append import Journal
from outrider.journal.events import Charge
from outrider.limits import refusal


class Endings:
    """How the calls of one worker end."""

    def __init__(self, journal: Journal, metrics: Metrics, refusals: Refusals, once: Once) -> None:
        self.journal, self.metrics, self.refusals, self.once = journal, metrics, refusals, once

    async def succeed(self, call: Call, answer: Answer) -> None:
        """There is an answer. Raises JournalFull if it cannot be recorded."""
        call.finish, call.text = answer.finish, answer.text
        call.response = answer.body
        if call.cache == "hit":
            call.usage = answer.usage
        await settle(call, self.journal, preview(call))
        if call.claim is not None:
            await idempotent.keep(self.once, call)
        if call.stream:
            call.exchange.end(call.held)
        else:
            call.exchange.reply(200, heads.plain(call), call.response)

    async def give_again(self, call: Call, kept: Kept) -> None:
        """The answer that the call's idempotency key has."""
        idempotent.give_again(call, kept)
        await settle(call, self.journal, preview(call))
        idempotent.send(call, kept, heads.facts(call))

    async def fail(self, call: Call, error: OutriderError) -> None:
        """Record, then say what went wrong: as an answer, or inside a stream that has begun."""
        status, headers, body = _told(call, error)
        call.status, call.error, call.message, call.http_status = "error", error.code, error.message, status
        event = _event(call, error, body) if call.started else b""
        if call.started:
            call.blocks.append(event)
        else:
            call.response, call.blocks = body, []  # of what was gathered and is not good, nothing was sent
        if not call.identity.project:
            self.refusals.in_corridor(call)
        elif not call.committed:
            await self._settle_failed(call, refusal.charges(error, call.at))
        if call.claim is not None:
            await idempotent.failed(self.once, call, status, headers)
        if call.started:
            call.exchange.end(event)
        else:
            call.exchange.reply(status, _lines(headers) + heads.facts(call), body)

    async def abandon(self, call: Call) -> None:
        """The client left: what was done until then is recorded, and paid for."""
        if not call.committed:
            call.status, call.error, call.http_status = "cancelled", "client_gone", 499
            call.message = "the client closed the connection before the answer was complete"
            if call.identity.project:
                await self._settle_failed(call)
            else:
                self.refusals.in_corridor(call)
        if call.claim is not None:
            await idempotent.release(self.once, call)

    async def unrecorded(self, call: Call, full: JournalFull) -> None:
        """The record cannot be written, so the answer is not given: all that a client saw is in the journal."""
        self.metrics.unrecorded(full)
        call.status, call.error, call.http_status = "error", full.code, 503
        if call.claim is not None:
            await idempotent.release(self.once, call)
        if call.started:
            call.exchange.abort()
        else:
            status, headers, body = _told(call, full)
            call.exchange.reply(status, _lines(headers) + heads.facts(call), body)

    async def _settle_failed(self, call: Call, refused: Sequence[Charge] = ()) -> None:
        try:
            await settle(call, self.journal, preview(call), refused)
        except JournalFull as full:
            self.metrics.unrecorded(full)


def _told(call: Call, error: OutriderError) -> errors.Answer:
    """The error in the caller's language."""
    return errors.answer(error) if call.voice is None else call.voice.error(error)


def _event(call: Call, error: OutriderError, body: bytes) -> bytes:
    """The error inside a stream that has begun."""
    return b"data: %b\n\n" % body if call.voice is None else call.voice.error_event(error)


def preview(call: Call) -> str:
    """A short text for lists and search."""
    if call.request is None:
        return ""
    if call.endpoint == "rerank":
        return rerank.preview(call.request)
    return chat.preview(call.request) if call.endpoint == "chat" else embeddings.preview(call.request)


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
