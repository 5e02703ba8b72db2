"""`/v1/files` and `/v1/batches`, as Starlette routes in OpenAI's shapes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from outrider.base import units
from outrider.base.errors import RequestError
from outrider.base.session import CSRF_HEADER
from outrider.gateway.batches import shapes, upload
from outrider.gateway.batches.files import File
from outrider.gateway.batches.rows import Made
from outrider.gateway.batches.runner import Runner
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.http import guarded
from outrider.limits.keys import Identity

Identify = Callable[[Request], Awaitable[Identity]]
MOST_LISTED = 10_000
LONGEST_WINDOW = 86_400.0


class ExpiresAfter(msgspec.Struct):
    anchor: str
    seconds: int


class BatchRequest(msgspec.Struct):
    """`POST /v1/batches`."""

    input_file_id: Annotated[str, Meta(min_length=1)]
    endpoint: Annotated[str, Meta(min_length=1)]
    completion_window: Annotated[str, Meta(min_length=1)]
    metadata: (
        Annotated[dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)]
        | None
    ) = None
    output_expires_after: ExpiresAfter | None = None


_decoder = msgspec.json.Decoder(BatchRequest)


def routes(runner: Runner, identify: Identify) -> list[BaseRoute]:
    """`identify` says who asks; raises RequestError 401."""
    files = FilePages(runner, identify)
    batches = BatchPages(runner, identify)
    made: list[BaseRoute] = []
    for base in ("/v1", ""):  # base URLs without `/v1` work too
        made += [
            Route(f"{base}/files", guarded(files.create), methods=["POST"]),
            Route(f"{base}/files", guarded(files.list), methods=["GET"]),
            Route(f"{base}/files/{{id}}", guarded(files.show), methods=["GET"]),
            Route(f"{base}/files/{{id}}", guarded(files.delete), methods=["DELETE"]),
            Route(f"{base}/files/{{id}}/content", guarded(files.content), methods=["GET"]),
            Route(f"{base}/batches", guarded(batches.create), methods=["POST"]),
            Route(f"{base}/batches", guarded(batches.list), methods=["GET"]),
            Route(f"{base}/batches/{{id}}", guarded(batches.show), methods=["GET"]),
            Route(f"{base}/batches/{{id}}/cancel", guarded(batches.cancel), methods=["POST"]),
        ]
    return made


class FilePages:
    """Files of the caller's project."""

    def __init__(self, runner: Runner, identify: Identify) -> None:
        self._runner, self._files, self._identify = runner, runner.files, identify

    async def create(self, request: Request) -> Response:
        who = await self._identify(request)
        length = request.headers.get("content-length", "")
        await asyncio.to_thread(self._room, int(length) if length.isdecimal() else upload.MOST)
        file = await upload.receive(
            request.headers.get("content-type", ""),
            request.stream(),
            lambda name, expires: self._files.begin(who.project, who.key, "batch", name, expires),
            self._runner.rules.keep,
        )
        return _json(shapes.file(file))

    def _room(self, more: int) -> None:
        most = self._runner.rules.max_size
        if self._files.used() + more > most:
            raise RequestError(
                f"the files here would take more than {most} bytes (`batches.max_size`): delete some, or wait until "
                "they expire",
                status=413,
                code="files_full",
                param="file",
            )

    async def list(self, request: Request) -> Response:
        who = await self._identify(request)
        query = request.query_params
        most = _number(query.get("limit", str(MOST_LISTED)), "limit", MOST_LISTED)
        order = query.get("order", "desc")
        if order not in ("asc", "desc"):
            raise json_body.invalid("order", "supported values are 'asc' and 'desc'.")
        found = await asyncio.to_thread(
            self._files.list,
            who.project,
            after=query.get("after", ""),
            most=most + 1,
            purpose=query.get("purpose", ""),
            newest_first=order == "desc",
        )
        return _json(shapes.page([shapes.file(file) for file in found[:most]], len(found) > most))

    async def show(self, request: Request) -> Response:
        return _json(shapes.file(await self._found(request)))

    async def delete(self, request: Request) -> Response:
        file = await self._found(request)
        await asyncio.to_thread(self._files.delete, file)
        return _json({"id": file.id, "object": "file", "deleted": True})

    async def content(self, request: Request) -> Response:
        file = await self._found(request)
        headers = {
            "content-length": str(file.size),
            "content-disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        }
        return StreamingResponse(self._pieces(file), 200, headers, media_type="application/octet-stream")

    async def _pieces(self, file: File) -> AsyncIterator[bytes]:
        pieces = self._files.pieces(file)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece[1]

    async def _found(self, request: Request) -> File:
        who = await self._identify(request)
        return await asyncio.to_thread(self._files.get, who.project, request.path_params["id"])


class BatchPages:
    """Batches of the caller's project."""

    def __init__(self, runner: Runner, identify: Identify) -> None:
        self._runner, self._batches, self._identify = runner, runner.batches, identify

    async def create(self, request: Request) -> Response:
        who = await self._identify(request)
        asked = json_body.decode(_decoder, await request.body())
        made = Made(
            asked.endpoint,
            asked.completion_window,
            asked.metadata,
            kept_headers(request),
            _kept(asked.output_expires_after),
        )
        self._check_endpoint(asked.endpoint)
        window = _window(asked.completion_window)
        batch = await self._runner.create(who, "openai", asked.input_file_id, made, window)
        return _json(shapes.batch(batch))

    def _check_endpoint(self, endpoint: str) -> None:
        if self._runner.find(b"POST", endpoint.encode()) is None or ":" in endpoint:  # `:` has its model in the path
            raise json_body.invalid(
                "endpoint",
                f"{endpoint[:100]!r} is not served to batches. Use '/v1/chat/completions', '/v1/embeddings' or "
                "another endpoint that answers a model's name in its body.",
            )

    async def list(self, request: Request) -> Response:
        who = await self._identify(request)
        query = request.query_params
        most = _number(query.get("limit", "20"), "limit", 100)
        after = query.get("after", "")
        found = await asyncio.to_thread(
            self._batches.list, who.project, "openai", after=after, before="", most=most + 1
        )
        return _json(shapes.page([shapes.batch(one) for one in found[:most]], len(found) > most))

    async def show(self, request: Request) -> Response:
        who = await self._identify(request)
        found = await asyncio.to_thread(self._batches.get, who.project, "openai", request.path_params["id"])
        return _json(shapes.batch(found))

    async def cancel(self, request: Request) -> Response:
        who = await self._identify(request)
        found = await self._runner.cancel(who, "openai", request.path_params["id"])
        return _json(shapes.batch(found))


def kept_headers(request: Request) -> tuple[tuple[str, str], ...]:
    """What of the caller's headers its lines carry: whom they count for, and how they are to be treated."""
    kept = [
        (name, value)
        for name, value in request.headers.items()
        if name.startswith(("x-outrider-", "anthropic-")) and name != CSRF_HEADER
    ]
    if "traceparent" in request.headers:
        kept.append(("traceparent", request.headers["traceparent"]))
    return tuple(kept)


def _kept(after: ExpiresAfter | None) -> int:
    return upload.kept(after.anchor, after.seconds, "output_expires_after") if after is not None else 0


def _window(text: str) -> int:
    """Nanoseconds of a completion window. Raises RequestError 400."""
    try:
        seconds = units.duration(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= LONGEST_WINDOW:
        raise json_body.invalid("completion_window", "expected '24h', or a shorter time such as '30m'.")
    return int(seconds * 1e9)


def _number(text: str, name: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise json_body.invalid(name, f"expected a number from 1 to {most}.")
    return int(text)


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
