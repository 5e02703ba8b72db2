"""Grants that the user's words speak for: a model is asked about them, or one is given, from the session's page. Forms;
they need no script."""

from urllib.parse import quote

import anyio.to_thread
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError, UpstreamError
from outrider.console.edge import Edge, View
from outrider.console.pages import sessions
from outrider.console.pages.approvals import office
from outrider.limits import rights
from outrider.policy.desk import Desk


def _desk(view: View) -> Desk:
    """Raises RequestError 403, 404, 503."""
    there = office(view)
    there.session(view.session.project, view.path["id"])
    rights.require(view.deps.store, view.who, "policy")
    if there.desk is None:
        raise RequestError("this process serves no policy", status=503, code="not_served")
    return there.desk


def give(view: View) -> None:
    """Give the proposal that the form names, as it is shown."""
    desk, project, id_ = _desk(view), view.session.project, view.path["id"]
    wanted = view.form.get("grant", "")
    found = next((one for one in desk.propose(project, id_) if sessions.digest(one) == wanted), None)
    if found is None:
        raise RequestError("the user has said more since: look at what is proposed now", status=409, code="changed")
    desk.grant(project, id_, found, rights.signature(view.deps.store, view.who).name)


async def ask(view: View) -> None:
    """Ask the model that the form names, in the name of who asks."""
    desk = await anyio.to_thread.run_sync(_desk, view)
    reader = desk.reader()
    if reader is None:
        raise RequestError("this process asks no models", status=503, code="not_served")
    try:
        await reader.read(
            view.session.project, view.path["id"], view.form.get("model", "").strip(), key=view.session.key
        )
    except UpstreamError as error:
        raise RequestError(error.message, status=502, code=error.code) from None


def routes(edge: Edge) -> list[Route]:
    async def send(view: View) -> Response | tuple[str, sessions.One]:
        try:
            if "grant" in view.form:
                await anyio.to_thread.run_sync(give, view)
            else:
                await ask(view)
        except RequestError as error:
            if error.status in (403, 404):
                raise
            page = await anyio.to_thread.run_sync(sessions.load_one, view)
            page.problem = error.message
            return "session.html", page
        return RedirectResponse(f"/sessions/{quote(view.path['id'], safe='')}#proposals", 303)

    return [edge.action("/sessions/{id:path}/proposals", send)]
