"""Callers of chat and of Anthropic's language at a Claude behind Bedrock, signed with AWS's credentials."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import botocore.auth
import botocore.awsrequest
import pytest
from botocore.credentials import Credentials

from outrider.testing.running import Running, running
from outrider.testing.speaking import Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Call

PROFILE = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6"
CONFIG = """
embedded: {{enabled: false}}
providers:
  bedrock: {{base_url: "{url}", models: ["anthropic.claude-sonnet-4-6", "{profile}", "meta.llama4"]}}
routes:
  claude: {{deployments: ["bedrock/anthropic.claude-sonnet-4-6"], retries: 0}}
  llama: {{deployments: ["bedrock/meta.llama4"], retries: 0}}
  profile: {{deployments: ["bedrock/{profile}"], retries: 0}}
"""
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ASKED = {
    "model": "claude",
    "max_tokens": 50,
    "messages": [{"role": "user", "content": "scripted:text=Good morning."}],
}


class House:
    def __init__(self, outrider: Running, provider: SpeakingProvider, origin: str) -> None:
        self.outrider, self.provider, self.origin = outrider, provider, origin

    def ask(self, path: str = "/v1/chat/completions", **fields: Any) -> bytes:
        headers = {"authorization": f"Bearer {self.outrider.key}"}
        request = urllib.request.Request(self.outrider.url + path, json.dumps({**ASKED, **fields}).encode(), headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            body: bytes = answer.read()
        return body


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    provider = SpeakingProvider()
    with pytest.MonkeyPatch.context() as patch, speaking_thread(provider) as url:
        origin = url.removesuffix("/v1")
        for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("REGION", "eu-west-1")):
            patch.setenv(f"AWS_{name}", value)
        for name in ("AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        config = CONFIG.format(url=origin, profile=PROFILE)
        with running(config, tmp_path_factory.mktemp("home")) as outrider:
            yield House(outrider, provider, origin)


def test_a_whole_answer(house: House) -> None:
    said = json.loads(house.ask())
    assert said["choices"][0]["message"]["content"] == "Good morning."
    assert (said["model"], said["choices"][0]["finish_reason"]) == ("anthropic.claude-sonnet-4-6", "stop")
    assert said["usage"]["total_tokens"] > 0


def test_a_stream(house: House) -> None:
    events = house.ask(stream=True).decode().split("\n\n")
    assert events[-2] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks) == "Good morning."
    assert {c["model"] for c in chunks} == {"anthropic.claude-sonnet-4-6"}


def test_anthropics_callers(house: House) -> None:
    said = json.loads(house.ask("/v1/messages"))
    assert (said["content"][0]["text"], said["stop_reason"]) == ("Good morning.", "end_turn")
    assert b"event: message_stop" in house.ask("/v1/messages", stream=True)


@pytest.mark.parametrize("model", ["claude", "profile"])
def test_the_signature_is_that_of_what_was_sent(house: House, model: str) -> None:
    """AWS makes the signature again from what it got: method, path as it came, signed headers and body."""
    house.ask(model=model)
    heard = house.provider.heard[-1]
    given = heard.headers["authorization"]
    signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert signed == ["content-type", "host", "x-amz-date"]
    again = botocore.awsrequest.AWSRequest(
        "POST", house.origin + heard.path, {n: heard.headers[n] for n in signed}, heard.body
    )
    again.context["timestamp"] = heard.headers["x-amz-date"]
    signer = botocore.auth.SigV4Auth(Credentials(KEY, SECRET), "bedrock", "eu-west-1")
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    assert given.endswith(f"Signature={signature}")
    if model == "profile":
        assert heard.path == f"/model/{quote(PROFILE, safe='')}/converse"
        assert heard.ask.model == PROFILE


def test_what_converse_cannot_be_told_is_refused_or_named(house: House) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        house.ask(seed=7)
    said = json.loads(caught.value.read())
    assert (caught.value.code, said["error"]["code"], said["error"]["lost"]) == (400, "cannot_be_expressed", ["seed"])


def test_one_tool_at_a_time_also_where_nobody_can_be_told_so(house: House) -> None:
    house.provider.scenes["two"] = lambda language, ask: Reply(
        (Call("c1", "f", {"a": 1}), Call("c2", "f", {"a": 2})), finish="tool_calls"
    )
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    asked = {"model": "llama", "tools": [tool], "messages": [{"role": "user", "content": "scene:two"}]}
    for parallel, ids in ((True, ["c1", "c2"]), (False, ["c1"])):
        message = json.loads(house.ask(**asked, parallel_tool_calls=parallel))["choices"][0]["message"]
        assert [call["id"] for call in message["tool_calls"]] == ids
        events = house.ask(**asked, parallel_tool_calls=parallel, stream=True).decode().split("\n\n")[:-2]
        deltas = [json.loads(event.removeprefix("data: "))["choices"][0]["delta"] for event in events]
        assert [call["id"] for d in deltas for call in d.get("tool_calls", ()) if "id" in call] == ids


def test_an_endpoint_that_converse_is_not(house: House) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        house.ask("/v1/embeddings", input="a")
    assert caught.value.code == 400
    assert "embeddings" in json.loads(caught.value.read())["error"]["message"]


HI: dict[str, Any] = {"role": "user", "content": "hi"}
ODD: list[tuple[str, dict[str, Any]]] = [
    ("/v1/chat/completions", {"messages": [HI, {**HI, "role": "assistant", "provider_items": -1}, HI]}),
    ("/v1/messages/count_tokens", {"metadata": 3}),
]


@pytest.mark.parametrize(("path", "fields"), ODD)
def test_a_request_of_an_odd_form_is_the_callers_fault(house: House, path: str, fields: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        house.ask(path, **fields)
    said = json.loads(refused.value.read())
    refused.value.close()
    assert (refused.value.code, said["error"]["code"]) == (400, "invalid_value")
