"""What a caller's language must offer to stand before the corridor: a module of `gateway.surface` has a `SURFACE`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec

from outrider.base.errors import OutriderError
from outrider.base.sse import SSESplitter, payload
from outrider.dialects import Fields, FromChat, sound
from outrider.gateway.surface import errors
from outrider.limits.keys import Identity

_fields = msgspec.json.Decoder(dict[str, Any])
_DONE = b"[DONE]"


class Asked(msgspec.Struct):
    """A caller's request, understood.

    `chat` is the request in chat form, `lost` what is not in it, `native` the body for a deployment that speaks the
    caller's own language (b"": it is never passed on as it is). `kept` is the surface's own. With `pending` the request
    could not be understood from its body alone (an earlier answer is part of it): it is awaited with who asks, and
    gives the whole.
    """

    chat: bytes
    model: str
    native: bytes
    stream: bool = False
    lost: Sequence[str] = ()
    kept: Any = None
    pending: Callable[[Identity], Awaitable["Asked"]] | None = None


class Surface(Protocol):
    """`name` is the language (a provider module's `SPEAKS`), `run` how its calls are named in the record.

    `read` raises RequestError in the caller's terms. `answer` and `writer` get the run's id as text.
    """

    name: str
    run: str

    def read(self, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> Asked: ...
    def answer(self, asked: Asked, chat: Fields, run: str) -> bytes: ...
    def stream_type(self, asked: Asked) -> bytes: ...
    def writer(self, asked: Asked, run: str) -> FromChat: ...
    def error(self, error: OutriderError) -> errors.Answer: ...
    def error_event(self, asked: Asked | None, error: OutriderError) -> bytes: ...


class Writes(Protocol):
    """Turns blocks of whole events into what the caller gets."""

    def write(self, block: bytes) -> bytes: ...


@runtime_checkable
class Personal(Protocol):
    """A surface that has something of its own to say also where bytes could pass, such as its own ids."""

    def native_answer(self, asked: Asked, body: bytes, run: str) -> bytes: ...
    def native_writer(self, asked: Asked, run: str) -> Writes: ...


class Writer:
    """Turns chat events, in whatever pieces they come, into a caller's own."""

    __slots__ = ("_ended", "_stream")

    def __init__(self, stream: FromChat) -> None:
        self._stream, self._ended = stream, False

    def write(self, block: bytes) -> bytes:
        """What these whole chat events become."""
        out = []
        for event in SSESplitter().feed(block):
            said = payload(event)
            if said == _DONE:
                out.append(self._end())
            elif said:
                out.append(self._stream.feed(sound(_fields.decode(said))))
        return b"".join(out)

    def _end(self) -> bytes:
        if self._ended:
            return b""
        self._ended = True
        return self._stream.end()
