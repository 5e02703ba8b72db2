"""Callers that do not speak chat, through a whole Outrider: what is lost is refused or named, streams go on."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from outrider.journal.read import list_steps
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat, "scripted:cut=12"]}}
  other: {{preset: scripted, base_url: "{url}", models: [scripted-chat]}}
  knowing: {{preset: vllm, base_url: "{url}", models: ["scripted:status=500"]}}
routes:
  plain: {{deployments: [scripted/scripted-chat], retries: 0}}
  easy: {{deployments: [scripted/scripted-chat], lossy: allow}}
  two: {{deployments: ["scripted/scripted:cut=12", other/scripted-chat], retries: 0}}
  kept: {{deployments: [scripted/scripted-chat], cache: {{ttl: 1h}}}}
  fails: {{deployments: ["knowing/scripted:status=500", scripted/scripted-chat], retries: 0}}
budgets: {{scarce: {{calls: 1, window: lifetime, match: {{tag: scarce}}}}}}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        scripted_thread(ScriptedProvider()) as url,
        running(CONFIG.format(url=url), tmp_path_factory.mktemp("home")) as outrider,
    ):
        yield outrider


def ask(house: Running, route: str, text: str = "hello", *headers: str, **fields: Any) -> tuple[int, Any, bytes]:
    """Status, headers and body of an answer in Anthropic's language."""
    body = {"model": route, "max_tokens": 400, "messages": [{"role": "user", "content": text}], **fields}
    request = urllib.request.Request(f"{house.url}/v1/messages", json.dumps(body).encode(), {"x-api-key": house.key})
    for header in headers:
        request.add_header(*header.split(": "))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def said(stream: bytes) -> str:
    """The text of a stream in Anthropic's language."""
    events = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith(b"data: ")]
    return "".join(e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta")


def test_what_cannot_be_said_is_refused(house: Running) -> None:
    status, _, body = ask(house, "plain", top_k=5)
    error = json.loads(body)["error"]
    assert (status, error["code"], error["lost"]) == (400, "cannot_be_expressed", ["top_k"])


@pytest.mark.parametrize(("route", "headers"), [("plain", ["x-outrider-lossy: allow"]), ("easy", [])])
def test_or_left_out_and_named(house: Running, route: str, headers: list[str]) -> None:
    status, head, _ = ask(house, route, "hello", *headers, top_k=5)
    assert (status, head["x-outrider-lost"]) == (200, "top_k")
    [step] = list_steps(house.store(), UUID(head["x-request-id"]).bytes)
    assert step.attrs["lost"] == ["top_k"]


def test_a_caller_may_insist_where_the_route_allows(house: Running) -> None:
    status, _, _ = ask(house, "easy", "hello", "x-outrider-lossy: refuse", top_k=5)
    assert status == 400


def test_a_stream_that_breaks_goes_on_in_the_same_language(house: Running) -> None:
    status, _, stream = ask(house, "two", "scripted:words=30,key=v1", stream=True)
    whole = json.loads(ask(house, "plain", "scripted:words=30,key=v1")[2])["content"][0]["text"]
    assert status == 200
    assert said(stream) == whole
    assert stream.count(b"event: message_start") == stream.count(b"event: message_stop") == 1


def test_a_stream_that_cannot_go_on_ends_with_an_error_in_the_same_language(house: Running) -> None:
    status, _, stream = ask(house, "plain", "scripted:words=30,cut=12", stream=True)
    assert status == 200
    last = stream.decode().strip().split("\n\n")[-1]
    assert last.startswith("event: error")
    assert json.loads(last.partition("data: ")[2])["type"] == "error"


def test_kept_answers_are_given_again_byte_for_byte(house: Running) -> None:
    first, second = (ask(house, "kept", "keep me", stream=True) for _ in range(2))
    assert (first[1]["x-outrider-cache"], second[1]["x-outrider-cache"]) == ("miss", "hit")
    assert first[2] == second[2]


def test_an_idempotency_key_gives_the_same_bytes(house: Running) -> None:
    first, second = (ask(house, "plain", "once", "idempotency-key: k1") for _ in range(2))
    assert first[2] == second[2]
    assert second[1]["idempotency-replayed"] == "true"


def gemini(house: Running, how: str, **headers: str) -> tuple[Any, bytes]:
    """Headers and body of a stream in Google's language."""
    said = {"contents": [{"role": "user", "parts": [{"text": "again"}]}]}
    url = f"{house.url}/v1beta/models/plain:streamGenerateContent{how}"
    head = {"x-goog-api-key": house.key, **headers}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(said).encode(), head), timeout=20) as answer:
        return answer.headers, answer.read()


@pytest.mark.parametrize(("how", "kind"), [("", "application/json"), ("?alt=sse", "text/event-stream")])
def test_a_replayed_stream_is_of_the_kind_that_it_was(house: Running, how: str, kind: str) -> None:
    first, second = (gemini(house, how, **{"idempotency-key": f"kind{how}"}) for _ in range(2))
    assert second[0]["idempotency-replayed"] == "true"
    assert (first[1], first[0]["content-type"].split(";")[0]) == (second[1], second[0]["content-type"].split(";")[0])
    assert second[0]["content-type"].startswith(kind)


def test_what_nobody_could_be_asked_is_no_call(house: Running) -> None:
    """A deployment that cannot be told all of a request was not asked: an earlier one's failure is the answer."""
    status, _, body = ask(house, "fails", top_k=5)
    assert (status, json.loads(body)["error"]["type"]) == (502, "api_error")
    limited = house.new_key("default")
    for _ in range(3):
        ask(house, "plain", "hello", f"x-api-key: {limited}", "x-outrider-tags: scarce", top_k=5)
    assert ask(house, "plain", "hello", f"x-api-key: {limited}", "x-outrider-tags: scarce")[0] == 200
