"""A program's stdin and stdout as the streams of the official SDK, with an end to how long one line may be.

The SDK's own client keeps a line that does not end until there is no memory left, and copies it with every piece. What
it gives its session is the same here: messages, and what could not be read as one. Only a broken answer is told to
whoever waits for it.
"""

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any, TextIO

import anyio
import anyio.abc
from mcp.client.stdio import StdioServerParameters, get_default_environment
from mcp.os.posix.utilities import terminate_posix_process_tree
from mcp.shared.message import SessionMessage

from outrider.tools.upstreams._awaited import Awaited

LONGEST = 32 << 20
"""Bytes of one line."""
GRACE = 2.0
"""Seconds that a program has to end by itself once its stdin is closed, and again once it was told to."""
LOOK = 0.01
_GONE = (anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream, OSError)

log = logging.getLogger("outrider.tools")


@contextlib.asynccontextmanager
async def program(
    parameters: StdioServerParameters, errlog: TextIO, outgrown: Callable[[], None]
) -> AsyncIterator[Any]:
    """Start it; ended with all that it started. `outgrown` hears of a line that is too long: nothing is read after it.
    Raises OSError for what cannot be started."""
    process = await anyio.open_process(
        [parameters.command, *parameters.args],
        env=get_default_environment() | (parameters.env or {}),
        stderr=errlog,
        cwd=parameters.cwd,
        start_new_session=True,
    )
    heard_in, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    said, said_out = anyio.create_memory_object_stream[SessionMessage](0)
    awaited = Awaited()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_read, process, heard_in, outgrown, awaited)
        tasks.start_soon(_write, process, said_out, heard_in, awaited)
        try:
            yield heard, said
        finally:
            with anyio.CancelScope(shield=True):
                heard.close()  # what it still writes is thrown away, so that it gets to see the end of its stdin
                said.close()
                await _end(process)
                for stream in (heard_in, said_out):
                    stream.close()
            tasks.cancel_scope.cancel()


async def _read(process: anyio.abc.Process, heard: Any, outgrown: Callable[[], None], awaited: Awaited) -> None:
    assert process.stdout is not None
    with contextlib.suppress(*_GONE):
        async with heard:
            async for line in _lines(process.stdout):
                if line is None:
                    outgrown()
                    await _stop(process)
                    return
                await heard.send(awaited.heard(line))
    with contextlib.suppress(*_GONE), anyio.CancelScope(shield=True):
        while True:
            await process.stdout.receive()


async def _lines(stdout: anyio.abc.ByteReceiveStream) -> AsyncIterator[bytes | None]:
    """Lines as they come; None once for one that is too long."""
    kept = bytearray()
    async for piece in stdout:
        *whole, rest = piece.split(b"\n")
        for end in whole:
            kept += end
            if len(kept) > LONGEST:
                break
            yield bytes(kept)
            kept.clear()
        kept += rest
        if len(kept) > LONGEST:
            yield None
            return


async def _write(process: anyio.abc.Process, said: Any, heard: Any, awaited: Awaited) -> None:
    assert process.stdin is not None
    try:
        async with said:
            async for one in said:
                awaited.said(one.message)
                await process.stdin.send(
                    one.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
                )
    except _GONE:
        await heard.aclose()  # it may live on: its session has to see that nothing reaches it


async def _end(process: anyio.abc.Process) -> None:
    """Close its stdin, give it time, then end it and all that it started."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(*_GONE):
        await process.stdin.aclose()
    if not await _over(process):
        await _stop(process)
    with contextlib.suppress(*_GONE):
        await process.stdout.aclose()


async def _stop(process: anyio.abc.Process) -> None:
    if sys.platform != "win32":
        await terminate_posix_process_tree(process, GRACE)
    if not await _over(process):
        with contextlib.suppress(ProcessLookupError):
            process.kill()


async def _over(process: anyio.abc.Process) -> bool:
    """Whether it ended in time. Its pipes may be held by what it started, so only its own end is looked at."""
    with anyio.move_on_after(GRACE):
        while process.returncode is None:  # noqa: ASYNC110 -- its own `wait` waits for its pipes, too
            await anyio.sleep(LOOK)
    return process.returncode is not None
