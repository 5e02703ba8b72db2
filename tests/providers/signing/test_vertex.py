"""Tokens for Vertex AI, from a service account's file and a token server of our own."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import google.auth._helpers as google_clock
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2 import service_account

from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.signed import SigningTransport
from outrider.providers.signing import vertex

REQUEST = WireRequest("POST", "/v1/x", [(b"content-type", b"application/json"), (b"authorization", b"old")], b"{}")


class Tokens:
    """Google's token endpoint: gives `t1`, `t2`, …; each for an hour. `refuse`: gives none."""

    def __init__(self) -> None:
        self.given = 0
        self.refuse = False
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        self.asked.append(parse_qs((await reader.readexactly(length)).decode()))
        if self.refuse:
            status, said = 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        else:
            self.given += 1
            status, said = 200, {"access_token": f"t{self.given}", "expires_in": 3600, "token_type": "Bearer"}
        body = json.dumps(said).encode()
        start = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n"
        writer.write(start.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def tokens() -> AsyncIterator[Tokens]:
    found = Tokens()
    server = await asyncio.start_server(found.serve, "127.0.0.1")
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
    yield found
    server.close()
    await server.wait_closed()


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@pytest.fixture
def account(tokens: Tokens, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    said = {"type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key,
            "client_email": "a@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": tokens.url}  # fmt: skip
    path = tmp_path / "account.json"
    path.write_text(json.dumps(said))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


def bearer(signed: WireRequest) -> bytes:
    return dict(signed.headers)[b"authorization"]


async def sign(signer: vertex.Signer) -> WireRequest:
    signed = signer.sign(REQUEST)
    return signed if isinstance(signed, WireRequest) else await signed


async def test_a_service_account_signs(tokens: Tokens, account: Path) -> None:
    signer = vertex.signer("https://europe-west4-aiplatform.googleapis.com")
    signed = await sign(signer)
    assert bearer(signed) == b"Bearer t1"
    assert (b"content-type", b"application/json") in signed.headers
    assert len([name for name, _ in signed.headers if name == b"authorization"]) == 1
    assert tokens.asked[0]["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert isinstance(signer.sign(REQUEST), WireRequest), "a fresh token is there at once"
    assert tokens.given == 1


async def test_all_wait_for_one_refresh(tokens: Tokens, account: Path) -> None:
    signer = vertex.signer("")
    signed = await asyncio.gather(*(sign(signer) for _ in range(20)))
    assert {bearer(one) for one in signed} == {b"Bearer t1"}
    assert tokens.given == 1


async def test_a_token_that_will_expire_is_used_while_another_comes(
    tokens: Tokens, account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = vertex.signer("")
    await sign(signer)
    now = google_clock.utcnow()
    monkeypatch.setattr(google_clock, "utcnow", lambda: now + timedelta(minutes=58))
    assert bearer(await sign(signer)) == b"Bearer t1"
    assert signer._refreshing is not None
    await signer._refreshing
    assert bearer(await sign(signer)) == b"Bearer t2"


async def test_one_that_has_expired_is_not(tokens: Tokens, account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = vertex.signer("")
    await sign(signer)
    now = google_clock.utcnow()
    monkeypatch.setattr(google_clock, "utcnow", lambda: now + timedelta(hours=2))
    assert bearer(await sign(signer)) == b"Bearer t2"


async def test_google_refuses(tokens: Tokens, account: Path) -> None:
    tokens.refuse = True
    signer = vertex.signer("")
    with pytest.raises(UpstreamError, match="Invalid JWT Signature") as refused:
        await sign(signer)
    assert refused.value.code == "provider_key_refused"
    assert not refused.value.retryable
    tokens.refuse = False
    assert bearer(await sign(signer)) == b"Bearer t1", "the next request tries again"


async def test_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(UpstreamError, match="gcloud auth application-default login"):
        await sign(vertex.signer(""))


async def test_the_token_server_is_away(tokens: Tokens, key: str) -> None:
    said = {"client_email": "a@p", "private_key": key, "token_uri": "http://127.0.0.1:9/token"}
    find = service_account.Credentials.from_service_account_info
    signer = vertex.Signer(lambda: find(said, scopes=[vertex.SCOPE]))
    with pytest.raises(UpstreamError, match="cannot be reached"):
        await sign(signer)


async def test_a_quota_project_is_billed(tokens: Tokens, key: str) -> None:
    said = {"client_email": "a@p", "private_key": key, "token_uri": tokens.url}
    found: Any = service_account.Credentials.from_service_account_info(said, scopes=[vertex.SCOPE])
    signed = await sign(vertex.Signer(lambda: found.with_quota_project("pays")))
    assert dict(signed.headers)[b"x-goog-user-project"] == b"pays"


async def test_it_signs_for_a_transport(tokens: Tokens, account: Path) -> None:
    class Wire:
        async def send(self, request: WireRequest) -> Any:
            request.sent = True
            return bearer(request)

        async def close(self) -> None: ...

    request = WireRequest("GET", "/", [])
    assert await SigningTransport(Wire(), vertex.signer("")).send(request) == b"Bearer t1"
    assert request.sent
