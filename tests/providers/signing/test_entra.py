"""Tokens of Entra ID, from a managed identity's endpoint of our own and from credentials that fail."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.identity import CredentialUnavailableError, ManagedIdentityCredential

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.providers.signing import entra

REQUEST = WireRequest("POST", "/openai/v1/chat/completions", [(b"authorization", b"old"), (b"x", b"y")], b"{}")
HOUR = 3600


def now() -> int:
    return clock.now_ns() // 1_000_000_000


class Identity:
    """Gives `t1`, `t2`, ... in turn, each for `seconds`."""

    def __init__(self, seconds: int = HOUR) -> None:
        self.given, self.seconds = 0, seconds

    def get_token(self, scope: str) -> AccessToken:
        assert scope == entra.SCOPE
        self.given += 1
        return AccessToken(f"t{self.given}", now() + self.seconds)


async def bearer(signer: entra.Signer) -> bytes:
    found = signer.sign(REQUEST)
    wire = found if isinstance(found, WireRequest) else await found
    assert (b"x", b"y") in wire.headers
    (token,) = [value for name, value in wire.headers if name == b"authorization"]
    return token


async def test_many_requests_at_once_ask_once() -> None:
    identity = Identity()
    signer = entra.Signer(lambda: identity)
    assert await asyncio.gather(*(bearer(signer) for _ in range(5))) == [b"Bearer t1"] * 5
    assert isinstance(signer.sign(REQUEST), WireRequest)
    assert identity.given == 1


async def test_a_token_that_ends_soon_is_used_while_the_next_is_fetched() -> None:
    identity = Identity(seconds=entra.AHEAD - 1)
    signer = entra.Signer(lambda: identity)
    assert await bearer(signer) == b"Bearer t1"
    assert await bearer(signer) == b"Bearer t1"
    fetching = signer._fetching
    assert fetching is not None
    await fetching
    assert await bearer(signer) == b"Bearer t2"
    assert signer._fetching is not None
    await signer._fetching


async def test_a_token_that_has_ended_is_waited_for() -> None:
    identity = Identity(seconds=entra.LAST)
    signer = entra.Signer(lambda: identity)
    assert [await bearer(signer), await bearer(signer)] == [b"Bearer t1", b"Bearer t2"]


class _Machine(BaseHTTPRequestHandler):
    """Where App Service gives its identity's tokens."""

    asked: list[dict[str, list[str]]]

    def do_GET(self) -> None:
        type(self).asked.append(parse_qs(urlsplit(self.path).query))
        body = json.dumps({"access_token": "machine", "expires_on": str(now() + HOUR), "token_type": "Bearer"}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Machine]]:
    _Machine.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Machine)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_port}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "h")
    monkeypatch.delenv("IDENTITY_SERVER_THUMBPRINT", raising=False)
    yield _Machine
    server.shutdown()
    thread.join()
    server.server_close()


async def test_azures_own_package_finds_it(machine: type[_Machine]) -> None:
    assert await bearer(entra.Signer(ManagedIdentityCredential)) == b"Bearer machine"
    assert machine.asked[0]["resource"] == [entra.SCOPE.removesuffix("/.default")]


async def test_nobody_is_logged_in() -> None:
    class Nobody:
        def get_token(self, scope: str) -> AccessToken:
            raise CredentialUnavailableError("Azure CLI not found on path\nmore")

    with pytest.raises(UpstreamError, match=r"not found on path\. Give the provider") as caught:
        await bearer(entra.Signer(Nobody))
    assert (caught.value.code, caught.value.retryable) == ("provider_key_refused", False)


async def test_the_package_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.core.exceptions", None)
    with pytest.raises(UpstreamError, match=r"outrider\[azure\]"):
        await bearer(entra.signer("https://x.openai.azure.com"))


def test_the_usual_chain() -> None:
    assert type(entra.default_credential()).__name__ == "DefaultAzureCredential"
