"""What else Gemini's clients ask for: the models, how many tokens a request has, vectors. Starlette routes."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from outrider.base import plugins
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import Deployment, WireRequest
from outrider.dialects import Fields
from outrider.dialects.gemini import carried, requests
from outrider.gateway.corridor import Corridor
from outrider.gateway.counting import count_input
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface import gemini_fields
from outrider.gateway.surface.gemini import SURFACE
from outrider.gateway.surface.gemini_embed import ENDINGS, embed
from outrider.gateway.surface.http import identify
from outrider.gateway.table import Route as ModelRoute
from outrider.limits.keys import Identity

VERSIONS = ("v1beta", "v1", "v1beta1")
PER_PICTURE = 258  # what Gemini counts for one
LIMIT = 1 << 20
_json = msgspec.json.Encoder()
_object: Any = msgspec.json.Decoder(dict[str, Any])


def routes(corridor: Corridor) -> list[BaseRoute]:
    async def models(request: Request) -> Response:
        await _who(corridor, request)
        named = corridor.table.items()
        size, start = _number(request, "pageSize", 50, 1000), _number(request, "pageToken", 0, len(named))
        vertex = "/publishers/" in request.url.path
        kept = [_model(name, route, vertex=vertex) for name, route in named[start : start + size]]
        page: Fields = {"publisherModels" if vertex else "models": kept}
        if start + size < len(named):
            page["nextPageToken"] = str(start + size)
        return _answer(page)

    async def model(request: Request) -> Response:
        await _who(corridor, request)
        name = request.path_params["name"]
        return _answer(_model(name, corridor.table.resolve(name), vertex="/publishers/" in request.url.path))

    async def count(request: Request) -> Response:
        await _who(corridor, request)
        name, _ = gemini_fields.target(request.scope["raw_path"])
        asked = json_body.decode(_object, await request.body())
        deployment = corridor.table.resolve(name).deployments[0]
        return _answer(await _counted(deployment, asked))

    async def vectors(request: Request) -> Response:
        return await embed(corridor, request, await _who(corridor, request))

    found: list[BaseRoute] = []
    for version in VERSIONS:
        kind = _Google if version == "v1" else Route
        found += [
            kind(f"/{version}/models", _guarded(models), methods=["GET"]),
            kind(f"/{version}/models/{{name:path}}", _guarded(model), methods=["GET"]),
            Route(f"/{version}/publishers/google/models", _guarded(models), methods=["GET"]),
            Route(f"/{version}/publishers/google/models/{{name:path}}", _guarded(model), methods=["GET"]),
            Route(f"/{version}/{{rest:path}}:countTokens", _guarded(count), methods=["POST"]),
            *(Route(f"/{version}/{{rest:path}}:{end}", _guarded(vectors), methods=["POST"]) for end in ENDINGS),
        ]
    return found


class _Google(Route):
    """A route at a path that others have too: it is there for Google's clients alone."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and any(name.startswith(b"x-goog-api-") for name, _ in scope["headers"]):
            return super().matches(scope)
        return Match.NONE, {}


def _guarded(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Errors that we raise become answers in Google's shape."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=499)
        except OutriderError as error:
            status, headers, body = SURFACE.error(error)
            return Response(body, status, headers={k.decode(): v.decode("latin-1") for k, v in headers})

    return answer


async def _who(corridor: Corridor, request: Request) -> Identity:
    """Raises RequestError 401. The key may stand in the query, as in Google's older samples."""
    key = request.query_params.get("key")
    if key:
        request.scope["headers"] = [*request.scope["headers"], (b"x-goog-api-key", key.encode("latin-1", "replace"))]
    return await identify(corridor, request)


def _answer(content: Any) -> Response:
    return Response(_json.encode(content), media_type="application/json; charset=UTF-8")


def _number(request: Request, name: str, usual: int, most: int) -> int:
    said = request.query_params.get(name) or ""
    if said and not (said.isascii() and said.isdigit()):
        raise RequestError(f"{name} is a number, not {said[:40]!r}", param=name)
    return min(int(said), most) if said else usual


def _model(name: str, route: ModelRoute, *, vertex: bool) -> Fields:
    facts = route.deployments[0].facts
    if vertex:
        return {"name": f"publishers/google/models/{name}", "versionId": "001", "launchStage": "GA"}
    limits = {"inputTokenLimit": facts.context, "outputTokenLimit": facts.max_output}
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "description": route.why,
        **{limit: value for limit, value in limits.items() if value is not None},
        "supportedGenerationMethods": ["generateContent", "countTokens", "embedContent"],
    }


async def _counted(deployment: Deployment, asked: Fields) -> Fields:
    """By Google itself for a Gemini, else by the model's tokenizer where it is known, else estimated."""
    inner = asked.get("generateContentRequest", asked.get("generate_content_request"))
    fields = gemini_fields.check(inner if isinstance(inner, dict) else asked)
    speaks = plugins.load("outrider.providers", deployment.dialect).SPEAKS
    told = await _ask(deployment, fields) if speaks == SURFACE.name else None
    if told is not None:
        return told
    counted = await _count(deployment, fields)
    return {"totalTokens": counted, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": counted}]}


async def _ask(deployment: Deployment, fields: Fields) -> Fields | None:
    """What the provider counts; None if it does not say."""
    path, _, method = deployment.paths["chat"].rpartition(":")
    if method != "generateContent":
        return None
    fields = carried.without(fields)
    body: Fields = {name: value for name, value in fields.items() if name != "model"}
    if "/publishers/" not in path and body.keys() != {"contents"}:  # Vertex AI takes all of it at the top
        body = {"generateContentRequest": {"model": f"models/{deployment.model}", **body}}
    try:
        wire = WireRequest("POST", f"{path}:countTokens", deployment.headers, _json.encode(body))
        response = await deployment.transport.send(wire)
        said = await response.read(LIMIT)
        told: Fields = _object.decode(said)
    except (UpstreamError, msgspec.DecodeError):
        return None
    return told if response.status == 200 and isinstance(told.get("totalTokens"), int) else None


async def _count(deployment: Deployment, fields: Fields) -> int:
    chat = requests.to_chat(fields).fields
    pictures = 0
    for message in chat["messages"]:
        content = message.get("content")
        if isinstance(content, list):
            message["content"] = [part for part in content if part.get("type") == "text"]
            pictures += len(content) - len(message["content"])
    body = _json.encode([chat["messages"], chat.get("tools") or []])
    counted = await count_input(deployment, body)
    return (counted if counted is not None else -(-len(body) // 4)) + PER_PICTURE * pictures
