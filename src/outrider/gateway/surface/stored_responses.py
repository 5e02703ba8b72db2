"""`/v1/responses/{id}`: stored responses, to be read again and deleted. Creating them is `surface.responses`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.base.sse import SSESplitter, payload
from outrider.dialects import Fields
from outrider.dialects.responses import replay
from outrider.dialects.responses.marks import run_of
from outrider.gateway.surface import errors
from outrider.gateway.surface.shelf import DELETED, Shelf, Stored, tombstone
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.limits.keys import Identity

MOST_ITEMS = 100
_LIVE = {"cache-control": "no-cache", "x-accel-buffering": "no"}
_json = msgspec.json.Encoder()


class _Numbered(msgspec.Struct):
    sequence_number: int = -1


_numbered = msgspec.json.Decoder(_Numbered)


Identify = Callable[[Request], Awaitable[Identity]]
Act = Callable[[Request, Identity, Stored], Awaitable[Response]]


class Behind(Protocol):
    """Responses that are given in the background: `gateway.batches.background`."""

    def state(self, project: str, id_: str) -> Fields | None: ...
    def run(self, project: str, digits: str) -> str | None: ...
    async def cancel(self, who: Identity, id_: str) -> Fields | None: ...
    async def delete(self, who: Identity, id_: str) -> bool: ...
    async def stream(self, project: str, id_: str, after: int) -> AsyncIterator[bytes] | None: ...


def routes(identify: Identify, shelf: Shelf, journal: Journal, behind: Behind) -> list[Route]:
    """What is under `/v1/responses/`. Who asks (`identify` raises RequestError 401) sees its own project's alone."""

    async def unfinished(request: Request, who: Identity, id_: str) -> Response:
        """One in the background that has no response yet, or none any more."""
        said, digits = None, run_of(id_)
        run = await asyncio.to_thread(behind.run, who.project, digits) if digits is not None else None
        if run is not None and await asyncio.to_thread(shelf.is_deleted, run):
            raise _unknown(id_)
        if request.method == "DELETE":
            if run is not None:  # its run is not in this process's store yet
                return await delete(request, who, Stored(run, {}, {"id": id_}))
            if await behind.delete(who, id_):
                return _deleted(id_)
        elif request.method == "POST":
            said = await behind.cancel(who, id_)
        elif request.method == "GET" and request.url.path.endswith(id_):
            said = await asyncio.to_thread(behind.state, who.project, id_)
            after = _stream_after(request)
            if said is not None and after is not None:
                return await told(who, id_, after) or _no_stream()
        if said is None:
            raise _unknown(id_)
        return _answer(said)

    async def told(who: Identity, id_: str, after: int) -> Response | None:
        """The events of one in the background; None: it was not asked for as a stream."""
        events = await behind.stream(who.project, id_, after)
        if events is None:
            return None
        return StreamingResponse(events, media_type="text/event-stream", headers=_LIVE)

    async def get(request: Request, who: Identity, found: Stored) -> Response:
        after = _stream_after(request)
        if after is None:
            return _answer(found.response)
        live = await told(who, found.response["id"], after) if found.response.get("background") else None
        return live or _replayed(found, after)

    def at(path: str, method: str, act: Act) -> Iterator[Route]:
        async def answer(request: Request) -> Response:
            try:
                who = await identify(request)
                id_ = request.path_params["id"]
                found = await asyncio.to_thread(shelf.response, who.project, id_)
                if found is None:
                    return await unfinished(request, who, id_)
                return await act(request, who, found)
            except OutriderError as error:
                status, headers, body = errors.answer(error)
                return Response(body, status, {k.decode(): v.decode("latin-1") for k, v in headers})

        for root in ("/v1", ""):
            yield Route(f"{root}/responses/{{id}}{path}", answer, methods=[method])

    async def delete(request: Request, who: Identity, found: Stored) -> Response:
        await journal.append(_deletion(who, found))
        return _deleted(request.path_params["id"])

    async def input_items(request: Request, who: Identity, found: Stored) -> Response:
        return _answer(await asyncio.to_thread(_items, shelf, who.project, found, dict(request.query_params)))

    return [
        *at("", "GET", get),
        *at("", "DELETE", delete),
        *at("/input_items", "GET", input_items),
        *at("/cancel", "POST", _cancel),
    ]


