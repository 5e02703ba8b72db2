"""The scripted provider must be right itself: in process and over a real socket, the same answers."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import outrider.testing
from outrider.base.errors import UpstreamError
from outrider.base.ports import Transport, WireRequest, WireResponse
from outrider.base.sse import SSESplitter, payload
from outrider.gateway.upstream import HttpPool, Origin
from outrider.testing import COMMANDS, ScriptedProvider, scripted_server
from outrider.testing.plans import failure
from outrider.testing.script import commands, numbered

LIMIT = 1 << 20


def chat(text: str = "hello", **fields: Any) -> WireRequest:
    body = {"model": "scripted-chat", "messages": [{"role": "user", "content": text}], **fields}
    return WireRequest("POST", "/v1/chat/completions", [], json.dumps(body).encode())


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture(params=["in process", "http"])
async def transport(request: pytest.FixtureRequest, provider: ScriptedProvider) -> AsyncIterator[Transport]:
    if request.param == "in process":
        yield provider.transport()
        return
    async with scripted_server(provider) as url:
        pool = HttpPool(Origin(url))
        yield pool
        await pool.close()


async def ask(transport: Transport, request: WireRequest) -> dict[str, Any]:
    async with asyncio.timeout(10):
        response = await transport.send(request)
        answer: dict[str, Any] = json.loads(await response.read(LIMIT))
    return answer


async def stream(transport: Transport, request: WireRequest) -> list[Any]:
    """What the events of a stream say."""
    received = bytearray()
    async with asyncio.timeout(10):
        await gather(await transport.send(request), received)
    splitter = SSESplitter()
    said = [payload(event) for event in splitter.feed(bytes(received))]
    assert splitter.pending == 0
    return [json.loads(text) if text != b"[DONE]" else "[DONE]" for text in said]


async def gather(response: WireResponse, into: bytearray) -> None:
    def keep(part: bytes) -> bool:
        into.extend(part)
        return True

    await response.pass_to(keep)


def text_of(chunks: list[Any]) -> str:
    choices = [choice for chunk in chunks if chunk != "[DONE]" for choice in chunk["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def test_the_public_names() -> None:
    assert sorted(outrider.testing.__all__) == sorted(
        n for n in outrider.testing.__all__ if hasattr(outrider.testing, n)
    )
    assert len(outrider.testing.__all__) <= 12


async def test_plain_and_streamed_answers_agree(transport: Transport) -> None:
    plain = await ask(transport, chat())
    streamed = await stream(transport, chat(stream=True, stream_options={"include_usage": True}))
    assert text_of(streamed) == plain["choices"][0]["message"]["content"]
    assert streamed[-2]["usage"] == plain["usage"] == {"prompt_tokens": 1, "completion_tokens": 5, "total_tokens": 6}
    assert streamed[-1] == "[DONE]"


async def test_usage_comes_in_a_stream_only_when_asked(transport: Transport) -> None:
    assert not any("usage" in chunk for chunk in (await stream(transport, chat(stream=True)))[:-1])


async def test_the_answer_obeys_n_stop_and_limit(transport: Transport) -> None:
    assert len((await ask(transport, chat(n=3)))["choices"]) == 3
    assert (await ask(transport, chat("scripted:text=one two", stop=["tw"])))["choices"][0]["message"][
        "content"
    ] == "one "
    assert (await ask(transport, chat("scripted:chunks=9", max_tokens=2)))["choices"][0]["finish_reason"] == "length"


async def test_a_schema_is_honoured(transport: Transport) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 2}}}
    form = {"type": "json_schema", "json_schema": {"name": "trip", "schema": schema}}
    answer = await ask(transport, chat(response_format=form))
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"city": "text", "days": 2}


async def test_tool_calls_whole_and_in_pieces(transport: Transport) -> None:
    tools = [
        {"type": "function", "function": {"name": "look", "parameters": {"properties": {"q": {"type": "string"}}}}}
    ]
    plain = await ask(transport, chat("scripted:tool=look", tools=tools))
    call = plain["choices"][0]["message"]["tool_calls"][0]["function"]
    assert (call["name"], json.loads(call["arguments"])) == ("look", {"q": "text"})
    streamed = await stream(transport, chat("scripted:tool=look", tools=tools, stream=True))
    deltas = [d for c in streamed[:-1] for d in c["choices"][0]["delta"].get("tool_calls", [])]
    assert "".join(d["function"]["arguments"] for d in deltas) == call["arguments"]
    assert streamed[-2]["choices"][0]["finish_reason"] == "tool_calls"


async def test_after_a_tool_result_comes_a_text(transport: Transport) -> None:
    messages = [
        {"role": "user", "content": "scripted:tool=look"},
        {"role": "tool", "content": "42", "tool_call_id": "1"},
    ]
    assert (await ask(transport, chat(messages=messages)))["choices"][0]["message"]["content"] == "The tool said: 42"


async def test_status_and_retry_after(transport: Transport) -> None:
    response = await transport.send(chat("scripted:status=429,retry-after=1"))
    assert response.status == 429
    assert dict(response.headers)[b"retry-after"] == b"1"
    assert b"error" in await response.read(LIMIT)


async def test_fail_times_counts_by_text(transport: Transport) -> None:
    statuses = [(await transport.send(chat("scripted:fail-times=2,status=503"))).status for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_the_models_name_commands_too(transport: Transport) -> None:
    assert (await transport.send(chat(model="scripted:status=500"))).status == 500


async def test_a_cut_stream_ends_early(transport: Transport) -> None:
    response = await transport.send(chat("scripted:chunks=9,cut=3", stream=True))
    received = bytearray()
    with pytest.raises(UpstreamError):
        await gather(response, received)
    assert len(SSESplitter().feed(bytes(received))) == 3


@pytest.mark.parametrize("command", ["cut=1", "wrong-length"])
async def test_a_plain_answer_that_is_not_whole(transport: Transport, command: str) -> None:
    response = await transport.send(chat(f"scripted:{command}"))
    with pytest.raises(UpstreamError):
        await response.read(LIMIT)


async def test_reset_gives_no_head(transport: Transport) -> None:
    with pytest.raises(UpstreamError):
        await transport.send(chat("scripted:reset"))


async def test_spoilt_bodies(transport: Transport) -> None:
    half = await (await transport.send(chat("scripted:malformed"))).read(LIMIT)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(half)
    page = await transport.send(chat("scripted:html"))
    assert dict(page.headers)[b"content-type"] == b"text/html"
    await page.read(LIMIT)
    inside = await transport.send(chat("scripted:error-in-200"))
    assert inside.status == 200
    assert "error" in json.loads(await inside.read(LIMIT))
    assert "error" in (await stream(transport, chat("scripted:error-in-200", stream=True)))[-1]


@pytest.mark.parametrize("streamed", [True, False])
async def test_endless_answers_end_when_the_reader_leaves(
    transport: Transport, provider: ScriptedProvider, streamed: bool
) -> None:
    response = await transport.send(chat("scripted:endless", stream=streamed))
    with pytest.raises(UpstreamError, match="larger"):
        await response.read(LIMIT)
    async with asyncio.timeout(10):
        assert (await provider.until(cancelled=1))["completed"] == 0


async def test_a_sink_that_has_enough_ends_the_flow(transport: Transport, provider: ScriptedProvider) -> None:
    response = await transport.send(chat("scripted:endless", stream=True))
    pieces: list[bytes] = []

    def two(piece: bytes) -> bool:
        pieces.append(piece)
        return len(pieces) < 2

    async with asyncio.timeout(10):
        await response.pass_to(two)
        assert (len(pieces), response.complete) == (2, False)
        response.abort()
        await provider.until(cancelled=1)


async def test_a_paused_stream_goes_on_when_resumed(transport: Transport) -> None:
    response = await transport.send(chat("scripted:chunks=5,gap=0.001", stream=True))
    received = bytearray()

    def slowly(piece: bytes) -> bool:
        received.extend(piece)
        response.pause()
        asyncio.get_running_loop().call_soon(response.resume)
        return True

    async with asyncio.timeout(10):
        await response.pass_to(slowly)
    assert received.endswith(b"data: [DONE]\n\n")


async def test_cancelling_a_slow_answer_is_seen(transport: Transport, provider: ScriptedProvider) -> None:
    waiting = asyncio.create_task(transport.send(chat("scripted:delay=60")))
    async with asyncio.timeout(10):
        await provider.until(chat=1)
        waiting.cancel()
        await provider.until(cancelled=1)
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("how", ["split=3", "merge", "crlf", "gap=0.001", "slow-headers=0.001", "delay=0.001"])
async def test_the_same_stream_however_it_is_cut(transport: Transport, how: str) -> None:
    text = text_of(await stream(transport, chat(f"scripted:{how},text=naïve ünïcödé 東京", stream=True)))
    assert text == "naïve ünïcödé 東京"


async def test_embeddings(transport: Transport) -> None:
    def request(**fields: Any) -> WireRequest:
        return WireRequest("POST", "/v1/embeddings", [], json.dumps({"model": "e", **fields}).encode())

    answer = await ask(transport, request(input=["a", "b", "a"], dimensions=4))
    vectors = [row["embedding"] for row in answer["data"]]
    assert vectors[0] == vectors[2] != vectors[1]
    assert sum(x * x for x in vectors[0]) == pytest.approx(1)
    assert isinstance((await ask(transport, request(input="a", encoding_format="base64")))["data"][0]["embedding"], str)


async def test_models_and_unknown_paths(transport: Transport) -> None:
    listed = await ask(transport, WireRequest("GET", "/v1/models", []))
    assert [m["id"] for m in listed["data"]] == ["scripted-chat", "scripted-embedding"]
    assert (await transport.send(WireRequest("GET", "/v1/elsewhere", []))).status == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"messages":5}', b'{"messages":[1]}'])
async def test_nonsense_is_a_400(transport: Transport, body: bytes) -> None:
    assert (await transport.send(WireRequest("POST", "/v1/chat/completions", [], body))).status == 400


@pytest.mark.parametrize("command", ["explode", "chunks=many"])
async def test_a_wrong_command_is_refused_with_words(transport: Transport, command: str) -> None:
    response = await transport.send(chat(f"scripted:{command}"))
    assert response.status == 400
    assert command.partition("=")[0].encode() in await response.read(LIMIT)


async def test_seen_over_http_hides_credentials(provider: ScriptedProvider) -> None:
    async with scripted_server(provider) as url:
        pool = HttpPool(Origin(url))
        await ask(pool, WireRequest("POST", "/v1/chat/completions", [(b"authorization", b"Bearer s3")], chat().body))
        seen = await ask(pool, WireRequest("GET", "/scripted/seen?completed=1", []))
        assert (seen["chat"], seen["completed"], seen["headers"]["authorization"]) == (1, 1, "(given)")
        assert seen["last"]["model"] == "scripted-chat"
        assert "chat" not in await ask(pool, WireRequest("GET", "/scripted/forget", []))
        await pool.close()


def test_every_command_has_words() -> None:
    assert all(what and not what.endswith(".") for what in COMMANDS.values())


def test_the_guide_names_only_commands_that_exist() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/testing.md").read_text()
    scripts = re.findall(r"`(scripted:[^`]+)`", guide)
    assert len(scripts) >= 7
    for script in scripts:
        commands("", script)


@pytest.mark.parametrize("switch", [{"continue_final_message": True}, {"prefix": True}, {"partial": True}])
async def test_an_answer_that_broke_off_goes_on(transport: Transport, switch: dict[str, bool]) -> None:
    request = json.loads(chat("scripted:text=one two three four").body)
    request["messages"].append({"role": "assistant", "content": "one two th", **switch})
    request |= switch
    wire = WireRequest("POST", "/v1/chat/completions", [], json.dumps(request).encode())
    answer = json.loads(await (await transport.send(wire)).read(LIMIT))
    assert answer["choices"][0]["message"]["content"] == "ree four"


async def test_numbered_words_differ_by_key(transport: Transport) -> None:
    text = (await ask(transport, chat("scripted:words=3,key=a")))["choices"][0]["message"]["content"]
    assert [word.split(".")[0] for word in text.split()] == ["0", "1", "2"]
    assert text == numbered(3, "a") != numbered(3, "b")


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("command", ["stall=3", "murmur=3"])
async def test_silence_and_chatter_end_when_the_reader_leaves(
    transport: Transport, provider: ScriptedProvider, command: str, streamed: bool
) -> None:
    response = await transport.send(chat(f"scripted:{command},words=9,key=a", stream=streamed))
    received, enough = bytearray(), asyncio.Event()

    def keep(part: bytes) -> bool:
        received.extend(part)
        if (b"1." if streamed else b"id") in received:
            enough.set()
        return True

    reading = asyncio.create_task(response.pass_to(keep))
    async with asyncio.timeout(10):
        await enough.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        response.abort()
        assert (await provider.until(cancelled=1))["completed"] == 0
    assert b"2." not in received


def test_an_error_is_on_nobodys_bill() -> None:
    plan = failure(503, "down", [(b"retry-after", b"1")])
    assert (plan.status, plan.billed, dict(plan.headers)[b"retry-after"]) == (503, (0, 0), b"1")
    assert plan.length == sum(len(piece) for _, piece in plan.pieces)


async def test_an_oversized_answer_is_as_large_as_said(transport: Transport) -> None:
    whole = await (await transport.send(chat("scripted:oversize=100000"))).read(LIMIT)
    assert len(whole) > 100_000
    assert json.loads(whole)["choices"]
    streamed = await stream(transport, chat("scripted:oversize=100000,text=one two", stream=True))
    assert sum("padding" in chunk for chunk in streamed) == 1
    assert text_of([chunk for chunk in streamed if "padding" not in chunk]) == "one two"


async def test_a_rate_is_drawn_by_key_and_time(transport: Transport, provider: ScriptedProvider) -> None:
    async def statuses() -> list[int]:
        found = []
        for number in range(60):
            sent = chat(f"scripted:words=1,key=k{number % 30}", model="scripted:status=503,rate=0.3")
            found.append((await transport.send(sent)).status)
        return found

    first = await statuses()
    assert 5 < first.count(503) == provider.struck.total() < 31
    assert first[:30] != first[30:]
    provider.forget()
    assert await statuses() == first


async def test_flapping_fails_in_a_row(transport: Transport) -> None:
    model = "scripted:status=503,rate=0.3,flap=10"
    statuses = [(await transport.send(chat(f"n{i}", model=model))).status for i in range(20)]
    assert statuses == 2 * (7 * [200] + 3 * [503])


@pytest.mark.parametrize(
    ("command", "streamed", "billed"),
    [
        ("words=9", True, 9),
        ("words=9", False, 9),
        ("words=9,cut=4", True, 3),
        ("words=9,cut=4", False, 9),
        ("words=9,error-in-200=4", True, 3),
        ("words=9,error-in-200", False, 0),
        ("html", False, 0),
        ("status=500", False, 0),
    ],
)
async def test_what_was_said_is_on_the_bill(
    transport: Transport, provider: ScriptedProvider, command: str, streamed: bool, billed: int
) -> None:
    response = await transport.send(chat(f"scripted:{command} please", stream=streamed))
    with contextlib.suppress(UpstreamError):
        await gather(response, bytearray())
    assert provider.counts["output_tokens"] == billed
    assert provider.counts["input_tokens"] == (2 if billed else 0)


async def test_a_provider_that_breaks_ends_the_connection_at_once() -> None:
    class Broken(ScriptedProvider):
        def plan(self, *asked: Any) -> Any:
            raise RuntimeError("broken")

    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    asyncio.get_running_loop().set_exception_handler(lambda _, said: told.put_nowait(said))
    async with scripted_server(Broken()) as url:
        pool = HttpPool(Origin(url))
        async with asyncio.timeout(10):
            with pytest.raises(UpstreamError):
                await pool.send(chat())
            assert str((await told.get())["exception"]) == "broken"  # whose fault it was is not hidden
        await pool.close()
