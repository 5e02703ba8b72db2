"""A question to the whole Casebook, answered with the passages it rests on, or refused."""

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.base.errors import OutriderError, RequestError
from outrider.casebook.ask import Cited, Said
from outrider.casebook.find import Finder, hit
from outrider.casebook.recording import NAME, Recorded, ask_recorded
from outrider.console import answers, render
from outrider.console.answers import Cite, Reply
from outrider.console.casebook_words import Line
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import address, finder_of, line
from outrider.knowledge.ports import Model
from outrider.knowledge.recording import Asker

EXAMPLES = (
    "How much did routing to smaller models save?",
    "What went wrong with stale indexes?",
    "Who measured deflection, and how high was it?",
)
CASES = 4


class Context(msgspec.Struct):
    """`answer` is None until something is asked. `narrowed` is what part of the question narrowed the cases, `search`
    its address. `routes` are those that may write the answer, `route` the one that does ("": the cases are quoted);
    `run` leads to the question in the record."""

    q: str
    answer: Reply | None = None
    cases: list[Line] = []
    narrowed: str = ""
    search: str = ""
    problem: str = ""
    routes: list[str] = []
    route: str = ""
    run: str = ""
    examples: list[str] = msgspec.field(default_factory=lambda: list(EXAMPLES))


def load(view: View) -> Context:
    """The page. It quotes whatever route is chosen: an address alone, which a link of anybody may hold, spends
    nothing."""
    q, routes = view.query.get("q", "").strip(), _routes(view)
    route = view.query.get("route", "")
    page = Context(q, routes=routes, route=route if route in routes else "")
    if not q:
        return page
    finder = finder_of(view)
    try:
        made = _context(finder, q, ask_recorded(finder, q, _asker(view)))
    except OutriderError as error:
        page.problem = error.message
        return page
    return msgspec.structs.replace(made, routes=page.routes, route=page.route)


def _routes(view: View) -> list[str]:
    """Routes that can be asked to write: none that is embedded, which are too small for it."""
    return [] if view.deps.writer is None else [r for r in view.deps.routes() if not r.startswith("embedded/")]


def _asker(view: View) -> Asker:
    return Asker(view.session.project, view.session.key, name=NAME, source="console")


def _writer(view: View, route: str, site: str) -> Model | None:
    """The route that was chosen. Raises RequestError for one that is not offered, and where another site asks."""
    if not route:
        return None
    if route not in _routes(view) or view.deps.writer is None:
        raise RequestError(f"no route {route[:80]!r} that writes", param="route")
    if site not in ("", "same-origin"):
        raise RequestError("a route is asked from this page alone", status=403, code="foreign")
    return view.deps.writer(view.who, route, "casebook")


def _context(finder: Finder, q: str, made: Recorded) -> Context:
    cases = [line(hit(finder.cases.get(id_), 0.0)) for id_ in made.cases[:CASES]]
    shown = answers.reply(made, _cite)
    return Context(q, shown, cases, made.narrowed, address(made.narrowed), run=f"/runs/{made.run}")


def _cite(cited: Cited, key: str) -> Cite:
    href = f"/casebook/{cited.case}{answers.fragment(cited.quote)}"
    return Cite(key, cited.number, cited.title or cited.organisation, cited.quote, href, cited.url)


async def stream(request: Request, view: View) -> Response:
    """The same, sentence by sentence."""
    q = view.query.get("q", "").strip()
    if not q:
        raise RequestError("write a question into `q`", param="q")

    route = view.query.get("route", "")
    model = _writer(view, route, request.headers.get("sec-fetch-site", ""))

    def asking(tell: Callable[[Said], object]) -> tuple[Finder, Recorded]:
        finder = finder_of(view)
        return finder, ask_recorded(finder, q, _asker(view), model=model, route=route, stream=tell)

    def whole(made: Any) -> str:
        finder, answer = made
        return render.html("casebook_answer.html", _context(finder, q, answer), session=view.session, path="")

    return answers.stream(asking, _cite, whole)


def routes(edge: Edge) -> list[Route]:
    return [edge.raw("/casebook/ask/stream", stream), *edge.page("/casebook/ask", load, "casebook_ask.html")]
