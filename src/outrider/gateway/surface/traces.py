"""`POST /v1/traces`: spans from any OpenTelemetry SDK become runs and steps in the same journal."""

import gzip
import zlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from outrider.base.errors import RequestError
from outrider.gateway.identify import Gate
from outrider.gateway.surface.http import guarded
from outrider.journal.append import Journal
from outrider.journal.otlp import incoming

LARGEST = 64 << 20


def routes(gate: Gate, journal: Journal) -> list[BaseRoute]:
    async def traces(request: Request) -> Response:
        who = await gate.full(dict(request.scope["headers"]))
        content_type = request.headers.get("content-type", "")
        body = _inflated(await request.body(), request.headers.get("content-encoding", ""))
        batch = incoming.decode(content_type, body, who.project)
        written = None
        for event, bodies in batch.events:
            written = journal.append(event, bodies, who.project)
        if written is not None:
            await written
        return Response(batch.answer, media_type=batch.content_type)

    return [Route("/v1/traces", guarded(traces), methods=["POST"])]


def _inflated(body: bytes, encoding: str) -> bytes:
    """The body without its gzip coding, never larger than LARGEST."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise RequestError(f"content-encoding {encoding[:40]!r} is not supported; use gzip or none", status=415)
    try:
        inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        plain = inflate.decompress(body, LARGEST)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise RequestError(f"the body is not valid gzip: {error}") from None
    if inflate.unconsumed_tail:
        raise RequestError(f"the body is larger than {LARGEST} bytes when unpacked", status=413, code="request_too_large")
    return plain
