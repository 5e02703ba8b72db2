"""A worker that has more to do than it can: what callers get meanwhile on real sockets, and that it ends."""

import asyncio
import json
from pathlib import Path

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running

CONFIG = """
embedded: {{enabled: false}}
server: {{shed_lag: 0.02ms}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
"""
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
CALLERS, MOST_TURNS = 60, 400


class Caller:
    """One connection to the gateway."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key

    async def __aenter__(self) -> "Caller":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, path: str, method: str = "POST") -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        said = {"model": "scripted/scripted-chat", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        body = json.dumps(said).encode() if method == "POST" else b""
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self._key}\r\n"
        self._writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(status.split()[1]), headers, await self._reader.readexactly(int(headers["content-length"]))


async def test_a_saturated_worker_refuses_in_the_callers_language_and_recovers(tmp_path: Path) -> None:
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), tmp_path) as outrider:
        port, key = int(outrider.url.rsplit(":", 1)[1].split("/")[0]), outrider.key
        refused: dict[str, tuple[dict[str, str], bytes]] = {}

        async def press(path: str) -> None:
            async with Caller(port, key) as caller:
                for _ in range(MOST_TURNS):
                    status, headers, body = await caller.ask(path)
                    assert status in (200, 503)
                    if status == 503:
                        refused[path] = headers, body
                    if len(refused) == 2:
                        break

        await asyncio.gather(*(press((CHAT, MESSAGES)[n % 2]) for n in range(CALLERS)))
        headers, body = refused[CHAT]
        assert json.loads(body)["error"]["code"] == "overloaded"
        assert int(headers["retry-after"]) >= 1
        headers, body = refused[MESSAGES]
        assert json.loads(body)["type"] == "error"
        assert json.loads(body)["error"]["type"] == "overloaded_error"
        assert int(headers["retry-after"]) >= 1
        async with Caller(port, key) as caller:
            assert (await caller.ask("/health", "GET"))[0] == 200
            async with asyncio.timeout(60):  # at least one call a second is let in, and soon all of them
                while (await caller.ask(CHAT))[0] != 200:
                    pass
