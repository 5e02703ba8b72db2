"""Signing in and out: by a link that works once, or by pasting a key."""

from collections import deque

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.session import COOKIE
from outrider.console import forms, render
from outrider.console.edge import Edge, View
from outrider.console.sessions import SESSION_SECONDS, SignIns
from outrider.limits.keys import Identity

FORM_COOKIE = "outrider_form"
TRIES = 20
WINDOW_NS = 300 * 1_000_000_000
PEERS = 10_000


class Context(msgspec.Struct):
    """The sign-in page: where to go afterwards, the form's token, what went wrong last time."""

    next: str
    form: str
    problem: str = ""


class Tries:
    """Failed sign-ins per peer address in the last five minutes, in this process."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[int]] = {}

    def allow(self, peer: str) -> bool:
        failed, now = self._failed.get(peer), clock.mono_ns()
        while failed and failed[0] < now - WINDOW_NS:
            failed.popleft()
        return failed is None or len(failed) < TRIES

    def note(self, peer: str) -> None:
        if peer not in self._failed and len(self._failed) >= PEERS:
            self._failed.pop(next(iter(self._failed)))
        self._failed.setdefault(peer, deque(maxlen=TRIES)).append(clock.mono_ns())


def local_path(target: str) -> str:
    """`target` if it is a path on this server, else the first page (no open redirect)."""
    plain = target.isascii() and target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith(("//", "/login")) else "/"


def routes(edge: Edge) -> list[Route]:
    deps, sign_ins, tries = edge.deps, edge.deps.sessions, Tries()

    async def show(request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not token:
            return _form(request, sign_ins)
        _refuse_flood(request, tries)
        identity = await anyio.to_thread.run_sync(sign_ins.redeem, token)
        if identity is not None:
            return _welcome(request, sign_ins, identity)
        tries.note(_peer(request))
        return _form(request, sign_ins, "This link was used already or is older than 15 minutes. Make a new one with "
                     "`outrider keys link`, or paste a key.", 401)  # fmt: skip

    async def sign_in(request: Request) -> Response:
        _refuse_flood(request, tries)
        form = await forms.read(request)
        if not sign_ins.form_ok(request.cookies.get(FORM_COOKIE, ""), form.get("form", "")):
            return _form(request, sign_ins, "This form was out of date. Try once more.", 403, form.get("next", ""))
        identity = await deps.check_key(form.get("key", "").strip())
        if identity is not None:
            return _welcome(request, sign_ins, identity, form.get("next", ""))
        tries.note(_peer(request))
        return _form(request, sign_ins, "This is not a key that works here. Keys look like sk-or-…; `outrider keys "
                     "create` makes one.", 401, form.get("next", ""))  # fmt: skip

    async def sign_out(view: View) -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    return [
        Route("/login", edge.guard(show), methods=["GET"]),
        Route("/login", edge.guard(sign_in), methods=["POST"]),
        edge.action("/logout", sign_out),
    ]


def _form(request: Request, sign_ins: SignIns, problem: str = "", status: int = 200, target: str = "") -> Response:
    """The sign-in page; `target` is where the last try wanted to go, so that a mistyped key does not lose it."""
    context = Context(local_path(target or request.query_params.get("next", "")), sign_ins.form(), problem)
    response = render.page(request, "login.html", context, None)
    response.status_code = status
    response.set_cookie(FORM_COOKIE, context.form, max_age=3600, path="/login", httponly=True, samesite="strict",
                        secure=request.url.scheme == "https")  # fmt: skip
    return response


def _welcome(request: Request, sign_ins: SignIns, identity: Identity, target: str = "") -> Response:
    """The cookie. `Lax`, because a link to a run that a colleague sends must open; every change needs the token."""
    response = RedirectResponse(local_path(target or request.query_params.get("next", "")), 303)
    response.set_cookie(COOKIE, sign_ins.open(identity), max_age=SESSION_SECONDS, path="/", httponly=True,
                        samesite="lax", secure=request.url.scheme == "https")  # fmt: skip
    response.delete_cookie(FORM_COOKIE, path="/login")
    return response


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _refuse_flood(request: Request, tries: Tries) -> None:
    if not tries.allow(_peer(request)):
        raise RequestError(
            "too many failed sign-ins from this address: wait five minutes", status=429, code="too_many_tries"
        )
