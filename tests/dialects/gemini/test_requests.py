"""Requests to chat and from chat: every field has its place, or is named."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.dialects.gemini.names import normal
from outrider.dialects.gemini.requests import from_chat, to_chat

HELLO = [{"role": "user", "parts": [{"text": "Hello"}]}]


def chat_of(**fields: Any) -> dict[str, Any]:
    made = to_chat({"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], **fields}, "m")
    assert made.lost == []
    return made.fields


def gemini_of(model: str = "gemini-2.5-flash", **chat: Any) -> dict[str, Any]:
    made = from_chat({"model": "x", "messages": [{"role": "user", "content": "Hello"}], **chat}, model)
    assert made.lost == []
    return made.fields


def test_the_plainest_request() -> None:
    assert chat_of() == {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
    assert gemini_of() == {"contents": HELLO}


def test_a_stream_asks_for_usage() -> None:
    chat = to_chat({"contents": HELLO}, "m", stream=True).fields
    assert chat["stream"] is True
    assert chat["stream_options"] == {"include_usage": True}


def test_snake_case_is_the_same() -> None:
    snake = {
        "contents": {"role": "user", "parts": {"text": "Hello"}},
        "system_instruction": {"parts": {"text": "Be brief."}},
        "generation_config": {"max_output_tokens": 3, "thinking_config": {"thinking_budget": 9}},
        "safety_settings": [{"category": "C", "threshold": "T"}],
        "tool_config": {"function_calling_config": {"mode": "NONE"}},
        "tools": [{"function_declarations": [{"name": "f", "parameters_json_schema": {"a_b": 1}}]}],
        "cached_content": "c",
    }
    chat = to_chat(normal(snake)).fields
    assert chat["messages"][0] == {"role": "system", "content": "Be brief."}
    assert chat["max_completion_tokens"] == 3
    assert chat["reasoning"] == {"max_tokens": 9}
    assert chat["tool_choice"] == "none"
    assert chat["tools"][0]["function"]["parameters"] == {"a_b": 1}, "a schema's names are not ours"
    assert chat["provider_options"]["cachedContent"] == "c"


LOST: list[tuple[dict[str, Any], list[str]]] = [
    ({"logit_bias": {"1": 2}, "min_p": 0.1, "prediction": {}}, ["logit_bias", "min_p", "prediction"]),
    ({"verbosity": "low"}, ["verbosity"]),
    ({"store": True}, ["store"]),
    ({"service_tier": "scale"}, ["service_tier (scale)"]),
    ({"stop": list("abcdefg")}, ["stop[5]", "stop[6]"]),
    ({"response_format": {"type": "grammar"}}, ["response_format (grammar)"]),
    ({"provider_options": {"format": "anthropic-claude-v1", "container": "c"}}, ["provider_options.container"]),
    ({"modalities": ["audio"], "audio": {"voice": "Kore", "format": "mp3"}}, ["audio.format (mp3)"]),
    ({"tool_choice": {"type": "custom"}}, ["tool_choice (custom)"]),
    ({"tools": [{"type": "custom", "custom": {"name": "c"}}]}, ["tools[0] (custom)"]),
    ({"tools": [{"type": "provider", "provider": {"format": "anthropic-claude-v1", "type": "web_search_20250305"}}]},
     ["tools[0] (web_search_20250305)"]),
    ({"web_search_options": {"user_location": {"country": "DE"}}}, ["web_search_options.user_location"]),
]  # fmt: skip


@pytest.mark.parametrize(("chat", "lost"), LOST)
def test_what_gemini_does_not_have_is_named(chat: dict[str, Any], lost: list[str]) -> None:
    made = from_chat({"model": "x", "messages": [{"role": "user", "content": "Hi"}], **chat}, "gemini-2.5-flash")
    assert made.lost == lost


def test_what_changes_no_answer_goes_unsaid() -> None:
    quiet = {"n": 1, "logprobs": False, "store": False, "metadata": {"a": "b"}, "user": "u", "verbosity": "medium",
             "prompt_cache_key": "k", "parallel_tool_calls": True, "service_tier": "auto", "logit_bias": {},
             "safety_identifier": "s", "stream": True, "stream_options": {"include_usage": True}}  # fmt: skip
    assert gemini_of(**quiet) == {"contents": HELLO}


def test_what_chat_does_not_have_is_named() -> None:
    made = to_chat({"contents": HELLO, "generationConfig": {"responseMimeType": "text/x.enum"}, "somethingNew": 1})
    assert made.lost == ["generationConfig.responseMimeType (text/x.enum)", "somethingNew"]


def test_labels_are_metadata() -> None:
    assert chat_of(labels={"team": "a"})["metadata"] == {"team": "a"}


def test_an_sdk_sends_a_whole_number_as_a_float() -> None:
    said = chat_of(generationConfig={"topK": 40.0})["top_k"]
    assert (said, type(said)) == (40, int)


# -- any conversation -------------------------------------------------------------------------------------------------

words = st.text(min_size=1, max_size=12).filter(lambda text: text.lstrip()[:1] not in ("{", ""))
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | words, lambda inner: st.lists(inner, max_size=2)
)
objects = st.dictionaries(names, values, max_size=3)
signatures = st.binary(min_size=1, max_size=12).map(lambda raw: b64encode(raw).decode())


@st.composite
def turns(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A user's turn, a model's, and the results of its calls."""
    asked: list[dict[str, Any]] = [{"text": draw(words)}]
    if draw(st.booleans()):
        asked.append({"inlineData": {"mimeType": draw(st.sampled_from(["image/png", "audio/wav", "application/pdf"])),
                                     "data": "aGVsbG8="}})  # fmt: skip
    said: list[dict[str, Any]] = []
    if draw(st.booleans()):
        said.append({"text": draw(words), "thought": True})
        if draw(st.booleans()):
            said[-1]["thoughtSignature"] = draw(signatures)
    if draw(st.booleans()):
        said.append({"text": draw(words)})
        if draw(st.booleans()):
            said[-1]["thoughtSignature"] = draw(signatures)
    calls = [{"functionCall": {"name": draw(names), "args": draw(objects)}} for _ in range(draw(st.integers(0, 3)))]
    if calls and draw(st.booleans()):
        calls[0]["thoughtSignature"] = draw(signatures)
    if draw(st.booleans()):
        for at, call in enumerate(calls):
            call["functionCall"]["id"] = f"id{at}{draw(names)}"
    said += calls
    found = [{"role": "user", "parts": asked}]
    if said:
        found.append({"role": "model", "parts": said})
    if calls:
        results = []
        for call in calls:
            response = draw(
                objects | st.fixed_dictionaries({"output": words}) | st.fixed_dictionaries({"error": words})
            )
            result = {"name": call["functionCall"]["name"], "response": response}
            if "id" in call["functionCall"]:
                result["id"] = call["functionCall"]["id"]
            results.append({"functionResponse": result})
        found.append({"role": "user", "parts": results})
    return found


def plain(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(part) for part in parts]


@settings(max_examples=60, deadline=None)
@given(st.lists(turns(), min_size=1, max_size=3))
def test_any_conversation_survives_there_and_back(said: list[list[dict[str, Any]]]) -> None:
    contents = [content for turn in said for content in turn]
    made = to_chat({"contents": [{**one, "parts": plain(one["parts"])} for one in contents]})
    assert made.lost == []
    back = from_chat(made.fields, "gemini-2.5-flash")
    assert back.lost == []
    assert back.fields["contents"] == contents


@settings(max_examples=40, deadline=None)
@given(st.lists(turns(), min_size=1, max_size=3))
def test_ids_are_one_each_and_results_find_theirs(said: list[list[dict[str, Any]]]) -> None:
    messages = to_chat({"contents": [content for turn in said for content in turn]}).fields["messages"]
    waiting: list[str] = []
    seen: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert waiting == []
        for call in message.get("tool_calls") or ():
            waiting.append(call["id"])
            assert call["id"] not in seen or not call["id"].startswith("call_")
            seen.add(call["id"])
