"""Answers sentence by sentence, as server-sent events: `sentence` for each with its citations, then `answer`, the whole
as it would have come in one piece.

A question that cannot be asked is refused with its status as ever: the stream begins with the first sentence. What goes
wrong later is the event `error`, in the shape of every error.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio.to_thread
import msgspec
from starlette.responses import Response, StreamingResponse

from outrider.api.shapes import Failure, Problem
from outrider.base.errors import OutriderError, RequestError

Tell = Callable[[Any], object]
"""Takes what is known by now; called in any thread."""


async def streamed(work: Callable[[Tell], Any]) -> Response:
    """The stream of what `work(tell)` tells, then of what it returns; `work` runs in a thread. Raises what it raises
    before the first sentence."""
    told: asyncio.Queue[Any] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(sentence: Any) -> None:
        loop.call_soon_threadsafe(told.put_nowait, sentence)

    made = asyncio.ensure_future(anyio.to_thread.run_sync(work, tell))
    made.add_done_callback(_seen)
    first = await _next(made, told)
    if first is None:
        made.result()
    events = _events(first, made, told)
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def event(name: str, said: Any) -> bytes:
    """An event whose data is `said` as JSON, in one line."""
    return f"event: {name}\ndata: {msgspec.json.encode(said).decode()}\n\n".encode()


async def _events(first: Any, made: "asyncio.Future[Any]", told: "asyncio.Queue[Any]") -> AsyncIterator[bytes]:
    said = first
    while said is not None:
        yield event("sentence", said)
        said = await _next(made, told)
    try:
        yield event("answer", made.result())
    except RequestError as error:
        yield event("error", Failure(Problem(error.message, error.kind, error.code, error.param)))
    except OutriderError as error:
        yield event("error", Failure(Problem(error.message, "server_error", error.code, None)))


async def _next(made: "asyncio.Future[Any]", told: "asyncio.Queue[Any]") -> Any:
    """What is told next; None when all is done."""
    while told.empty() and not made.done():
        nearer = asyncio.ensure_future(told.get())
        await asyncio.wait({made, nearer}, return_when=asyncio.FIRST_COMPLETED)
        if nearer.done():
            return nearer.result()
        nearer.cancel()
    return None if told.empty() else told.get_nowait()


def _seen(made: "asyncio.Future[Any]") -> None:
    """Where who asked has gone, nobody reads what went wrong."""
    if not made.cancelled():
        made.exception()
