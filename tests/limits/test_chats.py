"""Messages to a chat's own URL: what is tried again, and that a URL is in no error."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from outrider.limits import chats


class Answers(ThreadingHTTPServer):
    """Answers with each of `statuses` in turn, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.statuses: list[int] = []
        self.got: list[tuple[str, bytes]] = []


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Answers)
        self.server.got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def chat() -> Iterator[Answers]:
    server = Answers()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("statuses", "trouble", "asked"),
    [([], "", 1), ([500, 429], "", 3), ([500] * 3, "HTTP 500", 3), ([404], "HTTP 404", 1), ([302], "HTTP 302", 1)],
)
def test_what_becomes_of_a_message(chat: Answers, statuses: list[int], trouble: str, asked: int) -> None:
    chat.statuses = statuses
    assert chats.post(f"http://127.0.0.1:{chat.server_port}/secret", {"text": "hello"}) == trouble
    assert chat.got == [("/secret", b'{"text":"hello"}')] * asked


def test_nobody_there(chat: Answers) -> None:
    trouble = chats.post("http://127.0.0.1:1/secret", {"text": "hello"}, tries=1)
    assert trouble
    assert "secret" not in trouble
    assert chats.post("no url", {}, tries=1) == "ValueError"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://hooks.slack.com/actions/1", True),
        ("https://hooks.slack.com.evil.example/actions/1", False),
        ("https://hooks.slack.com@evil.example/", False),
        ("http://hooks.slack.com/actions/1", False),
        ("https://hooks.slack.com:8443/", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_the_same_place(url: str, same: bool) -> None:
    assert chats.same_place(url, "https://hooks.slack.com/services/T/B/X") is same
