"""Responses in the background: `POST /v1/responses` with `background: true` is a batch of one line, begun at once.

So it is in the database before its caller has the id, goes on with another process when this one is gone, is not
executed again once its answer is in the record, and can be cancelled. The id that its caller gets is the batch's; the
response itself is stored as all are, by the run that gave it. With `stream: true` it is told while it is given, to its
caller and to whoever asks for its events later.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.dialects import Fields
from outrider.dialects.responses.answers import Shell
from outrider.dialects.responses.marks import run_of
from outrider.gateway import aliases
from outrider.gateway.batches import listening
from outrider.gateway.batches.files import File
from outrider.gateway.batches.rows import Batch, Kind, Made
from outrider.gateway.batches.runner import Runner
from outrider.gateway.front import Handler
from outrider.gateway.identify import Gate
from outrider.gateway.server import Exchange
from outrider.gateway.surface import errors, responses_fields
from outrider.limits.keys import Identity

KIND: Kind = "background"
PURPOSE, PATH = "response", "/v1/responses"
LONGEST_NS = 86_400_000_000_000
"""How long it may take, tries and waiting included."""
LARGEST = 256 << 20
_JSON = b"content-type: application/json\r\n"
_STATES = {"validating": "queued", "cancelling": "cancelled", "cancelled": "cancelled"}
_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, Any])


class _Wanted(msgspec.Struct):
    background: bool | None = None
    store: bool | None = None


class _Answer(msgspec.Struct):
    status_code: int
    request_id: str
    body: dict[str, Any]


class _Line(msgspec.Struct):
    response: _Answer | None = None
    error: dict[str, Any] | None = None


_wanted = msgspec.json.Decoder(_Wanted)
_line = msgspec.json.Decoder(_Line)


class Background:
    """`runner` gives the worker's runner, `gate` says who asks, `leaving` whether the worker is about to end."""

    def __init__(self, runner: Callable[[], Runner], gate: Gate, leaving: Callable[[], bool]) -> None:
        self._runner, self._gate, self._leaving = runner, gate, leaving

    def before(self, plain: Handler) -> Handler:
        """Answers `POST /v1/responses`: what is for the background here, all else, and what is wrong, by `plain`."""

        async def answer(exchange: Exchange) -> None:
            if b'"background"' not in exchange.body or not _is_wanted(bytes(exchange.body)):
                return await plain(exchange)
            try:
                who = await self._gate.full(aliases.apply(dict(exchange.headers)))
                fields = _checked(bytes(exchange.body))
            except RequestError:
                return await plain(exchange)  # which refuses it in its usual way, and records that
            try:
                batch = await self._begin(who, exchange, fields)
            except OutriderError as error:
                status, headers, body = errors.answer(error)
                return exchange.reply(status, b"".join([b"%b: %b\r\n" % one for one in headers]), body)
            if batch.made.stream:
                return await listening.send(exchange, self._events(batch, fields, -1))
            exchange.reply(200, _JSON, _json.encode(_shape(batch, fields)))

        return answer

    async def _begin(self, who: Identity, exchange: Exchange, fields: Fields) -> Batch:
        asked = {name: value for name, value in fields.items() if name not in ("background", "stream")}
        line = {"custom_id": "response", "method": "POST", "url": PATH, "body": asked}
        runner = self._runner()
        file = await asyncio.to_thread(self._keep, runner, who, _json.encode(line) + b"\n")
        kept, stream = _kept(aliases.apply(dict(exchange.headers))), bool(fields.get("stream"))
        made = Made(PATH, "24h", headers=kept, stream=stream)
        return await runner.create(who, KIND, file.id, made, LONGEST_NS, purpose=PURPOSE, total=1)

    @staticmethod
    def _keep(runner: Runner, who: Identity, content: bytes) -> File:
        keep = runner.rules.keep
        expires = clock.now_ns() + keep * 1_000_000_000 if keep else 0
        writer = runner.files.begin(who.project, who.key, PURPOSE, "response.jsonl", expires)
        writer.add(content)
        return writer.finish()

    # -- told -----------------------------------------------------------------------------------------------------

    async def stream(self, project: str, id_: str, after: int) -> AsyncIterator[bytes] | None:
        """The events of the response behind number `after`, live till its end. None: there is none of this id that was
        asked for as a stream."""
        batch = await asyncio.to_thread(self._batch, project, id_)
        if batch is None or not batch.made.stream:
            return None
        return self._events(batch, await asyncio.to_thread(self._asked, batch), after)

    def _events(self, batch: Batch, fields: Fields, after: int) -> AsyncIterator[bytes]:
        queued = _response(batch, fields, "queued")
        ended = partial(self.state, batch.project, batch.id)
        told = self._runner().told
        return listening.listen(told, batch.id, after, queued=queued, ended=ended, leaving=self._leaving)

    # -- asked about later (blocking) -----------------------------------------------------------------------------

    def state(self, project: str, id_: str) -> Fields | None:
        """The response as far as it is; None: there is none of this id."""
        batch = self._batch(project, id_)
        if batch is None:
            return None
        said = _shape(batch, self._asked(batch))
        line = self._line(batch)
        if line is not None and line.response is not None:
            return _ended(said, line.response)
        if batch.status == "completed":
            return None  # its output is not kept any more
        if batch.ended and said["status"] != "cancelled":
            faults = [fault.message for fault in batch.about.faults]
            message = faults[0] if faults else str((line.error or {}).get("message", "")) if line is not None else ""
            said["status"] = "failed"
            said["error"] = {"code": "server_error", "message": message or "it could not be executed in time"}
        return said

    def run(self, project: str, digits: str) -> str | None:
        """The 32 digits of the run that gave the response with these digits in its id; None: there is none."""
        batch = self._batch(project, f"resp_{digits}")
        line = self._line(batch) if batch is not None and batch.completed else None
        if line is None or line.response is None:
            return None
        try:
            return uuid.UUID(line.response.request_id).hex
        except ValueError:
            return None

    async def cancel(self, who: Identity, id_: str) -> Fields | None:
        """End it. None: there is none of this id. One that is over stays as it is."""
        try:
            await self._runner().cancel(who, KIND, id_)
        except RequestError as error:
            if error.status == 404:
                return None
        return await asyncio.to_thread(self.state, who.project, id_)

    async def delete(self, who: Identity, id_: str) -> bool:
        """Take out one that ended without a response, with all that it said. False: there is none of this id. Raises
        RequestError 409 while it goes on."""
        batch = await asyncio.to_thread(self._batch, who.project, id_)
        if batch is None:
            return False
        if not batch.ended:
            raise RequestError(
                f"Response '{id_}' is not over: cancel it first.",
                status=409,
                code="response_not_over",
                param="response_id",
            )
        await asyncio.to_thread(self._forget, batch)
        return True

    def _forget(self, batch: Batch) -> None:
        runner, about = self._runner(), batch.about
        runner.batches.delete(batch.project, KIND, batch.id)
        runner.told.forget(batch.id)
        for id_ in filter(None, (batch.input_file, about.output_file, about.error_file)):
            file = runner.files.find(batch.project, id_)
            if file is not None:
                runner.files.delete(file)

    def _batch(self, project: str, id_: str) -> Batch | None:
        if run_of(id_) is None:
            return None
        try:
            return self._runner().batches.get(project, KIND, id_)
        except RequestError:
            return None

    def _asked(self, batch: Batch) -> Fields:
        """The request; nothing of it when it is not kept any more."""
        text = self._text(batch.project, batch.input_file)
        found: Fields = _fields.decode(text)["body"] if text else {}
        return found

    def _line(self, batch: Batch) -> _Line | None:
        """What became of it, once it is over."""
        text = self._text(batch.project, batch.about.output_file or batch.about.error_file)
        return _line.decode(text) if text else None

    def _text(self, project: str, id_: str) -> bytes:
        """A file's one line; b"" without it."""
        files = self._runner().files
        file = files.find(project, id_) if id_ else None
        return b"" if file is None or file.size > LARGEST else b"".join([part for _, part in files.pieces(file)])


