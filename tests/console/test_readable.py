import json

from hypothesis import given
from hypothesis import strategies as st

from outrider.console import readable

NAMES = [
    "messages", "choices", "delta", "message", "content", "tool_calls", "function", "data", "embedding", "error",
    "input", "tools", "role", "index", "response_format",
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


@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    readable.read(body)
    readable.pretty(body)
    readable.read(b"data: " + body)


@given(JSON)
def test_any_json_plain_and_streamed(value: object) -> None:
    body = json.dumps(value).encode()
    readable.read(body)
    readable.read(b"data: " + body + b"\n\n")
