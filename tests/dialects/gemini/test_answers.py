"""Whole answers, as they come from Google, and answers of others as a Gemini caller gets them."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.base.errors import UpstreamError
from outrider.dialects import usage
from outrider.dialects.gemini.answers import from_chat, to_chat
from outrider.dialects.gemini.names import BROKEN, FINISH, FORMAT

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gemini"


def fixture(name: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return said


def test_text_with_thoughts() -> None:
    chat = to_chat(fixture("text"))
    assert chat["id"] == "mAitaLmkHPPlz7IPvtfUqQ4"
    assert chat["model"] == "gemini-2.5-flash"
    (choice,) = chat["choices"]
    assert choice["finish_reason"] == "stop"
    message = choice["message"]
    assert message["content"] == "An outrider rides beside the coach."
    assert message["reasoning_content"].startswith("**Comparing")
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "text": message["reasoning_content"], "format": FORMAT, "index": 0}
    ]
    counts = usage(chat["usage"])
    assert counts is not None
    assert (counts.input, counts.cached, counts.output, counts.reasoning) == (14, 6, 129, 121)
    assert chat["usage"]["total_tokens"] == 143


def test_calls_are_signed() -> None:
    (choice,) = to_chat(fixture("tools"))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["native_finish_reason"] == "STOP"
    first, second = choice["message"]["tool_calls"]
    assert first["id"] == "call_0_o8dqaf3HCuiF-sAPk7nUoQU"
    assert len(first["id"]) <= 40
    assert json.loads(first["function"]["arguments"]) == {"location": "Paris"}
    assert json.loads(second["function"]["arguments"]) == {"location": "London"}
    signature = "EqQBCqEBAdHtim8ze0Z5bGFyZ2VzaWduYXR1cmUrL2Jhc2U2ND0="
    assert first["thought_signature"] == signature
    assert "thought_signature" not in second
    assert "index" not in first
    assert choice["message"]["reasoning_details"] == [
        {"type": "reasoning.encrypted", "data": signature, "format": FORMAT, "id": first["id"], "index": 0}
    ]


def test_a_blocked_prompt_is_a_refusal() -> None:
    chat = to_chat(fixture("blocked"))
    (choice,) = chat["choices"]
    assert choice["finish_reason"] == "content_filter"
    assert choice["message"]["refusal"] == "The prompt was blocked (PROHIBITED_CONTENT)."
    assert choice["safety_ratings"][0]["blocked"]
    assert chat["usage"]["prompt_tokens"] == 12


def test_a_model_that_failed_gave_no_answer() -> None:
    with pytest.raises(UpstreamError, match="MALFORMED_FUNCTION_CALL") as failed:
        to_chat(fixture("malformed"))
    assert failed.value.retryable


def test_nothing_at_all_is_no_answer() -> None:
    with pytest.raises(UpstreamError, match="no reason"):
        to_chat({"usageMetadata": {"promptTokenCount": 3}, "modelVersion": "gemini-2.5-pro"})


@pytest.mark.parametrize("reason", [*FINISH, *sorted(BROKEN), "SOMETHING_NEW"])
def test_every_reason_with_some_text_ends_an_answer(reason: str) -> None:
    said = {"candidates": [{"content": {"parts": [{"text": "so"}]}, "finishReason": reason}]}
    (choice,) = to_chat(said)["choices"]
    assert choice["finish_reason"] in ("stop", "length", "content_filter")
    assert choice["native_finish_reason"] == reason
    assert from_chat(to_chat(said))["candidates"][0]["finishReason"] in (reason, "STOP")


def test_sources_are_annotations() -> None:
    chat = to_chat(fixture("grounded"))
    (choice,) = chat["choices"]
    text = choice["message"]["content"]
    cited = [note["url_citation"] for note in choice["message"]["annotations"]]
    said = [(text[one["start_index"] : one["end_index"]], one["title"]) for one in cited]
    assert said == [
        ("España ganó la Eurocopa 2024.", "aljazeera.com"),
        ("Derrotó a Inglaterra por 2-1.", "aljazeera.com"),
        ("Derrotó a Inglaterra por 2-1.", "uefa.com"),
    ]
    assert chat["usage"]["prompt_tokens"] == 9 + 87, "what a search brought was read too"


def test_logprobs() -> None:
    chat = to_chat(fixture("logprobs"))
    assert chat["created"] == 1768645230
    first, second = chat["choices"][0]["logprobs"]["content"]
    assert (first["token"], first["logprob"], first["bytes"]) == ("Yes", -0.25, [89, 101, 115])
    assert [top["token"] for top in first["top_logprobs"]] == ["Yes", "No"]
    assert second["token"] == "."


def test_code_that_ran_keeps_its_place() -> None:
    (choice,) = to_chat(fixture("code"))["choices"]
    message = choice["message"]
    assert message["content"] == "I will compute it.\nThe sum is 45."
    assert [item["after"] for item in message["provider_items"]] == [19, 19]
    assert [detail["data"] for detail in message["reasoning_details"]] == ["CrABAdHtim9k"]


def test_pictures_and_speech() -> None:
    parts = [{"text": "Here:"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "SIGN"},
             {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "BBBB"}}]  # fmt: skip
    said = {"candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0}]}
    message = to_chat(said)["choices"][0]["message"]
    url = {"url": "data:image/png;base64,AAAA"}
    assert message["images"] == [{"type": "image_url", "image_url": url, "thought_signature": "SIGN"}]
    assert message["audio"]["data"] == "BBBB"
    assert from_chat(to_chat(said))["candidates"][0]["content"]["parts"] == parts


@pytest.mark.parametrize("name", ["text", "tools", "blocked", "grounded", "logprobs", "code"])
def test_an_answer_survives_there_and_back(name: str) -> None:
    said = fixture(name)
    back = from_chat(to_chat(said))
    ours = [part for one in back.get("candidates") or () for part in one["content"]["parts"]]
    theirs = [part for one in said.get("candidates") or () for part in one["content"]["parts"]]
    for part in ours:
        part.get("functionCall", {}).pop("id", None)
    assert ours == theirs
    for one, other in zip(back.get("candidates") or (), said.get("candidates") or (), strict=True):
        assert one["finishReason"] == other["finishReason"]
        assert one.get("groundingMetadata") == other.get("groundingMetadata")
        assert one.get("avgLogprobs") == other.get("avgLogprobs")
    assert back.get("promptFeedback") == said.get("promptFeedback")
    assert (back["modelVersion"], back["responseId"]) == (said["modelVersion"], said["responseId"])
    told, counted = said["usageMetadata"], back["usageMetadata"]
    read = told["promptTokenCount"] + told.get("toolUsePromptTokenCount", 0)
    assert counted["promptTokenCount"] == read
    for kind in ("candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount"):
        assert counted.get(kind, 0) == told.get(kind, 0)


def test_an_answer_of_somebody_else() -> None:
    note = {"url": "https://a.b", "title": "A", "start_index": 3, "end_index": 5}
    call = {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    message = {
        "role": "assistant",
        "content": "añ cd",
        "reasoning_details": [
            {
                "type": "reasoning.text",
                "text": "Hm",
                "signature": "sig+/=",
                "format": "anthropic-claude-v1",
                "index": 0,
            },
            {"type": "reasoning.encrypted", "data": "zzz", "format": "anthropic-claude-v1", "index": 1},
        ],
        "annotations": [{"type": "url_citation", "url_citation": note}],
        "tool_calls": [call],
    }
    chat = {"id": "c1", "model": "claude", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12,
                      "prompt_tokens_details": {"cached_tokens": 2},
                      "completion_tokens_details": {"reasoning_tokens": 4}}}  # fmt: skip
    said = from_chat(chat, "route", "run")
    (candidate,) = said["candidates"]
    thought, sealed, text, called = candidate["content"]["parts"]
    assert (thought["text"], thought["thought"]) == ("Hm", True)
    assert sealed["text"] == ""
    assert text == {"text": "añ cd"}
    assert called == {"functionCall": {"id": "toolu_1", "name": "f", "args": {"x": 1}}}
    assert candidate["finishReason"] == "STOP"
    grounding = candidate["groundingMetadata"]
    assert grounding["groundingSupports"][0]["segment"] == {"startIndex": 4, "endIndex": 6, "text": "cd"}
    assert said["usageMetadata"] == {
        "promptTokenCount": 5,
        "candidatesTokenCount": 3,
        "totalTokenCount": 12,
        "cachedContentTokenCount": 2,
        "thoughtsTokenCount": 4,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 3}],
    }


@pytest.mark.parametrize(
    ("finish", "reason"), [("stop", "STOP"), ("length", "MAX_TOKENS"), ("content_filter", "SAFETY"), ("odd", "OTHER")]
)
def test_why_others_ended(finish: str, reason: str) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": finish}
    assert from_chat({"choices": [choice]}, "m", "r")["candidates"][0]["finishReason"] == reason


def test_a_refusal_is_seen() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I cannot."}
    said = from_chat({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}, "m", "r")
    (candidate,) = said["candidates"]
    assert (candidate["finishReason"], candidate["content"]["parts"]) == ("SAFETY", [{"text": "I cannot."}])


def test_an_answer_without_words_has_a_part() -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": "stop"}
    assert from_chat({"choices": [choice]}, "m", "r") == {
        "candidates": [{"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP", "index": 0}],
        "modelVersion": "m",
        "responseId": "r",
    }