def _answer(said: Any) -> Response:
    return Response(_json.encode(said), media_type="application/json")


def _deleted(id_: str) -> Response:
    return _answer({"id": id_, "object": "response", "deleted": True})


def _stream_after(request: Request) -> int | None:
    """The number behind which events are wanted (-1: all); None: it is not wanted as a stream."""
    if request.query_params.get("stream", "").lower() not in ("true", "1"):
        return None
    return _number(request.query_params.get("starting_after"), "starting_after", -1, 0, 1 << 62)


def _replayed(found: Stored, after: int) -> Response:
    events = SSESplitter().feed(found.events) if found.events else replay.events(found.response)
    body = b"".join(event for event in events if after < 0 or _numbered.decode(payload(event)).sequence_number > after)
    return Response(body, media_type="text/event-stream")


def _no_stream() -> Response:
    raise RequestError(
        "This response cannot be streamed because it was not created with stream=true.",
        code="invalid_request",
        param="stream",
    )


async def _cancel(request: Request, who: Identity, found: Stored) -> Response:
    if found.response.get("background"):
        return _answer(found.response)
    raise RequestError("Cannot cancel a synchronous response: this one is over.", code="invalid_request", param="id")


def _unknown(id_: str) -> RequestError:
    return RequestError(
        f"Response with id '{id_[:100]}' not found.", status=404, code="response_not_found", param="response_id"
    )


def _deletion(who: Identity, found: Stored) -> RunRecorded:
    """The record that a response was deleted. Its run stays, as part of the journal; as a response it is gone."""
    return RunRecorded(
        id=tombstone(found.run),
        project=who.project,
        at=clock.now_ns(),
        name=DELETED,
        http_status=200,
        model=str(found.asked.get("model") or ""),
        key=who.key,
        preview=f"response {found.response.get('id')} deleted",
    )


def _items(shelf: Shelf, project: str, found: Stored, query: dict[str, str]) -> Fields:
    """A page of what the response was made from: earlier turns and its own input, newest first unless asked else."""
    said: list[Fields] = []
    for one in shelf.chain(project, found.response["id"]):
        said += shelf.resolved(project, one.named_input(), "input")
        if one.run != found.run:
            said += one.output()
    order, limit = query.get("order", "desc"), _number(query.get("limit"), "limit", 20, 1, MOST_ITEMS)
    if order not in ("asc", "desc"):
        raise RequestError("'order' is 'asc' or 'desc'.", code="invalid_value", param="order")
    if order == "desc":
        said.reverse()
    after = query.get("after")
    if after:
        place = next((at for at, item in enumerate(said) if item.get("id") == after), None)
        if place is None:
            raise RequestError(f"No item with id '{after[:100]}' found.", code="invalid_value", param="after")
        said = said[place + 1 :]
    page = [_shown(item) for item in said[:limit]]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(said) > limit,
    }


def _shown(item: Fields) -> Fields:
    """A message in its long form."""
    if item.get("type") not in (None, "message"):
        return item
    content = item.get("content")
    if isinstance(content, str):
        kind = "output_text" if item.get("role") == "assistant" else "input_text"
        content = [{"type": kind, "text": content, **({"annotations": []} if kind == "output_text" else {})}]
    return {"status": "completed", **item, "type": "message", "content": content}


def _number(given: str | None, name: str, default: int, least: int, most: int) -> int:
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 19 or not least <= int(given) <= most:
        raise RequestError(f"'{name}' is a number from {max(0, least)} to {most}.", code="invalid_value", param=name)
    return int(given)
