"""`POST /v1beta/models/{model}:embedContent` and `:batchEmbedContents`: vectors for Gemini's clients, of every model.

They take OpenAI's way through the corridor, as a request from inside. A Starlette route.
"""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from outrider.base import plugins
from outrider.dialects import Fields, Lost
from outrider.dialects.gemini import embeddings
from outrider.dialects.gemini.errors import error_of
from outrider.gateway.batches.inside import Inside
from outrider.gateway.corridor import Corridor
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface import gemini_fields
from outrider.gateway.table import Route as ModelRoute
from outrider.gateway.voice import LOSSY, lossless
from outrider.limits.keys import Identity

ENDINGS = ("embedContent", "batchEmbedContents")
_json = msgspec.json.Encoder()
_object: Any = msgspec.json.Decoder(dict[str, Any])
_PASSED = (b"x-outrider-", b"traceparent", b"idempotency-key", b"cache-control")


async def embed(corridor: Corridor, request: Request, who: Identity) -> Response:
    """The vectors that `who` asks for. Raises RequestError."""
    model, method = gemini_fields.target(request.scope["raw_path"])
    asked = json_body.decode(_object, await request.body())
    lost: Lost = []
    fields = embeddings.request_to_chat(asked, model, lost, ours=_all_gemini(corridor.table.resolve(model)))
    headers = list(request.scope["headers"])
    if lost and dict(headers).get(LOSSY, b"").lower() != b"allow":
        raise lossless(lost, model)
    inside = Inside(b"/v1/embeddings", [h for h in headers if h[0].startswith(_PASSED)], _json.encode(fields), who)
    await corridor.embeddings(inside)  # type: ignore[arg-type]
    said: Fields = _object.decode(inside.answer) if inside.answer else {}
    if inside.status == 200:
        answer = embeddings.answer_from_chat(said, one=method == "embedContent")
    else:
        answer = _error(inside.status or 503, said.get("error") or {})
    named = {"x-request-id": inside.header(b"x-request-id"), "retry-after": inside.header(b"retry-after")}
    if lost:
        named["x-outrider-lost"] = ", ".join(lost)
    kept = {name: value for name, value in named.items() if value}
    return Response(_json.encode(answer), inside.status or 503, kept, "application/json; charset=UTF-8")


def _all_gemini(route: ModelRoute) -> bool:
    """Whether everybody who may be asked understands Gemini's own settings."""
    return all(plugins.load("outrider.providers", one.dialect).SPEAKS == "gemini" for one in route.deployments)


def _error(status: int, error: Fields) -> Fields:
    message, code = (
        str(error.get("message") or "The request was not answered."),
        str(error.get("code") or "unavailable"),
    )
    return error_of(status, message, code, param=error.get("param"))
