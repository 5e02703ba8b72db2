"""The item that somebody reviews or adjudicates: what was asked and answered, and the rubric; by keyboard or thumb."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages.reviews import href, names_of, person_of, queue_of, reviews_of
from outrider.evals.review.desk import Task, others
from outrider.evals.review.marks import Role
from outrider.evals.review.rubric import Field, Value
from outrider.evals.review.showing import Shown
from outrider.journal import where
from outrider.limits import rights

LARGEST = 300_000
"""Bytes of the form: texts of a rubric, percent-encoded."""


class Question(msgspec.Struct):
    """A field of the rubric. `said` is what stands in it; `apart` where reviewers disagree on it."""

    field: Field
    words: list[str]
    said: str
    apart: bool


class Other(msgspec.Struct):
    """What somebody else said."""

    who: str
    role: str
    answers: list[tuple[str, str]]


class Context(msgspec.Struct):
    """The item, or none where nothing waits. `who` has to be said where nobody signed in. `left` is how many items wait
    in all, `mine` how many the reader has done."""

    name: str
    href: str
    adjudicates: bool
    who: str
    must_say: bool
    place: int | None
    shown: Shown | None
    questions: list[Question]
    others: list[Other]
    mine: int
    left: int
    disputed: int
    blind: bool
    problem: str = ""


def _role(view: View) -> Role:
    return "adjudicate" if (view.form.get("role") or view.query.get("role")) == "adjudicate" else "review"


def load(view: View) -> Context:
    desk, queue, who, role = reviews_of(view), queue_of(view), person_of(view), _role(view)
    must_say = not view.session.key
    task: Task | None = None
    problem = ""
    if who:
        try:
            task = desk.next(queue, who, role, _bound(view))
        except RequestError as error:
            problem = error.message
    counts = task.counts if task is not None else desk.queues.counts(queue)
    said = {name: str(value) for name, value in (task.before.items() if task is not None else ())}
    if task is not None and view.form:
        said |= {one.name: view.form[f"f-{one.name}"] for one in queue.plan.fields if f"f-{one.name}" in view.form}
    apart = task.differ if task is not None else []
    questions = [
        Question(one, list(one.words()), said.get(one.name, ""), one.name in apart) for one in queue.plan.fields
    ]
    return Context(
        queue.name, href(queue.name), role == "adjudicate", who, must_say, task.place if task is not None else None,
        task.shown if task is not None else None, questions if task is not None else [],
        _others(view, task) if task is not None else [], task.mine if task is not None else 0, counts["waiting"],
        counts["disputed"], queue.plan.blind, problem,
    )  # fmt: skip


def _bound(view: View) -> str:
    """The key, where it may not decide about what was reviewed with it ("": it may, or nobody signed in)."""
    return "" if rights.has_right(view.deps.store, view.who, "reviews") else view.session.key


def _others(view: View, task: Task) -> list[Other]:
    called = others(task)
    if not task.queue.plan.blind:
        called = names_of(view, list(called))
    return [Other(called[one.who], one.role, [(k, _text(v)) for k, v in one.answers.items()]) for one in task.said]


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _give(view: View) -> None:
    """What the button says: give, pass, or take the last one back."""
    desk, queue, who = reviews_of(view), queue_of(view), person_of(view)
    act = view.form.get("act", "give")
    if act == "undo":
        desk.undo(queue, who)
        return
    place = where.whole("item", view.form.get("item", ""), 0, 10**6)
    if act == "skip":
        desk.skip(queue, place, who)
    else:
        said = {one.name: view.form[f"f-{one.name}"] for one in queue.plan.fields if f"f-{one.name}" in view.form}
        desk.give(queue, place, who, said, _bound(view))


def routes(edge: Edge) -> list[Route]:
    async def give(view: View) -> Response | tuple[str, Context]:
        try:
            await anyio.to_thread.run_sync(_give, view)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem = error.message
            return "review_next.html", page
        named = {} if view.session.key else {"who": person_of(view)}
        role = "adjudicate" if _role(view) == "adjudicate" else ""
        return RedirectResponse(href(view.path["name"], "next", role=role, **named), 303)

    return [
        *edge.page("/reviews/{name}/next", load, "review_next.html"),
        edge.action("/reviews/{name}/next", give, largest=LARGEST),
    ]
