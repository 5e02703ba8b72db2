"""A whole Outrider that holds proposed calls back, before providers of every language, and the official clients."""

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from outrider.base import ids
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Ask, Reply

REACHED: dict[str, dict[str, Any]] = {
    "chat": {"preset": "openai", "base_url": "{root}/v1", "models": ["gpt-4.1"]},
    "responses": {"preset": "openai-responses", "base_url": "{root}/v1", "models": ["gpt-5"]},
    "anthropic": {"preset": "anthropic", "base_url": "{root}", "models": ["claude-sonnet-4-5"]},
    "gemini": {"preset": "google", "base_url": "{root}", "models": ["gemini-2.5-flash"]},
    "bedrock": {"dialect": "bedrock", "base_url": "{root}", "models": ["us.anthropic.claude-sonnet-4-5-20250929-v1:0"]},
}
MODELS = {name: f"{name}/{how['models'][0]}" for name, how in REACHED.items()}
LABELS = {
    "read_mail": {"does": "none", "trust": "untrusted"},
    "find_contact": {"does": "none", "trust": "trusted", "steers": {"name": "query"}},
    "send_mail": {"does": "external", "steers": {"to": "recipient"}, "carries": ["body"], "verb": "send"},
    "pay": {"does": "money", "steers": {"to": "recipient", "amount": "amount"}, "verb": "pay"},
}
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in LABELS
]
Scene = Callable[[Ask], Reply]


class Raw(http.server.BaseHTTPRequestHandler):
    """A provider that answers with the bytes that it is given: a stream's pieces, or a whole answer."""

    protocol_version = "HTTP/1.1"
    pieces: ClassVar[list[bytes]] = []
    cut: ClassVar[bool] = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        streams = self.pieces[0].startswith(b"data:")
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if streams else "application/json")
        self.send_header("connection", "close")
        size = sum(map(len, self.pieces)) + (100 if self.cut else 0)
        self.send_header("content-length", str(size))
        self.end_headers()
        for piece in self.pieces:
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextlib.contextmanager
def raw_thread() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Raw)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class House:
    """Outrider (`url`, `key`) and the provider behind it. `plays` sets what the model does."""

    def __init__(self, outrider: Running, provider: SpeakingProvider) -> None:
        self.outrider, self.provider = outrider, provider
        self.url, self.key = outrider.url, outrider.key

    def plays(self, scene: Scene) -> None:
        self.provider.scenes["play"] = lambda _language, ask: scene(ask)

    def says(self, *pieces: bytes, cut: bool = False) -> None:
        """What the provider `raw` answers; `cut`: its connection ends before its answer does."""
        Raw.pieces, Raw.cut = list(pieces), cut

    def post(self, body: Any, path: str = "/v1/chat/completions", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            self.url + path, json=body, headers={"authorization": f"Bearer {self.key}", **named}, timeout=20
        )

    def turn(self, messages: list[Any], at: str = "chat", headers: dict[str, str] | None = None, **fields: Any) -> Any:
        """A choice of a chat answer."""
        tools = fields.pop("tools", TOOLS)
        body = {"model": MODELS.get(at, at), "messages": messages, **({"tools": tools} if tools else {}), **fields}
        answer = self.post(body, **(headers or {}))
        assert answer.status_code == 200, answer.text
        return answer.json()["choices"][0]

    def run(self, answer: httpx.Response) -> RunRecorded:
        store = self.outrider.store()
        found = read.get_run(store, ids.parse(answer.headers["x-request-id"]))
        assert found is not None
        found.steps = read.list_steps(store, found.id)
        return found

    @property
    def policy(self) -> Any:
        assert self.outrider.worker is not None
        return self.outrider.worker.policy


def opened(home: Path, guards: dict[str, Any] | None = None, **policy: Any) -> Iterator[House]:
    provider = SpeakingProvider()
    with speaking_thread(provider) as root, raw_thread() as raw:
        providers = {
            name: {**how, "base_url": how["base_url"].format(root=root.rstrip("/")), "api_key": "${env:PROVIDER_KEY}"}
            for name, how in REACHED.items()
        }
        providers["raw"] = {"base_url": raw, "models": ["m"]}
        config = {
            "embedded": {"enabled": False},
            "providers": providers,
            "policy": {"proposed_calls": "enforce", **policy},
            "tools": {"labels": LABELS},
            "guardrails": {"rules": guards or {}},
            "routes": {
                "cached": {"deployments": [MODELS["chat"]], "cache": {"ttl": "60s"}},
                "cascade": {"deployments": [MODELS["chat"], MODELS["anthropic"]], "cascade": {"min_length": 20}},
            },
        }
        with running(json.dumps(config), home, environment={"PROVIDER_KEY": "k"}) as outrider:
            yield House(outrider, provider)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from opened(tmp_path_factory.mktemp("home"))
