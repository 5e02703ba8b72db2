"""The console: server-rendered pages over the journal's readers. Nothing here writes history by itself."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from outrider.base import plugins
from outrider.base.errors import RequestError, StoreUnavailable

if TYPE_CHECKING:  # pages and templates are loaded when somebody looks: who signs in is known without them
    from outrider.console.deps import ConsoleDeps

__all__ = ["error_answers", "routes"]


def routes(deps: "ConsoleDeps") -> list[BaseRoute]:
    """All pages (every module of `console.pages`), their JSON twins and the static files."""
    from outrider.console.edge import Edge
    from outrider.console.render import HERE, Assets

    edge = Edge(deps)
    found: list[BaseRoute] = [Mount("/static", Assets(directory=HERE / "static"), name="static")]
    for name in plugins.names("outrider.console.pages"):
        found += plugins.load("outrider.console.pages", name).routes(edge)
    return sorted(found, key=lambda route: "{" in getattr(route, "path", ""))  # a name before what may be any name


async def _answer(request: Request, error: Exception) -> Response:
    from outrider.console.edge import failure

    return failure(request, error)


def error_answers() -> Mapping[type[Exception] | int, Callable[[Request, Exception], Awaitable[Response]]]:
    """What an application that mounts the routes puts into `exception_handlers`: 404 and the like in our design."""
    return dict.fromkeys((HTTPException, RequestError, StoreUnavailable, 500), _answer)
