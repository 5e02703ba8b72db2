"""Requests of Gemini's callers, checked before they are translated."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.dialects.gemini.requests import to_chat
from outrider.gateway.surface.gemini_fields import read, target, wants_events


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1beta/models/gemini-3-pro:generateContent", ("gemini-3-pro", "generateContent")),
        ("/v1/models/a%2Fb:streamGenerateContent", ("a/b", "streamGenerateContent")),
        ("/v1beta/models/a/b:c:countTokens", ("a/b:c", "countTokens")),
        ("/v1beta/tunedModels/mine:generateContent", ("tunedModels/mine", "generateContent")),
        ("/v1/projects/p/locations/l/publishers/google/models/g:generateContent", ("g", "generateContent")),
        ("/v1beta1/publishers/anthropic/models/claude:generateContent", ("anthropic/claude", "generateContent")),
        ("/v1beta/models/g", ("g", "")),
    ],
)
def test_the_model_is_in_the_path(path: str, found: tuple[str, str]) -> None:
    assert target(path.encode()) == found


def test_a_path_without_a_model() -> None:
    with pytest.raises(RequestError) as refused:
        target(b"/v1beta/something:generateContent")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("query", "wanted"),
    [(b"alt=sse", True), (b"key=k&alt=sse", True), (b"$alt=sse", True), (b"alt=json", False), (b"", False)],
)
def test_how_a_stream_is_wanted(query: bytes, wanted: bool) -> None:
    assert wants_events(query) == wanted


def test_what_google_takes_is_taken() -> None:
    said = read(
        json.dumps(
            {
                "contents": {"parts": {"text": "Hi"}},
                "system_instruction": {"parts": [{"text": "A"}]},
                "tools": {"function_declarations": [{"name": "f"}]},
                "generation_config": {"top_k": 40.0, "thinking_config": {"thinking_budget": -1}},
                "futureField": {"a": 1},
            }
        ).encode()
    )
    assert said["contents"] == [{"parts": [{"text": "Hi"}]}]
    assert said["tools"][0]["functionDeclarations"] == [{"name": "f"}]
    assert said["generationConfig"]["thinkingConfig"] == {"thinkingBudget": -1}
    assert said["futureField"] == {"a": 1}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["contents", "tools", "generationConfig", "systemInstruction", "toolConfig", "safetySettings", "labels"]
PARTS = ["text", "inlineData", "fileData", "functionCall", "functionResponse", "thought", "thoughtSignature", "other"]


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(PARTS), json_values, max_size=2), max_size=3),
)
def test_anything_is_understood_or_refused_in_words(fields: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    body = {"contents": [{"role": "user", "parts": parts}, {"role": "model", "parts": parts}], **fields}
    said = None
    try:
        said = read(json.dumps(body).encode())
    except RequestError as refused:
        words = refused.message
    assert to_chat(said).fields["messages"] is not None if said is not None else words


@pytest.mark.parametrize("kind", ["fileData", "inlineData", "functionCall", "functionResponse", "thoughtSignature"])
def test_what_is_null_is_not_there(kind: str) -> None:
    contents = [{"role": role, "parts": [{"text": "Hi", kind: None}]} for role in ("user", "model")]
    chat = to_chat(read(json.dumps({"contents": contents}).encode())).fields
    assert [message["content"] for message in chat["messages"]] == ["Hi", "Hi"]
    with pytest.raises(RequestError, match=r"parts\[0\]"):
        read(json.dumps({"contents": [{"parts": [{kind: None}]}]}).encode())
    signed = {"thoughtSignature": "c2ln", "fileData": None}
    assert to_chat(read(json.dumps({"contents": [{"role": "model", "parts": [signed]}]}).encode())).fields["messages"]
