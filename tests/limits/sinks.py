"""Real places that messages arrive at: a webhook over HTTP and a mailbox over SMTP."""

import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Webhook:
    """`url` in the library's form; `got` the JSON bodies that came. Answers with `status`, one after the other."""

    def __init__(self, *status: int) -> None:
        self.got: list[dict[str, Any]] = []
        self.arrived = threading.Semaphore(0)
        left = list(status)
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                answer = left.pop(0) if left else 200
                self.send_response(answer)
                self.end_headers()
                sink.got.append(json.loads(body))
                sink.arrived.release()

            def log_message(self, *args: object) -> None:
                """Tests are quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self._server.server_port}/secret-path"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def wait(self, messages: int = 1) -> None:
        for _ in range(messages):
            assert self.arrived.acquire(timeout=30), "no message came"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Mailbox(Message):
    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.got: list[EmailMessage] = []

    def handle_message(self, message: Any) -> None:
        self.got.append(message)


@contextlib.contextmanager
def webhook(*status: int) -> Iterator[Webhook]:
    sink = Webhook(*status)
    try:
        yield sink
    finally:
        sink.close()


@contextlib.contextmanager
def mailbox() -> Iterator[tuple[str, list[EmailMessage]]]:
    """A URL for e-mail, and what came."""
    box = _Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"mailto://127.0.0.1:{port}?from=outrider@example.com&to=ops@example.com&mode=insecure", box.got
    finally:
        controller.stop()
