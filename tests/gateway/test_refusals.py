"""What ends at the server's edge is a run too, where the key says whose."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

CONFIG = """
server: {{max_body: 4kB, header_timeout: 300ms}}
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Running]:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path) as outrider:
        yield outrider


def send(outrider: Running, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """What the server says to raw bytes until it closes."""
    with socket.create_connection(("127.0.0.1", int(outrider.url.rsplit(":", 1)[1])), timeout=20) as connection:
        connection.sendall(raw)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def request(key: str, length: int, body: bytes = b"") -> bytes:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: {length}"
    return head.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("length", "body", "status", "code"),
    [(100_000_000, b"", 413, "request_too_large"), (1000, b'{"model": ', 408, "request_timeout")],
)
def test_a_refused_request_is_recorded(small: Running, length: int, body: bytes, status: int, code: str) -> None:
    got, headers, said = send(small, request(small.key, length, body))
    assert (got, json.loads(said)["error"]["code"]) == (status, code)
    row = read.list_runs(small.store(), read.RunFilter()).rows[0]
    assert (row.http_status, row.error, row.name) == (status, code, "chat.completions")
    assert headers["x-request-id"] == ids.text(row.id)


@pytest.mark.parametrize(
    "raw", [b"\x00\x01garbage\r\n\r\n", request("sk-or-unknown-key", 100_000_000), b"GET / HTTP/9\r\n\r\n"]
)
def test_without_a_key_there_is_no_project_to_record_it_in(small: Running, raw: bytes) -> None:
    status, headers, _ = send(small, raw)
    assert 400 <= status < 500
    assert "x-request-id" not in headers
    assert read.list_runs(small.store(), read.RunFilter()).rows == []
