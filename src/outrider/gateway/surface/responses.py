"""`POST /v1/responses`: OpenAI's Responses as a caller's language.

A response that may be asked for again (`store` is not false) is kept by us alone, in the journal: the provider is told
not to keep it and gives its thoughts sealed, earlier turns are put before the input, and the ids that the caller gets
name our run. With `store: false` the caller's bytes and the provider's pass as they are.
"""

import asyncio
import contextlib
import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.sse import SSESplitter, payload
from outrider.dialects import ODD, Fields, odd_answer, understood
from outrider.dialects.responses import answers, marks, requests
from outrider.dialects.responses.errors import told
from outrider.dialects.responses.streams import FromChat
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface import errors, responses_fields
from outrider.gateway.surface.contract import Asked, Writes
from outrider.gateway.surface.shelf import RUN, Shelf
from outrider.limits.keys import Identity

_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, Any])
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ADDED = b".output_item.added"
_OUR_MARKS = (b"_or", b"or1.")


class Kept(msgspec.Struct):
    """What is remembered of a request: its fields, whether it is stored, and who writes its stream."""

    fields: Fields
    stored: bool
    writer: FromChat | None = None


class Responses:
    """The surface. `shelf` has the stored responses; without it none can be referred to."""

    name = "responses"
    run = RUN

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf

    def read(self, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> Asked:
        request = responses_fields.parse(body)
        if request.background:
            raise json_body.invalid(
                "background", "what is answered in the background is stored: leave 'store' out.", "unsupported_value"
            )
        fields = _fields.decode(body)
        if not responses_fields.refers(request):
            return _understood(fields, body, None)
        shelf = self._shelf
        if shelf is None:
            raise json_body.invalid("previous_response_id", "no responses are stored here.", "unsupported_value")

        async def whole(who: Identity) -> Asked:
            return _understood(fields, body, await asyncio.to_thread(_input, shelf, who.project, fields))

        return Asked(b"", request.model, b"", stream=bool(request.stream), pending=whole)

    def answer(self, asked: Asked, chat: Fields, run: str) -> bytes:
        try:
            return _json.encode(answers.from_chat(chat, answers.Shell(asked.kept.fields, run)))
        except ODD:
            raise odd_answer() from None

    def stream_type(self, asked: Asked) -> bytes:
        return b"text/event-stream; charset=utf-8"

    def writer(self, asked: Asked, run: str) -> FromChat:
        asked.kept.writer = made = FromChat(answers.Shell(asked.kept.fields, run))
        return made

    def error(self, error: OutriderError) -> errors.Answer:
        if isinstance(error, UpstreamError) and error.language == self.name:
            error = copy.copy(error)
            error.language = "chat"  # errors look the same in both
        return errors.answer(error)

    def error_event(self, asked: Asked | None, error: OutriderError) -> bytes:
        kept: Kept | None = asked.kept if asked is not None else None
        writer = kept.writer if kept is not None else None
        if writer is not None:
            return writer.failed(error.code, error.message)
        said = {"type": "error", "sequence_number": 0, **told(error.code, error.message), "param": None}
        return b"event: error\ndata: %b\n\n" % _json.encode(said)

    # -- where the deployment speaks this language too

    def native_answer(self, asked: Asked, body: bytes, run: str) -> bytes:
        """A provider's answer with our ids, if it is stored; else as it is."""
        return _Ours(asked.kept.fields, run).response(body) if asked.kept.stored else body

    def native_writer(self, asked: Asked, run: str) -> Writes:
        """What puts our ids into a provider's events; if it is not stored they pass as they are."""
        return _Ours(asked.kept.fields, run) if asked.kept.stored else _AsItIs()


SURFACE = Responses()


def _input(shelf: Shelf, project: str, fields: Fields) -> list[Fields]:
    """The whole input: what was said before, and the request's own items. Blocking."""
    own = fields.get("input") or []
    if isinstance(own, str):
        own = [{"type": "message", "role": "user", "content": own}]
    own = shelf.resolved(project, own, "input")
    before = fields.get("previous_response_id")
    return [*shelf.context(project, before), *own] if before else own


def _understood(fields: Fields, body: bytes, whole: list[Fields] | None) -> Asked:
    """`whole` is the input with what earlier responses add to it; None: nothing does."""
    stored = fields.get("store") is not False and not fields.get("conversation")  # which the provider keeps
    said = understood(requests.to_chat, fields if whole is None else {**fields, "input": whole})
    if not said.fields["messages"]:
        raise RequestError("'input' says nothing: give it at least one item.", code="invalid_value", param="input")
    return Asked(
        _json.encode(said.fields),
        fields["model"],
        _native(fields, body, whole, stored=stored),
        stream=bool(fields.get("stream")),
        lost=said.lost,
        kept=Kept(fields, stored),
    )


def _native(fields: Fields, body: bytes, whole: list[Fields] | None, *, stored: bool) -> bytes:
    """What a deployment of the same language is asked: the caller's bytes, as far as nothing of ours is in them."""
    ours = any(mark in body for mark in _OUR_MARKS)
    if not stored and whole is None and not ours:
        return body
    changed = dict(fields)
    given = fields.get("input") if whole is None else whole
    if isinstance(given, list):
        changed["input"] = marks.clean(given)
    if stored:
        include = list(fields.get("include") or ())
        changed["store"] = False
        changed["include"] = include if requests.ENCRYPTED in include else [*include, requests.ENCRYPTED]
    changed.pop("previous_response_id", None)
    return _json.encode(changed)


class _AsItIs:
    def write(self, block: bytes) -> bytes:
        return block


class _Item(msgspec.Struct):
    id: str | None = None


class _Event(msgspec.Struct):
    item: _Item | None = None


class _Output(msgspec.Struct):
    output: list[_Item] = []


_event = msgspec.json.Decoder(_Event)
_output = msgspec.json.Decoder(_Output)


class _Ours:
    """Puts our ids where the provider's stand, and nothing else: unknown fields and their order stay."""

    def __init__(self, asked: Fields, run: str) -> None:
        self._run = run
        self._set = {
            "id": msgspec.Raw(_json.encode(marks.response_id(run))),
            "store": msgspec.Raw(b"true"),
            "previous_response_id": msgspec.Raw(_json.encode(asked.get("previous_response_id"))),
        }
        self._ids: dict[bytes, bytes] = {}

    def write(self, block: bytes) -> bytes:
        """What these whole events become."""
        if b'"response":' not in block and _ADDED not in block:
            return self._marked(block)
        out = []
        for event in SSESplitter().feed(block):
            try:
                out.append(self._one(event))
            except (msgspec.DecodeError, UnicodeDecodeError):  # of no documented form: it is the caller's to read
                out.append(self._marked(event))
        return b"".join(out)

    def _one(self, event: bytes) -> bytes:
        said = payload(event)
        if b'"response":' in said:
            fields = _raw.decode(said)
            if "response" in fields:
                fields["response"] = msgspec.Raw(self.response(bytes(fields["response"])))
                return self._event(event, _json.encode(fields))
        if _ADDED in event:
            seen = _event.decode(said).item
            if seen is not None and seen.id:
                self._learn(seen.id)
        return self._marked(event)

    def _event(self, event: bytes, said: bytes) -> bytes:
        name = event[: event.find(b"\n") + 1] if event.startswith(b"event:") else b""
        return b"%bdata: %b\n\n" % (name, said)

    def response(self, body: bytes) -> bytes:
        """A whole response. Where an item is of a form that nobody documented, its items keep their ids."""
        with contextlib.suppress(msgspec.DecodeError):
            for item in _output.decode(body).output:
                if item.id:
                    self._learn(item.id)
        fields = _raw.decode(body)
        fields.update({name: value for name, value in self._set.items() if name in fields})
        return self._marked(_json.encode(fields))

    def _learn(self, id_: str) -> None:
        if marks.split_id(id_)[1] is None:
            self._ids[b'"%b"' % id_.encode()] = b'"%b"' % marks.item_id(id_, self._run).encode()

    def _marked(self, said: bytes) -> bytes:
        for own, ours in self._ids.items():
            if own in said:
                said = said.replace(own, ours)
        return said
