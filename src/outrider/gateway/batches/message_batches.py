"""`/v1/messages/batches`: Anthropic's Message Batches, as Starlette routes. The same work, in other words."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError
from outrider.gateway.batches import lines
from outrider.gateway.batches.files import File
from outrider.gateway.batches.http import Identify, kept_headers
from outrider.gateway.batches.rows import Batch, Fault, Made
from outrider.gateway.batches.runner import Runner
from outrider.gateway.batches.work import MOST_LINES
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.messages import SURFACE
from outrider.limits.keys import Identity

PURPOSE = "message_batch"
"""Of its files, which nobody else lists."""
ENDPOINT = "/v1/messages"
CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
DAY_NS = 86_400_000_000_000
MOST_LISTED = 1000

Endpoint = Callable[[Request], Awaitable[Response]]


class Asked(msgspec.Struct):
    custom_id: str
    params: msgspec.Raw


class BatchRequest(msgspec.Struct):
    """`POST /v1/messages/batches`."""

    requests: Annotated[list[Asked], Meta(min_length=1)]


_decoder = msgspec.json.Decoder(BatchRequest)


def routes(runner: Runner, identify: Identify) -> list[BaseRoute]:
    """`identify` says who asks; raises RequestError 401."""
    pages = MessageBatchPages(runner, identify)
    base = "/v1/messages/batches"
    return [
        Route(base, _guarded(pages.create), methods=["POST"]),
        Route(base, _guarded(pages.list), methods=["GET"]),
        Route(f"{base}/{{id}}", _guarded(pages.show), methods=["GET"]),
        Route(f"{base}/{{id}}", _guarded(pages.delete), methods=["DELETE"]),
        Route(f"{base}/{{id}}/cancel", _guarded(pages.cancel), methods=["POST"]),
        Route(f"{base}/{{id}}/results", _guarded(pages.results), methods=["GET"]),
    ]


class MessageBatchPages:
    """Message batches of the caller's project."""

    def __init__(self, runner: Runner, identify: Identify) -> None:
        self._runner, self._identify = runner, identify
        self._batches, self._files = runner.batches, runner.files

    async def create(self, request: Request) -> Response:
        who = await self._identify(request)
        asked = json_body.decode(_decoder, await request.body())
        if len(asked.requests) > MOST_LINES:
            raise json_body.invalid("requests", f"at most {MOST_LINES} are taken.")
        content = await asyncio.to_thread(_lines, asked, self._runner.rules.longest)
        made = Made(ENDPOINT, "24h", headers=kept_headers(request))
        file = await asyncio.to_thread(self._keep, who, content)
        batch = await self._runner.create(
            who, "anthropic", file.id, made, DAY_NS, purpose=PURPOSE, total=len(asked.requests)
        )
        return _json(shape(batch, _base(request)))

    def _keep(self, who: Identity, content: list[bytes]) -> File:
        keep = self._runner.rules.keep
        expires = clock.now_ns() + keep * 1_000_000_000 if keep else 0
        writer = self._files.begin(who.project, who.key, PURPOSE, "requests.jsonl", expires)
        for line in content:
            writer.add(line)
        return writer.finish()

    async def list(self, request: Request) -> Response:
        who = await self._identify(request)
        query = request.query_params
        limit = query.get("limit", "20")
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST_LISTED:
            raise json_body.invalid("limit", f"expected a number from 1 to {MOST_LISTED}.")
        after, before = query.get("after_id", ""), query.get("before_id", "")
        found = await asyncio.to_thread(
            self._batches.list, who.project, "anthropic", after=after, before=before, most=int(limit) + 1
        )
        more = len(found) > int(limit)
        if more:
            found = found[1:] if before and not after else found[:-1]
        ids = [batch.id for batch in found]
        first, last = (ids[0], ids[-1]) if ids else (None, None)
        items = [shape(batch, _base(request)) for batch in found]
        return _json({"data": items, "has_more": more, "first_id": first, "last_id": last})

    async def show(self, request: Request) -> Response:
        return _json(shape(await self._found(request), _base(request)))

    async def cancel(self, request: Request) -> Response:
        who = await self._identify(request)
        cancelled = await self._runner.cancel(who, "anthropic", request.path_params["id"])
        return _json(shape(cancelled, _base(request)))

    async def delete(self, request: Request) -> Response:
        found = await self._found(request)
        await asyncio.to_thread(self._batches.delete, found.project, "anthropic", found.id)
        for id_ in (found.input_file, found.about.output_file):
            file = await asyncio.to_thread(self._files.find, found.project, id_)
            if file is not None:
                await asyncio.to_thread(self._files.delete, file)
        return _json({"id": found.id, "type": "message_batch_deleted"})

    async def results(self, request: Request) -> Response:
        found = await self._found(request)
        if not found.ended:
            raise RequestError(f"{found.id} is not over: its results are there when it has ended.", code="not_ended")
        file = await asyncio.to_thread(self._files.find, found.project, found.about.output_file)
        if file is None and found.completed + found.failed:
            raise RequestError(f"The results of {found.id} are not kept any more.", status=404, code="not_found")
        return StreamingResponse(self._pieces(file), media_type="application/x-jsonl")

    async def _pieces(self, file: File | None) -> AsyncIterator[bytes]:
        pieces = iter(()) if file is None else self._files.pieces(file)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece[1]

    async def _found(self, request: Request) -> Batch:
        who = await self._identify(request)
        return await asyncio.to_thread(self._batches.get, who.project, "anthropic", request.path_params["id"])


