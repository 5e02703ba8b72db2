"""Whoever is refused early is told so in the language that was asked in."""

import json

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.surface.shapes import answer_at

ERROR = RequestError("too much to do", status=503, code="overloaded", kind="server_error")


@pytest.mark.parametrize("path", [b"/v1/messages", b"/messages", b"/v1/messages/count_tokens"])
def test_anthropics(path: bytes) -> None:
    status, _, body = answer_at(path, ERROR)
    said = json.loads(body)
    assert status in (503, 529)
    assert (said["type"], said["error"]["type"]) == ("error", "overloaded_error")


@pytest.mark.parametrize("path", [b"/v1beta/models/a:generateContent", b"/v1/models/a:streamGenerateContent"])
def test_googles(path: bytes) -> None:
    status, _, body = answer_at(path, ERROR)
    assert status == 503
    assert json.loads(body)["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize("path", [b"/v1/chat/completions", b"/v1/responses", b"", b"/v1/embeddings"])
def test_openais(path: bytes) -> None:
    assert json.loads(answer_at(path, ERROR)[2])["error"]["code"] == "overloaded"
