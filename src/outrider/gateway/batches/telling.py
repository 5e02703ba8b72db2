"""A response in the background that is streamed: what its run says goes into the lease store while it is said.

A try that goes on where another process was killed says nothing twice: a run that is given again, for its idempotency
key, says the same events, and those that are there already are left out.
"""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec

from outrider.base.errors import OutriderError, StoreUnavailable, UpstreamError
from outrider.base.ports import WireRequest
from outrider.base.sse import SSESplitter
from outrider.base.usage import Price
from outrider.dialects.responses.retold import OPENED, Retold
from outrider.gateway.batches.home import Home, HomeResponse, route_home
from outrider.gateway.batches.inside import Inside
from outrider.gateway.batches.rows import Batch
from outrider.gateway.batches.told import Piece, Told
from outrider.gateway.table import Route
from outrider.limits.keys import Identity

PIECE, MOST = 256 << 10, 1 << 20
"""Bytes that are written together at most, unless one event is larger; and that wait before its provider waits."""
LARGEST = 256 << 20
PAUSE, AGAIN = 0.05, 1.0
"""Seconds between two writes, and after one that the store did not take."""
INTERRUPTED = "response_interrupted"
_WHY = "the process that gave this response ended before the response did, and what it had not said yet is lost"


class _Gathered(msgspec.Struct):
    """Events that wait to be written as one piece."""

    first: int
    last: int = 0
    size: int = 0
    events: list[bytes] = []


class Telling:
    """Writes the events of one response. `said` is the number of the last one that is there before."""

    def __init__(self, told: Told, batch: Batch, said: int) -> None:
        self._told, self._batch, self.said = told, batch, said
        self.retold = Retold(batch.id)
        self._splitter = SSESplitter(LARGEST)
        self._waiting: list[_Gathered] = []
        self._size = 0
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._broken: BaseException | None = None
        self.on_writable: Callable[[], None] = lambda: None

    @property
    def interrupted(self) -> bool:
        """Whether an earlier try has said something, so that no other answer can be given."""
        return self.said >= OPENED

    @property
    def congested(self) -> bool:
        return self._size > MOST

    def take(self, chunk: bytes) -> None:
        """Some of what the run says."""
        for event in self._splitter.feed(chunk):
            told = self.retold.feed(event)
            if told is not None and told[0] > self.said and self._broken is None:
                self._add(*told)
        if self._waiting and self._writing is None:
            self._writing = asyncio.create_task(self._write())

    def _add(self, number: int, event: bytes) -> None:
        self._size += len(event)
        if not self._waiting or self._waiting[-1].size + len(event) > PIECE:
            self._waiting.append(_Gathered(number))
        piece = self._waiting[-1]
        piece.last, piece.size = number, piece.size + len(event)
        piece.events.append(event)

    async def _write(self) -> None:
        try:
            while self._waiting:
                taken = [Piece(one.first, one.last, b"".join(one.events)) for one in self._waiting]
                self._waiting = []
                await self._put(taken)
                self.said = taken[-1].last
                self._size -= sum(len(one.body) for one in taken)
                self._told.wake(self._batch.id)
                if not self.congested:
                    self.on_writable()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await self._closing.wait()
        except OutriderError as error:  # another process has taken it over: whoever waits for the end gets it
            self._break(error)
        except BaseException as error:
            self._break(error)
            raise
        finally:
            self._writing = None

    def _break(self, error: BaseException) -> None:
        """Nothing more is written, and the run waits for no room."""
        self._broken, self._size = error, 0
        self._waiting.clear()
        self.on_writable()

    async def _put(self, pieces: list[Piece]) -> None:
        while True:
            try:
                return await asyncio.to_thread(self._told.put, self._batch, pieces)
            except StoreUnavailable:
                await asyncio.sleep(AGAIN)

    async def close(self) -> None:
        """All that was said is written. Raises Lost."""
        self._closing.set()
        writing = self._writing
        if writing is not None:
            try:
                await asyncio.wait((writing,))
            finally:
                writing.cancel()
        if self._broken is not None:
            raise self._broken


class Spoken(Inside):
    """A request whose streamed answer is told while it comes. `streams`: it is one."""

    def __init__(
        self,
        path: bytes,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        identity: Identity,
        route: Route | None,
        telling: Telling,
    ) -> None:
        super().__init__(path, headers, body, identity, route)
        self.telling, self.streams = telling, False
        telling.on_writable = self._writable

    @property
    def congested(self) -> bool:
        return self.telling.congested

    def _writable(self) -> None:
        if self.on_writable is not None:
            self.on_writable()

    def reply(self, status: int, head: bytes, body: bytes) -> None:
        super().start(status, head)
        super().end(body)

    def start(self, status: int, head: bytes) -> None:
        super().start(status, head)
        self.streams = True

    def write(self, chunk: bytes) -> None:
        self.telling.take(chunk)

    def end(self, last: bytes = b"") -> None:
        self.telling.take(last)
        super().end()

    def abort(self) -> None:
        super().abort()
        self.streams = False


class _Gone(Home):
    """A `Transport` that has no answer any more."""

    async def send(self, request: WireRequest) -> HomeResponse:
        raise UpstreamError(_WHY, code="response_interrupted", retryable=False)


def route_again(route: Route) -> Route:
    """Where an answer that was begun by a process which is gone goes on: what the record has of it is given, for its
    idempotency key; else nobody is asked, since nobody would say the same again."""
    again = route_home(route, route.deployments[0], _Gone(0, b""), Price(), _WHY, None)
    at = msgspec.structs.replace(again.deployments[0], name=f"{route.deployments[0].name} (interrupted)")
    return msgspec.structs.replace(again, deployments=(at,), knowledge=None)
