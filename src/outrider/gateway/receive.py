"""Taking a provider's answer: `collect` reads a whole one, `relay` passes a stream on while it comes."""

import asyncio
from typing import cast

from outrider.base import clock
from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Answer, Deployment, NativeDialect, StreamReader, WireResponse
from outrider.base.sse import payload
from outrider.dialects import ODD, odd_answer
from outrider.gateway import credentials, heads
from outrider.gateway.call import Call
from outrider.gateway.one_call import only_one
from outrider.gateway.surface.body import with_fields
from outrider.gateway.trial import Trial
from outrider.gateway.voice import splitter_of

LARGEST_ANSWER = 256 << 20
DONE = b"data: [DONE]\n\n"
LINGER = 5.0  # seconds for a provider to close its side after the end mark
REARM_NS = 250_000_000
PASSED_ON = (b"x-ratelimit-", b"openai-", b"anthropic-")


async def collect(trial: Trial, response: WireResponse) -> Answer:
    """Read and decode a complete answer."""
    call = trial.call
    trial.speaks()
    body = await _whole(trial.deployment, response)
    call.answer_headers = [h for h in response.headers if h[0].startswith(PASSED_ON)]
    try:  # the edge for answers of a form that no provider documents: its fault, and never an internal error
        if trial.native:
            return cast(NativeDialect, trial.speak).native_decode(response.status, response.headers, body)
        answer = trial.speak.decode(call.endpoint, response.status, response.headers, body)
    except ODD:
        raise odd_answer() from None
    if getattr(trial.speak, "NAMELESS", False):
        answer.body = with_fields(answer.body, model=call.deployment.model if call.deployment is not None else "")
    if trial.one_call:
        answer.body = only_one(answer.body)
    if call.guarded is not None and call.endpoint == "chat":
        await call.guarded.whole(answer, call.deadline)
    return answer


async def relay(trial: Trial, response: WireResponse) -> Answer:
    """Pass a stream on, event by event, and watch it. The block with the end mark is left in `call.held`."""
    call = trial.call
    await _must_be_stream(trial, response)
    trial.speaks()
    passing = _Relay(trial, response, trial.reader())
    call.answer_headers = [h for h in response.headers if h[0].startswith(PASSED_ON)]
    exchange = call.exchange
    exchange.on_writable = response.resume
    try:
        await response.pass_to(passing.sink)
    finally:
        exchange.on_writable = None
    passing.finish()
    if not response.complete:
        asyncio.get_running_loop().call_later(LINGER, response.abort)
    await _ask(trial, passing)
    heard = call.heard
    try:
        answer = passing.reader.close(heard[trial.before :] if trial.before else heard)
    except RequestError:  # a guardrail ends it here: what came before is the caller's
        held, call.held = call.held, b""
        if held:
            exchange.write(held)
        raise
    unended = not passing.reader.done and (call.voice is not None or trial.speak.SPEAKS != "chat") and not trial.native
    if unended and not (call.control is not None and call.control.ends(DONE)):
        passing.end()
    trial.step.attrs["chunks"] = len(heard) - trial.before
    return answer


async def _ask(trial: Trial, passing: "_Relay") -> None:
    """The calls of a stream that wait for what others say about them; meanwhile it is not the provider who is slow."""
    call, asking = trial.call, trial.asking
    if asking is None or not asking.waits:
        return
    assert call.guarded is not None
    assert call.patience is not None
    call.patience.due = call.deadline
    if call.held and not call.gathering:  # it came in one piece with the end mark, which waits: this need not
        call.exchange.write(call.held)
        call.held = b""
    await call.guarded.ask(asking, call.deadline)
    passing.release()


