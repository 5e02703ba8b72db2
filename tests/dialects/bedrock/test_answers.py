"""Whole answers of Converse as chat. The fixtures are what AWS's own types allow."""

from typing import Any

import pytest
from hypothesis import given

from outrider.dialects.bedrock import content
from outrider.dialects.bedrock.answers import to_chat
from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT, family
from tests.dialects.bedrock import turns
from tests.dialects.bedrock.aws import check_answer, fixture

NAMES = ["answer_text", "answer_thinking_tools", "answer_citations", "answer_guardrail"]


@pytest.mark.parametrize("name", NAMES)
def test_the_fixtures_are_what_aws_sends(name: str) -> None:
    check_answer(fixture(name))


def test_text_and_counts() -> None:
    chat = to_chat(fixture("answer_text"), id="42", model="anthropic.claude-opus-4-8")
    assert (chat["id"], chat["object"], chat["model"]) == (
        "chatcmpl-42",
        "chat.completion",
        "anthropic.claude-opus-4-8",
    )
    assert chat["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "The capital of Italy is **Rome**. ☀"},
            "logprobs": None,
            "finish_reason": "stop",
            "native_finish_reason": "end_turn",
        }
    ]
    assert chat["usage"] == {
        "prompt_tokens": 2581,
        "completion_tokens": 12,
        "total_tokens": 2593,
        "prompt_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 512},
    }
    assert chat["service_tier"] == "default"


def test_long_lived_cache_writes_are_told_apart() -> None:
    said = {"usage": {"inputTokens": 1, "outputTokens": 1, "cacheWriteInputTokens": 30}}
    said["usage"]["cacheDetails"] = [{"ttl": "1h", "inputTokens": 20}, {"ttl": "5m", "inputTokens": 10}]  # type: ignore[assignment]
    details = to_chat(said)["usage"]["prompt_tokens_details"]
    assert details == {"cached_tokens": 0, "cache_write_tokens": 30, "cache_write_1h_tokens": 20}


def test_thoughts_and_calls() -> None:
    (choice,) = to_chat(fixture("answer_thinking_tools"))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    message = choice["message"]
    assert message["content"] == "I look them up."
    assert message["reasoning_content"] == "Two cities: I ask for both."
    assert message["reasoning_details"] == [
        {
            "type": "reasoning.text",
            "text": "Two cities: I ask for both.",
            "signature": "EqQBCkYIBxgCKkBsaWduYXR1cmU=",
            "format": CLAUDE_FORMAT,
            "index": 0,
        },
        {"type": "reasoning.encrypted", "data": "EmgIARIMcmVkYWN0ZWQ=", "format": CLAUDE_FORMAT, "index": 1},
    ]
    assert [(call["id"], call["type"], call["function"]) for call in message["tool_calls"]] == [
        ("tooluse_hbTgdi0CSLq_hM4P8csZJA", "function", {"name": "weather", "arguments": '{"city":"Oslo"}'}),
        ("tooluse_xXc5o2mLRo6nPb1yJX7g9w", "function", {"name": "weather", "arguments": '{"city":"Rome","days":2}'}),
    ]


def test_citations() -> None:
    (choice,) = to_chat(fixture("answer_citations"))["choices"]
    message = choice["message"]
    text = message["content"]
    assert text == "From the document: the grass is green and the sky is blue."
    own, web = message["annotations"]
    assert own["citation"]["format"] == CLAUDE_FORMAT
    assert text[own["citation"]["start_index"] : own["citation"]["end_index"]] == "the grass is green"
    assert (own["citation"]["type"], own["citation"]["end_char_index"]) == ("char_location", 20)
    assert web == {
        "type": "url_citation",
        "url_citation": {"url": "https://sky.example/blue", "title": "Sky", "start_index": 42, "end_index": 57},
    }


def test_a_guardrail_that_stepped_in() -> None:
    chat = to_chat(fixture("answer_guardrail"))
    (choice,) = chat["choices"]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("content_filter", "guardrail_intervened")
    assert (
        choice["safety_ratings"]["inputAssessment"]["3o06191495ze"]["topicPolicy"]["topics"][0]["name"] == "Investing"
    )
    assert chat["model"].endswith("us.anthropic.claude-haiku-4-5-20251001-v1:0")
    assert choice["provider_metadata"]["promptRouter"] == {"invokedModelId": chat["model"]}


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("content_filtered", "content_filter"),
        ("malformed_tool_use", "stop"),
        ("something_new", "stop"),
    ],
)
def test_why_it_ended(reason: str, finish: str) -> None:
    (choice,) = to_chat({"stopReason": reason, "additionalModelResponseFields": {"stop_sequence": "END"}})["choices"]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == (finish, reason)
    assert choice.get("stop_sequence") == ("END" if reason == "stop_sequence" else None)


def test_pictures_and_what_bedrocks_own_tools_did() -> None:
    server = {"toolUse": {"toolUseId": "s", "name": "nova_grounding", "input": {"q": 1}, "type": "server_tool_use"}}
    result = {"toolResult": {"toolUseId": "s", "content": [{"text": "found"}], "type": "nova_grounding_result"}}
    picture = {"image": {"format": "jpeg", "source": {"bytes": "AAAA"}}}
    said = {"output": {"message": {"content": [server, result, picture, {"text": "See."}]}}, "stopReason": "end_turn"}
    message = to_chat(said)["choices"][0]["message"]
    assert message["images"] == [{"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}}]
    assert message["provider_items"] == [
        {"format": OWN_FORMAT, "index": 0, "block": server},
        {"format": OWN_FORMAT, "index": 1, "block": result},
    ]
    back = content.spoken(message, "", content.Heard(family("amazon.nova-2-lite-v1:0")))
    assert back[:2] == [server, result]


@given(turns.answers())
def test_an_answer_goes_back_as_it_came(answer: dict[str, Any]) -> None:
    message = to_chat(answer)["choices"][0]["message"]
    assert content.spoken(message, "", content.Heard(family("claude"))) == answer["output"]["message"]["content"]


@pytest.mark.parametrize(
    ("said", "format"),
    [
        ({"reasoningText": {"text": "a"}}, OWN_FORMAT),
        ({"reasoningText": {"text": "a", "signature": "b"}}, CLAUDE_FORMAT),
        ({"redactedContent": "Z0FBQUFBQm4xMjM="}, OWN_FORMAT),
        ({"redactedContent": "EmgIARIM"}, CLAUDE_FORMAT),
    ],
)
def test_whose_a_thought_is(said: dict[str, Any], format: str) -> None:
    answer = {"output": {"message": {"content": [{"reasoningContent": said}]}}}
    assert to_chat(answer)["choices"][0]["message"]["reasoning_details"][0]["format"] == format
