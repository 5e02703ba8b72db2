"""One chat generation on its way from the runtime's thread to the event loop."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from outrider.base.errors import RequestError
from outrider.providers.embedded import wire
from outrider.providers.embedded.chat import Answer, Plan
from outrider.providers.embedded.runtime import ChatRuntime

_JSON_STARTS = set('{["-0123456789tfn')


def runtime_error(entry: dict[str, Any]) -> RequestError:
    """The runtime's error object as ours."""
    code, message = entry.get("code", 500), str(entry.get("message", "the runtime failed"))
    if entry.get("type") == "exceed_context_size_error":
        return RequestError(message, code="context_length_exceeded", param="messages")
    if code == 400:
        return RequestError(message)
    return RequestError(f"the embedded model failed: {message}", status=500, code="runtime_failed", kind="server_error")


class Generation:
    """A running generation. Iterate `chunks` once, on the loop that made it; `stop` ends it within one token."""

    def __init__(self, plan: Plan, answer: Answer) -> None:
        self._plan, self.answer = plan, answer
        self._loop = asyncio.get_running_loop()
        self._events: deque[dict[str, Any]] = deque()
        self._arrived: asyncio.Future[None] | None = None
        self._over = False
        self._stopped = False

    def start(
        self, pool: Executor, runtime: ChatRuntime, body: dict[str, Any], release: Callable[[], None]
    ) -> asyncio.Future[None]:
        """Run in the pool; `release` is called on the loop when the runtime is done with it."""
        running = self._loop.run_in_executor(pool, self._run, runtime, body)

        def ended(_: asyncio.Future[None]) -> None:
            release()
            self._over = True
            self._wake()

        running.add_done_callback(ended)
        return running

    def stop(self) -> None:
        self._stopped = True

    # In the runtime's thread:

    def _run(self, runtime: ChatRuntime, body: dict[str, Any]) -> None:
        if self._stopped:
            return
        try:
            runtime.run(body, self._on_chunk)
        except ValueError as error:
            self._on_chunk({"error": {"code": 400, "message": str(error)}})
        except Exception as error:  # noqa: BLE001 - edge to native code: whatever it raises becomes an answer
            self._on_chunk({"error": {"code": 500, "message": str(error)}})

    def _on_chunk(self, chunk: dict[str, Any]) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._put, chunk)
        except RuntimeError:  # the loop is closed: nobody listens
            return True
        return self._stopped

    # On the event loop:

    def _put(self, chunk: dict[str, Any]) -> None:
        self._events.append(chunk)
        self._wake()

    def _wake(self) -> None:
        if self._arrived is not None and not self._arrived.done():
            self._arrived.set_result(None)

    async def _next(self) -> dict[str, Any] | None:
        while not self._events:
            if self._over:
                return None
            self._arrived = self._loop.create_future()
            await self._arrived
        return self._events.popleft()

    async def chunks(self) -> AsyncGenerator[dict[str, Any]]:
        """OpenAI's chunks. Raises RequestError for what the runtime refuses or breaks at."""
        try:
            while (native := await self._next()) is not None:
                if "error" in native:
                    raise runtime_error(native["error"])
                ready = self.answer.feed(native)
                self._sniff()
                for chunk in ready:
                    yield chunk
            if not self.answer.finished:
                raise runtime_error({"message": "the generation was cut off"})
        finally:
            self.stop()

    def _sniff(self) -> None:
        # The runtime drops a grammar that it cannot compile without a word and writes free text. It shows at once.
        if self._plan.constrained and self.answer.sniffed and self.answer.sniffed not in _JSON_STARTS:
            raise RequestError(
                "the JSON schema uses a keyword, pattern or format that the embedded model cannot enforce; simplify "
                'it, or send "strict": false to leave such keywords out',
                code="unsupported_json_schema",
                param="tools" if self._plan.toolbox else "response_format",
            )


class Stream:
    """A streamed answer. The chunks up to the first text were read already: they decided the status.

    While it is paused the generation goes on, into memory: an answer is at most a few hundred kilobytes.
    """

    status = 200
    headers: Sequence[tuple[bytes, bytes]] = (wire.EVENTS, (b"cache-control", b"no-cache"))

    def __init__(
        self, generation: Generation, first: list[dict[str, Any]], rest: AsyncGenerator[dict[str, Any]]
    ) -> None:
        self._generation, self._first, self._rest = generation, first, rest
        self.complete = self._aborted = False
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def read(self, limit: int) -> bytes:
        parts: list[bytes] = []

        def keep(part: bytes) -> bool:
            parts.append(part)
            return True

        await self.pass_to(keep)
        return await wire.Whole(b"".join(parts)).read(limit)

    async def pass_to(self, sink: Callable[[bytes], bool]) -> None:
        """One server-sent event each, the last one `[DONE]`. An error after the head is an event too."""
        try:
            async with contextlib.aclosing(self._events()) as events:
                async for event in events:
                    await self._flowing.wait()
                    if self._aborted or not sink(event):
                        return
            self.complete = True
        finally:
            self._generation.stop()

    async def _events(self) -> AsyncGenerator[bytes]:
        try:
            for chunk in self._first:
                yield wire.event(chunk)
            async with contextlib.aclosing(self._rest):
                async for chunk in self._rest:
                    yield wire.event(chunk)
            yield wire.DONE
        except RequestError as error:
            yield wire.event(wire.error_object(error))

    def pause(self) -> None:
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def abort(self) -> None:
        self._aborted = True
        self._generation.stop()
        self._flowing.set()