def shape(batch: Batch, base: str) -> dict[str, Any]:
    """A batch as Anthropic's clients expect it. `base` is where they reach us."""
    missing = batch.about.missing
    words = {"cancelled": "canceled", "expired": "expired"}
    counts = {
        "processing": 0 if batch.ended else max(0, batch.total - batch.completed - batch.failed),
        "succeeded": batch.completed,
        "errored": batch.failed - (missing if batch.status in words else 0),
        "canceled": missing if batch.status == "cancelled" else 0,
        "expired": missing if batch.status == "expired" else 0,
    }
    status = "ended" if batch.ended else "canceling" if batch.cancelling else "in_progress"
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": status,
        "request_counts": counts,
        "created_at": clock.iso(batch.created),
        "expires_at": clock.iso(batch.expires),
        "ended_at": clock.iso(batch.ended) if batch.ended else None,
        "cancel_initiated_at": clock.iso(batch.cancelling) if batch.cancelling else None,
        "archived_at": None,
        "results_url": f"{base}/v1/messages/batches/{batch.id}/results" if batch.ended else None,
    }


def _lines(asked: BatchRequest, longest: int) -> list[bytes]:
    """The lines of the file that will be worked on. Raises RequestError 400 for the first that cannot be executed."""
    made: list[bytes] = []
    seen: set[str] = set()
    for at, one in enumerate(asked.requests):
        if not CUSTOM_ID.fullmatch(one.custom_id):
            raise json_body.invalid(f"requests[{at}].custom_id", "expected 1 to 64 letters, digits, '_' or '-'.")
        if one.custom_id in seen:
            raise json_body.invalid(f"requests[{at}].custom_id", f"{one.custom_id!r} is there more than once.")
        seen.add(one.custom_id)
        params = bytes(one.params).replace(b"\n", b"").replace(b"\r", b"")
        text = b'{"custom_id":"%b","method":"POST","url":"/v1/messages","body":%b}' % (one.custom_id.encode(), params)
        fault = lines.check(at + 1, text, ENDPOINT, longest)
        if isinstance(fault, Fault):
            raise RequestError(
                f"requests[{at}].params: {fault.message}", code=fault.code, param=f"requests[{at}].params"
            )
        made.append(text + b"\n")
    return made


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Errors that we raise become answers in Anthropic's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except OutriderError as error:
            status, headers, body = SURFACE.error(error)
            return Response(body, status, headers={k.decode(): v.decode("latin-1") for k, v in headers})

    return answer


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