class _Relay:
    """A stream on its way through. `sink` runs for each piece of it, straight from the socket: every call counts."""

    __slots__ = (
        "_call",
        "_exchange",
        "_rearm",
        "_response",
        "_silent",
        "_size",
        "_splitter",
        "_trial",
        "_voice",
        "reader",
    )

    def __init__(self, trial: Trial, response: WireResponse, reader: StreamReader) -> None:
        self._trial, self._call, self._exchange = trial, trial.call, trial.call.exchange
        self._voice = trial.call.voice
        self._response, self.reader, self._splitter = response, reader, splitter_of(trial.speak)
        self._rearm = self._size = 0
        self._silent = True  # until the first piece for the caller

    def sink(self, chunk: bytes) -> bool:
        """What arrived. False: no more is wanted. Raises UpstreamError."""
        self._size += len(chunk)
        if self._size > LARGEST_ANSWER:
            raise UpstreamError(
                f"the stream is longer than {LARGEST_ANSWER} bytes", code="upstream_answer_too_large", retryable=False
            )
        events = self._splitter.feed(chunk)
        try:  # the same edge as in `collect`
            if len(events) == 1:
                self._send(self.reader.feed(events[0]))
            elif events:
                self._pass_on(events)
        except ODD:
            raise odd_answer() from None
        if self._exchange.congested:
            self._response.pause()
        now = clock.mono_ns()
        if now > self._rearm and (not self._call.started or any(not event.startswith(b":") for event in events)):
            self._rearm = now + REARM_NS
            _patience(self._call, now)
        return not self.reader.done

    def finish(self) -> None:
        """The connection is at its end; half an event does not get through."""
        rest = self._splitter.rest()
        if payload(rest) and not self.reader.done:
            self._pass_on([rest + b"\n\n"])

    def release(self) -> None:
        """Give on what waited within the readers, after what came in one piece with the end mark."""
        held, self._call.held = self._call.held, b""
        self._send(self.reader.feed(b""))
        self._call.held = held + self._call.held

    def end(self) -> None:
        """The provider said why its answer ended, and then left out its end mark: in another language there is one all
        the same."""
        self._call.held = out = DONE if self._voice is None else self._voice.say(DONE)
        self._call.blocks.append(out)

    def _pass_on(self, events: list[bytes]) -> None:
        """Send what arrived together as one piece."""
        out: list[bytes] = []
        try:
            for event in events:
                out.append(self.reader.feed(event))
                if self.reader.done:  # whatever follows an end is no part of the answer
                    break
        finally:
            self._send(b"".join(out))  # what came before an event that is refused is the caller's

    def _send(self, out: bytes) -> None:
        """One piece for the caller; the one with the end mark is kept back until the run is recorded."""
        if not out:
            return
        call = self._call
        if self._silent:
            self._silent = False
            self._trial.first_token()
        if self._voice is not None:
            out = self._voice.say(out)
        call.blocks.append(out)
        if not call.started and not call.gathering:
            call.ttft = call.since()
            call.started = True
            self._exchange.start(200, heads.stream(call))
        if self.reader.done:
            call.held = out
        elif not call.gathering:
            self._exchange.write(out)


async def _whole(deployment: Deployment, response: WireResponse) -> bytes:
    """The complete body. A refusal that repeats our credential, as some do, comes without it: callers and the journal
    must not see it."""
    announced = dict(response.headers).get(b"content-length", b"")
    if announced.isdigit() and int(announced) > LARGEST_ANSWER:
        response.abort()
        raise UpstreamError(
            f"the provider announced an answer of {int(announced)} bytes, more than {LARGEST_ANSWER}",
            code="upstream_answer_too_large",
            retryable=False,
        )
    body = await response.read(LARGEST_ANSWER)
    return body if response.status == 200 else credentials.without(deployment, body)


async def _must_be_stream(trial: Trial, response: WireResponse) -> None:
    """Anything but an event stream is an error, told by its class."""
    if response.status == 200 and trial.speak.STREAM_TYPE in dict(response.headers).get(b"content-type", b""):
        return
    body = await _whole(trial.deployment, response)
    trial.speak.decode(trial.call.endpoint, response.status, response.headers, body)  # raises for most
    raise UpstreamError(
        "the provider answered without a stream where one was asked for", code="upstream_invalid_answer"
    )


def _patience(call: Call, now: int) -> None:
    """The provider is alive: its next bytes may take the route's longest silence, within the whole call's deadline."""
    assert call.patience is not None
    assert call.route is not None
    call.patience.due = min(call.deadline, now + REARM_NS + int(call.route.stall_timeout * 1e9))
