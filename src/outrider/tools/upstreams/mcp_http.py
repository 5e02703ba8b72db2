"""MCP servers over Streamable HTTP, of the present revision and of older ones."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import msgspec
from mcp.client.streamable_http import streamable_http_client

from outrider.base.errors import RequestError
from outrider.tools.ports import Caller, Mount, Own
from outrider.tools.upstreams._answers import AnsweringClient
from outrider.tools.upstreams._link import Way
from outrider.tools.upstreams._mcp import McpUpstream
from outrider.tools.upstreams._straight import Straight

CONNECTING = 10.0
SILENCE = 600.0
"""Seconds for which a stream may say nothing: how long a call may take is decided elsewhere."""
LARGEST = 32 << 20
"""Bytes of one answer, or of one event of a stream."""
MOST_CONNECTIONS = 64


def open(mount: Mount, own: Own) -> McpUpstream:
    """`options`: `url`, `headers` (`{user}`, `{agent}`, `{session}`, `{project}` stand for who calls)."""
    url = str(mount.options.get("url") or "")
    templates = {str(key): str(value) for key, value in (mount.options.get("headers") or {}).items()}
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=8)
    timeout = httpx2.Timeout(CONNECTING, read=SILENCE)

    refusals = Counter[str]()

    async def reach(caller: Caller | None) -> Way:
        headers = {key: filled(value, caller) for key, value in templates.items()}
        if own.credential is not None:
            headers |= await own.credential(mount.name, caller)

        key = msgspec.json.encode(headers, order="deterministic").decode()

        async def answered(response: httpx2.Response) -> None:
            if response.status_code == 401:
                refusals[key] += 1

        @contextlib.asynccontextmanager
        async def streams() -> AsyncIterator[Any]:
            async with (
                AnsweringClient(
                    LARGEST, headers=headers, timeout=timeout, limits=limits, event_hooks={"response": [answered]}
                ) as client,
                streamable_http_client(url, http_client=client, max_sse_event_size=LARGEST) as opened,
            ):
                yield opened

        def straight() -> Straight:
            assert own.connect is not None
            return Straight(own.connect(url), httpx2.URL(url).raw_path.decode("ascii"), headers)

        direct = straight if own.connect is not None and not httpx2.URL(url).userinfo else None
        return Way(key, streams, direct, lambda: refusals[key])

    return McpUpstream(mount, reach, alone=True)


def filled(template: str, caller: Caller | None) -> str:
    """A header's value for a caller. Raises RequestError where it needs a name that the caller did not give."""
    names: Mapping[str, str] = (
        {
            "user": caller.who.user,
            "agent": caller.who.agent,
            "session": caller.who.session,
            "project": caller.who.project,
        }
        if caller is not None
        else dict.fromkeys(("user", "agent", "session", "project"), "outrider")
    )
    for name, value in names.items():
        if f"{{{name}}}" not in template:
            continue
        if not value or not value.isprintable() or not value.isascii():
            raise RequestError(
                f"this tool needs to know the {name} that it is called for; send the header x-outrider-{name}",
                code=f"{name}_needed",
            )
        template = template.replace(f"{{{name}}}", value)
    return template
