"""Anything at all may be sent: the answer is HTTP, of the caller's fault at most, and the server lives on. No 500."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.conftest import House

FUZZ = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
ROLES = st.sampled_from(["user", "assistant", "tool", "system", "developer", "boss"])
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "image_url", "file"])}, optional={"text": JSON, "image_url": JSON}
)
CONTENT = st.text(max_size=20) | st.lists(PARTS, max_size=3)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": ROLES}, optional={"content": CONTENT | JSON, "tool_calls": JSON, "tool_call_id": JSON, "name": JSON}
    ),
    max_size=4,
)
ANY = (
    "stream_options",
    "tools",
    "tool_choice",
    "response_format",
    "metadata",
    "cache",
    "user",
    "stop",
    "seed",
    "other",
)
MODELS = st.sampled_from(["plain", "cached", "scripted/scripted-chat"]) | st.text(max_size=12)
CHAT = st.fixed_dictionaries(
    {"model": MODELS, "messages": MESSAGES},
    optional={
        "stream": st.booleans(),
        "n": st.integers(-1, 3),
        "max_tokens": st.integers(-1, 5),
        "temperature": st.floats(-1, 3),
        **dict.fromkeys(ANY, JSON),
    },
)
INPUT = JSON | st.lists(st.text(max_size=5))
EMBED = st.fixed_dictionaries({"model": st.just("scripted/scripted-embedding"), "input": INPUT})
HEADERS = st.dictionaries(
    st.sampled_from(
        ["x-outrider-session", "x-outrider-tags", "traceparent", "cache-control", "x-outrider-deadline-ms", "cookie"]
    ),
    st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30),
    max_size=3,
)


class Line:
    """One kept connection, opened again when the server closed it."""

    def __init__(self, house: House) -> None:
        self.house, self.netloc = house, urlsplit(house.url).netloc
        self.connection = http.client.HTTPConnection(self.netloc, timeout=20)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, http.client.HTTPMessage, bytes]:
        self.connection.request("POST", path, body, {"authorization": f"Bearer {self.house.key}", **headers})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()


@pytest.fixture(scope="module")
def line(shared_house: House) -> Iterator[Line]:
    line = Line(shared_house)
    yield line
    line.connection.close()


def judge(status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
    assert status in (200, 400, 404, 504), (status, body)
    if status == 504:  # only the caller's own deadline or `only-if-cached`
        assert json.loads(body)["error"]["code"] in ("upstream_timeout", "not_cached")
    elif status != 200:
        assert set(json.loads(body)["error"]) >= {"message", "type", "param", "code"}
    assert headers["x-request-id"]


@FUZZ
@given(request=CHAT, headers=HEADERS)
def test_chat_requests(line: Line, request: dict[str, Any], headers: dict[str, str]) -> None:
    judge(*line.post("/v1/chat/completions", json.dumps(request).encode(), headers))


@FUZZ
@given(request=EMBED)
def test_embeddings_requests(line: Line, request: dict[str, Any]) -> None:
    judge(*line.post("/v1/embeddings", json.dumps(request).encode(), {}))


@FUZZ
@given(body=st.binary(max_size=60))
def test_any_bytes_as_a_body(line: Line, body: bytes) -> None:
    judge(*line.post("/v1/chat/completions", body, {}))


HEAD = b"POST |GET |/v1/chat/completions|/| HTTP/1.1| HTTP/1.0| HTTP/9.9|\r\n|\n|\r|host: x|: |{}|content-length: 5|"
REST = (
    b"content-length: 99999999999999999999|transfer-encoding: gzip|transfer-encoding: chunked|expect: 100-continue|"
    b"upgrade: h2c|connection: upgrade|connection: close|5\r\nhello\r\n|0\r\n\r\n"
)
PIECES = st.sampled_from((HEAD + REST).split(b"|"))


@settings(FUZZ, max_examples=80)
@given(pieces=st.lists(PIECES | st.binary(max_size=8), max_size=14))
def test_any_bytes_on_the_wire(shared_house: House, pieces: list[bytes]) -> None:
    parts = urlsplit(shared_house.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as sock:
        received = b""
        with contextlib.suppress(ConnectionError):
            sock.sendall(b"".join(pieces))
            sock.shutdown(socket.SHUT_WR)
            while part := sock.recv(65536):
                received += part
    assert b"HTTP/1.1 5" not in received


def test_the_server_lives_on(line: Line) -> None:
    body = json.dumps({"model": "plain", "messages": [{"role": "user", "content": "hello"}]}).encode()
    assert line.post("/v1/chat/completions", body, {})[0] == 200


@pytest.mark.slow
def test_the_api_never_fails(shared_house: House) -> None:
    """Every operation that the API's own document describes, with values that fit it and values that do not."""
    schema = schemathesis.openapi.from_url(f"{shared_house.url}/api/openapi.json")
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith(("tail", "stream", "live")):  # these do not end
            continue
        tried += 1
        _try(operation, shared_house)
    assert tried >= 8


def _try(operation: Any, house: House) -> None:
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

    @settings(FUZZ, max_examples=20)
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))
    def call(case: Any) -> None:
        response = case.call(headers={"authorization": f"Bearer {house.key}"}, timeout=20)
        assert response.status_code < 500, (case.as_curl_command(), response.text)

    call()
