"""The public shapes of approvals and sessions. Times are RFC 3339 text in UTC, money whole nano-dollars."""

from typing import Any

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import Interval
from outrider.policy import friction as fr
from outrider.policy import timeline
from outrider.policy.grants import Grant
from outrider.policy.office import Case
from outrider.policy.pending import Approval as Row
from outrider.policy.present import Change, Line


class ApprovalPiece(msgspec.Struct):
    """A part of a value. `mark` is `hidden` (something that cannot be seen, spelled out), `others` (words that a text
    of others has, too), `link` (an address that nobody vouches for), or ""."""

    text: str
    mark: str


class ApprovalValue(msgspec.Struct):
    """One value of the call. `origin` is neutral, user, operator, linked, trusted, made_up, untrusted, or "" for
    content, which steers nothing; `from` is the same in words. `parts` of a long value that steers are those that
    decide, with where each came from; `warnings` say what is odd about it."""

    path: str
    kind: str
    origin: str
    words: str = msgspec.field(name="from")
    text: str
    pieces: list[ApprovalPiece]
    warnings: list[str]
    parts: list[str] = []


class ApprovalChange(msgspec.Struct):
    """A value beside that of the last call of the tool that was approved: `same`, `changed`, `new` or `gone`."""

    path: str
    what: str
    before: str
    now: str


class Approval(msgspec.Struct):
    """A call that waits or waited. `state` is pending, approved, denied, used or expired. `rules` asked for it,
    `reasons` say why in words. `opened_at` is when a person first looked at it. `separated`: its user may not decide.
    `told_at` is when people were told of it, `untold` names whom that did not reach. Calls with the same `plan` may be
    decided together."""

    id: str
    state: str
    session: str
    tool: str
    agent: str
    user: str
    effect: str
    steering: str
    rules: list[str]
    reasons: list[str]
    plan: str
    digest: str
    asked_at: str
    expires_at: str
    opened_at: str | None
    decided_at: str | None
    decided_by: str
    note: str
    used_at: str | None
    separated: bool
    told_at: str | None
    untold: str


class ApprovalList(msgspec.Struct):
    """`mark` goes into `after`, to wait for what changes next; `next` into `before`, for older ones."""

    approvals: list[Approval]
    mark: str
    next: str | None


class ApprovalCase(msgspec.Struct):
    """One of them with the whole call: `arguments` as they are, `values` as a person should see them, `check` what
    nobody vouches for though it decides where the effect goes, `changes` against the call `compared_with` (null: none
    was approved yet), and the ids of its plan."""

    approval: Approval
    arguments: Any
    values: list[ApprovalValue]
    check: list[str]
    compared_with: str | None
    changes: list[ApprovalChange]
    plan: list[str]


class ApprovalDecision(msgspec.Struct, forbid_unknown_fields=True):
    """What is decided. `plan`: about all calls of its plan that wait; `only`: about these of them."""

    approve: bool
    note: str = ""
    plan: bool = False
    only: list[str] = []


class SignedDecision(ApprovalDecision, kw_only=True, forbid_unknown_fields=True):
    """The same from a webhook or a chat, which says who decided (`by`), in which project (""; the first one)."""

    by: str
    project: str = ""


class ApprovalsDecided(msgspec.Struct):
    """The calls that were decided."""

    decided: list[Approval]


class Pressed(msgspec.Struct):
    """What became of a button that somebody pressed in a chat: `approved`, `denied`, or `nothing`."""

    became: str


class FrictionInterval(msgspec.Struct):
    """An estimate from `n` observations, and where it lies in 95 of 100 such samples."""

    estimate: float
    low: float
    high: float
    n: int


class FrictionCost(msgspec.Struct):
    """What a group of approvals cost: asks per session, the share of sessions without any, seconds to an answer, and
    the share of approvals that were given within three seconds of being opened, or unopened."""

    asked: int
    sessions: int
    approved: int
    denied: int
    expired: int
    asks_per_session: FrictionInterval
    sessions_without: FrictionInterval
    blind: FrictionInterval
    seconds_median: FrictionInterval | None
    seconds_p90: FrictionInterval | None


class ApprovalFriction(msgspec.Struct):
    """The cost of approvals since a time: all, by agent, by rule, by day. Nothing looks back further than 30 days,
    after which sessions are forgotten."""

    since: str
    whole: FrictionCost
    agents: dict[str, FrictionCost]
    rules: dict[str, FrictionCost]
    days: dict[str, FrictionCost]


