"""The Casebook beside the console's pages, for programs: `llms.txt`, a case as Markdown, feeds, and the MCP endpoint.

A feed reader cannot send a bearer key: here a key may also come as the password of HTTP's basic authentication.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from outrider.api.casebook import no_casebook
from outrider.api.deps import ApiDeps
from outrider.api.edge import failure, identify
from outrider.base.errors import OutriderError, RequestError, StoreUnavailable
from outrider.casebook import saved
from outrider.casebook.feed import of_delta, of_page, rss
from outrider.casebook.find import Finder, finder
from outrider.casebook.mcp_server import server
from outrider.casebook.present import llms_txt, markdown
from outrider.casebook.recording import NAME
from outrider.knowledge.recording import Asker
from outrider.limits.keys import Identity

MARKDOWN = "text/markdown; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
_ITEMS = 50

_Write = Callable[[Finder, Request, str], tuple[str | bytes, str]]
"""Writes a text (blocking): the finder, the request and the project of who asks; the text and its media type."""


def routes(deps: ApiDeps) -> list[BaseRoute]:
    """Where these texts are; to be mounted before the console's pages."""
    texts: dict[str, _Write] = {
        "/llms.txt": _llms,
        "/casebook/{id}.md": _case,
        "/casebook/feed.xml": _feed,
        "/casebook/searches/{id}.xml": _saved_feed,
    }
    mcp = Guarded(deps, Mcp(deps))
    return [
        *(Route(path, Guarded(deps, Text(deps, write)), methods=["GET"]) for path, write in texts.items()),
        Route("/casebook/mcp", mcp),
    ]


def _llms(found: Finder, request: Request, project: str) -> tuple[str, str]:
    return llms_txt(found.catalogue(), found.cases, _base(request)), MARKDOWN


def _case(found: Finder, request: Request, project: str) -> tuple[str, str]:
    return markdown(found.cases.get(request.path_params["id"]), found.catalogue().vocabulary), MARKDOWN


def _feed(found: Finder, request: Request, project: str) -> tuple[bytes, str]:
    query = request.query_params.get("q", "")
    page = found.find(found.read(query), sort="new", limit=_ITEMS)
    title = f"Casebook: {page.query}" if page.query else "Casebook"
    items = of_page(page, found.cases, _base(request))
    return rss(title, _page(request, page.query), "The newest cases first.", items, str(request.url)), RSS


def _saved_feed(found: Finder, request: Request, project: str) -> tuple[bytes, str]:
    delta = saved.delta(found.cases.store, found, project, request.path_params["id"])
    about = f"What changed in a week for: {delta.search.query}"
    items = of_delta(delta, _base(request))
    link = _page(request, delta.search.query)
    return rss(f"Casebook: {delta.search.name}", link, about, items, str(request.url)), RSS


def _page(request: Request, query: str) -> str:
    """Where people see what a query finds."""
    return f"{_base(request)}/casebook{'?' + urlencode({'q': query}) if query else ''}"


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


class Guarded:
    """Lets in who has a key or a session, and answers errors in the API's shape."""

    def __init__(self, deps: ApiDeps, inner: Any) -> None:
        self._deps, self._inner = deps, inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(with_bearer(scope), receive)
        try:
            if self._deps.casebook is None:
                raise no_casebook()
            scope["state"] = {**scope.get("state", {}), "who": await identify(self._deps, request)}
            await self._inner(scope, receive, send)
        except RequestError as error:
            response = failure(error.status, error.message, error.code, error.param, error.kind)
            response.headers.update(dict(error.headers))
            if error.status == 401:
                response.headers["www-authenticate"] = 'Bearer, Basic realm="Outrider"'
            await response(scope, receive, send)
        except StoreUnavailable as error:
            response = failure(503, error.message, error.code, None, "server_error")
            response.headers["retry-after"] = "5"
            await response(scope, receive, send)


def with_bearer(scope: Scope) -> Scope:
    """The request with a basic password as its bearer key."""
    given = Headers(scope=scope).get("authorization", "")
    if given[:6].lower() != "basic ":
        return scope
    try:
        password = base64.b64decode(given[6:], validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        password = ""
    scope = {**scope, "headers": list(scope["headers"])}
    MutableHeaders(scope=scope)["authorization"] = f"Bearer {password or 'none'}"
    return scope


class Text:
    """A text with an ETag of its own bytes."""

    def __init__(self, deps: ApiDeps, write: _Write) -> None:
        self._deps, self._write = deps, write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        made, media = await anyio.to_thread.run_sync(self._made, request)
        body = made.encode("utf-8", "replace") if isinstance(made, str) else made
        tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        fresh = tag in request.headers.get("if-none-match", "").replace("W/", "").split(", ")
        response = Response(status_code=304) if fresh else Response(body, media_type=media)
        response.headers.update(
            {"etag": tag, "cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
        )
        await response(scope, receive, send)

    def _made(self, request: Request) -> tuple[str | bytes, str]:
        assert self._deps.casebook is not None
        return self._write(finder(self._deps.casebook()), request, request.state.who.project)


class Mcp:
    """The MCP server over Streamable HTTP. It keeps no sessions: each request is whole, so any worker may answer it,
    and has a server of its own, so that a question is recorded for the key that asks."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who: Identity = scope["state"]["who"]
        asker = Asker(who.project, who.key, name=NAME, source="mcp")
        try:  # a thread: the first one imports the SDK
            made = await anyio.to_thread.run_sync(server, self._finder, asker)
        except OutriderError as error:
            raise RequestError(error.message, status=501, code="no_mcp") from None
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(made, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _finder(self) -> Finder:
        assert self._deps.casebook is not None
        return finder(self._deps.casebook())
