"""Taking an answer: whole, or as a stream that is passed on while it comes."""

from typing import Any

import pytest

from outrider.base import ports
from outrider.base.errors import UpstreamError
from outrider.gateway import receive
from outrider.gateway.attempts import NoAnswer
from outrider.gateway.call import Call
from outrider.providers import bedrock
from outrider.testing import ScriptedProvider
from outrider.testing.speaking import frames
from tests.gateway.calls import PATHS, ask, call, client, deployment, route


async def relayed(command: str) -> Call:
    made = call(f"scripted:{command}", route(deployment("a", ScriptedProvider())), stream=True)
    await ask(made)
    return made


async def test_each_piece_is_sent_as_it_comes_and_the_last_is_held_back() -> None:
    made = await relayed("chunks=3")
    got = client(made)
    assert len(got.received) >= 4
    assert all(piece.startswith(b"data: {") for piece in got.received)
    assert made.held == b"data: [DONE]\n\n"
    assert not got.ended
    assert b"".join(made.blocks) == b"".join(got.received) + made.held
    assert made.steps[0].attrs["chunks"] == len(made.blocks)
    assert made.ttft > 0


@pytest.mark.parametrize("how", ["split=1", "split=7", "merge", "crlf"])
async def test_events_leave_whole_however_they_came(how: str) -> None:
    made = await relayed(f"chunks=4,{how}")
    for piece in client(made).received:
        assert piece.endswith((b"\n\n", b"\r\n\r\n"))
    assert made.usage is not None
    assert made.steps[0].usage is not None
    assert made.steps[0].usage.output == 4


async def test_usage_that_only_we_asked_for_is_not_sent() -> None:
    made = await relayed("chunks=2")
    assert b'"usage"' not in b"".join(made.blocks)
    assert made.steps[0].usage is not None


async def test_a_stream_without_its_end_mark_is_not_whole() -> None:
    made = call("scripted:no-done,cut=2", route(deployment("a", ScriptedProvider())), stream=True)
    with pytest.raises(Exception, match="cut"):
        await ask(made)
    assert made.held == b""


class Fixed:
    """A transport whose answer is made here."""

    def __init__(self, head: list[tuple[bytes, bytes]], pieces: list[bytes]) -> None:
        self.head, self.pieces, self.calls = head, pieces, list[str]()

    async def send(self, request: ports.WireRequest) -> "Fixed":
        return self

    async def close(self) -> None:
        """Nothing is open."""

    status, complete = 200, True

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return self.head

    async def read(self, limit: int) -> bytes:
        return b"".join(self.pieces)

    async def pass_to(self, sink: Any) -> None:
        for piece in self.pieces:
            if not sink(piece):
                return

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def abort(self) -> None:
        self.calls.append("abort")


SSE = [(b"content-type", b"text/event-stream"), (b"x-ratelimit-remaining-requests", b"9"), (b"set-cookie", b"x")]
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'


def through(transport: Any) -> Call:
    way = ports.Deployment("a/m", "a", "m", "openai", transport, PATHS)
    return call("hello", route(way), stream=True)


async def test_a_client_that_reads_slowly_pauses_the_provider() -> None:
    answer = Fixed(SSE, [EVENT, EVENT, b"data: [DONE]\n\n"])
    made = through(answer)
    client(made).congested = True
    await ask(made)
    assert answer.calls == ["pause"] * 3
    assert client(made).on_writable is None


async def test_rate_limits_are_passed_on_and_cookies_are_not() -> None:
    made = through(Fixed(SSE, [EVENT, b"data: [DONE]\n\n"]))
    await ask(made)
    head = client(made).head
    assert b"x-ratelimit-remaining-requests: 9\r\n" in head
    assert b"x-request-id: " in head
    assert b"set-cookie" not in head


async def test_an_answer_that_is_no_stream_is_said_so() -> None:
    whole = b'{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}'
    made = through(Fixed([(b"content-type", b"application/json")], [whole]))
    with pytest.raises(Exception, match="without a stream"):
        await ask(made)


async def test_a_stream_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "LARGEST_ANSWER", 100)
    made = through(Fixed(SSE, [EVENT] * 3))
    with pytest.raises(Exception, match="longer than 100") as caught:
        await ask(made)
    last: UpstreamError = caught.value.last  # type: ignore[attr-defined]
    assert last.code == "upstream_answer_too_large"


async def test_a_stream_that_falls_silent_is_given_up() -> None:
    quiet = route(deployment("a", ScriptedProvider()), try_timeout=20, stall_timeout=0.1)
    made = call("scripted:chunks=5,gap=1", quiet, stream=True)
    with pytest.raises(NoAnswer) as caught:
        await ask(made)
    assert caught.value.last.code == "upstream_timeout"
    assert "silent for 0.1 s" in caught.value.last.message


FINISH = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'


