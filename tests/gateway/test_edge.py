"""What the server says when it ends a request by itself."""

import json

import pytest

from outrider.gateway.edge import CODES, LARGE_HEAD, Refusal
from outrider.gateway.surface.shapes import answer_at


@pytest.mark.parametrize("status", CODES)
def test_a_refusal_speaks_openais_shape(status: int) -> None:
    refusal = Refusal(b"POST", b"/v1/x", [(b"host", b"x")], status, LARGE_HEAD)
    said = json.loads(answer_at(refusal.path, refusal.error())[2])["error"]
    kind = "server_error" if status == 503 else "invalid_request_error"
    assert said == {"message": LARGE_HEAD, "type": kind, "param": None, "code": refusal.code}
    assert refusal.code == CODES[status]
