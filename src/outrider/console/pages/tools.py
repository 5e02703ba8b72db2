"""Tools: their servers, labels and faults, how they do, what changed and waits, and the accounts of users."""

from typing import Any

import anyio.to_thread
import msgspec
import yaml
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.console import forms, render
from outrider.console.edge import Edge, View
from outrider.limits import rights
from outrider.tools.credentials import Connection
from outrider.tools.desk import GRAVITY, ServerState, ToolDesk, ToolState
from outrider.tools.pins import Pin

DOTS = {"up": "ok", "idle": "cancelled", "down": "error"}
EFFECTS = {
    "none": "reads only",
    "internal": "changes something inside",
    "external": "acts outside",
    "destructive": "destroys",
    "money": "moves money",
    "credentials": "handles credentials",
}


class Change(msgspec.Struct):
    """A part of a tool that is another one now, before and after."""

    part: str
    before: str
    after: str


class Waiting(msgspec.Struct):
    """A tool that changed, with what changed of it; `mark` names the change."""

    name: str
    changes: list[Change]
    seen_at: int
    mark: str


class Row(msgspec.Struct):
    """A tool as shown: its labels in words, its gravest finding, how it did."""

    state: ToolState
    labels: list[str]
    level: str
    findings: list[Any]
    proposal: str
    """The labels that it could have, as outrider.yaml has them; "": it has some."""


class Context(msgspec.Struct):
    """All of it; those that need attention first. `now` is ns."""

    rows: list[Row]
    servers: list[ServerState]
    waiting: list[Waiting]
    others: list[Any]
    accounts: list[Connection]
    connectable: list[str]
    tokens: int
    searched: bool
    undeclared: int
    dangers: int
    may_accept: bool
    now: int
    connect: str = ""
    done: str = ""


def desk_of(view: View) -> ToolDesk:
    if view.deps.tools is None:
        raise RequestError("this process serves no tools", status=503, code="not_served")
    return view.deps.tools


def load(view: View) -> Context:
    found = desk_of(view).overview(view.who.project)
    rows = [_row(one) for one in found.tools]
    rows.sort(key=lambda row: (GRAVITY.index(row.level) if row.level else 3, row.state.tool.name))
    return Context(
        rows=rows,
        servers=found.servers,
        waiting=[_waiting(pin) for pin in found.waiting],
        others=[one for one in found.others if one.code != "changed"],
        accounts=found.accounts,
        connectable=[one.name for one in found.servers if one.connects],
        tokens=found.tokens,
        searched=found.searched,
        undeclared=sum(row.state.labels is None for row in rows),
        dangers=sum(row.level == "danger" for row in rows),
        may_accept=rights.has_right(view.deps.store, view.who, "policy"),
        now=clock.now_ns(),
        connect=view.query.get("connect", "")[:100],
        done=view.query.get("done", "")[:100],
    )


def _row(state: ToolState) -> Row:
    both = state.faults
    return Row(state, words_of(state), both[0].level if both else "", both, _proposal(state))


def _proposal(state: ToolState) -> str:
    if state.proposal is None:
        return ""
    said = msgspec.to_builtins(state.proposal)
    return yaml.safe_dump(said, default_flow_style=True, width=10_000, sort_keys=False).strip()


def words_of(state: ToolState) -> list[str]:
    """Its labels, in words."""
    labels = state.labels
    if labels is None:
        return ["undeclared: untrusted, private, acts outside"]
    leaves = ["its arguments leave the house"] if labels.leaves else []
    return [labels.trust, labels.privacy, EFFECTS[labels.does], *leaves]


def _waiting(pin: Pin) -> Waiting:
    changes = [Change(part, _text(pin.accepted.get(part)), _text(pin.seen[part])) for part in pin.changed]
    return Waiting(pin.name, changes, pin.seen_at, pin.digest[:16])


def _text(value: Any) -> str:
    """A part of a tool as a person can read it, with what is hidden spelled out."""
    text = value if isinstance(value, str) else msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return "".join(c if c.isprintable() or c == "\n" else f"[U+{ord(c):04X}]" for c in text)[:4000]


async def _accept(view: View) -> Response:
    def accept() -> None:
        rights.require(view.deps.store, view.who, "policy")
        by = view.who.key or "operator"
        desk_of(view).accept(view.form.get("name", ""), by, view.form.get("mark", ""))

    await anyio.to_thread.run_sync(accept)
    return RedirectResponse("/tools?done=accepted", 303)


async def _connect(view: View) -> tuple[str, Any]:
    server, user = view.form.get("server", ""), view.form.get("user", "").strip()
    try:
        url = await anyio.to_thread.run_sync(desk_of(view).link, server, view.who.project, user)
    except UpstreamError as error:
        raise RequestError(error.message, status=502, code=error.code) from None
    return "tools_connected.html", Arrival(server, user, view.who.project, link=url)


async def _disconnect(view: View) -> Response:
    server, user = view.form.get("server", ""), view.form.get("user", "")
    await anyio.to_thread.run_sync(desk_of(view).disconnect, server, view.who.project, user)
    return RedirectResponse("/tools?done=disconnected", 303)


class Arrival(msgspec.Struct):
    """Somebody goes to a server (`link`) or comes back from it: whose account it is to be, or what became of it
    (`done`, `error`)."""

    server: str = ""
    user: str = ""
    project: str = ""
    state: str = ""
    code: str = ""
    issuer: str = ""
    link: str = ""
    done: bool = False
    error: str = ""


def _arrival(edge: Edge) -> list[Route]:
    """Where servers send browsers back to. No session is needed: the state that nobody can guess is the proof that
    Outrider sent them. The account is connected only once the person has read for whom: who follows a link that
    somebody else made would give their account away."""

    def desk() -> ToolDesk:
        if edge.deps.tools is None:
            raise RequestError("this process serves no tools", status=503, code="not_served")
        return edge.deps.tools

    async def asked(request: Request) -> Response:
        given = request.query_params
        state, code, issuer = (given.get(name, "")[:4000] for name in ("state", "code", "iss"))
        owner = await anyio.to_thread.run_sync(desk().expected, state)
        if owner is None:
            shown = Arrival(error="This link was used already, or it is too old. Connect again.")
        elif not code:
            shown = Arrival(owner.server, owner.user, error="The server did not allow it. Nothing was connected.")
        else:
            shown = Arrival(owner.server, owner.user, owner.project, state, code, issuer)
        return render.page(request, "tools_connected.html", shown, None)

    async def taken(request: Request) -> Response:
        form = await forms.read(request)
        try:
            owner = await anyio.to_thread.run_sync(
                desk().arrived, form.get("state", ""), form.get("code", ""), form.get("iss", "")
            )
            shown = Arrival(owner.server, owner.user, done=True)
        except OutriderError as error:
            shown = Arrival(error=error.message)
        return render.page(request, "tools_connected.html", shown, None)

    return [
        Route("/tools/connected", asked, methods=["GET"]),
        Route("/tools/connected", taken, methods=["POST"]),
    ]


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/tools", load, "tools.html"),
        edge.action("/tools/accept", _accept),
        edge.action("/tools/connect", _connect),
        edge.action("/tools/disconnect", _disconnect),
        *_arrival(edge),
    ]
