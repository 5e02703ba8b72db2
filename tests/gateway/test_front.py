"""Which requests are hot, by their path."""

import pytest

from outrider.gateway.front import Front


async def chat(exchange: object) -> None: ...


async def gemini(exchange: object) -> None: ...


FRONT = Front(
    {(b"POST", b"/v1/chat/completions"): chat},
    max_body=1,
    read_timeout=1,
    named={b"/v1beta/models/": ((b":generateContent", b":streamGenerateContent"), gemini)},
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        (b"POST", b"/v1/chat/completions", chat),
        (b"GET", b"/v1/chat/completions", None),
        (b"POST", b"/v1beta/models/a/b:generateContent", gemini),
        (b"POST", b"/v1beta/models/a:streamGenerateContent", gemini),
        (b"POST", b"/v1beta/models/a:countTokens", None),
        (b"GET", b"/v1beta/models/a:generateContent", None),
        (b"POST", b"/v1/models/a:generateContent", None),
    ],
)
def test_who_answers(method: bytes, path: bytes, found: object) -> None:
    assert FRONT.find(method, path) is found
