"""The API's edge: who asks, which parameters are known, what an error looks like. Endpoints are plain functions.

An `Endpoint` states everything about itself (path, parameters, shapes), so that the check of a request and the
OpenAPI document come from the same place.
"""

import contextlib
import functools
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from outrider.api import uploads
from outrider.api.deps import ApiDeps
from outrider.api.shapes import Failure, Problem
from outrider.base.errors import RequestError, StoreUnavailable
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.journal import read
from outrider.limits.keys import Identity
from outrider.store import Store

JSON = "application/json"
LARGEST = 64_000
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Param:
    """One query or path parameter, for the check and for the document."""

    name: str
    text: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Ask:
    """One request as an endpoint sees it. `store` may only be used in a thread."""

    deps: ApiDeps
    who: Identity
    query: Mapping[str, str]
    path: Mapping[str, Any]
    body: Any = None

    @functools.cached_property
    def store(self) -> Store:
        return self.deps.store()


@dataclass(frozen=True)
class Raw:
    """An answer that is not JSON of ours: bytes with their media type."""

    body: bytes
    media: str


@dataclass(frozen=True)
class Endpoint:
    """One operation. Give `read` (blocking, run in a thread) or `act` (async). `answer` None: bytes as recorded. `tag`
    (blocking) names the state that the answer follows from: who has it already is answered 304 without work.
    `files`: it takes a form with files, as an `uploads.Upload`. `signed`: the header with which it is signed; it asks
    for no key and gets the body as bytes with the headers, to see by itself whether they are. `streams`: its body may
    ask for events with `"stream": true`; `act` then answers with a Response of its own. `largest`: bytes of its
    body. `media`: what a signed body is."""

    method: str
    path: str
    summary: str
    answer: type | None
    read: Callable[[Ask], Any] | None = None
    act: Callable[[Ask], Awaitable[Any]] | None = None
    takes: type | None = None
    query: Sequence[Param] = ()
    params: Sequence[Param] = ()
    status: int = 200
    tag: Callable[[Ask], str] | None = None
    files: bool = False
    signed: Param | None = None
    media: str = JSON
    streams: bool = False
    largest: int = LARGEST


class Door:
    """An ASGI application for one path: picks the endpoint by method, and never lets an error out unshaped."""

    def __init__(self, deps: ApiDeps, endpoints: Sequence[Endpoint]) -> None:
        self._deps = deps
        self._by_method = {e.method: e for e in endpoints}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        except RequestError as error:
            response = failure(error.status, error.message, error.code, error.param, error.kind)
            response.headers.update(dict(error.headers))
        except StoreUnavailable as error:
            response = failure(503, error.message, error.code, None, "server_error")
            response.headers["retry-after"] = "5"
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["cache-control"] = "private, no-cache" if "etag" in response.headers else "no-store"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = self._by_method.get(method)
        if endpoint is None:
            allowed = ", ".join(sorted(self._by_method))
            raise RequestError(
                f"{request.method} is not possible here; {allowed} is",
                status=405,
                code="method_not_allowed",
                headers=(("allow", allowed),),
            )
        who = Identity("", "") if endpoint.signed else await identify(self._deps, request)
        known = [p.name for p in endpoint.query]
        for name, value in request.query_params.multi_items():
            _check_query(name, value, known, request)
        body: Any = None
        if endpoint.signed:
            body = await _bytes(request, endpoint.largest, endpoint.media), request.headers
        elif endpoint.takes is not None:
            body = await _body(request, endpoint.takes, endpoint.largest)
        if endpoint.files:
            largest = self._deps.knowledge.max_upload if self._deps.knowledge is not None else LARGEST
            body = await uploads.receive(request, largest)
            with contextlib.closing(body):
                return await self._respond(endpoint, request, who, body)
        return await self._respond(endpoint, request, who, body)

    async def _respond(self, endpoint: Endpoint, request: Request, who: Identity, body: Any) -> Response:
        ask = Ask(self._deps, who, request.query_params, request.path_params, body)
        tag = await _tag(endpoint, ask)
        if tag and tag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers={"etag": tag})
        response = await self._made(endpoint, ask)
        if tag:
            response.headers["etag"] = tag
        return response

    async def _made(self, endpoint: Endpoint, ask: Ask) -> Response:
        if endpoint.act is not None:
            result = await endpoint.act(ask)
        else:
            assert endpoint.read is not None
            result = await anyio.to_thread.run_sync(endpoint.read, ask)
        if isinstance(result, Response):
            return result
        if isinstance(result, Raw):
            return Response(result.body, media_type=result.media, headers={"content-security-policy": "sandbox"})
        return Response(msgspec.json.encode(result), endpoint.status, media_type="application/json")