def _is_wanted(body: bytes) -> bool:
    """Whether it is to be answered in the background, and can: it is stored."""
    try:
        said = _wanted.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return bool(said.background) and said.store is not False


def _checked(body: bytes) -> Fields:
    """Its fields. Raises RequestError."""
    responses_fields.parse(body)
    return _fields.decode(body)


def _kept(headers: Any) -> tuple[tuple[str, str], ...]:
    """What of the caller's headers its line carries."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers.items()
        if name.startswith((b"x-outrider-", b"anthropic-")) or name == b"traceparent"
    )


def _shape(batch: Batch, fields: Fields) -> Fields:
    state = "cancelled" if batch.cancelling and not batch.completed else _STATES.get(batch.status, "in_progress")
    return _response(batch, fields, state)


def _response(batch: Batch, fields: Fields, state: str) -> Fields:
    """Without any output."""
    shell = Shell(fields, batch.id.removeprefix("resp_"))
    said = shell.response(state, created=batch.created // 1_000_000_000, model="", output=[])
    return {**said, "background": True}


def _ended(said: Fields, answer: _Answer) -> Fields:
    """The response that the line has, or the failure."""
    if answer.status_code == 200:
        return {**answer.body, "id": said["id"], "background": True}
    error = answer.body.get("error")
    told = error if isinstance(error, dict) else {}
    failure = {"code": told.get("code") or "server_error", "message": told.get("message") or "it failed"}
    return {**said, "status": "failed", "error": failure}
