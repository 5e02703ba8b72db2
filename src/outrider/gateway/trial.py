"""One try of one deployment: its step in the record, its request, what it cost, and what it says about the deployment.

A trial ends once: `answered`, `failed` (by itself) or `left` (by us).
"""

from collections.abc import Sequence
from typing import cast

from outrider.base import clock, plugins
from outrider.base.errors import UpstreamError
from outrider.base.ports import (
    Answer,
    Deployment,
    Dialect,
    NativeDialect,
    StreamReader,
    Telling,
    WireRequest,
    WireResponse,
)
from outrider.base.usage import Usage
from outrider.dialects import ODD, odd_request
from outrider.gateway.booking import PriceOf, book, book_cut, unreported
from outrider.gateway.call import Call
from outrider.gateway.credentials import discreet
from outrider.gateway.grounded import GroundedReader
from outrider.gateway.guarded_answers import GuardedReader
from outrider.gateway.joiner import Joiner
from outrider.gateway.one_call import OneCall
from outrider.gateway.structured import adapt, watch
from outrider.gateway.surface.body import with_fields
from outrider.gateway.voice import BETAS, as_chat, lossless, may_lose, with_betas
from outrider.journal.events import Step
from outrider.limits.turnstile import Place
from outrider.limits.vitals import Attempt
from outrider.providers.anthropic import left_out


def dialect(name: str) -> Dialect:
    """The dialect module `name` of `outrider.providers`."""
    return plugins.load("outrider.providers", name)