async def identify(deps: ApiDeps, request: Request) -> Identity:
    """Who asks: a bearer key, or the console's session (changes need its CSRF header). Raises 401, 403."""
    if deps.anonymous:
        _refuse_foreign(request)
        return Identity(deps.anonymous, "")
    given = request.headers.get("authorization", "")
    full = given[7:].strip() if given[:7].lower() == "bearer " else request.headers.get("x-api-key", "")
    if full:
        identity = await deps.check_key(full)
        if identity is None:
            raise _unauthorized("this key is not known here or was revoked; `outrider keys create` makes one")
        return identity
    session = deps.sessions.verify(request.cookies.get(COOKIE, ""))
    if session is None:
        raise _unauthorized("send a key: `Authorization: Bearer sk-or-…`")
    changes = request.method not in ("GET", "HEAD")
    if changes and not hmac.compare_digest(request.headers.get(CSRF_HEADER, "").encode(), session.csrf.encode()):
        raise RequestError(f"a change with the console's session needs `{CSRF_HEADER}`", status=403, code="csrf")
    row = await anyio.to_thread.run_sync(lambda: read.find_key(deps.store(), session.key))
    if row is not None and row.revoked_at:
        raise _unauthorized("the key of this session was revoked; sign in with another one")
    return Identity(session.project, session.key, operator=session.operator)


async def _tag(endpoint: Endpoint, ask: Ask) -> str:
    """The entity tag of the answer, "" if it has none: the state, and everything that was asked."""
    if endpoint.tag is None:
        return ""
    state = await anyio.to_thread.run_sync(endpoint.tag, ask)
    asked = [endpoint.path, ask.who.project, sorted(ask.query.items()), sorted(ask.path.items()), state]
    return f'"{hashlib.sha256(msgspec.json.encode(asked)).hexdigest()[:24]}"'


def _tags(header: str) -> list[str]:
    """The tags of an `If-None-Match`; a weak one is as good."""
    return [t.strip().removeprefix("W/") for t in header.split(",")]


def _unauthorized(message: str) -> RequestError:
    challenge = (("www-authenticate", "Bearer"),)
    return RequestError(message, status=401, code="invalid_api_key", kind="authentication_error", headers=challenge)


def _refuse_foreign(request: Request) -> None:
    """With auth off, a page of another site must not reach through the browser of somebody at this machine."""
    origin = request.headers.get("origin")
    names = [request.url.hostname or "", *([urlsplit(origin).hostname or ""] if origin else [])]
    if any(name not in LOCAL for name in names):
        raise RequestError("with `auth: off` only this machine's own pages and programs may ask", status=403)


def _check_query(name: str, value: str, known: Sequence[str], request: Request) -> None:
    if name not in known:
        there = f"there are: {', '.join(known)}" if known else "this address takes none"
        raise RequestError(f"no parameter {name[:100]!r}; {there}", code="unknown_parameter", param=name[:100])
    if len(request.query_params.getlist(name)) > 1:
        raise RequestError(f"`{name}` is given more than once", code="invalid_parameter", param=name)


async def _body(request: Request, shape: type, largest: int) -> Any:
    raw = await _bytes(request, largest)
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body cannot be used: {error}", code="invalid_body") from None


async def _bytes(request: Request, largest: int, media: str = JSON) -> bytes:
    """The body. Raises RequestError (413, 415)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media:
        what = "JSON" if media == JSON else "a form"
        text = f"send {what} with `Content-Type: {media}`"
        raise RequestError(text, status=415, code="unsupported_media_type")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise RequestError(f"the body is larger than {largest} bytes", status=413, code="request_too_large")
        parts.append(part)
    return b"".join(parts)


def failure(status: int, message: str, code: str, param: str | None, kind: str) -> Response:
    body = msgspec.json.encode(Failure(Problem(message, kind, code, param)))
    return Response(body, status, media_type="application/json")
