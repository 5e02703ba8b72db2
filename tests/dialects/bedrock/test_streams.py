"""Streams of Converse as chat; each says what its whole twin says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.dialects.bedrock.answers import to_chat
from outrider.dialects.bedrock.families import OWN_FORMAT
from outrider.dialects.bedrock.streams import ToChat
from tests.dialects.bedrock.aws import fixture
from tests.dialects.bedrock.turns import answers, events, flat, gathered


def chunks(said: Any, model: str = "") -> list[dict[str, Any]]:
    stream = ToChat(model)
    out = [chunk for kind, event in said for chunk in stream.feed(kind, event)]
    assert stream.done
    return out


@given(answers(), st.integers(1, 9))
def test_a_stream_and_its_twin_agree(answer: dict[str, Any], size: int) -> None:
    assert gathered(chunks(events(answer, size))) == flat(to_chat(answer))


@pytest.mark.parametrize("name", ["thinking_tools", "citations"])
def test_the_fixtures_agree(name: str) -> None:
    assert gathered(chunks(fixture(f"stream_{name}"))) == flat(to_chat(fixture(f"answer_{name}")))


def test_every_chunk_is_one_of_chats() -> None:
    said = chunks(fixture("stream_thinking_tools"), "anthropic.claude-opus-4-8")
    assert {(c["object"], c["model"], c["id"]) for c in said} == {
        ("chat.completion.chunk", "anthropic.claude-opus-4-8", said[0]["id"])
    }
    assert said[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert said[-1]["choices"] == []
    assert said[-1]["usage"]["total_tokens"] == 529
    calls = [call for c in said[:-1] for call in c["choices"][0]["delta"].get("tool_calls", ())]
    assert [(call["index"], "id" in call) for call in calls] == [
        (0, True),
        (0, False),
        (0, False),
        (1, True),
        (1, False),
    ]


def test_a_call_without_arguments_has_an_empty_object() -> None:
    start = {"toolUse": {"toolUseId": "t", "name": "now"}}
    stream = ToChat()
    stream.feed("contentBlockStart", {"contentBlockIndex": 0, "start": start})
    assert stream.feed("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": ""}}}) == []
    (chunk,) = stream.feed("contentBlockStop", {"contentBlockIndex": 0})
    assert chunk["choices"][0]["delta"]["tool_calls"] == [{"index": 0, "function": {"arguments": "{}"}}]


def test_what_bedrocks_own_tools_did_comes_whole() -> None:
    use = {"toolUseId": "s", "name": "nova_grounding", "type": "server_tool_use"}
    said = [
        ("contentBlockStart", {"contentBlockIndex": 0, "start": {"toolUse": use}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": '{"q":'}}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"toolUse": {"input": "1}"}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockStart", {"contentBlockIndex": 1, "start": {"toolResult": {"toolUseId": "s", "type": "g"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolResult": [{"text": "a"}]}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"toolResult": [{"text": "b"}]}}),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        ("contentBlockStart", {"contentBlockIndex": 2, "start": {"image": {"format": "png"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"image": {"source": {"bytes": "AAAA"}}}}),
        ("contentBlockStop", {"contentBlockIndex": 2}),
        ("metadata", {}),
    ]
    message = gathered(chunks(said))["message"]
    result = {"toolUseId": "s", "type": "g", "content": [{"text": "a"}, {"text": "b"}]}
    assert message["provider_items"] == [
        {"format": OWN_FORMAT, "index": 0, "block": {"toolUse": {**use, "input": {"q": 1}}}},
        {"format": OWN_FORMAT, "index": 1, "block": {"toolResult": result}},
    ]
    assert message["images"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]


def test_what_a_guardrail_found_comes_with_the_last_event() -> None:
    said = gathered(
        chunks([("metadata", {"trace": {"guardrail": {"actionReason": "x"}}, "serviceTier": {"type": "flex"}})])
    )
    assert (said["safety_ratings"], said["service_tier"]) == ({"actionReason": "x"}, "flex")


def test_what_only_converse_says_about_an_answer() -> None:
    more = {"additionalModelResponseFields": {"stop_sequence": None, "/new": 1}}
    last = {"performanceConfig": {"latency": "optimized"}}
    said = [("messageStop", {"stopReason": "end_turn", **more}), ("metadata", last)]
    told = {"format": OWN_FORMAT, **more, **last}
    assert gathered(chunks(said))["provider_metadata"] == told
    assert to_chat({"stopReason": "end_turn", **more, **last})["choices"][0]["provider_metadata"] == told


def test_events_that_nobody_knows_say_nothing() -> None:
    assert ToChat().feed("somethingNew", {"a": 1}) == []
    assert ToChat().feed("contentBlockDelta", {"contentBlockIndex": 3, "delta": {"new": {}}}) == []


def test_an_exception_in_the_stream() -> None:
    with pytest.raises(UpstreamError) as caught:
        ToChat().feed("throttlingException", {"message": "Too many tokens"})
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("provider_rate_limited", 429, True)
