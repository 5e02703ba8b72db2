"""What a reader makes of a run: feedback on its answer, and a case of a dataset with what was recorded. Forms of the
run's page; they need no script."""

import anyio.to_thread
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages import run
from outrider.console.pages.datasets import href as dataset_href
from outrider.console.pages.experiments import desk_of
from outrider.evals import adding, production
from outrider.evals.feedback import Feedback, event
from outrider.journal.events.feedback import Thumb
from outrider.limits.keys import Identity

LARGEST = 200_000
"""Bytes of a form: an answer put right, percent-encoded."""
TEXTS = ("edit", "comment", "outcome")
THUMBS: dict[str, Thumb] = {"up": "up", "down": "down"}


def give(view: View) -> str:
    """Write feedback into the journal; the address of the run's page. Raises RequestError."""
    if view.deps.record is None:
        raise RequestError("this process takes no feedback", status=503, code="not_served")
    found, form = run.run_of(view), view.form
    edit, comment, outcome = (form.get(name, "").replace("\r\n", "\n").strip() for name in TEXTS)
    said = Feedback(run=ids.text(found.id), thumb=THUMBS.get(form.get("thumb", ""), ""))
    said.edit, said.comment, said.outcome = edit, comment, outcome
    made, bodies = event(view.store, view.session.project, said, _by(view.who))
    view.deps.record(made, bodies)
    return f"/runs/{ids.text(found.id)}?done=feedback#feedback"


def keep(view: View) -> str:
    """Make a case of the run, or of a step of it; the address of the dataset. Raises RequestError."""
    desk, form, project = desk_of(view), view.form, view.session.project
    found, name = run.run_of(view), form.get("dataset", "").strip()
    step, expected = form.get("step", "").strip(), form.get("expected", "").replace("\r\n", "\n").strip()
    accept = bool(form.get("accept"))
    if accept and expected:
        raise RequestError("either the answer was right, or something else is expected: say one", param="expected")
    if not name:
        raise RequestError("say which dataset the case goes into", param="dataset")
    said = ids.text(found.id) + (f"#{step}" if step else "")
    case = adding.of_run(view.store, project, said, accept=accept)
    if expected:
        case = production.labelled(case, expected, "person")
    version, left = adding.put(
        desk.datasets, project, name, [case], merge=not form.get("alike"), author=view.session.key,
        note=f"from {case.source}",
    )  # fmt: skip
    if left.merged:
        raise RequestError(
            f"{name} has a case that asks nearly the same: {left.merged[0].other}; say that it is kept all the same",
            status=409,
            code="case_alike",
            param="alike",
        )
    if desk.proposals is not None:
        desk.proposals.gather(view.store, project)
        desk.proposals.taken(project, [case], name, view.session.key)
    last = max(0, version.cases - 1) // 25 * 25
    return dataset_href(name, first=last)


def _by(who: Identity) -> str:
    return f"key:{who.key}" if who.key else ""


def routes(edge: Edge) -> list[Route]:
    def form(act: str) -> Route:
        work = {"feedback": give, "case": keep}[act]

        async def send(view: View) -> Response | tuple[str, run.Context]:
            try:
                return RedirectResponse(await anyio.to_thread.run_sync(work, view), 303)
            except RequestError as error:
                if error.status in (404, 503):
                    raise
                page = await anyio.to_thread.run_sync(run.load, view)
                page.problem, page.form = error.message, dict(view.form)
                return "run.html", page

        return edge.action(f"/runs/{{id:uuid}}/{act}", send, largest=LARGEST)

    return [form("feedback"), form("case")]
