"""The embedded models through their transport, on the real weights."""

import asyncio
import base64
import itertools
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from outrider.base.ports import Transport, WireRequest, WireResponse
from outrider.providers.embedded import CHAT_DEFAULT, EMBED_DEFAULT, EmbeddedTransport

USER = [{"role": "user", "content": "What is the weather in Paris?"}]
STORY = [{"role": "user", "content": "Write a very long story about a dog."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 20}, "days": {"$ref": "#/$defs/days"}},
            "required": ["city", "days"],
            "additionalProperties": False,
            "$defs": {"days": {"type": "integer", "minimum": 1, "maximum": 7}},
        },
    },
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def transport(chat_models: Path, embed_models: Path) -> AsyncIterator[EmbeddedTransport]:
    made = EmbeddedTransport(chat_models, threads=1)
    await made.warm()
    yield made
    await made.close()


pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]


async def send(transport: Transport, path: str, **body: Any) -> WireResponse:
    return await transport.send(WireRequest("POST", path, (), json.dumps(body).encode()))


async def post(transport: Transport, path: str, **body: Any) -> tuple[int, Any]:
    answer = await send(transport, path, **body)
    return answer.status, json.loads(await answer.read(1 << 24))


async def chat(transport: Transport, **body: Any) -> Any:
    status, answer = await post(transport, "/v1/chat/completions", **{"messages": USER, "max_tokens": 24, **body})
    assert status == 200, answer
    return answer


async def parts(answer: WireResponse) -> list[bytes]:
    found: list[bytes] = []

    def keep(part: bytes) -> bool:
        found.append(part)
        return True

    await answer.pass_to(keep)
    return found


async def stream(transport: Transport, **body: Any) -> list[Any]:
    asked = {"messages": USER, "max_tokens": 24, "stream": True, **body}
    answer = await send(transport, "/v1/chat/completions", **asked)
    assert answer.status == 200
    assert dict(answer.headers)[b"content-type"].startswith(b"text/event-stream")
    events = await parts(answer)
    assert answer.complete
    assert all(e.startswith(b"data: ") and e.endswith(b"\n\n") and e.count(b"\n\n") == 1 for e in events)
    assert events[-1] == b"data: [DONE]\n\n"
    return [json.loads(e[6:]) for e in events[:-1]]


def text(chunks: list[Any], index: int = 0) -> str:
    choices = [c for chunk in chunks for c in chunk["choices"] if c["index"] == index]
    return "".join(c["delta"].get("content") or "" for c in choices)


async def test_a_chat_answer_has_the_usual_form(transport: EmbeddedTransport) -> None:
    answer = await chat(transport, temperature=0)
    choice, usage = answer["choices"][0], answer["usage"]
    assert answer["object"] == "chat.completion"
    assert answer["model"] == CHAT_DEFAULT
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"]
    assert choice["finish_reason"] == "length"
    assert usage["completion_tokens"] == 24
    body = json.dumps({"messages": USER}).encode()
    assert usage["prompt_tokens"] == await transport.count(body)
    assert usage["total_tokens"] == usage["prompt_tokens"] + 24


async def test_a_stream_says_the_same_and_reports_usage_when_asked(transport: EmbeddedTransport) -> None:
    whole = await chat(transport, temperature=0)
    chunks = await stream(transport, temperature=0, stream_options={"include_usage": True})
    assert text(chunks) == whole["choices"][0]["message"]["content"]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-2]["choices"][0]["finish_reason"] == "length"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == 24
    assert all("usage" not in c for c in await stream(transport, max_tokens=2))


async def test_who_names_no_temperature_gets_the_one_that_the_models_authors_recommend(
    transport: EmbeddedTransport,
) -> None:
    named, none, hot = [
        (await chat(transport, seed=7, max_tokens=40, **more))["choices"][0]["message"]["content"]
        for more in ({"temperature": 0.2}, {}, {"temperature": 1.9})
    ]
    assert named == none
    assert hot != none


