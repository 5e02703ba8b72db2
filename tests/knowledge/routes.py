"""Stands where a server's `/v1/embeddings` is, for collections whose vectors come from a route."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec


class Route(ThreadingHTTPServer):
    """Stands where the server's `/v1/embeddings` is. `fate` is what becomes of a request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.fate, self.asked, self.over = "answers", 0, threading.Event()


class _Request(BaseHTTPRequestHandler):
    server: Route

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked += 1
        if self.server.fate == "hangs":
            self.server.over.wait(60)
            return
        broken = self.server.fate == "breaks"
        rows = [{"index": i, "embedding": _vector(text)} for i, text in enumerate(body["input"])]
        sent = msgspec.json.encode({"error": {"message": "upstream is away"}} if broken else {"data": rows})
        self.send_response(502 if broken else 200)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _vector(text: str) -> list[float]:
    return [1.0, float("train" in text.lower()), float("paid" in text.lower())]


@contextlib.contextmanager
def standing() -> Iterator[Route]:
    """A Route that serves until the block ends."""
    made = Route()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.over.set()
    made.shutdown()
    thread.join()
    made.server_close()
