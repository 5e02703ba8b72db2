"""Saved searches of the project: what each finds, what came to it in a week, its feed."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.casebook import saved
from outrider.casebook.saved import Change, Search
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import address, casebook_of, finder_of

NEWS = 8


class Line(msgspec.Struct):
    """A saved search. `changes` are the first of `news` changes since `since` (ns)."""

    search: Search
    href: str
    feed: str
    total: int
    since: int
    news: int
    changes: list[Change]
    problem: str = ""


class Context(msgspec.Struct):
    """The project's saved searches, the newest first."""

    lines: list[Line]
    q: str = ""
    problem: str = ""


def load(view: View) -> Context:
    store, project = casebook_of(view).store, view.session.project
    return Context([_line(view, one) for one in saved.searches(store, project)], view.query.get("q", ""))


def _line(view: View, search: Search) -> Line:
    line = Line(search, address(search.query), f"/casebook/searches/{search.id}.xml", 0, 0, 0, [])
    try:
        delta = saved.delta(casebook_of(view).store, finder_of(view), view.session.project, search.id)
    except RequestError as error:  # a word of the query is no longer in the vocabulary
        line.problem = error.message
        return line
    line.total, line.since, line.news, line.changes = delta.total, delta.since, len(delta.changes), delta.changes[:NEWS]
    return line


def routes(edge: Edge) -> list[Route]:
    async def keep(view: View) -> Response | tuple[str, Context]:
        def save() -> Search:
            query, name = view.form.get("q", ""), view.form.get("name", "")
            book, who = casebook_of(view), view.session.key
            return saved.save(book.store, finder_of(view), view.session.project, query, name, who)

        try:
            await anyio.to_thread.run_sync(save)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem, page.q = error.message, view.form.get("q", "")
            return "casebook_saved.html", page
        return RedirectResponse("/casebook/saved", 303)

    async def forget(view: View) -> Response:
        def drop() -> None:
            saved.forget(casebook_of(view).store, view.session.project, view.form.get("id", ""))

        await anyio.to_thread.run_sync(drop)
        return RedirectResponse("/casebook/saved", 303)

    return [
        *edge.page("/casebook/saved", load, "casebook_saved.html"),
        edge.action("/casebook/saved", keep),
        edge.action("/casebook/saved/forget", forget),
    ]