async def test_seed_stop_choices_and_logprobs(transport: EmbeddedTransport) -> None:
    said = [(await chat(transport, seed=7, temperature=1, max_tokens=8))["choices"][0]["message"] for _ in range(2)]
    assert said[0] == said[1]
    full = (await chat(transport, temperature=0))["choices"][0]["message"]["content"]
    word = full.split()[3]
    cut = (await chat(transport, temperature=0, stop=word))["choices"][0]
    assert cut["finish_reason"] == "stop"
    assert cut["message"]["content"] == full[: full.index(word)]
    several = await chat(transport, n=3, max_tokens=4)
    assert [c["index"] for c in several["choices"]] == [0, 1, 2]
    assert several["usage"]["completion_tokens"] == 12
    chunks = await stream(transport, n=2, max_tokens=3, stream_options={"include_usage": True})
    assert {c["index"] for chunk in chunks for c in chunk["choices"]} == {0, 1}
    assert chunks[-1]["usage"]["completion_tokens"] == 6
    logprobs = (await chat(transport, logprobs=True, top_logprobs=2, max_tokens=3))["choices"][0]["logprobs"]["content"]
    assert [len(e["top_logprobs"]) for e in logprobs] == [2, 2, 2]
    assert all(e["logprob"] <= 0 for e in logprobs)


async def test_the_answer_has_the_given_schema_even_when_hot(transport: EmbeddedTransport) -> None:
    schema = {
        "type": "object",
        "properties": {
            "mood": {"enum": ["good", "bad"]},
            "stars": {"$ref": "#/$defs/stars"},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 8}, "maxItems": 2, "uniqueItems": True},
        },
        "required": ["mood", "stars", "tags"],
        "additionalProperties": False,
        "$defs": {"stars": {"type": "integer", "minimum": 1, "maximum": 5}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "review", "schema": schema}}
    for seed in range(3):
        answer = await chat(transport, response_format=form, temperature=1.2, seed=seed, max_tokens=120)
        value = json.loads(answer["choices"][0]["message"]["content"])
        assert set(value) == {"mood", "stars", "tags"}
        assert value["mood"] in ("good", "bad")
        assert value["stars"] in range(1, 6)
        assert len(value["tags"]) <= 2
    chunks = await stream(transport, response_format=form, temperature=1.2, max_tokens=120)
    assert set(json.loads(text(chunks))) == set(value)
    assert text(await stream(transport, response_format={"type": "json_object"}, max_tokens=4)).startswith("{")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_schema_that_cannot_be_enforced_is_refused(transport: EmbeddedTransport, streamed: bool) -> None:
    schema = {"type": "object", "properties": {"a": {"not": {"type": "string"}}}}
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    asked = {"messages": USER, "response_format": form, "max_tokens": 20, "stream": streamed}
    status, answer = await post(transport, "/v1/chat/completions", **asked)
    assert (status, answer["error"]["code"]) == (400, "unsupported_json_schema")


async def test_tools_are_called_with_arguments_of_their_schema(transport: EmbeddedTransport) -> None:
    for choice in ("required", {"type": "function", "function": {"name": "get_weather"}}):
        answer = await chat(transport, tools=[TOOL], tool_choice=choice, temperature=1.2, max_tokens=100)
        said = answer["choices"][0]
        assert said["finish_reason"] == "tool_calls"
        assert said["message"]["content"] is None
        (call,) = said["message"]["tool_calls"]
        assert call["function"]["name"] == "get_weather"
        assert json.loads(call["function"]["arguments"])["days"] in range(1, 8)
    chunks = await stream(transport, tools=[TOOL], tool_choice="required", max_tokens=100)
    calls = [c for chunk in chunks for c in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert calls[0]["function"]["name"] == "get_weather"
    assert set(json.loads("".join(c["function"]["arguments"] for c in calls))) == {"city", "days"}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


async def test_with_tools_the_model_may_answer_in_words(transport: EmbeddedTransport) -> None:
    told = [{"role": "user", "content": "Say hello to Bob."}]
    for seed in range(6):
        chunks = await stream(transport, messages=told, tools=[TOOL], max_tokens=60, seed=seed)
        if text(chunks):
            assert not text(chunks).startswith("{")
            assert chunks[-1]["choices"][0]["finish_reason"] in ("stop", "length")
            return
    pytest.fail("the model called a tool six times")


async def test_streams_run_at_once_while_the_event_loop_keeps_ticking(transport: EmbeddedTransport) -> None:
    ticks, done = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            await asyncio.sleep(0)

    order: list[int] = []

    async def one(number: int) -> None:
        asked = {"messages": STORY, "max_tokens": 40, "stream": True, "seed": number}
        answer = await send(transport, "/v1/chat/completions", **asked)

        def sink(_: bytes) -> bool:
            order.append(number)
            return True

        await answer.pass_to(sink)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(one(n) for n in range(4)))
    done.set()
    await ticking
    assert set(order) == {0, 1, 2, 3}
    turns = sum(a != b for a, b in itertools.pairwise(order))
    assert turns > 20  # interleaved, not one after another
    assert ticks > 1000