class Trial:
    """`vital` counts it among the deployment's calls, `place` is its place at the deployment's turnstile, if any."""

    __slots__ = (
        "_price_of", "asking", "before", "began", "call", "continuation", "deployment", "ended", "native", "place",
        "speak", "step",
        "vital", "watching", "wire"
    )  # fmt: skip

    def __init__(
        self, call: Call, deployment: Deployment, vital: Attempt, place: Place | None, price_of: PriceOf
    ) -> None:
        self.call, self.vital, self.place, self._price_of = call, vital, place, price_of
        self.continuation = call.continuation
        self.deployment = deployment = self.continuation.deployment if self.continuation is not None else deployment
        self.speak = dialect(deployment.dialect)
        self.began = clock.mono_ns()
        if call.blocks and not call.started:  # gathered of an attempt that broke off: nobody has seen it
            call.blocks, call.held = [], b""
        self.native = self._is_native()
        if call.voice is not None and not call.started:
            call.voice.start(native=self.native)
        self.before = len(call.heard)
        self.watching: StreamReader | None = None
        self.asking: GuardedReader | None = None
        self.ended = False
        self.step = Step(id=len(call.steps) + 1, kind="model", name=deployment.name, start=self.began - call.t0)
        call.steps.append(self.step)
        call.deployment = deployment
        try:  # the edge for requests of a form that no translation foresees: the caller's fault, and no internal error
            self.wire = self._encoded()
        except ODD:
            self.step.status, self.step.error = "error", "invalid_value"
            raise odd_request() from None
        if self.wire.lost or (call.voice is not None and call.voice.request.lost):
            self._mind_losses()
        if BETAS in call.headers and self.speak.SPEAKS != "anthropic" and (left := left_out(call.headers[BETAS])):
            self.step.attrs["lost"] = [*self.step.attrs.get("lost", ()), *left]  # named; agents send them to everybody
        call.asked = True  # what could not be said was no call

    def _is_native(self) -> bool:
        """Whether caller and deployment speak the same language that is not chat, and nobody listens in."""
        call, voice = self.call, self.call.voice
        if voice is None or voice.surface.name != self.speak.SPEAKS or call.started or self.continuation is not None:
            return False
        if call.guarded is not None and call.guarded.listens:
            return False
        if call.want is not None or call.ground is not None or (call.control is not None and call.control.again):
            return False
        return bool(voice.request.native) and call.route is not None and call.route.cascade is None

    def _encoded(self) -> WireRequest:
        call, at = self.call, self.deployment
        if not self.native:
            encode = self.speak.encode if call.voice is None else getattr(self.speak, "encode_pivot", self.speak.encode)
            made: WireRequest = encode(
                at, call.endpoint, self._body(), call.model, stream=call.stream, wants_usage=call.wants_usage
            )
            if BETAS in call.headers:
                with_betas(made, at, call.headers)
            return made
        assert call.voice is not None
        asked, speak = call.voice.request, cast(NativeDialect, self.speak)
        lowered = call.max_output if call.outgoing is not asked.chat else None
        return speak.native_encode(
            at, asked.native, call.model, stream=call.stream, max_tokens=lowered, headers=call.headers
        )

    def _mind_losses(self) -> None:
        """Raises RequestError 400 unless the caller allows that something of the request is left out."""
        call, lost = self.call, list(self.wire.lost)
        if not self.native and call.voice is not None:
            lost = [*call.voice.request.lost, *lost]
        if not lost:
            return
        if not may_lose(call.headers, call.route):
            error = lossless(lost, self.deployment.name)
            self.step.status, self.step.error = "error", error.code
            raise error
        self.step.attrs["lost"] = lost

    def speaks(self) -> None:
        """It is this trial whose answer the caller gets."""
        call = self.call
        if call.voice is not None:
            call.voice.native = self.native
        call.lost = self.step.attrs.get("lost", ())

    def _body(self) -> bytes:
        """What this deployment is asked: the caller's words, in the form that it takes, or for the rest of them."""
        call = self.call
        body = call.outgoing if self.continuation is None else self.continuation.body
        if call.samples > 1:
            body = with_fields(body, n=call.samples)
        if call.guarded is not None:
            body = call.guarded.outgoing(body)
        return body if call.want is None else adapt(body, self.deployment, call.want)

    async def send(self) -> WireResponse:
        """The head of the answer. Raises UpstreamError."""
        response = await self.deployment.transport.send(self.wire)
        self.step.attrs["http_status"] = response.status
        self.vital.heard(response.headers, response.status)
        return response

    @property
    def one_call(self) -> bool:
        """Whether the caller wants one tool call at a time, of a provider that cannot be told so."""
        call = self.call
        return (
            call.endpoint == "chat"
            and call.request.parallel_tool_calls is False
            and getattr(self.speak, "PARALLEL_ALWAYS", False)
        )

    def reader(self) -> StreamReader:
        """What watches the stream: the dialect's reader, or one that joins it to what was sent before."""
        call = self.call
        if call.control is not None:
            return cast(StreamReader, call.control.reader(self._reader(), native=self.native))
        return self._reader()

    def _reader(self) -> StreamReader:
        call, on = self.call, self.continuation
        if self.native:
            self.watching = cast(NativeDialect, self.speak).native_reader()
            return self.watching
        reader = self.watching = self.speak.reader(wants_usage=call.wants_usage)
        if getattr(self.speak, "NAMELESS", False):
            reader.model = self.deployment.model  # type: ignore[attr-defined]  # NAMELESS says that it is there
        if self.one_call:
            reader = OneCall(reader)
        if call.guarded is not None:
            reader = call.guarded.reader(reader, on.sent.text if on is not None else "")
            self.asking = reader if isinstance(reader, GuardedReader) else None
        if on is not None:
            reader = Joiner(reader, on, call.usage)
        if call.ground is not None and call.want is None and call.grounded["mode"] == "abstractive":
            reader = GroundedReader(reader, call.ground, call.grounded, len(on.sent.text) if on is not None else 0)
        return reader if call.want is None else watch(call.want, reader, joined=on is not None)

    def first_token(self) -> None:
        self.vital.first_token(clock.mono_ns())

    def answered(self, answer: Answer) -> None:
        usage = answer.usage or unreported(self.call, self.deployment, self.wire, answer, self._arrived())
        book(self.call, self.step, self.deployment, usage, self._price_of, answer.tier)
        self.vital.ok(usage, self._end())

    def failed(self, error: UpstreamError, *, ours: bool = False) -> UpstreamError:
        """It failed, by this error. `ours`: we gave it up (a deadline), so it may be billed though nothing came."""
        step = self.step
        step.status, step.error = "error", error.code
        error.language = self.speak.SPEAKS
        discreet(self.deployment, error)
        step.attrs["message"] = error.message[:1000]
        if error.status:
            step.attrs["http_status"] = error.status
        if error.retry_after is not None:
            step.attrs["retry_after"] = error.retry_after
        self._cut(ours=ours)
        self.vital.failed(error, self._end())
        return error

    def left(self, why: str = "client_gone") -> None:
        """We ended it, for a reason that says nothing about the deployment."""
        if self.ended:
            return
        self.step.status, self.step.error = "cancelled", why
        self._cut(ours=True)
        self.vital.left(self._end())

    def _cut(self, *, ours: bool) -> None:
        told = self._told()
        if self.native and self.call.voice is not None:
            self.call.voice.turn_to_chat(self.speak)
        book_cut(
            self.call, self.step, self.deployment, self.wire, self._arrived(), self._price_of, ours=ours, told=told
        )

    def _told(self) -> Usage | None:
        """What the provider said of the usage of a stream that broke off."""
        if not isinstance(self.watching, Telling):
            return None
        try:  # counts of a form that no provider documents: then they are judged
            return self.watching.told(self.call.heard[self.before :])
        except ODD:
            return None

    def _arrived(self) -> Sequence[bytes]:
        """What came of its stream, as chat."""
        voice = self.call.voice
        heard = self.call.heard[self.before :]
        return as_chat(heard, self.speak) if voice is not None and voice.native else heard

    def _end(self) -> int:
        self.ended = True
        now = clock.mono_ns()
        self.step.duration = now - self.began
        if self.continuation is not None:
            self.step.attrs |= {"continued_from": self.step.id - 1, **self.continuation.attrs}
        if self.place is not None:
            self.place.leave(self.step.usage)
        return now
