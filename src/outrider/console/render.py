"""From a page's Context to HTML or JSON. Holds the template environment and the addresses of static files."""

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from outrider.base.session import Session
from outrider.console import budget_words, casebook_words, policy_words, words

HERE = Path(__file__).parent
HEADLINES = {
    400: "That address does not work",
    403: "Not allowed",
    404: "Nothing here",
    405: "Not that way",
    429: "Too many tries",
    503: "The record cannot be read now",
}


class Assets(StaticFiles):
    """Static files; an address with the content's digest (`?v=`) may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        keep = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if keep else "no-cache"
        response.headers["x-content-type-options"] = "nosniff"
        return response


@functools.cache
def asset(name: str) -> str:
    """The address of a static file, with a digest that changes when the file does."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


@functools.cache
def environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(words.FILTERS)
    found.filters["amount"] = budget_words.amount
    found.filters["sentence"] = policy_words.sentence
    found.filters["to_go"] = policy_words.to_go
    found.globals["asset"] = asset
    found.globals["statuses"] = casebook_words.STATUSES
    found.globals["percent"] = words.percent
    return found


def html(template: str, context: Any, **more: Any) -> str:
    """The template filled with the Context as `page`."""
    return environment().get_template(template).render(page=context, **more)


def page(request: Request, template: str, context: Any, session: Session | None) -> Response:
    return Response(html(template, context, session=session, path=request.url.path), media_type="text/html")


def error_page(request: Request, status: int, message: str) -> Response:
    known = getattr(request.state, "session", None)
    context = {"status": status, "headline": HEADLINES.get(status, "Something went wrong"), "message": message}
    response = page(request, "error.html", context, known)
    response.status_code = status
    return response


def error_json(status: int, code: str, message: str, param: str | None = None) -> Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = {"error": {"message": message, "type": kind, "code": code, "param": param}}
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def to_json(context: Any) -> bytes:
    """A Context as JSON: ids as UUIDs, digests as hexadecimal text."""
    plain = msgspec.to_builtins(context, builtin_types=(bytes,), str_keys=True)
    return json.dumps(plain, default=words.uuid, ensure_ascii=False, separators=(",", ":")).encode()
