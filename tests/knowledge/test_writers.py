"""A route that writes, asked over real HTTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import msgspec
import pytest

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.knowledge.writers import Writer


class Answering(BaseHTTPRequestHandler):
    answers: ClassVar[list[tuple[int, bytes]]] = []
    asked: ClassVar[list[tuple[dict[str, str], dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).asked.append(({k.lower(): v for k, v in self.headers.items()}, msgspec.json.decode(body)))
        status, answer = type(self).answers.pop(0)
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.send_header("x-outrider-cost", "0.0000015" if status == 200 else "?")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    Answering.answers, Answering.asked = [], []
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_asks_as_who_asks_and_counts_what_it_spends(url: str) -> None:
    Answering.answers = [(200, b'{"choices": [{"message": {"role": "assistant", "content": "Yes."}}]}')] * 2
    writer = Writer(url, "large", lambda: {"cookie": "me"}, "casebook")
    assert writer.ask("Really?", max_tokens=7) == "Yes."
    assert writer.ask("Again?") == "Yes."
    assert writer.cost == 3000
    heads, body = Answering.asked[0]
    assert (heads["cookie"], heads["x-outrider-tags"]) == ("me", "casebook")
    assert body == {"model": "large", "messages": [{"role": "user", "content": "Really?"}], "max_tokens": 7}


@pytest.mark.parametrize(
    ("status", "answer", "kind", "text"),
    [
        (404, b'{"error": {"message": "no route large"}}', RequestError, "no route large"),
        (500, b"<html>", UpstreamError, "HTTP 500"),
        (200, b"<html>", UpstreamError, "cannot be read"),
        (200, b'{"choices": []}', UpstreamError, "cannot be read"),
    ],
)
def test_what_is_no_answer_is_told(url: str, status: int, answer: bytes, kind: type[OutriderError], text: str) -> None:
    Answering.answers = [(status, answer)]
    with pytest.raises(kind, match=text):
        Writer(url, "large", dict).ask("?")


def test_without_a_server() -> None:
    with pytest.raises(UpstreamError, match="outrider up"):
        Writer("http://127.0.0.1:9", "large", dict).ask("?")
