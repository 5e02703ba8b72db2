"""Approvals: the inbox of calls that wait, one call with everything that a decision needs, and what all that costs."""

from collections.abc import Sequence

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console import notices
from outrider.console import policy_words as words
from outrider.console.edge import Edge, View
from outrider.journal import where
from outrider.limits import rights
from outrider.policy.friction import Cost
from outrider.policy.office import Office
from outrider.policy.pending import STATES, Approval, Decider
from outrider.policy.present import Change, Line

PAST = 50
PERIODS = (("24h", "a day"), ("7d", "a week"), ("30d", "30 days"))


class Group(msgspec.Struct):
    """Calls of one plan, or one call: what one decision may cover. `first` is the id that leads to it."""

    first: str
    calls: list[words.Call]


class Inbox(msgspec.Struct):
    """What waits, the oldest first, in groups; or what waited, by `state`. `waiting` is how many wait, also those that
    no page has room for (`shown`: how many it has). `done` and `about` tell of a decision just made."""

    groups: list[Group]
    waiting: int
    shown: int
    past: list[words.Call]
    state: str
    states: list[str]
    now: int
    may: bool
    next: int = 0
    done: str = ""
    about: str = ""


class Value(msgspec.Struct):
    """A value of the call with its origin as (colour, sign, words)."""

    line: Line
    origin: tuple[str, str, str]


class Context(msgspec.Struct):
    """One call. `check` is what nobody vouches for; `barred` says why this browser may not decide ("": it may).
    `others` are the further calls of its plan, those that wait in `waiting`; `union` is what all of them touch.
    `previous` and `next` lead to other calls that wait. `problem` is why a decision was not taken."""

    id: str
    call: words.Call
    values: list[Value]
    check: list[str]
    why: list[str]
    tainted: bool
    separated: bool
    untold: str
    compared: str
    compared_at: int
    compared_by: str
    changes: list[Change]
    others: list[words.Call]
    union: list[tuple[str, list[tuple[str, tuple[str, str, str]]]]]
    waiting: list[str]
    now: int
    may: bool
    barred: str
    pending: bool
    previous: str = ""
    next: str = ""
    problem: str = ""


class Row(msgspec.Struct):
    name: str
    cost: Cost


class Friction(msgspec.Struct):
    """What approvals cost in a period. Days are their dates."""

    whole: Cost
    agents: list[Row]
    rules: list[Row]
    days: list[Row]
    since: str
    periods: list[tuple[str, str]]


def office(view: View) -> Office:
    if view.deps.office is None:
        raise RequestError("this process serves no approvals", status=503, code="not_served")
    return view.deps.office


def load(view: View) -> Inbox:
    approvals, project = office(view).approvals, view.session.project
    state = view.query.get("state", "")
    if state and state not in STATES:
        raise RequestError(f"`state` is one of {', '.join(STATES)}", code="invalid_parameter", param="state")
    before = where.whole("before", view.query["before"], 1, 2**63 - 1) if view.query.get("before") else 0
    waiting = approvals.waiting(project)
    past = approvals.past(project, state=state, before=before, limit=PAST) if state != "pending" else []
    shown = [words.call(one) for one in past if state or one.state != "pending"]
    return Inbox(
        groups=groups(waiting),
        waiting=max(len(waiting), approvals.how_many(project)),
        shown=len(waiting),
        past=shown,
        state=state,
        states=[one for one in STATES if one != "pending"],
        now=clock.now_ns(),
        may=rights.has_right(view.deps.store, view.who, "approvals"),
        next=past[-1].asked if len(past) == PAST else 0,
        done=view.query.get("done", "")[:20],
        about=notices.about(view, "approved", "denied"),
    )


def groups(waiting: Sequence[Approval]) -> list[Group]:
    """Calls of the same plan together, in the order in which they were asked."""
    found: dict[tuple[str, str], Group] = {}
    for one in waiting:
        key = (one.session, one.plan) if one.plan else ("", one.id)
        found.setdefault(key, Group(one.id, [])).calls.append(words.call(one))
    return list(found.values())


