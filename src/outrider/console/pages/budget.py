"""One budget: its accounts, who spends, where the pace leads, its history; forms to raise, change and remove it."""

from collections.abc import Awaitable, Callable
from typing import Literal

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.budget import Budget, Measure, Raise
from outrider.base.errors import RequestError
from outrider.console import budget_words, notices
from outrider.console.budget_words import Card, Line, Past
from outrider.console.edge import Edge, View
from outrider.console.pages.budgets import DONE, Choices, budgets_of, key_names
from outrider.journal import read, where
from outrider.journal.read import UsageRow
from outrider.journal.rows import BudgetRow
from outrider.limits import windows
from outrider.limits.holders import MOST
from outrider.limits.holders import Reserved as Held
from outrider.limits.standing import Standing
from outrider.limits.terms import MEASURES, amount

Act = Callable[[View], Awaitable[str]]
"""A change that a form asks for; gives the address to go on to."""

SPANS = (("1h", "an hour"), ("24h", "a day"), ("7d", "a week"), ("30d", "30 days"))
TOP = 6


class Spender(msgspec.Struct):
    """A key or route with what its calls took since the window began, in thousandths of the most."""

    label: str
    name: str
    amount: int
    share: float


class Column(msgspec.Struct):
    """What was used in one stretch of time; `height` in hundredths of the highest."""

    at: int
    amount: int
    height: float


class Context(msgspec.Struct):
    """One budget. `lines` are its accounts, those with most use first; `whole` sums them up.

    `held` says who holds what is reserved, oldest first; `held_count` is how many there are, `callers` names
    the keys of these.
    `keys` and `routes` say whose calls of this project took most since `since`; they count all calls of the project, so
    `exact` says whether the budget covers just those. `form`, `problem` and `notice` are as on the budgets page.
    """

    card: Card
    row: BudgetRow
    limit: int
    used: int
    reserved: int
    lines: list[Line]
    held: list[Held]
    held_count: int
    raises: list[Raise]
    columns: list[Column]
    keys: list[Spender]
    routes: list[Spender]
    exact: bool
    since: int
    history: list[Past]
    may_change: bool
    editable: bool
    form: dict[str, str]
    choices: Choices
    names: dict[str, str]
    callers: dict[str, str]
    spans: list[tuple[str, str]]
    problem: str = ""
    notice: str = ""
    about: str = ""


def load(view: View) -> Context:
    budgets, name, now = budgets_of(view), view.path["name"], clock.now_ns()
    one = budgets.one(view.who, name)
    row, budget = one.row, one.row.budget
    may = budgets.may_change(view.who, budget)
    since = _since(one, now)
    owned = budgets.owns(budget, view.who)
    held = budgets.reserved(view.who, name)
    return Context(
        card=budget_words.card(one),
        row=row,
        limit=one.limit,
        used=one.used,
        reserved=one.reserved,
        lines=[budget_words.line(account) for account in one.accounts],
        held=held[:MOST],
        held_count=len(held),
        raises=one.raises,
        columns=_columns(budgets.series(view.who, name), budget, now),
        keys=_spenders(view, "key", budget, since, now) if owned else [],
        routes=_spenders(view, "route", budget, since, now) if owned else [],
        exact=not set(budget.match) - {"project"},
        since=since,
        history=[budget_words.past(change.event, budget.measure) for change in budgets.history(view.who, name)],
        may_change=may,
        editable=may and row.origin != "config",
        form=budget_words.form_of(budget),
        choices=Choices(),
        names=key_names(view) if budget.per == "key" else {},
        callers=key_names(view) if held else {},
        spans=list(SPANS),
        notice=DONE.get(view.query.get("done", ""), ""),
        about=budget.id,
    )


def _since(one: Standing, now: int) -> int:
    """Since when calls count now."""
    budget = one.row.budget
    if windows.rolls(budget.window):
        return windows.since(budget.window, now)
    return max(one.starts, one.row.made_at)


def _columns(spent: list[tuple[int, int]], budget: Budget, now: int) -> list[Column]:
    found = budget_words.columns(spent, budget.window, now)
    most = max((used for _, used in found), default=0) or 1
    return [Column(at, used, round(100 * used / most, 1)) for at, used in found]


def _spenders(view: View, by: Literal["key", "route"], budget: Budget, since: int, now: int) -> list[Spender]:
    project = view.session.project
    rows = read.usage_report(view.store, by, since=since, until=now, project=project)
    names = key_names(view) if by == "key" else {}
    taken = sorted(((_taken(row, budget.measure), row.label) for row in rows), reverse=True)[:TOP]
    most = taken[0][0] if taken else 0
    return [
        Spender(label, names.get(label) or label or "none", used, round(1000 * used / most, 1))
        for used, label in taken
        if used
    ]


def _taken(row: UsageRow, measure: Measure) -> int:
    match measure:
        case "money":
            return row.cost
        case "input_tokens":
            return row.input
        case "output_tokens":
            return row.output
        case "total_tokens":
            return row.input + row.output
    return row.calls


def routes(edge: Edge) -> list[Route]:
    async def change(view: View) -> str:
        budget = budget_words.read_form(dict(view.form)).budget(view.path["name"])
        await budgets_of(view).set(view.who, budget, view.form.get("why", ""))
        return f"/budgets/{budget.id}?done=set"

    async def more_room(view: View) -> str:
        name, form = view.path["name"], view.form
        one = await anyio.to_thread.run_sync(lambda: budgets_of(view).one(view.who, name, 1))
        key = next(k for k, m in MEASURES.items() if m == one.row.budget.measure)
        try:
            more = 0 if form.get("end") else amount(key, form.get("amount", ""))
        except ValueError as error:
            raise RequestError(f"More by: {error}", code="invalid_parameter", param="amount") from None
        if not more and not form.get("end"):
            raise RequestError("More by: nothing would be added", code="invalid_parameter", param="amount")
        until = clock.now_ns() + where.span("for", form.get("for", "24h"))
        value = form.get("value", "").strip()
        await budgets_of(view).raise_(view.who, name, more, until, form.get("why", ""), value)
        return f"/budgets/{name}?done={'raised' if more else 'ended'}"

    async def remove(view: View) -> str:
        event = await budgets_of(view).remove(view.who, view.path["name"], view.form.get("why", ""))
        return notices.link(view, "/budgets", "removed", event.budget)

    def action(path: str, act: Act) -> Route:
        async def answer(view: View) -> Response | tuple[str, Context]:
            try:
                return RedirectResponse(await act(view), 303)
            except RequestError as error:
                if error.status == 404:
                    raise
                page = await anyio.to_thread.run_sync(load, view)
                page.problem, page.form = error.message, page.form | dict(view.form)
                return "budget.html", page

        return edge.action(path, answer)

    return [
        *edge.page("/budgets/{name}", load, "budget.html", part="budget_part.html"),
        action("/budgets/{name}/set", change),
        action("/budgets/{name}/raise", more_room),
        action("/budgets/{name}/remove", remove),
    ]
