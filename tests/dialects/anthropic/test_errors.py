"""Refusals in Anthropic's shape."""

from typing import Any

import pytest

from outrider.dialects.anthropic import errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "invalid_request_error"), (404, "not_found_error"), (418, "invalid_request_error"), (502, "api_error")],
)
def test_types_by_status(status: int, kind: str) -> None:
    assert errors.kind_of(status) == kind


def test_what_else_an_error_says_stays() -> None:
    said = {"message": "no", "type": "invalid_request_error", "param": "model", "code": "x", "lost": ["a"]}
    assert errors.from_chat(said, 400) == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": "no", "param": "model", "code": "x", "lost": ["a"]},
    }


@pytest.mark.parametrize(
    "said",
    [
        {"message": "Your messages were long.", "code": "context_length_exceeded"},
        {"message": "This model's maximum context length is 8192 tokens."},
        {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."},
    ],
)
def test_agents_learn_that_the_context_is_used_up(said: dict[str, Any]) -> None:
    """They look for these words, and shorten their history."""
    assert errors.from_chat(said, 400)["error"]["message"] == f"prompt is too long: {said['message']}"


def test_the_words_are_said_once() -> None:
    said = {"message": "the provider answered HTTP 400: prompt is too long: 9 > 8", "code": "context_length_exceeded"}
    assert errors.from_chat(said, 400)["error"]["message"] == said["message"]


def test_types_of_anthropics_own() -> None:
    assert errors.from_chat({"message": "m", "type": "server_error"}, 529)["error"]["type"] == "overloaded_error"
    assert (
        errors.from_chat({"message": "m", "type": "authentication_error"}, 401)["error"]["type"]
        == "authentication_error"
    )
    assert errors.from_chat({"message": "m", "request_id": "req_1"}, 500)["request_id"] == "req_1"
