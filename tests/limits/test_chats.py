"""Messages to a chat's own URL: what is tried again, and that a URL is in no error."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from outrider.limits import chats


class Answers(ThreadingHTTPServer):
    """Answers with each of `statuses` in turn, then with 200; 0 is no HTTP at all. `wait` is the Retry-After."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.statuses: list[int] = []
        self.got: list[tuple[str, bytes]] = []
        self.wait = ""


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Answers)
        self.server.got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if not status:
            self.wfile.write(b"SSH-2.0-x\r\n\r\n")
            return
        self.send_response(status)
        self.send_header("location", "/elsewhere")
        if self.server.wait:
            self.send_header("retry-after", self.server.wait)
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
    [
        ([], "", 1), ([500, 429], "", 3), ([500] * 3, "HTTP 500", 3), ([404], "HTTP 404", 1), ([302], "HTTP 302", 1),
        ([0, 0], "", 3), ([0] * 3, "BadStatusLine", 3),
    ],
)  # fmt: skip
def test_what_becomes_of_a_message(chat: Answers, statuses: list[int], trouble: str, asked: int) -> None:
    chat.statuses = statuses
    url = f"http://127.0.0.1:{chat.server_port}/secret"
    assert chats.post(url, {"text": "hello"}, pause=lambda _: None) == trouble
    assert chat.got == [("/secret", b'{"text":"hello"}')] * asked


@pytest.mark.parametrize(
    ("wait", "paused"),
    [("", [1.0, 5.0]), ("3", [3.0, 3.0]), ("0", [0.0, 0.0]), ("86400", [10.0, 10.0]), ("soon", [1.0, 5.0])],
)
def test_it_is_tried_again_when_the_chat_said_so(chat: Answers, wait: str, paused: list[float]) -> None:
    chat.statuses, chat.wait = [429, 429], wait
    waited: list[float] = []
    assert chats.post(f"http://127.0.0.1:{chat.server_port}/", {"text": "hello"}, pause=waited.append) == ""
    assert waited == paused


def test_nobody_waits_for_a_try_that_does_not_come(chat: Answers) -> None:
    chat.statuses = [500]
    waited: list[float] = []
    assert chats.post(f"http://127.0.0.1:{chat.server_port}/", {}, tries=1, pause=waited.append) == "HTTP 500"
    assert waited == []


def test_a_url_that_cannot_be_asked_is_no_crash() -> None:
    assert chats.post("http://127.0.0.1:1/a b\x01", {}, tries=1) == "InvalidURL"


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
