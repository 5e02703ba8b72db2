"""Our credentials stay ours, also when a provider repeats them."""

import http.server
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.testing.running import running

CONFIG = """
embedded: {{enabled: false}}
providers:
  chatty: {{base_url: "http://127.0.0.1:{port}/v1", api_key: "${{env:CHATTY_KEY}}", models: [m]}}
routes:
  r: {{deployments: [chatty/m], retries: 0}}
"""


class Chatty(http.server.BaseHTTPRequestHandler):
    """Refuses every request, and says with which credential it came. The status is what the user's text says; `stream`:
    a stream that has the error inside."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"error": {"message": f"wrong: {self.headers['authorization']}"}}).encode()
        status = asked["messages"][0]["content"]
        streams = status == "stream"
        if streams:
            body = b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\ndata: %b\n\n' % body
        self.send_response(200 if streams else int(status))
        self.send_header("content-type", "text/event-stream" if streams else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def chatty() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Chatty) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_a_refusal_that_repeats_the_credential_comes_without_it(
    chatty: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATTY_KEY", "sk-very-private-1234")
    with running(CONFIG.format(port=chatty), tmp_path) as outrider:
        for status in (400, 401, 500):
            for stream in (False, True):
                asked = {"model": "r", "stream": stream, "messages": [{"role": "user", "content": str(status)}]}
                request = urllib.request.Request(
                    f"{outrider.url}/v1/chat/completions",
                    json.dumps(asked).encode(),
                    {"authorization": f"Bearer {outrider.key}"},
                )
                with pytest.raises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(request, timeout=30)
                said = refused.value.read()
                refused.value.close()
                assert b"wrong: Bearer [credential]" in said
                assert b"private" not in said


def test_an_error_inside_an_answer_comes_without_it_too(
    chatty: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATTY_KEY", "sk-very-private-1234")
    with running(CONFIG.format(port=chatty), tmp_path) as outrider:
        for path, more in (("/v1/chat/completions", {}), ("/v1/messages", {"max_tokens": 9})):
            for status in ("200", "stream"):
                asked = {"model": "r", "stream": status == "stream", **more}
                asked["messages"] = [{"role": "user", "content": status}]
                headers = {"authorization": f"Bearer {outrider.key}"}
                request = urllib.request.Request(outrider.url + path, json.dumps(asked).encode(), headers)
                try:
                    said = urllib.request.urlopen(request, timeout=30).read()
                except urllib.error.HTTPError as refused:
                    said = refused.read()
                    refused.close()
                assert b"wrong: Bearer [credential]" in said
                assert b"private" not in said
