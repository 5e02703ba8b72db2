"""What is said where nothing is served: JSON for machines, a page for people."""

from starlette.requests import Request
from starlette.responses import Response

from outrider import console
from outrider.base.errors import OutriderError
from outrider.gateway.surface import errors

FOR_MACHINES = ("/v1", "/api", "/mcp", "/health", "/metrics")
_page = console.error_answers()[500]  # says any error on a page in the console's design


def _for_machines(request: Request) -> bool:
    return ("/" + request.url.path.lstrip("/")).startswith(FOR_MACHINES)


async def not_found(request: Request, error: Exception) -> Response:
    """404 in the shape of whoever is asked: JSON for machines, a page for people."""
    if not _for_machines(request):
        return await _page(request, error)
    body = errors.error_body(f"nothing is served at {request.url.path}", "invalid_request_error", "not_found")
    return Response(body, 404, media_type="application/json")


async def wrong_method(request: Request, error: Exception) -> Response:
    if not _for_machines(request):
        return await _page(request, error)
    allow = (getattr(error, "headers", None) or {}).get("Allow", "")
    words = f"{request.url.path} does not take {request.method}" + (f"; it takes {allow}" if allow else "")
    body = errors.error_body(words, "invalid_request_error", "method_not_allowed")
    return Response(body, 405, {"allow": allow} if allow else None, media_type="application/json")


async def failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, OutriderError)
    if not _for_machines(request):
        return await _page(request, error)
    status, headers, body = errors.answer(error)
    return Response(body, status, headers={k.decode(): v.decode("latin-1") for k, v in headers})
