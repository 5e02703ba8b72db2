"""The console's edge: who is asking, which page, and what an error looks like. Pages themselves know no HTTP.

A page is a function `load(view) -> Context` that reads the store, run in a thread; the edge renders the Context as
HTML, or as JSON under the same URL + `.json`.
"""

import functools
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import anyio.to_thread
from starlette.datastructures import ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import OutriderError, RequestError, StoreUnavailable
from outrider.base.session import COOKIE, CSRF_HEADER, Session
from outrider.console import forms, render
from outrider.console.deps import ConsoleDeps
from outrider.journal import read
from outrider.limits.keys import Identity
from outrider.store import Store

LOCAL = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
SAFETY = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class View:
    """What a page's `load` may use: the session, the URL's parameters, the store. It runs in a thread."""

    deps: ConsoleDeps
    session: Session
    query: Mapping[str, str]
    path: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[forms.File] = ()

    @functools.cached_property
    def store(self) -> Store:
        return self.deps.store()

    def several(self, name: str) -> list[str]:
        """All values of a parameter that may be given more than once."""
        return self.query.getlist(name) if isinstance(self.query, ImmutableMultiDict) else [self.query.get(name, "")]

    @property
    def who(self) -> Identity:
        return Identity(self.session.project, self.session.key, operator=self.session.operator)

    def check_session(self) -> None:
        """Raises SignInNeeded if the session's key has been revoked by now: for answers that last. Reads the store."""
        if _revoked(self.store, self.session.key):
            raise SignInNeeded("the key of this session was revoked: sign in with another")


class SignInNeeded(OutriderError):
    code = "sign_in_needed"


class Edge:
    """Makes routes out of pages."""

    def __init__(self, deps: ConsoleDeps) -> None:
        self.deps = deps

    def page(self, path: str, load: Callable[[View], Any], template: str, *, part: str = "") -> list[Route]:
        """A page at `path` and its JSON twin. `part` is the template for requests by htmx that replace a piece."""

        async def html(request: Request) -> Response:
            context = await anyio.to_thread.run_sync(load, await self.view(request))
            name = part if part and request.headers.get("hx-request") else template
            return render.page(request, name, context, await self.session(request))

        async def json(request: Request) -> Response:
            context = await anyio.to_thread.run_sync(load, await self.view(request))
            return Response(render.to_json(context), media_type="application/json")

        return [Route(f"{path}.json", self.guard(json)), Route(path, self.guard(html))]

    def action(
        self,
        path: str,
        act: Callable[[View], Awaitable[Response | tuple[str, Any]]],
        *,
        files: bool = False,
        largest: int = forms.LARGEST,
        together: int = forms.LARGEST_UPLOAD,
    ) -> Route:
        """A form's target: checks the CSRF token; `act` gives a response, or a template with its Context. `files`: the
        form may bring some, `together` bytes at most; `largest`: bytes of one without, or of a field beside files."""

        async def endpoint(request: Request) -> Response:
            view = await self.view(request, files=files, largest=largest, together=together)
            posted = request.headers.get(CSRF_HEADER) or view.form.get("csrf", "")
            if not hmac.compare_digest(posted.encode(), view.session.csrf.encode()):
                raise RequestError(
                    "this form is out of date: go back, reload the page and send it again", status=403, code="csrf"
                )
            result = await act(view)
            return result if isinstance(result, Response) else render.page(request, *result, view.session)

        return Route(path, self.guard(endpoint), methods=["POST"])

    def raw(self, path: str, answer: Callable[[Request, View], Awaitable[Response]]) -> Route:
        """A route that makes its own response (a download, a stream)."""

        async def endpoint(request: Request) -> Response:
            return await answer(request, await self.view(request))

        return Route(path, self.guard(endpoint))

    async def view(
        self,
        request: Request,
        *,
        files: bool = False,
        largest: int = forms.LARGEST,
        together: int = forms.LARGEST_UPLOAD,
    ) -> View:
        session, sent = await self.session(request), list[forms.File]()
        form: dict[str, str] = {}
        if request.method == "POST" and files:
            form, sent = await forms.read_files(request, largest, together)
        elif request.method == "POST":
            form = await forms.read(request, largest)
        origin = str(request.base_url).rstrip("/")
        return View(self.deps, session, request.query_params, request.path_params, origin, form, sent)

    async def session(self, request: Request) -> Session:
        """The session of the request; checked once per request. Raises SignInNeeded."""
        known: Session | None = getattr(request.state, "session", None)
        if known is None:
            known = request.state.session = await self._session(request)
        return known

    async def _session(self, request: Request) -> Session:
        if self.deps.anonymous:
            if (request.url.hostname or "") not in LOCAL:  # a foreign name that resolves to this machine
                raise RequestError("with `auth: off` the console answers only under localhost or 127.0.0.1", status=403)
            return self.deps.sessions.anonymous(self.deps.anonymous)
        session = self.deps.sessions.verify(request.cookies.get(COOKIE, ""))
        if session is None or await anyio.to_thread.run_sync(lambda: _revoked(self.deps.store(), session.key)):
            raise SignInNeeded("sign in first")
        return session

    def guard(self, endpoint: Endpoint) -> Endpoint:
        """Turns errors into answers in the console's design (or JSON), and puts the safety headers on all."""

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            try:
                response = await endpoint(request)
            except SignInNeeded:
                response = _to_sign_in(request)
            except (RequestError, StoreUnavailable, HTTPException) as error:
                response = failure(request, error)
            for name, value in SAFETY.items():
                response.headers.setdefault(name, value)
            return response

        return guarded


def _revoked(store: Store, public: str) -> bool:
    """A key the index has not reached yet is good: its creation is in the spool."""
    key = read.find_key(store, public)
    return key is not None and bool(key.revoked_at)


def _to_sign_in(request: Request) -> Response:
    if request.url.path.endswith(".json"):
        return render.error_json(401, "sign_in_needed", "sign in first: GET /login")
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    where = f"/login?next={quote(target, safe='')}" if request.method == "GET" and target != "/" else "/login"
    if request.headers.get("hx-request"):  # a piece of a page: come back to the page
        page = urlsplit(request.headers.get("hx-current-url", ""))
        back = quote(page.path + (f"?{page.query}" if page.query else ""), safe="")
        return Response(headers={"hx-redirect": f"/login?next={back}" if back else "/login"})
    return RedirectResponse(where, 303)


def failure(request: Request, error: Exception) -> Response:
    """An error's answer: a page in the console's design, JSON for `.json`, `/api` and `/v1` paths."""
    status, code, message, param = 500, "internal_error", "Something went wrong here. It is in the server's log.", None
    if isinstance(error, RequestError):
        status, code, message, param = error.status, error.code, error.message, error.param
    elif isinstance(error, StoreUnavailable):
        status, code, message = 503, error.code, error.message
    elif isinstance(error, HTTPException):
        status, message = error.status_code, error.detail
        code = {404: "not_found", 405: "method_not_allowed"}.get(status, "invalid_request")
    if request.url.path.startswith(("/api/", "/v1/")) or request.url.path.endswith(".json"):
        response = render.error_json(status, code, message, param)
    else:
        response = render.error_page(request, status, message)
    for name, value in SAFETY.items():
        response.headers.setdefault(name, value)
    return response
