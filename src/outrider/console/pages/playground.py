"""The playground: one prompt, one or two routes side by side. The browser calls `/v1` itself; every try is a run."""

import msgspec
from starlette.routing import Route

from outrider.console.edge import Edge, View


class Context(msgspec.Struct):
    """Names that can be called, and what the address filled in."""

    routes: list[str]
    first: str
    second: str
    prompt: str


def load(view: View) -> Context:
    names = list(view.deps.routes())
    first = view.query.get("route", "") or (names[0] if names else "")
    return Context(names, first, view.query.get("beside", ""), view.query.get("prompt", ""))


def routes(edge: Edge) -> list[Route]:
    return edge.page("/playground", load, "playground.html")
