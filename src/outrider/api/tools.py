"""`/api/tools`: the tools that agents can call, how they do, what is wrong with them, and accounts of users.

Every key of a project reads. To accept what changed takes the right `policy`.
"""

from typing import Any

import msgspec

from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.limits import rights
from outrider.tools.desk import Overview, ServerState, ToolDesk, ToolState
from outrider.tools.measures import ToolMeasures
from outrider.tools.pins import Pin

_NAME = Param("name", "The tool's name.")
_SINCE = Param("since", "From when on calls count: a span ago, a date, or RFC 3339. Default: a week.")


class Interval(msgspec.Struct):
    """A share of `n`, and between which bounds it lies with 95 % confidence."""

    estimate: float
    low: float
    high: float
    n: int


class Measured(msgspec.Struct):
    """How a tool did. `made` of the `calls` reached it; `success` is of those. Times are seconds, sizes bytes, of a
    result. `gone`: the client left before the answer. `unused` of the `followed` answers were followed by no further
    call of a model in their session. `agents` and `clients` are of the newest calls."""

    tool: str
    calls: int
    made: int
    success: Interval
    p50: float
    p95: float
    gone: int
    unused: int
    followed: int
    last: str
    failures: dict[str, int]
    last_failures: dict[str, str]
    not_made: dict[str, int]
    agents: dict[str, int]
    clients: dict[str, int]
    size_p50: int
    size_p95: int


class LintFinding(msgspec.Struct):
    """What is wrong with a tool: `level` is `danger`, `warning` or `hint`."""

    tool: str
    level: str
    code: str
    text: str
    remedy: str
    where: str = ""


class ToolAnswer(msgspec.Struct):
    """A tool: `labels` null means undeclared, which counts as the worst; `proposal` is what they could be. `tokens`:
    about how many it takes in each request that lists it. `withheld`: it changed and waits to be accepted."""

    name: str
    own: str
    server: str
    title: str
    description: str
    arguments: dict[str, Any]
    labels: dict[str, Any] | None
    proposal: dict[str, Any] | None
    reasons: list[str]
    tokens: int
    withheld: bool
    findings: list[LintFinding]
    measured: Measured | None


class ServerAnswer(msgspec.Struct):
    """A tool server: `state` is `idle`, `up` or `down`."""

    name: str
    kind: str
    state: str
    tools: int
    error: str
    connects: bool


class ChangedTool(msgspec.Struct):
    """A tool that changed: `parts` are those that are others now, `mark` names this change for accepting it."""

    name: str
    parts: list[str]
    accepted: dict[str, Any]
    seen: dict[str, Any]
    seen_at: str
    mark: str


class ToolList(msgspec.Struct):
    """All tools and servers. `tokens`: of all tools together. `searched`: models see a search instead of all."""

    tools: list[ToolAnswer]
    servers: list[ServerAnswer]
    waiting: list[ChangedTool]
    findings: list[LintFinding]
    tokens: int
    searched: bool


class MeasureList(msgspec.Struct):
    """The most called first."""

    tools: list[Measured]


class Accept(msgspec.Struct, forbid_unknown_fields=True):
    """The change that was looked at."""

    name: str
    mark: str = ""


class Accepted(msgspec.Struct):
    name: str


class Connect(msgspec.Struct, forbid_unknown_fields=True):
    """Who connects where."""

    server: str
    user: str


class Link(msgspec.Struct):
    """Where the user goes; good for a quarter of an hour."""

    url: str


class Account(msgspec.Struct):
    """A connected account. `expires`: of the present token, which is refreshed where the server allows it."""

    server: str
    user: str
    made: str
    expires: str | None


class AccountList(msgspec.Struct):
    accounts: list[Account]


def desk(ask: Ask) -> ToolDesk:
    if ask.deps.tools is None:
        raise RequestError("this process serves no tools", status=503, code="not_served")
    return ask.deps.tools


def list_(ask: Ask) -> ToolList:
    return shown(desk(ask).overview(ask.who.project))


