import json

import pytest

from outrider.base.errors import JournalFull, OutriderError, RequestError, UpstreamError
from outrider.gateway.surface.errors import answer


def said(error: OutriderError) -> tuple[int, dict[bytes, bytes], dict[str, object]]:
    status, headers, body = answer(error)
    return status, dict(headers), json.loads(body)["error"]


def test_a_refused_request_has_openais_four_fields() -> None:
    status, headers, error = said(RequestError("no", status=404, code="model_not_found", param="model"))
    assert status == 404
    assert headers[b"content-type"] == b"application/json"
    assert error == {"message": "no", "type": "not_found_error", "param": "model", "code": "model_not_found"}


def test_headers_of_a_refusal_cannot_break_the_head() -> None:
    _, headers, _ = said(RequestError("no", status=429, headers=(("X-Why", "a\r\nset-cookie: b"),)))
    assert headers[b"x-why"] == b"a  set-cookie: b"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpstreamError("x", status=500), 502),
        (UpstreamError("x", status=503), 503),
        (UpstreamError("x", status=529), 503),
        (UpstreamError("x", code="upstream_connect_timeout"), 504),
        (UpstreamError("x", code="upstream_disconnected"), 502),
        (UpstreamError("x", status=401, retryable=False), 502),
        (UpstreamError("x", status=402, retryable=False), 502),
        (UpstreamError("x", status=400, retryable=False), 400),
        (UpstreamError("x", status=404, retryable=False), 404),
        (UpstreamError("x", status=429), 429),
        (JournalFull("x"), 503),
    ],
)
def test_status_for_the_caller(error: OutriderError, status: int) -> None:
    assert said(error)[0] == status


def test_retry_after_is_passed_on_in_both_units() -> None:
    _, headers, _ = said(UpstreamError("busy", status=429, retry_after=1.25))
    assert (headers[b"retry-after"], headers[b"retry-after-ms"]) == (b"2", b"1250")


def test_a_hopeless_failure_tells_clients_not_to_retry() -> None:
    assert said(UpstreamError("bad key", status=401, retryable=False))[1][b"x-should-retry"] == b"false"


def test_a_providers_own_error_is_shown_only_if_it_is_one() -> None:
    own = b'{"error":{"message":"context too long","code":"context_length_exceeded"}}'
    assert answer(UpstreamError("x", status=400, retryable=False, body=own))[2] == own
    html = UpstreamError("the provider refused", status=400, retryable=False, body=b"<html>")
    assert said(html)[2]["message"] == "the provider refused"