def load_one(view: View) -> Context:
    """Whoever may decide has looked at it from here on."""
    there, project, id_ = office(view), view.session.project, view.path["id"]
    may = rights.has_right(view.deps.store, view.who, "approvals")
    case = there.case(project, id_)
    barred = case.approval.barred(decider(view))
    if may and not barred and case.approval.state == "pending":
        case = there.case(project, id_, opened=True)
    one, waiting = case.approval, [each.id for each in there.approvals.waiting(project)]
    at = waiting.index(id_) if id_ in waiting else -1
    others = [each for each in case.plan if each.id != id_]
    return Context(
        id=one.id,
        call=words.call(one),
        values=[Value(line, words.ORIGINS[line.origin]) for line in case.lines],
        check=case.doubts,
        why=words.why(one),
        tainted=one.about.tainted,
        separated=one.separated,
        untold=one.untold,
        compared=case.before.id if case.before is not None else "",
        compared_at=case.before.decided if case.before is not None else 0,
        compared_by=case.before.decider if case.before is not None else "",
        changes=case.changes,
        others=[words.call(each, whole=True) for each in others],
        union=words.union(case.plan) if others else [],
        waiting=[each.id for each in others if each.state == "pending"],
        now=clock.now_ns(),
        may=may,
        barred=barred,
        pending=one.state == "pending",
        previous=waiting[at - 1] if at > 0 else "",
        next=waiting[at + 1] if 0 <= at < len(waiting) - 1 else "",
    )


def decider(view: View) -> Decider:
    """Who decides in this browser."""
    return Decider(*rights.signature(view.deps.store, view.who), through="console")


def decide(view: View) -> str:
    """Take a decision as it was posted; the address to go on to. What nobody vouches for has to be ticked before it is
    approved: the page asks for it, and so does this."""
    rights.require(view.deps.store, view.who, "approvals")
    there, project, id_ = office(view), view.session.project, view.path["id"]
    verdict = view.form.get("verdict", "")
    if verdict not in ("approve", "deny"):
        raise RequestError("approve it or refuse it", code="invalid_parameter", param="verdict")
    chosen = [id_, *(name.removeprefix("call-") for name in view.form if name.startswith("call-"))]
    if verdict == "approve":
        plan = {one.id: one for one in there.approvals.plan_of(there.approvals.get(project, id_))}
        found = [one for id_ in chosen if id_ in plan for one in words.doubts(plan[id_])]
        if found and "checked" not in view.form:
            raise RequestError(f"say that you have checked {', '.join(found)}", code="not_checked", param="checked")
    done = there.approvals.decide(
        project,
        id_,
        approve=verdict == "approve",
        by=decider(view),
        note=view.form.get("note", "").strip(),
        only=chosen,
    )
    tool = done[0].about.tool if len(done) == 1 else f"{len(done)} calls"
    return notices.link(view, "/approvals", "approved" if verdict == "approve" else "denied", tool[:80])


def load_friction(view: View) -> Friction:
    since = view.query.get("since", "7d")
    if since not in dict(PERIODS):
        raise RequestError(f"`since` is one of {', '.join(dict(PERIODS))}", code="invalid_parameter", param="since")
    found = office(view).friction(view.session.project, where.moment("since", since))
    return Friction(
        found.whole,
        [Row(name or "without a name", cost) for name, cost in found.agents.items()],
        [Row(name, cost) for name, cost in found.rules.items()],
        [Row(clock.iso(day)[:10], cost) for day, cost in reversed(found.days.items())],
        since,
        list(PERIODS),
    )


def routes(edge: Edge) -> list[Route]:
    async def act(view: View) -> Response | tuple[str, Context]:
        try:
            return RedirectResponse(await anyio.to_thread.run_sync(decide, view), 303)
        except RequestError as error:
            if error.status == 404:
                raise
            page = await anyio.to_thread.run_sync(load_one, view)
            page.problem = error.message
            return "approval.html", page

    return [
        *edge.page("/approvals", load, "approvals.html", part="approvals_part.html"),
        *edge.page("/approvals/friction", load_friction, "friction.html"),
        *edge.page("/approvals/{id}", load_one, "approval.html"),
        edge.action("/approvals/{id}/decide", act),
    ]
