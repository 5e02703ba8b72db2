"""MCP servers that are programs on this machine: started when first needed, again with back-off, ended with Outrider.

They get no variable of Outrider's environment but `PATH`, `HOME` and the like, and those of their `env`. The end of
what they write to stderr is kept for people.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

from mcp.client.stdio import StdioServerParameters

from outrider.base.errors import UpstreamError
from outrider.tools.ports import Caller, Mount, Own
from outrider.tools.upstreams._link import Way
from outrider.tools.upstreams._mcp import McpUpstream
from outrider.tools.upstreams._program import LONGEST, program

KEPT = 16_384
"""Bytes of stderr that are kept."""

log = logging.getLogger("outrider.tools")


class Tail:
    """The end of what a program writes."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def add(self, piece: bytes) -> None:
        self._kept += piece
        del self._kept[:-KEPT]

    def __str__(self) -> str:
        return self._kept.decode("utf-8", "replace")


def open(mount: Mount, own: Own) -> McpUpstream:
    """`options`: `command` (the program and its arguments), `env`, `cwd`."""
    options = mount.options
    command = [str(part) for part in options.get("command") or ()]
    env = {str(key): str(value) for key, value in (options.get("env") or {}).items()}
    cwd = str(options.get("cwd") or "") or (str(own.config.parent) if own.config is not None else None)
    tail = Tail()

    async def reach(_: Caller | None) -> Way:
        if not command:
            raise UpstreamError(f"the tool server {mount.name!r} has no command", retryable=False)
        parameters = StdioServerParameters(command=command[0], args=command[1:], env=env, cwd=cwd)
        return Way("", lambda: _program(parameters, tail, outgrown))

    def outgrown() -> None:
        tail.add(f"\n[ended: it wrote a line of more than {LONGEST} bytes]\n".encode())
        log.warning("the tool server %s wrote a line of more than %d bytes: it is ended", mount.name, LONGEST)

    return McpUpstream(mount, reach, alone=False, said=lambda: str(tail))


@contextlib.asynccontextmanager
async def _program(parameters: StdioServerParameters, tail: Tail, outgrown: Callable[[], None]) -> AsyncIterator[Any]:
    reading, writing = os.pipe()
    loop = asyncio.get_running_loop()
    os.set_blocking(reading, False)

    def more() -> None:
        try:
            piece = os.read(reading, 65_536)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if piece:
            tail.add(piece)
        else:
            loop.remove_reader(reading)

    loop.add_reader(reading, more)
    try:
        async with contextlib.AsyncExitStack() as stack:
            with os.fdopen(writing, "w") as stderr:  # ours is closed once the program has its own
                opened = await stack.enter_async_context(program(parameters, stderr, outgrown))
            yield opened
    finally:
        loop.remove_reader(reading)
        os.close(reading)
