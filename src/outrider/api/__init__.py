"""HTTP for machines under `/api`: a file per noun, thin, over the journal's readers."""

import asyncio
import functools
from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from outrider.api import (
    approvals,
    batches,
    budgets,
    casebook,
    casebook_ask,
    casebook_imports,
    casebook_texts,
    costs,
    datasets,
    deployments,
    experiments,
    feedback,
    guardrails,
    keys,
    knowledge,
    knowledge_ask,
    labels,
    models,
    online,
    openapi,
    policy,
    redteam,
    reviews,
    runs,
    sessions,
    tools,
)
from outrider.api.deps import ApiDeps
from outrider.api.edge import Door, Endpoint, failure

__all__ = ["ApiDeps", "endpoints", "routes"]


_SLASHED = {
    "/api/sessions/{id}": "/api/sessions/{id:path}",
    "/api/policy/sessions/{id}/grants": "/api/policy/sessions/{id:path}/grants",
    "/api/policy/sessions/{id}/proposals": "/api/policy/sessions/{id:path}/proposals",
    "/api/policy/sessions/{id}/grants/{number}": "/api/policy/sessions/{id:path}/grants/{number}",
    "/api/policy/permissions/{kind}/{name}": "/api/policy/permissions/{kind}/{name:path}",
}
"""Paths with a part that may have slashes: clients choose the ids of sessions, and names of users and agents."""


def endpoints() -> list[Endpoint]:
    """Every operation of the API, for the routes and for the documents."""
    nouns = (
        runs,
        costs,
        budgets,
        batches,
        deployments,
        guardrails,
        keys,
        experiments,
        redteam,
        datasets,
        feedback,
        online,
        reviews,
        labels,
        models,
        casebook,
        casebook_ask,
        casebook_imports,
        knowledge,
        knowledge_ask,
        approvals,
        sessions,
        policy,
        tools,
    )
    return [endpoint for noun in nouns for endpoint in noun.ENDPOINTS]


def routes(deps: ApiDeps) -> list[BaseRoute]:
    """`/api/…` with `/api/openapi.json`; whatever else is under `/api/` answers 404 in the API's own shape."""
    by_path: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints():
        by_path[endpoint.path].append(endpoint)
    return [
        *(Route(_SLASHED.get(path, path), Door(deps, listed)) for path, listed in by_path.items()),
        Route("/api/openapi.json", _openapi),
        Route("/api/{rest:path}", _Nothing()),
        *casebook_texts.routes(deps),
    ]


async def _openapi(request: Request) -> Response:
    return Response(await asyncio.to_thread(_document), media_type="application/json")


@functools.cache
def _document() -> bytes:
    """Made when it is first asked for: most workers are never asked, and it takes 30 ms of the processor."""
    return openapi.document(endpoints())


class _Nothing:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"nothing is at {scope['path'][:200]}; see /api/openapi.json"
        await failure(404, message, "not_found", None, "invalid_request_error")(scope, receive, send)
