"""Policy: the rules in force and how often each decided, what shadow rules say, who may do what, and other rules tried
on what was recorded."""

import anyio.to_thread
import msgspec
from starlette.responses import Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import ConfigError, RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages.approvals import office
from outrider.policy.backtest import Report, backtest
from outrider.policy.permissions import Roster
from outrider.policy.present import plain
from outrider.policy.rules import Rules
from outrider.policy.timeline import Tallies, Tally

WEEK_NS = 7 * 86_400 * 1_000_000_000
LARGEST = 200_000
SHOWN = 50


class Line(msgspec.Struct):
    """A rule: `kind` is permits, asks, forbids or only observes; `words` what a person is told."""

    id: str
    kind: str
    words: str
    tally: Tally


class Who(msgspec.Struct):
    """Somebody and what they may call. `kind` is role, user, agent or key."""

    kind: str
    name: str
    roles: list[str]
    tools: list[str]


class Context(msgspec.Struct):
    """The rules with counts over the last week's sessions, permissions of the project, and the outcome of rules that
    were tried (`report`). `text` is what stands in the form; with `claims` an identity provider gives users roles."""

    rules: list[Line]
    tallies: Tallies
    who: list[Who]
    text: str
    claims: bool = False
    report: Report | None = None
    problem: str = ""


def load(view: View) -> Context:
    there, project = office(view), view.session.project
    tallies = there.tallies(project, clock.now_ns() - WEEK_NS)
    rules = there.rules()
    lines = [
        Line(one.id, _kind(one.forbids, one.ask, one.shadow), plain(one.ask, 300), tallies.rules.get(one.id, Tally()))
        for one in rules.rules
    ]
    lines.sort(key=lambda line: -(line.tally.ask + line.tally.deny))
    permissions = there.control.permissions
    roster = permissions.roster(project) if permissions is not None else Roster()
    return Context(lines, tallies, _who(roster), rules.text, roster.claims)


def _kind(forbids: bool, ask: str, shadow: bool) -> str:
    said = "permits" if not forbids else "asks" if ask else "forbids"
    return f"{said}, only observed" if shadow else said


def _who(roster: Roster) -> list[Who]:
    found = [Who("role", name, [], list(tools)) for name, tools in roster.roles.items()]
    for kind, named in (("user", roster.users), ("agent", roster.agents), ("key", roster.keys)):
        found += [Who(kind, name, list(one.roles), list(one.tools)) for name, one in named.items()]
    return found


def try_(view: View) -> Context:
    """The page with what other rules would have said."""
    page = load(view)
    page.text = view.form.get("rules", "")
    try:
        rules = Rules(page.text)
    except ConfigError as error:
        page.problem = error.message
        return page
    there = office(view)
    page.report = backtest(
        there.control.sessions, view.session.project, rules, since=clock.now_ns() - WEEK_NS, most=SHOWN
    )
    return page


def routes(edge: Edge) -> list[Route]:
    async def act(view: View) -> Response | tuple[str, Context]:
        if not view.form.get("rules", "").strip():
            raise RequestError("write the rules to try", code="invalid_parameter", param="rules")
        return "policy.html", await anyio.to_thread.run_sync(try_, view)

    return [*edge.page("/policy", load, "policy.html"), edge.action("/policy/backtest", act, largest=LARGEST)]
