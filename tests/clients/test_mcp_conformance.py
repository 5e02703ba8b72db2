"""MCP's public conformance suite against Outrider, with a server of everything behind it.

`python -m pytest -m slow tests/clients/test_mcp_conformance.py`; the result is on docs/concepts/tools.md.
"""

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest

from outrider.tools.upstreams._straight import Straight
from tests.clients import installed
from tests.tools.gateways import everything, gateway

LABELS = {"*": {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}}
PAGE = installed.ROOT / "docs" / "concepts" / "tools.md"
PATIENCE = 300


@pytest.mark.slow
async def test_active_server_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed.has_node():
        pytest.skip("node and npm are not installed; the conformance suite needs them")
    place = await asyncio.to_thread(installed.conformance)
    program = place / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    path = f"{place / 'node_modules' / 'node' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    straight, send = list[str](), Straight.send_raw_request

    async def sent(self: Straight, method: str, *rest: Any) -> dict[str, Any]:
        straight.append(method)
        return await send(self, method, *rest)

    monkeypatch.setattr(Straight, "send_raw_request", sent)
    async with (
        everything() as (url, _),
        gateway(tmp_path, {"labels": LABELS, "servers": {"all": {"url": url}}}) as gate,
    ):
        running = await asyncio.create_subprocess_exec(
            "node",
            str(program),
            "server",
            "--url",
            gate.url,
            env={**os.environ, "PATH": path},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(PATIENCE):
            said, _ = await running.communicate()
    summary = said.decode("utf-8", "replace").partition("=== SUMMARY ===")[2]
    assert not re.findall(r"✗.*", summary), summary
    total = re.search(r"Total: (\d+) passed, 0 failed", summary)
    assert total is not None, said.decode("utf-8", "replace")[-3000:]
    assert "tools/call" in straight  # the suite went the way that calls usually go
    scenarios = len(re.findall(r"✓", summary))
    assert f"{scenarios} active server scenarios, {total[1]} checks" in PAGE.read_text("utf-8")
