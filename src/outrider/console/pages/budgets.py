"""Budgets that cover the project: used, reserved and limit, where the pace leads; a form for a new one."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.budget import SCOPES
from outrider.base.errors import RequestError
from outrider.console import budget_words, notices
from outrider.console.budget_words import Card
from outrider.console.edge import Edge, View
from outrider.journal import read
from outrider.limits.access import Budgets
from outrider.limits.terms import MATCHED, MEASURES, WINDOWS

DONE = {
    "set": "is recorded. It holds, and is shown here, within a second.",
    "raised": "is raised. It holds within a second.",
    "ended": "has no raises any more, within a second.",
    "removed": "is removed. It limits nothing any more, within a second.",
}


class Choices(msgspec.Struct):
    """What the form offers."""

    measures: list[str] = msgspec.field(default_factory=lambda: list(MEASURES))
    windows: list[str] = msgspec.field(default_factory=lambda: list(WINDOWS))
    scopes: list[str] = msgspec.field(default_factory=lambda: list(SCOPES))
    matched: list[str] = msgspec.field(default_factory=lambda: list(MATCHED))


class Context(msgspec.Struct):
    """The budgets page.

    `may_change` says whether this key may make budgets. `form` are the fields as they were sent, `problem` what is
    wrong with them. `names` are what people call the project's keys. `notice` tells what was done just now to the
    budget `about`.
    """

    cards: list[Card]
    may_change: bool
    form: dict[str, str]
    choices: Choices
    names: dict[str, str]
    problem: str = ""
    notice: str = ""
    about: str = ""


def budgets_of(view: View) -> Budgets:
    if view.deps.budgets is None:
        raise RequestError("this process serves no budgets", status=503, code="not_served")
    return view.deps.budgets


def key_names(view: View) -> dict[str, str]:
    """What people call the project's keys, by their public parts."""
    return {key.public: key.name for key in read.list_keys(view.store, view.session.project) if key.name}


def load(view: View) -> Context:
    budgets = budgets_of(view)
    return Context(
        cards=[budget_words.card(one) for one in budgets.standings(view.who)],
        may_change=budgets.may_change(view.who),
        form=budget_words.form_of(None),
        choices=Choices(),
        names=key_names(view),
        notice=DONE.get(view.query.get("done", ""), ""),
        about=notices.about(view, *DONE),
    )


def routes(edge: Edge) -> list[Route]:
    async def make(view: View) -> Response | tuple[str, Context]:
        name = view.form.get("name", "").strip()
        try:
            budget = budget_words.read_form(dict(view.form)).budget(name)
            if await anyio.to_thread.run_sync(lambda: _exists(view, name)):
                raise RequestError(f"there is a budget {name!r} already: open it to change it", code="budget_exists")
            await budgets_of(view).set(view.who, budget, view.form.get("why", ""))
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem, page.form = error.message, page.form | dict(view.form)
            return "budgets.html", page
        return RedirectResponse(notices.link(view, "/budgets", "set", name), 303)

    return [
        *edge.page("/budgets", load, "budgets.html", part="budgets_part.html"),
        edge.action("/budgets", make),
    ]


def _exists(view: View, name: str) -> bool:
    return any(one.row.budget.id == name for one in budgets_of(view).standings(view.who, 1))
