"""Whatever stands in a place where something else should: an answer in words, and never an exception of Python's."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.errors import RequestError, UpstreamError
from outrider.dialects.gemini import answers, streams
from outrider.dialects.gemini.requests import from_chat, to_chat
from outrider.providers import gemini

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gemini"
ANSWERS = [json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json")) if path.stem != "errors"]
ASKED = {
    "contents": [
        {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AA=="}},
                                   {"fileData": {"fileUri": "u"}, "mediaResolution": {"level": "L"}}]},
        {"role": "model", "parts": [{"text": "t", "thought": True, "thoughtSignature": "AAAA"},
                                    {"functionCall": {"name": "f", "args": {"a": 1}}},
                                    {"executableCode": {"code": "1"}}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "x"},
                                                         "parts": [{"inlineData": {"mimeType": "a/b", "data": ""}}]}}]},
    ],
    "systemInstruction": {"parts": [{"text": "s"}]},
    "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {}}}}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}, "retrievalConfig": {}},
    "generationConfig": {"responseSchema": {"type": "OBJECT"}, "responseModalities": ["AUDIO"],
                         "thinkingConfig": {"thinkingBudget": 1},
                         "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "K"}}}},
    "labels": {"a": "b"}, "serviceTier": "flex", "cachedContent": "c", "safetySettings": [{"category": "C"}],
}  # fmt: skip
CHAT = {
    "model": "m",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "s"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u", "detail": "low"}},
                                     {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
                                     {"type": "file", "file": {"file_data": "AAAA", "filename": "f"}}]},
        {"role": "assistant", "content": "c", "tool_calls": [{"id": "i", "function": {"name": "f", "arguments": "{}"}}],
         "reasoning_details": [{"type": "reasoning.text", "text": "t", "format": "google-gemini-v1", "index": 0}],
         "provider_items": [{"format": "google-gemini-v1", "after": 1, "part": {"a": 1}}],
         "images": [{"image_url": {"url": "u"}}], "audio": {"data": "AA", "format": "wav"}},
        {"role": "tool", "tool_call_id": "i", "content": [{"type": "text", "text": "{}"}], "is_error": True},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {}}}},
              {"type": "provider", "provider": {"format": "google-gemini-v1", "tool": {}}}],
    "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"function": {"name": "f"}}]}},
    "response_format": {"type": "json_schema", "json_schema": {"schema": {}}},
    "reasoning": {"max_tokens": 1, "display": "omitted"}, "modalities": ["audio"], "audio": {"voice": "v"},
    "provider_options": {"format": "google-gemini-v1", "generationConfig": {"a": 1}}, "stop": ["a"],
    "web_search_options": {"user_location": {}}, "max_tokens": 1, "service_tier": "flex",
}  # fmt: skip
odd = st.sampled_from([None, True, 0, -1, 1.5, "", "x", [], [1], ["x"], [None], {}, {"x": 1}, {"text": 1}, [[]], [{}]])


def places(said: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    return [way] * bool(way) + [place for key, value in inner for place in places(value, (*way, key))]


def spoilt(said: Any, place: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(said)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = copy.deepcopy(value)
    return changed


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.sampled_from(places(ASKED)), odd)
def test_a_caller_s_request(place: tuple[Any, ...], value: Any) -> None:
    try:
        json.dumps(to_chat(spoilt(ASKED, place, value)).fields)
    except RequestError:
        pass


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.sampled_from(places(CHAT)), odd, st.sampled_from(["gemini-2.5-flash", "gemini-3-pro"]))
def test_a_chat_request(place: tuple[Any, ...], value: Any, model: str) -> None:
    try:
        json.dumps(from_chat(spoilt(CHAT, place, value), model).fields)
    except RequestError:
        pass


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.sampled_from([(at, place) for at, one in enumerate(ANSWERS) for place in places(one)]), odd)
def test_a_provider_s_answer(which: tuple[int, tuple[Any, ...]], value: Any) -> None:
    said = json.dumps(spoilt(ANSWERS[which[0]], which[1], value)).encode()
    for read in (
        lambda: gemini.decode("chat", 200, [], said),
        lambda: gemini.native_decode(200, [], said),
        lambda: gemini.reader(wants_usage=True).feed(b"data: %b\n\n" % said),
        lambda: gemini.native_reader().feed(b"event: end\ndata: %b\n\n" % said),
    ):
        try:
            read()
        except UpstreamError:
            pass


SAID = {
    "id": "c", "model": "m", "usage": {"prompt_tokens": 1, "completion_tokens": 2, "prompt_tokens_details": {}},
    "choices": [{
        "index": 0, "finish_reason": "stop", "native_finish_reason": "x", "safety_ratings": [{}],
        "logprobs": {"content": [{"token": "a", "logprob": -1, "top_logprobs": [{"token": "a", "logprob": -1}]}]},
        "message": {
            "role": "assistant", "content": "c", "reasoning_content": "r",
            "reasoning_details": [{"type": "reasoning.text", "text": "t", "format": "f", "signature": "s", "index": 0}],
            "tool_calls": [{"index": 0, "id": "i", "function": {"name": "f", "arguments": "{}"}}],
            "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "start_index": 0, "end_index": 1}}],
        },
    }],
}  # fmt: skip


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.sampled_from(places(SAID)), odd)
def test_an_answer_of_somebody_else(place: tuple[Any, ...], value: Any) -> None:
    said = spoilt(SAID, place, value)
    try:
        json.dumps(answers.from_chat(copy.deepcopy(said)))
    except UpstreamError:
        pass
    for choice in said["choices"] if isinstance(said["choices"], list) else ():
        if isinstance(choice, dict) and "message" in choice:
            choice["delta"] = choice.pop("message")
    stream = streams.FromChat()
    try:
        stream.feed(said)
    except UpstreamError:
        pass
    stream.end()


def test_what_the_fixtures_have_can_be_read() -> None:
    assert len(ANSWERS) > 5
    stream = streams.ToChat()
    for said in ANSWERS:
        if "MALFORMED" not in json.dumps(said):
            assert answers.to_chat(copy.deepcopy(said))["choices"]
            assert stream.feed("", said)
