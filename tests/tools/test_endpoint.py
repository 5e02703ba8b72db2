"""The edge of `/mcp`: keys, origins, sizes."""

from pathlib import Path

import httpx2
import pytest

from outrider.tools.endpoint import LARGEST
from tests.tools.gateways import gateway

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
MODERN = {**HEADERS, "mcp-protocol-version": "2026-07-28"}


async def test_a_key_is_asked_for_as_mcp_says(tmp_path: Path) -> None:
    async with gateway(tmp_path, {}, "") as gate, httpx2.AsyncClient() as http:
        for headers in (HEADERS, MODERN):
            refused = await http.post(gate.url, json=INITIALIZE, headers=headers)
            assert refused.status_code == 401
            hint = refused.headers["www-authenticate"]
            assert hint.startswith('Bearer resource_metadata="http://127.0.0.1')
            found = await http.get(hint.partition('"')[2].rstrip('"'))
            assert found.json()["resource"] == gate.url
        for sent in ({"x-api-key": gate.key}, gate.headers):
            assert (await http.post(gate.url, json=INITIALIZE, headers={**HEADERS, **sent})).status_code == 200
        assert refused.headers["x-request-id"]


@pytest.mark.parametrize("headers", [HEADERS, MODERN])
async def test_pages_of_others_are_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    async with gateway(tmp_path, {}) as gate, httpx2.AsyncClient() as http:
        for sent in ({"origin": "http://evil.example"}, {"host": "evil.example"}, {"origin": "null"}):
            assert (await http.post(gate.url, json=INITIALIZE, headers={**headers, **sent})).status_code == 403
        allowed = await http.post(gate.url, json=INITIALIZE, headers={**HEADERS, "origin": "http://localhost:3000"})
        assert allowed.status_code == 200


@pytest.mark.parametrize("headers", [HEADERS, MODERN])
async def test_a_browser_is_answered_under_known_names_alone(tmp_path: Path, headers: dict[str, str]) -> None:
    """With a key, too: the page of a name that was bound to this address gets nothing (DNS rebinding)."""
    config = {"public_url": "https://tools.example.com"}
    async with gateway(tmp_path, config, "") as gate, httpx2.AsyncClient() as http:

        async def status(**sent: str) -> int:
            said = {**headers, **gate.headers, **sent}
            return (await http.post(gate.url, json=INITIALIZE, headers=said)).status_code

        assert await status(host="evil.example", origin="http://evil.example") == 403
        assert await status(host="evil.example:8000", origin="http://evil.example:8000") == 403
        assert await status(host="evil.example", origin="http://localhost:3000") == 403
        assert await status(host="127.0.0.1.evil.example", origin="http://127.0.0.1.evil.example") == 403
        plain = await status()
        assert await status(host="tools.example.com", origin="https://tools.example.com") == plain
        assert await status(host="[::1]:8000", origin="http://[::1]:8000") == plain
        assert await status(host="10.0.0.7", origin="http://10.0.0.7") == plain
        assert await status(host="outrider.internal") == plain, "a program may use any name"


@pytest.mark.parametrize("headers", [HEADERS, MODERN])
async def test_a_body_has_a_limit(tmp_path: Path, headers: dict[str, str]) -> None:
    async with gateway(tmp_path, {}) as gate, httpx2.AsyncClient() as http:
        found = await http.post(gate.url, content=b"x" * (LARGEST + 1), headers=headers)
        assert found.status_code == 413
