"""Bedrock's exceptions, in a stream and as an answer."""

import pytest

from outrider.base.errors import UpstreamError
from outrider.dialects.bedrock import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/", "provider_rate_limited"),
        ("com.amazon.coral.service#AccessDeniedException", "provider_key_refused"),
        ("validationException", "provider_refused_request"),
        ("ResourceNotFoundException", "provider_model_not_found"),
    ],
)
def test_names_as_headers_bodies_and_streams_have_them(kind: str, code: str) -> None:
    found = errors.meaning(kind)
    assert found is not None
    assert found.code == code


def test_nobody_knows_it() -> None:
    assert errors.meaning("NewException") is None
    told = errors.in_stream("newException", {"message": "x"})
    assert (told.code, told.status, told.retryable) == ("upstream_error", 500, True)
    known = UpstreamError("x", code="provider_refused_request", status=418, retryable=False)
    told = errors.whole("NewException", {"message": "tea"}, known)
    assert (told.message, told.status, told.retryable) == (
        "the provider answered HTTP 418 (NewException): tea", 418, False,
    )  # fmt: skip


def test_a_models_own_refusal_would_come_again() -> None:
    assert (
        errors.in_stream("modelStreamErrorException", {"originalStatusCode": 400, "originalMessage": "m"}).retryable
        is False
    )
    assert errors.in_stream("modelStreamErrorException", {"originalStatusCode": 529}).retryable is True


@pytest.mark.parametrize(
    "said",
    [
        "Input is too long for requested model.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Input Tokens Exceeded: Number of input tokens exceeds maximum length.",
        "This model's maximum context length is 8192 tokens. Please reduce the length of the prompt",
    ],
)
def test_a_context_that_is_used_up_has_the_code_that_agents_know(said: str) -> None:
    known = UpstreamError("x", code="provider_refused_request", status=400, retryable=False)
    told = errors.whole("ValidationException", {"message": said}, known)
    assert (told.code, told.status, told.retryable) == ("context_length_exceeded", 400, False)
    assert errors.whole("ValidationException", {"message": "bad"}, known).code == "provider_refused_request"
    assert errors.whole("ThrottlingException", {"message": said}, known).code == "provider_rate_limited"


def test_messages_are_cut() -> None:
    assert errors.text({"Message": "x" * 900}) == "x" * 500
    assert errors.text([1]) == ""
