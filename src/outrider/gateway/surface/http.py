"""The quiet endpoints of the gateway, as Starlette routes: models, health, metrics, OTLP in.

They answer in OpenAI's error shape under `/v1`. The hot endpoints go another way: `gateway.server`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from outrider.base.errors import OutriderError, RequestError
from outrider.gateway import aliases
from outrider.gateway.corridor import Corridor
from outrider.gateway.metrics_deployments import DeploymentMetrics
from outrider.gateway.surface import errors
from outrider.gateway.table import Route as ModelRoute
from outrider.limits.keys import Identity

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(corridor: Corridor, ready: Callable[[], Awaitable[dict[str, Any]]]) -> list[BaseRoute]:
    """`ready` reports what `/health/readiness` says: a dictionary with `ready` (bool) and details."""

    async def models(request: Request) -> Response:
        await identify(corridor, request)
        theirs = b"anthropic-version" in dict(request.scope["headers"])
        items = [(_anthropics if theirs else _model)(name, route) for name, route in corridor.table.items()]
        if not theirs:
            return _json({"object": "list", "data": items})
        ends = (
            {"first_id": items[0]["id"], "last_id": items[-1]["id"]} if items else {"first_id": None, "last_id": None}
        )
        return _json({"data": items, "has_more": False, **ends})

    async def model(request: Request) -> Response:
        await identify(corridor, request)
        name, theirs = request.path_params["name"], b"anthropic-version" in dict(request.scope["headers"])
        return _json((_anthropics if theirs else _model)(name, corridor.table.resolve(name)))

    async def alive(request: Request) -> Response:
        return _json({"status": "ok"})

    async def readiness(request: Request) -> Response:
        report = await ready()
        return _json(report, 200 if report["ready"] else 503)

    async def metrics(request: Request) -> Response:
        registry = CollectorRegistry()
        registry.register(corridor.metrics)
        registry.register(DeploymentMetrics(corridor.attempts.vitals.board))
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})

    async def not_this_method(request: Request) -> Response:
        raise RequestError(
            f"{request.url.path} takes POST", status=405, code="method_not_allowed", headers=(("allow", "POST"),)
        )

    return [
        Route("/v1/models", guarded(models), methods=["GET"]),
        Route("/v1/models/{name:path}", guarded(model), methods=["GET"]),
        Route("/v1/chat/completions", guarded(not_this_method), methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/v1/embeddings", guarded(not_this_method), methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/v1/rerank", guarded(not_this_method), methods=["GET", "PUT", "PATCH", "DELETE"]),
        Route("/health", alive),
        Route("/health/liveliness", alive),
        Route("/health/liveness", alive),
        Route("/health/readiness", readiness),
        Route("/metrics", metrics),
    ]


def guarded(endpoint: Endpoint) -> Endpoint:
    """Errors that we raise become answers in OpenAI's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except OutriderError as error:
            status, headers, body = errors.answer(error)
            return Response(body, status, headers={k.decode(): v.decode("latin-1") for k, v in headers})

    return answer


async def identify(corridor: Corridor, request: Request) -> Identity:
    """Who asks. Raises RequestError 401, recorded."""
    headers = aliases.apply(dict(request.scope["headers"]))
    try:
        return await corridor.gate.full(headers)
    except RequestError as error:
        raise corridor.refusals.at_door(request.method, request.scope["raw_path"], headers, error) from None


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _model(name: str, route: ModelRoute) -> dict[str, Any]:
    first = route.deployments[0]
    return {
        "id": name,
        "object": "model",
        "created": 0,
        "owned_by": first.provider,
        "deployments": [d.name for d in route.deployments],
    }


def _anthropics(name: str, route: ModelRoute) -> dict[str, Any]:
    """The same in the words of Anthropic's callers, who say so by a header. When it was made, nobody knows."""
    return {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}
