"""What an OpenAI-compatible provider is asked, for callers of chat and of other languages."""

import json
from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.base.ports import Deployment, WireRequest
from outrider.providers import openai

ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


class Nowhere:
    async def send(self, request: WireRequest) -> Any:
        raise AssertionError("nothing is sent")

    async def close(self) -> None: ...


def at(**rest: Any) -> Deployment:
    return Deployment("p/llama", "p", "llama", "openai", Nowhere(), {"chat": "/c", "embeddings": "/e"}, **rest)


def asked(
    fields: dict[str, Any], deployment: Deployment, *, stream: bool = False, pivot: bool = True
) -> dict[str, Any]:
    body = json.dumps({**ASK, **fields}).encode()
    encode = openai.encode_pivot if pivot else openai.encode
    wire = encode(deployment, "chat", body, "m", stream=stream, wants_usage=True)
    made: dict[str, Any] = json.loads(wire.body)
    assert made.pop("model") == "llama"
    assert made.pop("messages") == ASK["messages"]
    return made


@pytest.mark.parametrize(
    ("limit", "said"),
    [("", "max_tokens"), ("max_tokens", "max_tokens"), ("max_completion_tokens", "max_completion_tokens")],
)
def test_the_limit_has_the_name_that_the_vendor_knows(limit: str, said: str) -> None:
    assert asked({"max_tokens": 5}, at(limit=limit)) == {said: 5}
    assert asked({"max_completion_tokens": 5, "max_tokens": 3}, at(limit=limit)) == {said: 5}


def test_the_limit_of_a_caller_of_chat_is_renamed_only_where_it_must_be() -> None:
    fields = {"max_completion_tokens": 5}
    assert asked(fields, at(limit="max_tokens"), pivot=False) == {"max_tokens": 5}
    assert asked({"max_completion_tokens": None, "max_tokens": 3}, at(limit="max_tokens"), pivot=False) == {
        "max_tokens": 3
    }
    assert asked(fields, at(), pivot=False) == fields


def test_usage_in_streams_where_the_vendor_gives_it() -> None:
    assert asked({"stream": True}, at(), stream=True)["stream_options"] == {"include_usage": True}
    fields = {"stream": True, "stream_options": {"include_usage": True}}
    assert asked(fields, at(stream_usage=False), stream=True) == {"stream": True}


def test_what_the_vendor_does_not_know_is_named() -> None:
    body = json.dumps({**ASK, "top_k": 3}).encode()
    wire = openai.encode_pivot(at(), "chat", body, "m", stream=False, wants_usage=True)
    assert wire.lost == ["top_k"]
    wire = openai.encode_pivot(at(knows=frozenset({"top_k"})), "chat", body, "m", stream=False, wants_usage=True)
    assert wire.lost == []


def test_other_endpoints_have_no_other_language() -> None:
    body = b'{"model":"llama","input":"a"}'
    wire = openai.encode_pivot(at(), "embeddings", body, "llama", stream=False, wants_usage=True)
    assert (wire.path, wire.body) == ("/e", body)


def test_a_request_of_an_odd_form() -> None:
    body = json.dumps({**ASK, "reasoning": 5, "tools": [{"type": "x", "provider": 5}]}).encode()
    with pytest.raises(RequestError, match=r"'tools' has a form that cannot be translated|'tools.0.' has"):
        openai.encode_pivot(at(), "chat", body, "m", stream=False, wants_usage=True)
