"""The list of runs: filters in the URL, cursor paging, live through server-sent events."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from outrider.console import live, render
from outrider.console.edge import Edge, SignInNeeded, View
from outrider.journal import read, where
from outrider.journal.rows import RunFilter

PAGE = 50
PERIODS = (("", "All time"), ("1h", "Last hour"), ("24h", "Last 24 h"), ("7d", "Last 7 days"), ("30d", "Last 30 days"))
WORDS = {
    "route": "Route",
    "model": "Model",
    "deployment": "Deployment",
    "key": "Key",
    "session": "Session",
    "user": "User",
    "text": "Text",
    "status": "Status",
    "min_cost": "Cost from $",
    "max_cost": "Cost to $",
    "min_duration": "Slower than",
    "min_ttft": "First token after",
    "since": "Since",
    "until": "Until",
}


class Chip(msgspec.Struct):
    """One filter in force: what it says, and the address without it."""

    label: str
    value: str
    without: str


class Context(msgspec.Struct):
    """The runs page.

    `rows` are newest first; `older` is the address of the next page ("" at the end), `live` that of the event
    stream ("" when this is not the newest page or the period is closed). `filters` are the texts in the form.
    `empty` says that the project has no run at all.
    """

    rows: list[read.RunRow]
    filters: dict[str, str]
    chips: list[Chip]
    older: str
    newest: str
    live: str
    seq: int
    empty: bool
    slowest: int
    routes: list[str]
    models: list[str]
    keys: list[read.KeyRow]
    origin: str
    statuses: list[tuple[str, str, str]]
    periods: list[tuple[str, str]] = msgspec.field(default_factory=lambda: list(PERIODS))


def load(view: View) -> Context:
    filters = {name: value for name in where.NAMES if (value := view.query.get(name, "").strip())}
    keep = where.parse(filters, project=view.session.project)
    before = where.whole("before", view.query["before"], 1, 2**63 - 1) if view.query.get("before") else None
    seq = read.newest_seq(view.store)  # before the rows: what comes in between is sent again rather than lost
    page = read.list_runs(view.store, keep, before=before, limit=PAGE)
    open_ended = before is None and "until" not in filters
    return Context(
        rows=page.rows,
        filters=filters,
        chips=[Chip(WORDS[name], value, _url(filters, drop=name)) for name, value in filters.items()],
        older=_url(filters, before=str(page.next)) if page.next is not None else "",
        newest=_url(filters) if before is not None else "",
        live=_url(filters, path="/runs/live") if open_ended else "",
        seq=seq,
        empty=not page.rows and not filters and before is None,
        slowest=max((row.duration for row in page.rows), default=0),
        routes=read.facet(view.store, "route", view.session.project),
        models=read.facet(view.store, "model", view.session.project),
        keys=read.list_keys(view.store, view.session.project),
        origin=view.origin,
        statuses=[
            ("", "All", _url(filters, drop="status")),
            *((s, s.capitalize(), _url(filters, drop="status", status=s)) for s in where.STATUSES),
        ],
    )


def _url(filters: dict[str, str], *, drop: str = "", path: str = "/runs", **more: str) -> str:
    kept = {name: value for name, value in filters.items() if name != drop} | more
    return f"{path}?{urlencode(kept)}" if kept else path


async def stream(request: Request, view: View) -> Response:
    """New runs as events of HTML rows; the event id is the journal's `seq`, so a reconnect misses nothing.

    It ends before the first row that comes after the session's key was revoked.
    """
    keep = where.parse(view.query, project=view.session.project)
    resume = request.headers.get("last-event-id") or view.query.get("after", "")
    after = where.whole("after", resume, 0, 2**63 - 1) if resume else None

    def since(seq: int) -> tuple[list[read.RunRow], int]:
        rows, looked = live.newer(view.store, keep, seq)
        if rows:
            view.check_session()
        return rows, looked

    if after is None:
        after = await anyio.to_thread.run_sync(read.newest_seq, view.store)

    if request.method == "HEAD":
        return Response(media_type="text/event-stream")

    async def events() -> AsyncIterator[bytes]:
        yield live.hello(after)
        try:
            async for row in live.follow(view.deps, since, after):
                yield live.event(row.seq, "run", render.html("run_row.html", row)) if row else live.beat()
        except SignInNeeded:
            pass  # the browser asks again and is sent to the sign-in page
        yield live.goodbye()

    return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def home(request: Request, view: View) -> Response:
    """The Casebook until something was called, then the runs."""

    def start() -> str:
        if view.deps.casebook is None:
            return "/runs"
        called = read.list_runs(view.store, RunFilter(project=view.session.project), limit=1).rows
        return "/runs" if called else "/casebook"

    return RedirectResponse(await anyio.to_thread.run_sync(start), 303)


def routes(edge: Edge) -> list[Route]:
    return [
        edge.raw("/", home),
        edge.raw("/runs/live", stream),
        *edge.page("/runs", load, "runs.html", part="runs_part.html"),
    ]
