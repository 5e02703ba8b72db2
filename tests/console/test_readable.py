import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.console import readable

NAMES = [
    "messages", "choices", "delta", "message", "content", "tool_calls", "function", "data", "embedding", "error",
    "input", "tools", "role", "index", "response_format", "output", "contents", "candidates", "parts", "system", "type",
    "instructions", "stop_reason", "response", "text",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner),
)


def test_a_request_reads_as_messages() -> None:
    body = {
        "model": "m", "temperature": 0.5, "response_format": {"type": "json_schema"},
        "tools": [{"type": "function", "function": {"name": "look_up"}}],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"},
                                         {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]},
            {"role": "assistant", "tool_calls": [{"function": {"name": "look_up", "arguments": '{"q":1}'}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"},
        ],
    }  # fmt: skip
    found = readable.read(json.dumps(body).encode())
    assert found is not None
    assert found.parameters == [("model", "m"), ("temperature", "0.5"), ("response_format", "json_schema")]
    assert found.tools == ["look_up"]
    assert [m.role for m in found.messages] == ["system", "user", "assistant", "tool"]
    assert [p.kind for p in found.messages[1].parts] == ["text", "image"]
    assert found.messages[2].parts[0].name == "look_up"
    assert found.messages[3].note == "answers c1"


def test_a_stream_is_put_together() -> None:
    chunks = [
        {"model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hel"}}]},
        {"choices": [{"index": 0, "delta": {"content": "lo"}}]},
        {
            "choices": [
                {"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": '{"a'}}]}}
            ]
        },
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '":1}'}}]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    ]
    body = b"".join(b"data: " + json.dumps(c).encode() + b"\n\n" for c in chunks) + b"data: [DONE]\n\n"
    found = readable.read(body)
    assert found is not None
    (message,) = found.messages
    assert message.note == "ended: tool_calls"
    assert [(p.kind, p.text) for p in message.parts] == [("text", "Hello"), ("call", '{\n  "a": 1\n}')]


def test_an_error_and_vectors_read_too() -> None:
    failed = readable.read(b'{"error": {"message": "No such model", "code": "model_not_found"}}')
    assert failed is not None
    assert failed.messages[0].note == "model_not_found"
    vectors = readable.read(b'{"data": [{"embedding": [0.1, 0.2]}, {"embedding": [1, 2]}]}')
    assert vectors is not None
    assert vectors.messages[0].parts[0].text == "2 vectors, 2 numbers each"


def test_what_is_too_large_or_unknown_is_left_to_the_other_views() -> None:
    assert readable.read(b'{"hello": 1}') is None
    assert readable.read(b"<html>") is None
    assert readable.read(b'{"messages": [{"content": "' + b"x" * readable.WHOLE + b'"}]}') is None


def streamed(*events: dict[str, Any]) -> bytes:
    return b"".join(b"event: %b\ndata: %b\n\n" % (e["type"].encode(), json.dumps(e).encode()) for e in events)


ASKED = {
    "messages": {
        "model": "m",
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hi?"}],
        "max_tokens": 9,
    },
    "responses": {"model": "m", "instructions": "Be brief.", "input": "Hi?"},
    "gemini": {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi?"}]}],
    },
}
SAID: dict[str, dict[str, Any]] = {
    "messages": {"type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "content": [
        {"type": "text", "text": "Ho."}, {"type": "tool_use", "id": "t", "name": "look_up", "input": {"q": 1}}]},
    "responses": {"object": "response", "status": "completed", "model": "m", "instructions": "Be brief.", "output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Ho."}]},
        {"type": "function_call", "call_id": "t", "name": "look_up", "arguments": '{"q":1}'}]},
    "gemini": {"candidates": [{"finishReason": "STOP", "content": {"role": "model", "parts": [
        {"text": "Ho."}, {"functionCall": {"name": "look_up", "args": {"q": 1}}}]}}]},
}  # fmt: skip


@pytest.mark.parametrize("language", ASKED)
def test_every_language_reads_as_messages(language: str) -> None:
    asked = readable.read(json.dumps(ASKED[language]).encode(), language)
    assert asked is not None
    assert [(m.role, m.parts[0].text) for m in asked.messages] == [("system", "Be brief."), ("user", "Hi?")]
    said = readable.read(json.dumps(SAID[language]).encode(), language)
    assert said is not None
    (message,) = said.messages
    assert [(part.kind, part.name) for part in message.parts] == [("text", ""), ("call", "look_up")]
    assert message.parts[0].text == "Ho."
    assert message.note.startswith("ended: ")
    failed = readable.read(b'{"error": {"message": "No such model", "type": "not_found_error"}}', language)
    assert failed is not None
    assert failed.messages[0].parts[0].text == "No such model"


def test_streams_of_other_languages_are_put_together() -> None:
    start = {**SAID["messages"], "content": [], "stop_reason": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    whole = streamed(
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Ho."}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )
    found = readable.read(whole, "messages")
    assert found is not None
    assert [(m.role, m.parts[0].text, m.note) for m in found.messages] == [("assistant", "Ho.", "ended: stop")]
    parts: list[dict[str, Any]] = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("H", "o.")]
    parts[-1]["candidates"][0]["finishReason"] = "STOP"
    gemini = b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in parts)
    found = readable.read(gemini, "gemini")
    assert found is not None
    assert found.messages[0].parts[0].text == "Ho."


@given(st.binary(), st.sampled_from(["chat.completions", "messages", "responses", "gemini", "embeddings"]))
def test_any_bytes(body: bytes, language: str) -> None:
    readable.read(body, language)
    readable.pretty(body)
    readable.read(b"data: " + body, language)


@given(JSON, st.sampled_from(["chat.completions", "messages", "responses", "gemini", "embeddings"]))
def test_any_json_plain_and_streamed(value: object, language: str) -> None:
    body = json.dumps(value).encode()
    readable.read(body, language)
    readable.read(b"data: " + body + b"\n\n", language)
