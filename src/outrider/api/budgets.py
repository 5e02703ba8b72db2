"""`/api/budgets`: the budgets that cover the project: how they stand, their history, and changes."""

from typing import cast

import anyio.to_thread

from outrider.api import shapes_budgets as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.limits.access import Budgets
from outrider.limits.holders import MOST
from outrider.limits.terms import MEASURES, Terms, amount

NAME = Param("name", "The budget's name.")
WHY = Param("why", "Why, for the record.")


def _budgets(ask: Ask) -> Budgets:
    if ask.deps.budgets is None:
        raise RequestError("this process serves no budgets", status=503, code="not_served")
    return ask.deps.budgets


def list_(ask: Ask) -> shapes.BudgetList:
    budgets = _budgets(ask)
    mine = budgets.may_change(ask.who)
    found = budgets.standings(ask.who)
    return shapes.BudgetList([shapes.budget(one, mine and budgets.owns(one.row.budget, ask.who)) for one in found])


def get(ask: Ask) -> shapes.BudgetWithHistory:
    budgets, name = _budgets(ask), ask.path["name"]
    one = budgets.one(ask.who, name)
    changes = [shapes.change(change) for change in budgets.history(ask.who, name)]
    held = budgets.reserved(ask.who, name)
    shown = [shapes.reserved(each) for each in held[:MOST]]
    budget = shapes.budget(one, budgets.may_change(ask.who, one.row.budget))
    return shapes.BudgetWithHistory(budget, changes, shown, len(held))


async def put(ask: Ask) -> shapes.BudgetChangeMade:
    terms = Terms(**{f: getattr(ask.body, f) for f in Terms.__struct_fields__})
    event = await _budgets(ask).set(ask.who, terms.budget(ask.path["name"]), ask.body.why)
    return shapes.made(event)


async def delete(ask: Ask) -> shapes.BudgetChangeMade:
    return shapes.made(await _budgets(ask).remove(ask.who, ask.path["name"], ask.query.get("why", "")))


async def raise_(ask: Ask) -> shapes.BudgetChangeMade:
    """The amount is in the budget's own unit: dollars, or a count."""
    budgets, name, body = _budgets(ask), ask.path["name"], cast(shapes.MoreRoom, ask.body)
    one = await anyio.to_thread.run_sync(lambda: budgets.one(ask.who, name, 1))
    key = next(k for k, m in MEASURES.items() if m == one.row.budget.measure)
    try:
        more = amount(key, body.amount)
    except ValueError as error:
        raise RequestError(f"amount: {error}", code="invalid_parameter", param="amount") from None
    until = where.moment("until", body.until) if body.until else clock.now_ns() + where.span("for", body.lasts)
    return shapes.made(await budgets.raise_(ask.who, name, more, until, body.why, body.value))


ENDPOINTS = [
    Endpoint(
        "GET", "/api/budgets", "Budgets that cover the project, and how they stand", shapes.BudgetList, read=list_
    ),
    Endpoint(
        "GET",
        "/api/budgets/{name}",
        "One budget with its history, and who holds what is reserved",
        shapes.BudgetWithHistory,
        read=get,
        params=[NAME],
    ),
    Endpoint(
        "PUT",
        "/api/budgets/{name}",
        "Make or replace a budget",
        shapes.BudgetChangeMade,
        act=put,
        takes=shapes.NewBudget,
        params=[NAME],
    ),
    Endpoint(
        "DELETE",
        "/api/budgets/{name}",
        "Remove a budget",
        shapes.BudgetChangeMade,
        act=delete,
        params=[NAME],
        query=[WHY],
    ),
    Endpoint(
        "POST",
        "/api/budgets/{name}/raise",
        "Give a budget more room for a time",
        shapes.BudgetChangeMade,
        act=raise_,
        takes=shapes.MoreRoom,
        params=[NAME],
    ),
]