@pytest.mark.parametrize(
    "bad",
    [
        b'data: {"error": {"message": "overloaded"}}\n\n',
        b'event: error\ndata: {"type": "error", "error": {"message": "overloaded"}}\n\n',
        b'data: {"object": "error", "message": "overloaded", "code": 500}\n\n',
        b'data: {"choices":[{"index":0,"delta":{"con\n\n',
    ],
)
@pytest.mark.parametrize("together", [True, False])
async def test_what_breaks_a_stream_is_not_passed_on(bad: bytes, together: bool) -> None:
    pieces = [EVENT + EVENT + bad] if together else [EVENT, EVENT, bad]
    made = through(Fixed(SSE, [*pieces, FINISH, b"data: [DONE]\n\n"]))
    with pytest.raises(NoAnswer):
        await ask(made)
    assert b"".join(client(made).received) == b"".join(made.blocks) == EVENT * 2


@pytest.mark.parametrize("half", [b'data: {"choices":[{"ind', b"data: ", b"da", b": alive", b"\n", EVENT[:-3]])
async def test_half_an_event_at_the_end_is_not_passed_on(half: bytes) -> None:
    made = through(Fixed(SSE, [EVENT, half]))
    with pytest.raises(NoAnswer):
        await ask(made)
    assert b"".join(client(made).received) == EVENT


async def test_a_last_event_that_nobody_closed_is_closed() -> None:
    made = through(Fixed(SSE, [EVENT, FINISH[:-2]]))
    assert (await ask(made)).finish == "stop"
    assert b"".join(client(made).received) == EVENT + FINISH


async def test_a_text_about_errors_is_no_error() -> None:
    about = b'data: {"error": null, "choices":[{"index":0,"delta":{"content":"say \\"error\\": {}"}}]}\n\n'
    made = through(Fixed(SSE, [EVENT, about, FINISH]))
    assert (await ask(made)).text == 'asay "error": {}'


@pytest.mark.parametrize("together", [True, False])
async def test_what_came_with_an_end_that_cannot_be_read_is_the_callers(together: bool) -> None:
    """Small answers come in one piece, which is kept back because it has the end mark."""
    events = [
        b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n',
        b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
        b'data: {"choices":7}\n\n',
        b"data: [DONE]\n\n",
    ]
    made = through(Fixed([(b"content-type", b"text/event-stream")], [b"".join(events)] if together else events))
    await ask(made)
    received = b"".join(client(made).received) + made.held
    assert received.count(b'"hi"') == received.count(b"[DONE]") == 1
    assert b"".join(made.blocks) == received


def of_bedrock(transport: Any, *, stream: bool) -> Call:
    way = ports.Deployment("a/m", "a", "m", "bedrock", transport, bedrock.PATHS)
    return call("hello", route(way), stream=stream)


ODD_BLOCKS = [
    '"text"',
    "3",
    "null",
    '{"toolUse": 3}',
    '{"reasoningContent": "x"}',
    '{"citationsContent": {"content": 3}}',
]


@pytest.mark.parametrize("block", ODD_BLOCKS)
async def test_a_whole_answer_of_an_odd_form_is_the_providers_fault(block: str) -> None:
    said = b'{"output": {"message": {"role": "assistant", "content": [%b]}}}' % block.encode()
    with pytest.raises(NoAnswer) as refused:
        await ask(of_bedrock(Fixed([(b"content-type", b"application/json")], [said]), stream=False))
    assert refused.value.last.code == "upstream_invalid_answer"


@pytest.mark.parametrize("delta", ['{"text": 3}', "3", '{"toolUse": 3}', '{"reasoningContent": 3}'])
async def test_an_event_of_an_odd_form_is_the_providers_fault(delta: str) -> None:
    said = frames.event("contentBlockDelta", b'{"contentBlockIndex": 0, "delta": %b}' % delta.encode())
    with pytest.raises(NoAnswer) as refused:
        await ask(of_bedrock(Fixed([(b"content-type", b"application/vnd.amazon.eventstream")], [said]), stream=True))
    assert refused.value.last.code == "upstream_invalid_answer"


async def test_what_follows_the_end_is_no_part_of_a_stream() -> None:
    made = through(Fixed(SSE, [EVENT + b"data: [DONE]\n\n" + EVENT]))
    await ask(made)
    assert b"".join([*client(made).received, made.held]).endswith(b"data: [DONE]\n\n")


async def test_a_translated_stream_without_an_end_mark_has_one() -> None:
    said = frames.event("contentBlockDelta", b'{"contentBlockIndex": 0, "delta": {"text": "Hi"}}')
    said += frames.event("messageStop", b'{"stopReason": "end_turn"}')
    made = of_bedrock(Fixed([(b"content-type", b"application/vnd.amazon.eventstream")], [said]), stream=True)
    await ask(made)
    assert made.held == b"data: [DONE]\n\n"