async def test_abort_and_cancellation_free_the_seats(transport: EmbeddedTransport) -> None:
    for _ in range(6):
        answer = await send(transport, "/v1/chat/completions", messages=STORY, max_tokens=4000, stream=True)
        got: list[bytes] = []

        def sink(part: bytes, got: list[bytes] = got) -> bool:
            got.append(part)
            return len(got) < 3

        await answer.pass_to(sink)
        answer.abort()
        answer.abort()
        assert len(got) == 3
        assert not answer.complete
        waiting = asyncio.create_task(chat(transport, messages=STORY, max_tokens=4000))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.wait([waiting])
    # All four seats and the whole context are free again, or this would wait for 48,000 tokens.
    assert len((await chat(transport, n=4, max_tokens=2))["choices"]) == 4


async def test_a_paused_stream_holds_back_and_loses_nothing(transport: EmbeddedTransport) -> None:
    answer = await send(transport, "/v1/chat/completions", messages=USER, max_tokens=8, stream=True)
    answer.pause()
    reading = asyncio.create_task(parts(answer))
    await chat(transport, max_tokens=2)
    assert not reading.done()
    answer.resume()
    assert (await reading)[-1] == b"data: [DONE]\n\n"


async def test_errors_have_openais_form(transport: EmbeddedTransport) -> None:
    path = "/v1/chat/completions"
    long = [{"role": "user", "content": "word " * 9000}]
    for body, status, code in (
        ({"messages": long}, 400, "context_length_exceeded"),
        ({"messages": long, "stream": True}, 400, "context_length_exceeded"),
        ({"messages": USER, "model": "gpt-9"}, 404, "model_not_found"),
        ({"messages": USER, "model": "qwen2.5-coder-1.5b"}, 404, "model_not_installed"),
        ({"messages": []}, 400, "invalid_request"),
    ):
        found, answer = await post(transport, path, **body)
        if code == "model_not_installed" and found == 200:
            continue  # somebody installed it
        assert (found, answer["error"]["code"]) == (status, code)
        assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert (await post(transport, "/v1/audio"))[0] == 404


async def test_more_than_may_wait_are_refused_with_a_time(chat_models: Path) -> None:
    transport = EmbeddedTransport(chat_models, threads=1, slots=1, queue=1)
    tasks = [
        asyncio.create_task(send(transport, "/v1/chat/completions", messages=STORY, max_tokens=30)) for _ in range(6)
    ]
    answers = [await t for t in tasks]
    refused = [a for a in answers if a.status == 503]
    assert {a.status for a in answers} == {200, 503}
    assert refused
    assert all(b"retry-after" in dict(a.headers) for a in refused)
    left = asyncio.create_task(send(transport, "/v1/chat/completions", messages=STORY, max_tokens=8000, stream=True))
    await left
    await transport.close()  # ends what runs


