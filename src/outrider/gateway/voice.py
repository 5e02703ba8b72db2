"""A caller that speaks another language than chat: understanding it, and saying to it what chat says.

Inside the corridor everything is chat. Only where the deployment speaks the caller's own language do bytes pass: the
trial then is `native`, and what is heard is that language until the stream breaks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import Deployment, Dialect, WireRequest
from outrider.base.sse import SSESplitter
from outrider.dialects import sound
from outrider.gateway.surface import errors
from outrider.gateway.surface.contract import Asked, Personal, Surface, Writer, Writes
from outrider.gateway.table import Route
from outrider.providers import anthropic

LOSSY = b"x-outrider-lossy"
BETAS = b"anthropic-beta"
MOST_NAMED = 1000
_fields = msgspec.json.Decoder(dict[str, Any])


class Voice:
    """One call's. `heard` is what the deployment said, in chat (in its own language while `native`)."""

    __slots__ = ("_personal", "_writer", "asked", "heard", "native", "run", "surface")

    def __init__(self, surface: Surface, run: str) -> None:
        self.surface, self.run = surface, run
        self._personal = surface if isinstance(surface, Personal) else None
        self.asked: Asked | None = None
        self.heard: list[bytes] = []
        self.native = False
        self._writer: Writes | None = None

    @property
    def request(self) -> Asked:
        assert self.asked is not None
        return self.asked

    def start(self, *, native: bool) -> None:
        """Nothing has been said yet, or it was thrown away."""
        self.heard, self.native, self._writer = [], native, None

    def say(self, block: bytes) -> bytes:
        """What the caller gets for a block of whole events."""
        self.heard.append(block)
        if not self.native:
            return self._written(block)
        return block if self._personal is None else self._in_person(block, self._personal)

    def _in_person(self, block: bytes, surface: Personal) -> bytes:
        if self._writer is None:
            self._writer = surface.native_writer(self.request, self.run)
        return self._writer.write(block)

    def _written(self, block: bytes) -> bytes:
        if self._writer is None:
            self._writer = Writer(self.surface.writer(self.request, self.run))
        return self._writer.write(block)

    def turn_to_chat(self, speak: Dialect) -> None:
        """A native stream broke off: somebody else may go on with what was heard, as chat, and has been said."""
        if self.native:
            self.native, self.heard, self._writer = False, as_chat(self.heard, speak), None
            self._written(b"".join(self.heard))

    def words(self, chat: bytes) -> bytes:
        """A whole answer in the caller's language: of chat, or of what a native deployment said."""
        if self.native:
            own = self._personal
            return chat if own is None else own.native_answer(self.request, chat, self.run)
        return self.surface.answer(self.request, sound(_fields.decode(chat)), self.run)

    @property
    def stream_type(self) -> bytes:
        return self.surface.stream_type(self.request)

    def error(self, error: OutriderError) -> errors.Answer:
        return self.surface.error(error)

    def error_event(self, error: OutriderError) -> bytes:
        return self.surface.error_event(self.asked, error)


def as_chat(blocks: Sequence[bytes], speak: Dialect) -> list[bytes]:
    """Blocks of a provider's own events as chat, as far as they can be read."""
    reader, splitter = speak.reader(wants_usage=False), splitter_of(speak)
    out: list[bytes] = []
    try:
        for block in blocks:
            out += [chat for event in splitter.feed(block) if (chat := reader.feed(event))]
    except UpstreamError:
        pass  # the event that it broke with: what came before is what was heard
    return out


def splitter_of(speak: Dialect) -> SSESplitter:
    """What cuts this dialect's streams into events."""
    made: SSESplitter = getattr(speak, "splitter", SSESplitter)()
    return made


def with_betas(made: WireRequest, at: Deployment, headers: Mapping[bytes, bytes]) -> None:
    """Whoever asks Anthropic in chat, or has a request changed on its way there, keeps the betas that go with it."""
    if at.dialect == anthropic.name and made.path == at.paths.get("chat"):
        made.headers = anthropic.spoken(made.headers, headers)


def may_lose(headers: Mapping[bytes, bytes], route: Route | None) -> bool:
    """Whether the caller, or the route where the caller says nothing, allows that something is left out."""
    allowed = headers.get(LOSSY)
    return allowed.lower() == b"allow" if allowed is not None else route is not None and route.lossy


def lossless(lost: Sequence[str], name: str) -> RequestError:
    """The refusal of a request that cannot be said to a deployment as it is."""
    named = ", ".join(lost)[:MOST_NAMED]
    return RequestError(
        f"{name} cannot be asked for this: {named}. Leave it out, choose a model that takes it, or send the header "
        "`x-outrider-lossy: allow` to have it left out",
        code="cannot_be_expressed",
        param=lost[0].partition(" ")[0],
        details={"lost": list(lost)},
    )
