"""The official `openai` Python client, unmodified, against a whole Outrider in front of a scripted provider."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.gateway.conftest import House

HELLO: Any = [{"role": "user", "content": "hello"}]
LOOK: Any = [
    {
        "type": "function",
        "function": {"name": "look", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}},
    }
]


@pytest.fixture
def client(house: House) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0, timeout=20) as client:
        yield client


def say(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_a_plain_answer_is_the_providers_own(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="plain", messages=HELLO, temperature=0.5, extra_body={"vendor_field": {"x": 1}}
    )
    answer = raw.parse()
    assert answer.choices[0].message.content == "This is a scripted answer."
    assert answer.usage is not None
    assert answer.usage.total_tokens == 6
    assert answer.model_extra is not None
    assert answer.model_extra["scripted"] is True  # an unknown field of the answer reaches the caller
    sent = house.seen(completed=1)["last"]
    assert sent["vendor_field"] == {"x": 1}  # an unknown field of the request reaches the provider
    assert sent["model"] == "scripted-chat"
    run = house.run(raw.headers["x-request-id"])
    assert (run.status, run.http_status, run.route, run.stream) == ("ok", 200, "plain", False)
    assert run.usage is not None
    assert (run.usage.input, run.usage.output) == (1, 5)
    assert [step.kind for step in run.steps] == ["model"]
    for name in ("x-outrider-cost", "x-outrider-overhead-ms", "x-outrider-cache"):
        assert name in raw.headers


def test_a_call_is_priced_to_the_nano_dollar(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="plain", messages=HELLO)
    run = house.run(raw.headers["x-request-id"])
    assert run.cost == 1 * 2500 + 5 * 10_000  # one token in, five out, in nano-dollars
    assert raw.headers["x-outrider-cost"] == "0.0000525"
    assert run.steps[0].price is not None
    assert (run.steps[0].cost, run.steps[0].price.source) == (run.cost, "config")


def test_a_stream_comes_in_the_providers_chunks(client: OpenAI, house: House) -> None:
    stream = client.chat.completions.create(model="plain", messages=say("scripted:chunks=7"), stream=True)
    chunks = list(stream)
    run = house.run(stream.response.headers["x-request-id"])
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "word0 word1 word2 word3 word4 word5 word6"
    assert [c.usage for c in chunks] == [None] * 9
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert run.stream
    assert run.usage is not None  # counted although the caller did not ask
    assert (run.usage.output, run.usage.estimated) == (7, False)
    assert run.ttft > 0


def test_include_usage_adds_the_last_chunk(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="plain", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 6


@pytest.mark.parametrize("how", ["split=7", "merge", "crlf", "slow-headers=0.01"])
def test_a_stream_arrives_whole_however_it_was_cut(client: OpenAI, how: str) -> None:
    stream = client.chat.completions.create(model="plain", messages=say(f"scripted:{how},text=naïve 東京"), stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in stream) == "naïve 東京"


def test_tools_plain_and_streamed(client: OpenAI) -> None:
    messages = say("scripted:tool=look")
    answer = client.chat.completions.create(model="plain", messages=messages, tools=LOOK, tool_choice="auto")
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert (calls[0].function.name, json.loads(calls[0].function.arguments)) == ("look", {"q": "text"})
    arguments = ""
    for chunk in client.chat.completions.create(model="plain", messages=messages, tools=LOOK, stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            assert call.function is not None
            arguments += call.function.arguments or ""
    assert json.loads(arguments) == {"q": "text"}
    result: Any = {"role": "tool", "tool_call_id": calls[0].id, "content": "42"}
    assistant: Any = answer.choices[0].message.model_dump(exclude_none=True)
    answer = client.chat.completions.create(model="plain", messages=[*messages, assistant, result], tools=LOOK)
    assert answer.choices[0].message.content == "The tool said: 42"


def test_structured_output_is_parsed_by_the_client(client: OpenAI) -> None:
    from pydantic import BaseModel

    class Trip(BaseModel):
        city: str
        days: int

    parsed = client.chat.completions.parse(model="plain", messages=HELLO, response_format=Trip)
    assert parsed.choices[0].message.parsed == Trip(city="text", days=0)


def test_n_stop_and_limits_reach_the_provider(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="plain", messages=say("scripted:text=a b c"), n=3, stop=["c"])
    assert [c.message.content for c in answer.choices] == ["a b "] * 3
    answer = client.chat.completions.create(model="plain", messages=say("scripted:chunks=9"), max_completion_tokens=2)
    assert answer.choices[0].finish_reason == "length"


def test_images_pass_through_untouched(client: OpenAI, house: House) -> None:
    url = "data:image/png;base64," + "A" * 400_000
    parts = [{"type": "text", "text": "what is it?"}, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]
    client.chat.completions.create(model="plain", messages=[{"role": "user", "content": parts}])  # type: ignore[list-item,misc]
    assert house.seen(completed=1)["last"]["messages"][0]["content"] == parts


def test_a_large_answer_comes_whole(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="plain", messages=say("scripted:size=3000000"))
    assert len(answer.choices[0].message.content or "") == 3_000_000


def test_embeddings(client: OpenAI, house: House) -> None:
    raw = client.embeddings.with_raw_response.create(
        model="scripted/scripted-embedding", input=["a", "b"], dimensions=4
    )
    answer = raw.parse()
    assert [len(row.embedding) for row in answer.data] == [4, 4]
    assert sum(x * x for x in answer.data[0].embedding) == pytest.approx(1, rel=1e-5)
    run = house.run(raw.headers["x-request-id"])
    assert (run.name, run.usage.input if run.usage else None) == ("embeddings", 2)


def test_models(client: OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert {"plain", "once", "spare"} <= names
    assert client.models.retrieve("plain").id == "plain"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("plian")


@pytest.mark.parametrize(
    ("command", "kind", "status"),
    [
        ("status=400", openai.BadRequestError, 400),
        ("status=404", openai.NotFoundError, 404),
        ("status=409", openai.ConflictError, 409),
        ("status=422", openai.UnprocessableEntityError, 422),
        ("status=429", openai.RateLimitError, 429),
        ("status=500", openai.InternalServerError, 502),
        ("status=503", openai.InternalServerError, 503),
        ("status=401", openai.InternalServerError, 502),  # the provider refused our key, not the caller's
        ("html", openai.InternalServerError, 502),
        ("malformed", openai.InternalServerError, 502),
        ("error-in-200", openai.InternalServerError, 502),
        ("wrong-length", openai.InternalServerError, 502),
        ("reset", openai.InternalServerError, 502),
        ("cut=1", openai.InternalServerError, 502),
    ],
)
def test_a_providers_failure_is_the_right_exception(
    client: OpenAI, house: House, command: str, kind: type[openai.APIStatusError], status: int
) -> None:
    with pytest.raises(kind) as caught:
        client.chat.completions.create(model="once", messages=say(f"scripted:{command}"))
    assert caught.value.status_code == status
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    run = house.run(caught.value.response.headers["x-request-id"])
    assert (run.status, run.http_status) == ("error", status)
    assert run.error
    assert [step.status for step in run.steps] == ["error"]


BROKEN = ["cut=3", "error-in-200", "malformed"]


@pytest.mark.parametrize("command", BROKEN)
def test_a_stream_that_breaks_raises(client: OpenAI, command: str) -> None:
    stream = client.chat.completions.create(model="once", messages=say(f"scripted:chunks=9,{command}"), stream=True)
    with pytest.raises((openai.APIError, ValueError)):
        list(stream)


@pytest.mark.parametrize("command", BROKEN)
def test_a_stream_that_breaks_is_recorded_as_an_error(client: OpenAI, house: House, command: str) -> None:
    messages = say(f"scripted:chunks=9,{command}")
    streaming = client.chat.completions.with_streaming_response.create(model="once", messages=messages, stream=True)
    with streaming as answer:
        received = answer.read()
    assert b'"error"' in received.split(b"\n\n")[-2]
    run = house.run(answer.headers["x-request-id"])
    assert (run.status, run.stream) == ("error", True)


@pytest.mark.parametrize("command", ["html", "status=500", "reset"])
def test_a_stream_that_never_begins_is_a_plain_error(client: OpenAI, command: str) -> None:
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="once", messages=say(f"scripted:{command}"), stream=True)


def test_a_provider_that_does_not_answer_is_a_504(client: OpenAI, house: House) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="hasty", messages=say("scripted:delay=30"))
    assert caught.value.status_code == 504
    house.seen(cancelled=1)  # the provider was told


def test_mistakes_of_the_caller(client: OpenAI, house: House) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="plain", messages=[{"role": "boss", "content": "x"}])  # type: ignore[list-item,misc]
    assert caught.value.param == "messages[0].role"
    with pytest.raises(openai.NotFoundError, match="plain") as unknown:
        client.chat.completions.create(model="plian", messages=HELLO)
    assert unknown.value.code == "model_not_found"
    assert house.run(unknown.value.response.headers["x-request-id"]).status == "error"
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-or-0000000000000000-wrong").chat.completions.create(
            model="plain", messages=HELLO
        )
    assert house.provider.counts["requests"] == 0


def test_the_client_retries_after_429_as_told(client: OpenAI, house: House) -> None:
    patient = client.with_options(max_retries=2)
    messages = say("scripted:fail-times=1,status=429,retry-after=0")
    assert patient.chat.completions.create(model="once", messages=messages).choices
    assert house.seen(completed=1)["chat"] == 2


def test_outrider_retries_so_that_the_client_need_not(client: OpenAI, house: House) -> None:
    messages = say("scripted:fail-times=2,status=503,retry-after=0")
    raw = client.chat.completions.with_raw_response.create(model="plain", messages=messages)
    assert raw.parse().choices
    run = house.run(raw.headers["x-request-id"])
    assert [step.status for step in run.steps] == ["error", "error", "ok"]


def test_the_next_deployment_answers_when_the_first_cannot(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="spare", messages=HELLO)
    assert raw.parse().choices
    run = house.run(raw.headers["x-request-id"])
    assert [(step.name, step.status) for step in run.steps] == [
        ("closed/nobody", "error"),
        ("scripted/scripted-chat", "ok"),
    ]


def test_leaving_a_stream_stops_the_provider(client: OpenAI, house: House) -> None:
    stream = client.chat.completions.create(model="plain", messages=say("scripted:endless,gap=0.01"), stream=True)
    next(iter(stream))
    stream.close()
    house.seen(cancelled=1)


async def test_cancelling_a_request_stops_the_provider(house: House) -> None:
    async with AsyncOpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as client:
        asking = asyncio.create_task(client.chat.completions.create(model="plain", messages=say("scripted:delay=60")))
        await asyncio.to_thread(house.seen, chat=1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.to_thread(house.seen, cancelled=1)


async def test_many_at_once(house: House) -> None:
    async with AsyncOpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as client:

        async def one(number: int) -> str:
            text = f"scripted:gap=0.001,text=answer {number}"
            if number % 2:
                answer = await client.chat.completions.create(model="plain", messages=say(text))
                return answer.choices[0].message.content or ""
            stream = await client.chat.completions.create(model="plain", messages=say(text), stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        assert await asyncio.gather(*(one(i) for i in range(60))) == [f"answer {i}" for i in range(60)]
