"""The gateway under test: where it is, and how it is asked. Ours can be started with a provider of every language."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from outrider.base.sse import SSESplitter, kind, payload
from outrider.testing.conformance.got import Wire, Wrong, must
from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread

LOSSY, LOST = "x-outrider-lossy", "x-outrider-lost"
PROVIDER_KEY = "sk-provider-secret"
WAIT = 20.0  # seconds for an answer

PROVIDERS = {
    "chat": ("preset: openai", "/v1", "gpt-5.1"),
    "responses": ("dialect: responses", "/v1", "gpt-5.1"),
    "anthropic": ("preset: anthropic", "", "claude-sonnet-4-5"),
    "gemini": ("preset: google", "", "gemini-2.5-pro"),
    "bedrock": ("preset: bedrock", "", "anthropic.claude-sonnet-4-5-v1:0"),
}
"""How each is configured, and a model whose ways the gateway may know."""
ONCE = 8
"""Models of every provider that are asked but once, for scenes after which a gateway leaves a model alone."""


def config(root: str) -> str:
    """How an Outrider is set up for the suite's providers at `root`: a model `to-LANGUAGE` for each, without retries
    and breakers, and `to-LANGUAGE-NUMBER` for scenes that leave traces.
    """
    key = "${env:SUITE_PROVIDER_KEY}"
    ends = ["", *(f"-{number}" for number in range(ONCE))]
    lines = ["embedded: {enabled: false}", "providers:"]
    for name, (how, path, model) in PROVIDERS.items():
        rest = f'base_url: "{root}{path}", api_key: "{key}", breaker: {{on: false}}'
        lines.append(f"  {name}: {{{how}, {rest}, models: [{', '.join(model + end for end in ends)}]}}")
    lines.append("routes:")
    for name, (_, _, model) in PROVIDERS.items():
        lines += [f"  to-{name}{end}: {{deployments: [{name}/{model}{end}], retries: 0}}" for end in ends]
    return "\n".join(lines) + "\n"


class Target:
    """A gateway at `url`, with the suite's `provider` behind it at the root `providers`. Asks over one connection,
    which it keeps.
    """

    def __init__(self, url: str, key: str, provider: SpeakingProvider, providers: str = "") -> None:
        self.url, self.key, self.provider, self.providers = url, key, provider, providers
        self._host = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(
        self, wire: Wire, *, lossy: bool = False, raw: bytes = b"", key: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body. A connection that breaks while the body comes gives what came. `raw`
        is sent instead of the wire's body, `key` instead of the good one.
        """
        headers = self.headers(wire, key) | ({LOSSY: "allow"} if lossy else {})
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, timeout=WAIT)
        try:
            self._connection.request("POST", wire.path, raw or wire.raw(), headers)
            answer = self._connection.getresponse()
            try:
                body = answer.read()
            except http.client.IncompleteRead as cut:
                body = cut.partial
                self.close()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Wrong(f"the gateway gave no answer: {error!r}") from None

    def headers(self, wire: Wire, key: str = "") -> dict[str, str]:
        return {"content-type": "application/json", "authorization": f"Bearer {key or self.key}", **wire.headers}

    def ask(self, caller: ModuleType, wire: Wire, *, stream: bool, lossy: bool) -> tuple[dict[str, Any], str]:
        """The whole answer as the caller's official client has it at the end, and what was left out of the request.

        Raises Trouble for an error, Wrong for an answer that the caller's language does not allow.
        """
        status, headers, body = self.post(wire, lossy=lossy)
        if status != 200:
            raise caller.error(status, headers, _json(body))
        if not stream:
            return _json(body), headers.get(LOST, "")
        must("text/event-stream" in headers.get("content-type", ""), f"content-type {headers.get('content-type')}")
        return caller.gather(_events(body)), headers.get(LOST, "")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Wrong(f"not JSON: {body[:200]!r}") from None


def _events(body: bytes) -> list[tuple[str, Any]]:
    """Names and contents of a stream's events."""
    splitter = SSESplitter()
    found = []
    for event in splitter.feed(body):
        said = payload(event)
        if said:
            found.append((kind(event), "[DONE]" if said == b"[DONE]" else _json(said)))
    must(not splitter.rest(), "the last event is not closed")
    return found


def _running(url: str, home: Path) -> contextlib.AbstractContextManager[Running]:
    return running(config(url.removesuffix("/v1")), home, environment={"SUITE_PROVIDER_KEY": PROVIDER_KEY})


@contextlib.contextmanager
def ours(home: Path) -> Iterator[Target]:
    """Outrider in this process, with a provider of every language behind it."""
    provider = SpeakingProvider()
    with speaking_thread(provider) as url, _running(url, home) as outrider:
        target = Target(outrider.url, outrider.key, provider, url.removesuffix("/v1"))
        try:
            yield target
        finally:
            target.close()
