"""The playground: one prompt, one or two routes side by side. The browser calls `/v1` itself; every try is a run."""

import msgspec
from starlette.routing import Route

from outrider.base.model_names import for_chat_first
from outrider.console.edge import Edge, View
from outrider.journal import read
from outrider.journal.rows import RunFilter


class Context(msgspec.Struct):
    """Names that can be called, and what the address filled in."""

    routes: list[str]
    first: str
    second: str
    prompt: str


def load(view: View) -> Context:
    names = for_chat_first(view.deps.routes())
    first = view.query.get("route", "") or _usual(view, names)
    return Context(names, first, view.query.get("beside", ""), view.query.get("prompt", ""))


def _usual(view: View, names: list[str]) -> str:
    """The route of the newest chat that went well, else `default`, else the first name that may be a chat model."""
    recent = read.list_runs(view.store, RunFilter(project=view.session.project, status="ok"), limit=20).rows
    used = [run.model for run in recent if run.name == "chat.completions"]
    return next((name for name in (*used, *names) if name in names), "")


def routes(edge: Edge) -> list[Route]:
    return edge.page("/playground", load, "playground.html")
