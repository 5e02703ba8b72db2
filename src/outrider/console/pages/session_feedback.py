"""What a reader says of a session, or of a step of it: forms of the session's page; they need no script."""

from urllib.parse import quote

import anyio.to_thread
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages import sessions
from outrider.console.pages.approvals import office
from outrider.console.pages.run_feedback import LARGEST, TEXTS, THUMBS
from outrider.evals.feedback import Feedback, event
from outrider.journal import read


def give(view: View) -> str:
    """Write feedback into the journal; the address of the session's page. Raises RequestError."""
    if view.deps.record is None:
        raise RequestError("this process takes no feedback", status=503, code="not_served")
    form, id_, project = view.form, view.path["id"], view.session.project
    office(view).session(project, id_)
    edit, comment, outcome = (form.get(name, "").replace("\r\n", "\n").strip() for name in TEXTS)
    said = Feedback(run=_step(view, id_), thumb=THUMBS.get(form.get("thumb", ""), ""))
    said.session = "" if said.run else id_
    said.edit, said.comment, said.outcome = edit, comment, outcome
    made, bodies = event(view.store, project, said, f"key:{view.who.key}" if view.who.key else "")
    view.deps.record(made, bodies)
    return f"/sessions/{quote(id_, safe='')}?done=feedback#feedback"


def _step(view: View, session: str) -> str:
    """The run that the form names, which is one of the session; "": the session as a whole."""
    said = view.form.get("run", "")
    if not said:
        return ""
    try:
        found = read.get_run(view.store, ids.parse(said))
    except ValueError:
        found = None
    if found is None or found.project != view.session.project or found.session != session:
        raise RequestError(f"the session has no run {said[:60]!r}", param="run")
    return said


def routes(edge: Edge) -> list[Route]:
    async def send(view: View) -> Response | tuple[str, sessions.One]:
        try:
            return RedirectResponse(await anyio.to_thread.run_sync(give, view), 303)
        except RequestError as error:
            if error.status in (404, 503):
                raise
            page = await anyio.to_thread.run_sync(sessions.load_one, view)
            page.problem = error.message
            return "session.html", page

    return [edge.action("/sessions/{id:path}/feedback", send, largest=LARGEST)]
