"""Errors of Google's APIs, read and written."""

import json
from pathlib import Path
from typing import Any

import pytest

from outrider.dialects.gemini.errors import error_of, failure, read

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gemini"
ERRORS: dict[str, dict[str, Any]] = json.loads((FIXTURES / "errors.json").read_text())


@pytest.mark.parametrize(
    ("name", "status", "code", "retryable", "later"),
    [
        ("quota", 429, "provider_rate_limited", True, 38.5),
        ("key", 401, "provider_key_refused", False, None),
        ("overloaded", 503, "upstream_error", True, None),
        ("in_a_list", 404, "provider_model_not_found", False, None),
        ("signature", 400, "provider_refused_request", False, None),
    ],
)
def test_what_an_error_means(name: str, status: int, code: str, retryable: bool, later: float | None) -> None:
    said = read(ERRORS[name]["body"])
    error = failure(said, ERRORS[name]["status"], body=b"{}")
    assert (error.status, error.code, error.retryable, error.retry_after) == (status, code, retryable, later)
    assert said.message[:40] in error.message
    assert (error.body is None) == (name == "key"), "our key is not the caller's concern"


@pytest.mark.parametrize("odd", [None, [], {}, {"error": None}, {"error": "no"}, {"error": {"details": ["x", 1]}}, "x"])
def test_odd_errors_are_errors(odd: Any) -> None:
    assert failure(read(odd), 500).retryable


def test_an_error_in_a_stream_is_classed_by_its_word() -> None:
    error = failure(read({"error": {"status": "RESOURCE_EXHAUSTED", "message": "m"}}), 0)
    assert (error.status, error.code) == (429, "provider_rate_limited")
    assert "inside its stream" in error.message


def test_ours_in_google_s_shape() -> None:
    said = error_of(429, "Too many.", "budget_exceeded", param="contents[0]", retry_after=2.5, room=3, why="x")
    assert said["error"]["code"] == 429
    assert said["error"]["status"] == "RESOURCE_EXHAUSTED"
    info, request, retry = said["error"]["details"]
    assert info["reason"] == "BUDGET_EXCEEDED"
    assert info["metadata"] == {"room": "3", "why": "x"}
    assert request["fieldViolations"] == [{"field": "contents[0]", "description": "Too many."}]
    assert retry["retryDelay"] == "2.5s"
    assert read(said).retry_after == 2.5


@pytest.mark.parametrize(
    ("status", "word"), [(400, "INVALID_ARGUMENT"), (418, "INVALID_ARGUMENT"), (502, "UNAVAILABLE")]
)
def test_every_status_has_a_word(status: int, word: str) -> None:
    assert error_of(status, "m", "c")["error"]["status"] == word
