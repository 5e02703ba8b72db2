"""Taking a provider's answer: `collect` reads a whole one, `relay` passes a stream on while it comes."""

import asyncio
import re

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, Deployment, StreamReader, WireResponse
from outrider.base.sse import SSESplitter, payload
from outrider.gateway import heads
from outrider.gateway.call import Call
from outrider.gateway.trial import Trial

LARGEST_ANSWER = 256 << 20
LINGER = 5.0  # seconds for a provider to close its side after the end mark
REARM_NS = 250_000_000
SECRET_NAMES = re.compile(b"auth|key|token|secret|cookie", re.IGNORECASE)
SHORTEST_SECRET = 6  # shorter ones are no secret, and would be found in innocent words
PASSED_ON = (b"x-ratelimit-", b"openai-")


async def collect(trial: Trial, response: WireResponse) -> Answer:
    """Read and decode a complete answer."""
    call = trial.call
    body = await _whole(trial.deployment, response)
    answer = trial.speak.decode(call.endpoint, response.status, response.headers, body)
    call.answer_headers = [h for h in response.headers if h[0].startswith(PASSED_ON)]
    return answer


async def relay(trial: Trial, response: WireResponse) -> Answer:
    """Pass a stream on, event by event, and watch it. The block with the end mark is left in `call.held`."""
    call = trial.call
    await _must_be_stream(trial, response)
    reader, splitter = trial.reader(), SSESplitter()
    call.answer_headers = [h for h in response.headers if h[0].startswith(PASSED_ON)]
    exchange = call.exchange
    exchange.on_writable = response.resume
    rearm, size = 0, 0

    def sink(chunk: bytes) -> bool:
        nonlocal rearm, size
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise UpstreamError(
                f"the stream is longer than {LARGEST_ANSWER} bytes", code="upstream_answer_too_large", retryable=False
            )
        events = splitter.feed(chunk)
        if events:
            _pass_on(trial, reader, events)
        if exchange.congested:
            response.pause()
        now = clock.mono_ns()
        if now > rearm and (not call.started or any(not event.startswith(b":") for event in events)):
            rearm = now + REARM_NS
            _patience(call, now)
        return not reader.done

    try:
        await response.pass_to(sink)
    finally:
        exchange.on_writable = None
    rest = splitter.rest()
    if payload(rest) and not reader.done:
        _pass_on(trial, reader, [rest + b"\n\n"])  # not closed by the provider; half an event does not get through
    if not response.complete:
        asyncio.get_running_loop().call_later(LINGER, response.abort)
    answer = reader.close(call.blocks[trial.before :] if trial.before else call.blocks)
    trial.step.attrs["chunks"] = len(call.blocks) - trial.before
    return answer


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
    if response.status != 200:
        for name, value in deployment.headers:
            secret = value.rpartition(b" ")[2]
            if len(secret) >= SHORTEST_SECRET and SECRET_NAMES.search(name):
                body = body.replace(secret, b"[credential]")
    return body


async def _must_be_stream(trial: Trial, response: WireResponse) -> None:
    """Anything but an event stream is an error, told by its class."""
    if response.status == 200 and b"event-stream" in dict(response.headers).get(b"content-type", b""):
        return
    body = await _whole(trial.deployment, response)
    trial.speak.decode(trial.call.endpoint, response.status, response.headers, body)
    raise UpstreamError(
        "the provider answered without a stream where one was asked for", code="upstream_invalid_answer"
    )


def _pass_on(trial: Trial, reader: StreamReader, events: list[bytes]) -> None:
    """Send what arrived together as one piece; keep back the piece with the end mark."""
    if len(events) == 1:
        _send(trial, reader, reader.feed(events[0]))
        return
    out: list[bytes] = []
    try:
        for event in events:
            out.append(reader.feed(event))
    finally:
        _send(trial, reader, b"".join(out))  # what came before an event that is refused is the caller's


def _send(trial: Trial, reader: StreamReader, out: bytes) -> None:
    if not out:
        return
    call = trial.call
    if len(call.blocks) == trial.before:
        trial.first_token()
    if call.gathering:
        call.blocks.append(out)
        if reader.done:
            call.held = out
        return
    if not call.started:
        call.ttft = call.since()
        call.started = True
        call.exchange.start(200, heads.stream(call))
    call.blocks.append(out)
    if reader.done:
        call.held = out
    else:
        call.exchange.write(out)


def _patience(call: Call, now: int) -> None:
    """The provider is alive: its next bytes may take the route's longest silence, within the whole call's deadline."""
    assert call.patience is not None
    assert call.route is not None
    call.patience.due = min(call.deadline, now + REARM_NS + int(call.route.stall_timeout * 1e9))