class AgentSession(msgspec.Struct):
    """A session of an agent. `tainted`: it has read what others wrote; `private`: and what is private."""

    id: str
    agent: str
    user: str
    began_at: str
    used_at: str
    events: int
    tainted: bool
    private: bool
    calls: int
    turns: int
    spent: int


class AgentSessionList(msgspec.Struct):
    """`next` goes into `before`, for older ones."""

    sessions: list[AgentSession]
    next: str | None


class SessionEvent(msgspec.Struct):
    """Something that happened. `labels` are of what was read, `arises` those that the session has from here on. Of a
    decision: its verdict, the rules that made it, what shadow rules would have said, whether it was enforced."""

    seq: int
    what: str
    title: str
    text: str
    tool: str
    labels: list[str]
    arises: list[str]
    verdict: str
    because: list[str]
    shadow: str
    enforced: bool
    at: str | None
    size: int


class SessionGrant(msgspec.Struct):
    """What the session was allowed beforehand, and how often that was used."""

    grant: dict[str, Any]
    used: int


class AgentSessionWhole(msgspec.Struct):
    """A session with a part of its events (`next` goes into `after`), its grants, its newest approvals, the sessions
    whose labels it has, and the ids of its newest runs."""

    session: AgentSession
    events: list[SessionEvent]
    next: int | None
    grants: list[SessionGrant]
    approvals: list[Approval]
    parents: list[str]
    runs: list[str]


def moment(ns: int) -> str | None:
    return clock.iso(ns) if ns else None


def approval(row: Row) -> Approval:
    about = row.about
    return Approval(
        id=row.id, state=row.state, session=row.session, tool=about.tool, agent=about.agent, user=about.user,
        effect=about.effect, steering=about.steering, rules=list(about.rules), reasons=list(about.reasons),
        plan=row.plan, digest=row.digest, asked_at=clock.iso(row.asked), expires_at=clock.iso(row.expires),
        opened_at=moment(row.opened), decided_at=moment(row.decided), decided_by=row.decider, note=row.note,
        used_at=moment(row.used), separated=row.separated, told_at=moment(row.told), untold=row.untold,
    )  # fmt: skip


def case(found: Case) -> ApprovalCase:
    return ApprovalCase(
        approval(found.approval),
        msgspec.json.decode(found.approval.about.arguments),
        [value(line) for line in found.lines],
        found.doubts,
        found.before.id if found.before is not None else None,
        [change(one) for one in found.changes],
        [one.id for one in found.plan],
    )


def value(line: Line) -> ApprovalValue:
    pieces = [ApprovalPiece(piece.text, piece.mark) for piece in line.pieces]
    return ApprovalValue(line.path, line.kind, line.origin, line.words, line.text, pieces, list(line.warnings),
                         list(line.parts))  # fmt: skip


def change(one: Change) -> ApprovalChange:
    return ApprovalChange(one.path, one.what, one.before, one.now)


def friction(found: fr.Friction) -> ApprovalFriction:
    return ApprovalFriction(
        clock.iso(found.since),
        cost(found.whole),
        {name: cost(one) for name, one in found.agents.items()},
        {name: cost(one) for name, one in found.rules.items()},
        {clock.iso(day)[:10]: cost(one) for day, one in found.days.items()},
    )


def cost(one: fr.Cost) -> FrictionCost:
    return FrictionCost(
        one.asked, one.sessions, one.approved, one.denied, one.expired, _interval(one.asks), _interval(one.quiet),
        _interval(one.blind), _interval(one.median) if one.median else None, _interval(one.p90) if one.p90 else None,
    )  # fmt: skip


def _interval(one: Interval) -> FrictionInterval:
    return FrictionInterval(round(one.estimate, 6), round(one.low, 6), round(one.high, 6), one.n)


def session(one: timeline.Brief) -> AgentSession:
    return AgentSession(
        one.id, one.agent, one.user, clock.iso(one.began), clock.iso(one.touched), one.events, one.tainted, one.private,
        one.calls, one.turns, one.spent,
    )  # fmt: skip


def event(one: timeline.Entry) -> SessionEvent:
    return SessionEvent(
        one.seq, one.what, one.title, one.text, one.tool, list(one.labels), list(one.arises), one.verdict,
        list(one.because), one.shadow, one.enforced, moment(one.at), one.size,
    )  # fmt: skip


def grant(one: Grant, used: int) -> SessionGrant:
    return SessionGrant(msgspec.json.decode(msgspec.json.encode(one, enc_hook=str)), used)
