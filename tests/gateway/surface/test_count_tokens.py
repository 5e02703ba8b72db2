"""`/v1/messages/count_tokens`, for every model."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from outrider.dialects.anthropic import carried
from outrider.testing.running import Running, running

CONFIG = """
embedded: {{enabled: false}}
providers:
  claude:
    preset: anthropic
    base_url: "{url}"
    api_key: "${{env:CLAUDE_KEY}}"
    models: [claude-sonnet-4-5, claude-broken]
  other: {{base_url: "{url}/v1", models: [gpt-4o, llama]}}
routes:
  mine: {{deployments: [claude/claude-sonnet-4-5]}}
"""
WORDS = "How many tokens are in these words, which are not few? " * 20
ASK: dict[str, Any] = {"messages": [{"role": "user", "content": WORDS}]}


class Counter(BaseHTTPRequestHandler):
    """Anthropic's own count: 1234, for all that a model which is not broken can be asked."""

    heard: ClassVar[list[tuple[str, dict[str, str], dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.heard.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        status, said = (500, b"{}") if "broken" in body["model"] else (200, b'{"input_tokens":1234}')
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with running(
        CONFIG.format(url=url), tmp_path_factory.mktemp("home"), environment={"CLAUDE_KEY": "sk-ant-1"}
    ) as outrider:
        yield outrider
    server.shutdown()
    server.server_close()


def count(house: Running, model: str, **fields: Any) -> tuple[int, str]:
    body = json.dumps({**ASK, "model": model, **fields}).encode()
    headers = {"x-api-key": house.key, "anthropic-beta": "token-counting-2024-11-01"}
    request = urllib.request.Request(f"{house.url}/v1/messages/count_tokens?beta=true", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        said = json.loads(answer.read())
        assert list(said) == ["input_tokens"]
        return said["input_tokens"], answer.headers["x-outrider-counted-by"]


def test_anthropic_counts_for_its_own(house: Running) -> None:
    ours = {"type": "thinking", "thinking": "hm", "signature": carried.wrap({})}
    said = {"role": "assistant", "content": [ours, {"type": "text", "text": "so"}]}
    assert count(house, "mine", messages=[*ASK["messages"], said]) == (1234, "provider")
    path, headers, body = Counter.heard[-1]
    assert (path, body["model"], headers["x-api-key"]) == ("/v1/messages/count_tokens", "claude-sonnet-4-5", "sk-ant-1")
    assert headers["anthropic-beta"] == "token-counting-2024-11-01"
    assert "outrider" not in json.dumps(body)


def test_a_known_tokenizer_counts(house: Running) -> None:
    tokens, how = count(house, "other/gpt-4o")
    assert how == "tokenizer"
    assert 200 < tokens < 300


@pytest.mark.parametrize("model", ["other/llama", "claude/claude-broken"])
def test_else_it_is_judged_by_size(house: Running, model: str) -> None:
    tokens, how = count(house, model)
    assert how == "estimate"
    assert 250 < tokens < 400


def test_all_of_a_request_counts(house: Running) -> None:
    before, _ = count(house, "other/llama")
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
    paper = {"type": "base64", "media_type": "application/pdf", "data": "J" * 100_000}
    shown = {"role": "user", "content": [image, {"type": "document", "source": paper}, {"type": "container_upload"}]}
    after, _ = count(house, "other/llama", messages=[*ASK["messages"], shown])
    assert 1600 + 4000 < after - before < 6000
    tools = [{"name": "look", "input_schema": {"type": "object"}, "description": WORDS}]
    said = [
        {"type": "thinking", "thinking": WORDS, "signature": "s"},
        {"type": "tool_use", "id": "a", "name": "look", "input": {"at": WORDS}},
        {"type": "server_tool_use", "id": "b", "name": "web_search", "input": {"query": WORDS}},
    ]
    form = {"format": {"type": "json_schema", "schema": {"description": WORDS}}}
    messages = [*ASK["messages"], {"role": "assistant", "content": said}]
    more, _ = count(house, "other/llama", system=WORDS, tools=tools, messages=messages, output_config=form)
    assert 6.5 < more / before < 8


@pytest.mark.parametrize(
    ("fields", "key", "kind"),
    [
        ({"messages": []}, None, "invalid_request_error"),
        ({"model": "nobody"}, None, "not_found_error"),
        ({}, "no", "authentication_error"),
    ],
)
def test_errors_in_anthropics_terms(house: Running, fields: dict[str, Any], key: str | None, kind: str) -> None:
    body = json.dumps({"model": "mine", **ASK, **fields}).encode()
    headers = {"x-api-key": key or house.key}
    request = urllib.request.Request(f"{house.url}/v1/messages/count_tokens", body, headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    assert json.loads(caught.value.read())["error"]["type"] == kind
