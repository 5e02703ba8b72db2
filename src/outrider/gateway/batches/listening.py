"""Listening to a streamed response in the background, from any event on, in any process: what is there, what comes.

Who gives the response may be another process, so its events are looked for in the lease store; in the same process one
is woken for them.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from outrider.base.errors import StoreUnavailable
from outrider.dialects import Fields
from outrider.dialects.responses import retold
from outrider.gateway.batches.told import Piece, Told
from outrider.gateway.server import Exchange

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two looks, while nothing is said: longer from look to look."""
SILENCE = 15.0
"""Seconds after which a reader is told that the connection lives."""
HEAD = b"content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n"
_COMMENT = b": keep-alive\n\n"


async def listen(
    told: Told,
    id_: str,
    after: int,
    *,
    queued: Fields,
    ended: Callable[[], Fields | None],
    leaving: Callable[[], bool],
) -> AsyncIterator[bytes]:
    """The events of a response behind number `after`, to its end, or until this process is `leaving`.

    `queued` is the response as it began; `ended` (blocking) gives it as it is when nothing more is said.
    """
    begins = b"".join(retold.opening(queued)[max(0, after + 1) :])
    if begins:
        yield begins
    number, pause, heard = max(after, retold.OPENED - 1), FIRST_PAUSE, time.monotonic()
    with told.listening(id_) as woken:
        while True:
            woken.clear()
            over, pieces = False, list[Piece]()
            with contextlib.suppress(StoreUnavailable):
                over, pieces = await asyncio.to_thread(told.look, id_, number)
            for piece in pieces:
                yield retold.after(number, piece.first, piece.body)
                number, pause, heard = piece.last, FIRST_PAUSE, time.monotonic()
            if pieces:
                continue
            if over:
                break
            if leaving():
                return
            if time.monotonic() - heard >= SILENCE:
                yield _COMMENT
                heard = time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await woken.wait()
            pause = min(LONGEST_PAUSE, pause * 1.5)
    last = await asyncio.to_thread(told.last, id_) + 1
    response = await asyncio.to_thread(ended) if last > after else None
    if response is not None:
        yield retold.ending(last, response)


async def send(exchange: Exchange, events: AsyncIterator[bytes]) -> None:
    """Events to a client, as fast as it reads, until they end or it leaves: the response goes on without it."""
    changed = asyncio.Event()
    exchange.on_gone = exchange.on_writable = changed.set
    exchange.start(200, HEAD)
    try:
        async for block in events:
            exchange.write(block)
            while exchange.congested:
                changed.clear()
                await changed.wait()
            if exchange.gone:
                return
        exchange.end()
    except BaseException:  # a stream that is cut off must not look like one that ended
        exchange.abort()
        raise
    finally:
        exchange.on_gone = exchange.on_writable = None
