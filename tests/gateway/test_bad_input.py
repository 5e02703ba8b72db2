"""What goes wrong on the wire: each gets a clear answer, a record where a run exists, and leaves nothing behind."""

import contextlib
import http.client
import io
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.gateway.conftest import House

CONFIG = """
embedded: {{enabled: false}}
server: {{max_body: 1000000, header_timeout: 300ms}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
routes:
  once: {{deployments: [scripted/scripted-chat], retries: 0}}
  hasty: {{deployments: [scripted/scripted-chat], retries: 0, try_timeout: 300ms, timeout: 600ms}}
"""


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with small limits."""
    provider = ScriptedProvider()
    home: Path = tmp_path_factory.mktemp("strict")
    with scripted_thread(provider) as url, running(CONFIG.format(url=url), home) as outrider:
        yield House(outrider, provider, url)


@pytest.fixture
def house(strict: House) -> House:
    strict.provider.forget()
    return strict


class _Kept(io.BufferedReader):
    """What was read of a connection beyond one answer belongs to the next one."""

    def close(self) -> None:
        """An answer that was read closes its file; the connection goes on."""


class _Connection:
    def __init__(self, sock: socket.socket) -> None:
        self._file = _Kept(socket.SocketIO(sock, "r"))

    def makefile(self, mode: str) -> _Kept:
        return self._file


class Wire:
    """A client that writes bytes and reads what comes."""

    def __init__(self, house: House) -> None:
        parts = urlsplit(house.url)
        self.sock = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
        self._answers: Any = _Connection(self.sock)
        self._key = house.key

    def send(self, raw: bytes) -> None:
        self.sock.sendall(raw)

    def post(self, body: bytes, *headers: str, path: str = "/v1/chat/completions", length: int | None = None) -> None:
        lines = [f"POST {path} HTTP/1.1", "host: x", f"authorization: Bearer {self._key}", *headers]
        lines.append(f"content-length: {len(body) if length is None else length}")
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def answer(self) -> tuple[int, dict[str, str], Any]:
        """Status, headers and decoded body of the next answer."""
        response = http.client.HTTPResponse(self._answers)
        response.begin()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, json.loads(response.read())

    def rest(self) -> bytes:
        """Everything until the other side closes."""
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := self.sock.recv(65536):
                received += part
        return received


@pytest.fixture
def wire(house: House) -> Iterator[Wire]:
    wire = Wire(house)
    yield wire
    wire.sock.close()


def chat(text: str = "hello", model: str = "once", **fields: Any) -> bytes:
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **fields}).encode()


def settled(house: House) -> None:
    """Return when everything that the server had begun before is over: it answers in turn."""
    wire = Wire(house)
    for _ in range(3):
        wire.post(chat())
        assert wire.answer()[0] == 200
    wire.sock.close()


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"", "invalid_json", None),
        (b'{"model":', "invalid_json", None),
        (b"\xff\xfe", "invalid_json", None),
        (b'{"model":"once","model":"once"}', "invalid_json", None),
        (b'{"x":' + b"[" * 50_000, "invalid_json", None),
        (b"[]", "invalid_type", None),
        (chat(temperature="hot"), "invalid_type", "temperature"),
        (chat(n=10**25), "invalid_value", "n"),
        (b'{"model":"once","messages":[{"role":"boss","content":""}]}', "invalid_value", "messages[0].role"),
    ],
)
def test_a_bad_body_is_a_recorded_400(wire: Wire, house: House, body: bytes, code: str, param: str | None) -> None:
    wire.post(body)
    status, headers, answer = wire.answer()
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (400, code, param)
    run = house.run(headers["x-request-id"])
    assert (run.status, run.http_status, run.error) == ("error", 400, code)
    wire.post(chat())  # the connection is still good
    assert wire.answer()[0] == 200


def test_an_unknown_model_names_the_nearest(wire: Wire, house: House) -> None:
    wire.post(chat(model="ones"))
    status, headers, answer = wire.answer()
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (404, "model_not_found", "model")
    assert "once" in answer["error"]["message"]
    assert house.run(headers["x-request-id"]).http_status == 404


def test_an_announced_large_body_is_refused_before_it_comes(wire: Wire) -> None:
    wire.post(b"{", length=100_000_000)
    status, _, answer = wire.answer()
    assert (status, answer["error"]["code"]) == (413, "request_too_large")
    assert wire.rest() == b""


def test_an_unannounced_large_body_is_refused_where_the_limit_is(wire: Wire) -> None:
    wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
    chunk = b"%x\r\n%b\r\n" % (65536, b"x" * 65536)
    with contextlib.suppress(ConnectionError):
        for _ in range(1600):  # 100 MB
            wire.send(chunk)
    with contextlib.suppress(ConnectionError):
        assert b" 413 " in wire.sock.recv(4096)


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nx",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a: b\rset-cookie: c\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a: b\x00c\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_400_and_the_end(wire: Wire, raw: bytes) -> None:
    wire.send(raw)
    received = wire.rest()
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"invalid_http" in received


@pytest.mark.parametrize("raw", [b"x-a: " + b"y" * 200_000, b"\r\n".join([b"x-%d: y" % i for i in range(500)])])
def test_too_large_a_head_is_refused(wire: Wire, raw: bytes) -> None:
    with contextlib.suppress(ConnectionError):
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n" + raw + b"\r\n\r\n")
    assert b" 431 " in wire.rest()


@pytest.mark.parametrize(
    "name", ["x-outrider-session", "x-outrider-user", "x-outrider-tags", "traceparent", "x-request-id"]
)
def test_nothing_that_a_caller_sends_becomes_a_header(wire: Wire, name: str) -> None:
    wire.post(chat(model="on\r\nset-cookie: a=b"), f"{name}: é%0d%0aset-cookie: a=b")
    status, headers, answer = wire.answer()
    assert status == 404
    assert "set-cookie" not in headers
    assert answer["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"POST /v1/chat",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-slow: ",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{",
    ],
)
def test_a_client_that_goes_quiet_is_let_go(wire: Wire, raw: bytes) -> None:
    wire.send(raw)
    received = wire.rest()
    assert received == b"" or received.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_drips_is_let_go(wire: Wire) -> None:
    wire.sock.settimeout(0.02)
    wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n")
    received = b""
    with contextlib.suppress(ConnectionError):
        for _ in range(1000):
            with contextlib.suppress(TimeoutError):
                received = wire.sock.recv(4096)
                break
            wire.send(b" ")
    assert received.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("stream", [True, False])
def test_an_endless_answer_ends_at_the_deadline(wire: Wire, house: House, stream: bool) -> None:
    wire.post(chat("scripted:endless,gap=0.01", model="hasty", stream=stream))
    response = http.client.HTTPResponse(wire.sock)
    response.begin()
    received = response.read()
    assert response.status == (200 if stream else 504)
    assert b"upstream_timeout" in received
    house.seen(cancelled=1)
    run = house.run(response.headers["x-request-id"])
    assert (run.status, run.error) == ("error", "upstream_timeout")


def test_a_client_that_leaves_a_stream_is_recorded(wire: Wire, house: House) -> None:
    wire.post(chat("scripted:endless,gap=0.01", stream=True))
    response = http.client.HTTPResponse(wire.sock)
    response.begin()
    response.read(10)
    response.close()
    wire.sock.close()
    house.seen(cancelled=1)
    settled(house)
    run = house.run(response.headers["x-request-id"])
    assert (run.status, run.error, run.http_status) == ("cancelled", "client_gone", 499)
    assert [step.status for step in run.steps] == ["cancelled"]


@pytest.mark.parametrize("command", ["html", "malformed", "error-in-200", "wrong-length", "reset", "cut=1"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_providers_nonsense_is_named_and_recorded(wire: Wire, house: House, command: str, stream: bool) -> None:
    wire.post(chat(f"scripted:{command}", stream=stream))
    response = http.client.HTTPResponse(wire.sock)
    response.begin()
    received = response.read()
    run = house.run(response.headers["x-request-id"])
    if stream and command == "wrong-length":  # every word of the answer came: only the connection ended badly
        assert (run.status, run.steps[0].status) == ("ok", "error")
        assert received.count(b"[DONE]") == 1
        return
    assert response.status in ((200, 502) if stream else (502,))
    assert b'"error"' in received
    assert run.status == "error"
    assert run.error.startswith("upstream_")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/chat/completions", 405),
        ("PUT", "/v1/embeddings", 405),
        ("POST", "/v1/models", 405),
        ("GET", "/v1/nothing", 404),
        ("POST", "//v1/chat/completions", 404),
        ("GET", "/v1/models/%00", 404),
        ("GET", "/v1/models/%ff%fe", 404),
        ("BREW", "/v1/chat/completions", 400),
    ],
)
def test_other_paths_and_methods_answer_in_the_same_shape(
    wire: Wire, house: House, method: str, path: str, status: int
) -> None:
    wire.send(f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {house.key}\r\n\r\n".encode())
    got, _, answer = wire.answer()
    assert got == status
    assert set(answer["error"]) >= {"message", "type", "param", "code"}


def test_requests_sent_all_at_once_are_answered_in_order(wire: Wire) -> None:
    for number in range(5):
        wire.post(chat(f"scripted:text={number}"))
    answers = [wire.answer()[2]["choices"][0]["message"]["content"] for _ in range(5)]
    assert answers == ["0", "1", "2", "3", "4"]


def test_expect_100_continue(wire: Wire) -> None:
    body = chat()
    wire.post(b"", "expect: 100-continue", length=len(body))
    assert wire.sock.recv(100).startswith(b"HTTP/1.1 100 ")
    wire.send(body)
    assert wire.answer()[0] == 200


def test_nothing_is_left_behind(house: House) -> None:
    settled(house)
    before, asked = (len(os.listdir("/proc/self/fd")), house.outrider.tasks()), 3
    for command in ("endless,gap=0.01", "delay=30", "html", "cut=2", "reset", "status=500"):
        for stream in (True, False):
            wire = Wire(house)
            wire.post(chat(f"scripted:{command}", stream=stream))
            asked += 1
            if command.startswith(("endless", "delay")):
                house.seen(chat=asked)
            else:
                wire.sock.recv(100)
            wire.sock.close()
    for raw in (b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n", b"GARBAGE\r\n\r\n"):
        wire = Wire(house)
        wire.send(raw)
        wire.sock.close()
    house.seen(cancelled=4)
    settled(house)
    after = (len(os.listdir("/proc/self/fd")), house.outrider.tasks())
    assert after[1] <= before[1]
    assert after[0] <= before[0] + 4  # idle connections to the provider are kept
