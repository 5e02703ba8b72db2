"""The response cache as callers meet it: the same bytes in the same pieces, one call for many, and what is not kept."""

import asyncio
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from openai import AsyncOpenAI

from tests.gateway.conftest import House

Answer = tuple[int, dict[str, str], bytes]


def ask(house: House, text: str, model: str = "cached", control: str = "", key: str = "", **fields: Any) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=20)
    headers = {"authorization": f"Bearer {key or house.key}"}
    if control:
        headers["cache-control"] = control
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **fields})
    connection.request("POST", "/v1/chat/completions", body, headers)
    response = connection.getresponse()
    answer = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    connection.close()
    return answer


def chunks(house: House, text: str) -> tuple[str, list[bytes]]:
    """The cache's word, and the HTTP chunks of a streamed answer as they stand on the wire."""
    connection = http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=20)
    body = json.dumps({"model": "cached", "stream": True, "messages": [{"role": "user", "content": text}]})
    connection.request("POST", "/v1/chat/completions", body, {"authorization": f"Bearer {house.key}"})
    response = connection.getresponse()
    said, found = response.headers["x-outrider-cache"], list[bytes]()
    assert response.fp is not None
    while size := int(response.fp.readline(), 16):
        found.append(response.fp.read(size))
        response.fp.readline()
    connection.close()
    return said, found


def test_a_plain_answer_is_given_again(house: House) -> None:
    first, second = ask(house, "plain"), ask(house, "plain")
    assert (first[1]["x-outrider-cache"], second[1]["x-outrider-cache"]) == ("miss", "hit")
    assert first[2] == second[2]
    assert first[1]["x-request-id"] != second[1]["x-request-id"]
    assert house.seen(completed=1)["chat"] == 1
    run = house.run(second[1]["x-request-id"])
    assert (run.cache, run.cost) == ("hit", 0)
    assert [(step.kind, step.attrs["result"]) for step in run.steps] == [("cache", "hit")]
    assert run.steps[0].attrs["run"] == first[1]["x-request-id"]


def test_a_stream_is_given_again_in_the_same_pieces(house: House) -> None:
    text = "scripted:chunks=6,gap=0.02"
    (first, live), (second, again) = chunks(house, text), chunks(house, text)
    assert (first, second) == ("miss", "hit")
    assert live == again
    assert len(live) >= 6
    assert again[-1].endswith(b"data: [DONE]\n\n")


def test_who_asks_does_not_count_but_the_project_does(house: House) -> None:
    first = ask(house, "who", user="a", metadata={"k": "v"})
    second = ask(house, "who", user="b", temperature=None)
    other = ask(house, "who", key=house.outrider.new_key("elsewhere"))
    assert [a[1]["x-outrider-cache"] for a in (first, second, other)] == ["miss", "hit", "miss"]


@pytest.mark.parametrize(
    "text", ["scripted:status=500", "scripted:finish=length", "scripted:malformed", "scripted:finish=content_filter"]
)
def test_errors_and_truncated_answers_are_not_kept(house: House, text: str) -> None:
    ask(house, text, control="max-age=100")
    assert ask(house, text)[1]["x-outrider-cache"] != "hit"


def test_a_stream_that_broke_is_not_kept(house: House) -> None:
    text = "scripted:chunks=5,cut=3"
    chunks(house, text)
    assert chunks(house, text)[0] == "miss"


def test_the_callers_controls(house: House) -> None:
    assert ask(house, "ctl", control="only-if-cached")[0] == 504
    assert ask(house, "ctl", control="no-store")[1]["x-outrider-cache"] == "off"
    assert ask(house, "ctl")[1]["x-outrider-cache"] == "miss"
    assert ask(house, "ctl", control="only-if-cached")[1]["x-outrider-cache"] == "hit"
    assert ask(house, "ctl", control="no-cache")[1]["x-outrider-cache"] == "miss"
    assert ask(house, "ctl", control="max-age=0")[1]["x-outrider-cache"] == "miss"
    assert ask(house, "ctl", cache={"namespace": "other"})[1]["x-outrider-cache"] == "miss"
    assert ask(house, "ctl", cache={"no-store": True})[1]["x-outrider-cache"] == "off"
    refused = ask(house, "ctl", cache={"ttl": "long"})
    assert (refused[0], json.loads(refused[2])["error"]["param"]) == (400, "cache.ttl")


def test_a_caller_may_ask_for_the_cache_where_the_route_has_none(house: House) -> None:
    assert ask(house, "own", model="plain")[1]["x-outrider-cache"] == "off"
    assert ask(house, "own", model="plain", cache={"ttl": 30})[1]["x-outrider-cache"] == "miss"
    assert ask(house, "own", model="plain", cache={"ttl": 30})[1]["x-outrider-cache"] == "hit"
    assert "cache" not in house.seen()["last"]


@pytest.mark.parametrize("stream", [True, False])
async def test_concurrent_identical_misses_make_one_call(house: House, stream: bool) -> None:
    async with AsyncOpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as client:
        messages: Any = [{"role": "user", "content": f"scripted:delay=0.3,text=one for all {stream}"}]

        async def one() -> str:
            if not stream:
                answer = await client.chat.completions.create(model="cached", messages=messages)
                return answer.choices[0].message.content or ""
            chunks = await client.chat.completions.create(model="cached", messages=messages, stream=True)
            return "".join([c.choices[0].delta.content or "" async for c in chunks])

        assert set(await asyncio.gather(*(one() for _ in range(20)))) == {f"one for all {stream}"}
    assert (await asyncio.to_thread(house.seen, completed=1))["chat"] == 1


async def test_when_the_first_caller_leaves_another_goes_on(house: House) -> None:
    async with AsyncOpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0) as client:
        messages: Any = [{"role": "user", "content": "scripted:delay=0.5,text=in its place"}]

        def start() -> asyncio.Task[Any]:
            return asyncio.create_task(client.chat.completions.create(model="cached", messages=messages))

        first = start()
        await asyncio.to_thread(house.seen, chat=1)
        second = start()
        await asyncio.sleep(0.1)
        first.cancel()
        assert (await second).choices[0].message.content == "in its place"
    assert (await asyncio.to_thread(house.seen, completed=1, cancelled=1))["chat"] == 2
