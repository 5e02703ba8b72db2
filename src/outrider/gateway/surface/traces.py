"""`POST /v1/traces`: spans from any OpenTelemetry SDK become runs and steps in the same journal."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from outrider.gateway.corridor import Corridor
from outrider.gateway.surface.http import guarded, identify


def routes(corridor: Corridor) -> list[BaseRoute]:
    async def traces(request: Request) -> Response:
        from outrider.journal.otlp import incoming  # protobuf is not needed until somebody sends spans

        who = await identify(corridor, request)
        batch = await asyncio.to_thread(
            incoming.decode,
            request.headers.get("content-type", ""),
            await request.body(),
            who.project,
            encoding=request.headers.get("content-encoding", ""),
            key=who.key,
        )
        if batch.events:
            append = corridor.journal.append
            await asyncio.gather(*(append(event, bodies, who.project) for event, bodies in batch.events))
        return Response(batch.answer, media_type=batch.content_type)

    return [Route("/v1/traces", guarded(traces), methods=["POST"])]