def get(ask: Ask) -> ToolAnswer:
    return tool(desk(ask).show(ask.who.project, ask.path["name"]))


def measured(ask: Ask) -> MeasureList:
    since = where.moment("since", ask.query["since"]) if "since" in ask.query else 0
    return MeasureList([measures(one) for one in desk(ask).measures(ask.who.project, since=since)])


def accept(ask: Ask) -> Accepted:
    """A change that was made since `mark` is not accepted with it."""
    rights.require(ask.deps.store, ask.who, "policy")
    desk(ask).accept(ask.body.name, ask.who.key or "operator", ask.body.mark)
    return Accepted(ask.body.name)


def accounts(ask: Ask) -> AccountList:
    found = desk(ask).connections(ask.who.project)
    return AccountList([Account(c.server, c.user, clock.iso(c.made), _moment(c.expires)) for c in found])


def connect(ask: Ask) -> Link:
    return Link(desk(ask).link(ask.body.server, ask.who.project, ask.body.user))


def disconnect(ask: Ask) -> AccountList:
    desk(ask).disconnect(ask.body.server, ask.who.project, ask.body.user)
    return accounts(ask)


# -- shapes -----------------------------------------------------------------------------------------------------------


def shown(found: Overview) -> ToolList:
    """As machines read it."""
    return ToolList(
        [tool(one) for one in found.tools],
        [server(one) for one in found.servers],
        [changed(one) for one in found.waiting],
        [finding(one) for one in found.others],
        found.tokens,
        found.searched,
    )


def tool(one: ToolState) -> ToolAnswer:
    return ToolAnswer(
        one.tool.name,
        one.tool.own,
        one.tool.upstream,
        one.tool.title,
        one.tool.description,
        dict(one.tool.input_schema),
        msgspec.to_builtins(one.labels) if one.labels is not None else None,
        msgspec.to_builtins(one.proposal) if one.proposal is not None else None,
        one.reasons,
        one.tokens,
        one.changed,
        [finding(each) for each in one.faults],
        measures(one.measures) if one.measures is not None else None,
    )


def server(one: ServerState) -> ServerAnswer:
    return ServerAnswer(one.name, one.kind, one.state, one.tools, one.error, one.connects)


def finding(one: Any) -> LintFinding:
    return LintFinding(one.tool, one.level, one.code, one.text, one.remedy, getattr(one, "where", ""))


def changed(pin: Pin) -> ChangedTool:
    return ChangedTool(pin.name, pin.changed, pin.accepted, pin.seen, clock.iso(pin.seen_at), pin.digest[:16])


def measures(one: ToolMeasures) -> Measured:
    success = Interval(one.success.estimate, one.success.low, one.success.high, one.success.n)
    return Measured(
        one.tool,
        one.calls,
        one.made,
        success,
        one.p50 / 1e9,
        one.p95 / 1e9,
        one.gone,
        one.unused,
        one.followed,
        clock.iso(one.last),
        {fault.code: fault.count for fault in one.faults},
        {fault.code: clock.iso(fault.at) for fault in one.faults},
        one.not_made,
        one.agents,
        one.clients,
        one.size_p50,
        one.size_p95,
    )


def _moment(ns: int) -> str | None:
    return clock.iso(ns) if ns else None


ENDPOINTS = [
    Endpoint("GET", "/api/tools", "Tools, their servers, labels and faults", ToolList, read=list_),
    Endpoint("GET", "/api/tools/measures", "How tools do", MeasureList, read=measured, query=[_SINCE]),
    Endpoint("GET", "/api/tools/accounts", "Accounts that users connected", AccountList, read=accounts),
    Endpoint("POST", "/api/tools/accept", "Accept what a tool says of itself now", Accepted, read=accept, takes=Accept),
    Endpoint("POST", "/api/tools/connect", "A link to connect a user's account", Link, read=connect, takes=Connect),
    Endpoint("POST", "/api/tools/disconnect", "Forget a user's account", AccountList, read=disconnect, takes=Connect),
    Endpoint("GET", "/api/tools/{name}", "One tool", ToolAnswer, read=get, params=[_NAME]),
]