async def test_similar_texts_have_similar_vectors(transport: EmbeddedTransport) -> None:
    texts = ["How do I reset my password?", "Steps to recover account credentials", "The cat sat on the mat"]
    status, answer = await post(transport, "/v1/embeddings", input=texts)
    assert status == 200
    vectors = [d["embedding"] for d in answer["data"]]
    near, far = (sum(a * b for a, b in zip(vectors[0], v, strict=True)) for v in vectors[1:])
    assert near > 0.5 > 0.2 > far
    assert all(abs(sum(x * x for x in v) - 1) < 1e-3 for v in vectors)
    encoded = (await post(transport, "/v1/embeddings", input=texts[0], encoding_format="base64"))[1]
    unpacked = struct.unpack("<384f", base64.b64decode(encoded["data"][0]["embedding"]))
    assert unpacked == pytest.approx(vectors[0], abs=0.02)  # batches round differently
    embedder = await transport.embedder()
    assert answer["usage"]["prompt_tokens"] == embedder.count(texts)


async def test_texts_of_all_lengths_keep_their_places(transport: EmbeddedTransport) -> None:
    embedder = await transport.embedder()
    texts = [f"number {n} " * (1 + n * 7 % 50) for n in range(60)]
    together = embedder.embed(texts)
    for place in (0, 13, 59):
        assert float(together[place] @ embedder.embed([texts[place]])[0]) > 0.98
    tokens = embedder.embed_tokens(["a cat", ""])
    assert [t.shape for t in tokens] == [(2, 384), (0, 384)]
    whole, parts = embedder.embed_both(texts)
    np.testing.assert_array_equal(whole, together)
    assert [len(part) for part in parts] == [len(row) - 2 for row in embedder.tokenise(texts)]
    assert all(np.allclose(np.linalg.norm(part, axis=1), 1, atol=1e-5) for part in parts)


async def test_embedding_requests_that_cannot_be_served_say_why(transport: EmbeddedTransport) -> None:
    long = "word " * 600
    for body in ({"input": [1, 2]}, {"input": []}, {"input": [""]}, {"input": "x", "dimensions": 8}, {"input": 3}):
        status, answer = await post(transport, "/v1/embeddings", **body)
        assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    status, answer = await post(transport, "/v1/embeddings", input=long)
    assert (status, answer["error"]["code"]) == (400, "context_length_exceeded")
    status, answer = await post(transport, "/v1/embeddings", input=long, truncate=True)
    assert (status, answer["usage"]["prompt_tokens"]) == (200, 512)


async def test_models_are_listed(transport: EmbeddedTransport) -> None:
    assert {m["id"] for m in (await post(transport, "/v1/models"))[1]["data"]} >= {CHAT_DEFAULT, EMBED_DEFAULT}


async def test_without_weights_the_command_is_named(tmp_path: Path) -> None:
    transport = EmbeddedTransport(tmp_path)
    status, answer = await post(transport, "/v1/embeddings", input="x")
    assert status == 404
    assert f"outrider models install {EMBED_DEFAULT}" in answer["error"]["message"]
    await transport.close()


async def test_an_answer_goes_on_behind_its_beginning(transport: Transport) -> None:
    begun = [*USER, {"role": "assistant", "content": "1, 2, 3, 4, 5, 6,"}]
    more = {"temperature": 0, "max_tokens": 8, "continue_final_message": True}
    status, answer = await post(transport, "/v1/chat/completions", messages=begun, tools=[TOOL], **more)
    assert status == 200
    assert answer["choices"][0]["message"]["content"].startswith(" 7")
    _, asked = await post(transport, "/v1/chat/completions", messages=USER, max_tokens=1)
    assert 0 < answer["usage"]["prompt_tokens"] - asked["usage"]["prompt_tokens"] < 24


@pytest.mark.parametrize(
    "body",
    [
        {"messages": USER},
        {"messages": [*USER, {"role": "assistant", "content": ""}]},
        {
            "messages": [*USER, {"role": "assistant", "content": "{"}],
            "response_format": {"type": "json_object"},
        },
    ],
)
async def test_what_cannot_go_on_is_refused(transport: Transport, body: dict[str, Any]) -> None:
    status, answer = await post(transport, "/v1/chat/completions", continue_final_message=True, **body)
    assert (status, answer["error"]["param"]) == (400, "continue_final_message")
