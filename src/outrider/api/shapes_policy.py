"""The public shapes of policy: permissions, grants, decisions looked at. Times are RFC 3339 text in UTC."""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.policy.backtest import Report
from outrider.policy.desk import Explained
from outrider.policy.events import Offered
from outrider.policy.grants import Grant
from outrider.policy.permissions import Roster, Stored, Subject


class PermissionGrants(msgspec.Struct, forbid_unknown_fields=True):
    """What one is given: roles, and tools by name or pattern (`*` for any text; `!x*` takes out). `why` is kept."""

    why: str
    roles: list[str] = []
    tools: list[str] = []

    def subject(self) -> Subject:
        return Subject(tuple(self.roles), tuple(self.tools))


class PermissionGiven(msgspec.Struct):
    """What was given over the API, when, by whom and why. `kind` is role, user, agent or key."""

    kind: str
    name: str
    roles: list[str]
    tools: list[str]
    at: str
    by: str
    why: str


class Subjects(msgspec.Struct):
    roles: list[str]
    tools: list[str]


class Permissions(msgspec.Struct):
    """Who may call what, from the configuration and the API together; `given` is the API's part. As long as `users`
    (or `agents`, `keys`) is empty, all of them may everything. `claims`: an identity provider gives users roles."""

    roles: dict[str, list[str]]
    users: dict[str, Subjects]
    agents: dict[str, Subjects]
    keys: dict[str, Subjects]
    claims: bool
    given: list[PermissionGiven]


class TaskGrant(msgspec.Struct, forbid_unknown_fields=True):
    """What a session may do without a question. `tools`, `recipients`, `paths`, `urls` and `ids` are patterns with `*`;
    an empty list allows none of that kind. `amount` is the most of one call, `total` of all together, `calls` how many
    there may be (0: any number), `until` a time or a span from now. `strict`: what is in no grant is refused."""

    tools: list[str] = []
    recipients: list[str] = []
    paths: list[str] = []
    urls: list[str] = []
    ids: list[str] = []
    amount: Decimal | None = None
    total: Decimal | None = None
    calls: int = 0
    until: str = ""
    strict: bool = False
    note: str = ""

    def grant(self) -> Grant:
        """Raises RequestError 400."""
        until = 0
        if self.until:
            ahead = self.until[:1].isdecimal() and self.until[-1:] in "smhd" and "-" not in self.until
            now = clock.now_ns()
            until = now + where.span("until", self.until) if ahead else where.moment("until", self.until)
        if len(self.note) > 500 or not (self.note.isprintable() or not self.note):
            raise RequestError("note: one line of at most 500 characters", code="invalid_parameter", param="note")
        return Grant(
            tuple(self.tools),
            tuple(self.recipients),
            tuple(self.paths),
            tuple(self.urls),
            tuple(self.ids),
            self.amount,
            self.calls,
            until,
            total=self.total,
            strict=self.strict,
            note=self.note,
        )


class GrantProposal(msgspec.Struct):
    """A grant that the user's own words speak for. It is given by sending it to the session's grants."""

    tools: list[str]
    recipients: list[str]
    paths: list[str]
    urls: list[str]
    ids: list[str]
    amount: str | None
    calls: int
    note: str
    until: str = ""


class WordsToRead(msgspec.Struct, forbid_unknown_fields=True):
    """`model` is the route that is asked; empty: that of `policy.grants`."""

    model: str = ""


class GrantProposals(msgspec.Struct):
    """By the rules, and by the `model` that read the user's present words (null: none did) in the run `run`; `dropped`
    is what of its answer did not hold."""

    proposals: list[GrantProposal]
    model: str | None = None
    run: str | None = None
    dropped: list[str] = []


class GrantMade(msgspec.Struct):
    """`number` is the grant's place in its session, from 0."""

    session: str
    number: int


class GrantEnded(msgspec.Struct):
    session: str
    number: int


class PermissionEnded(msgspec.Struct):
    kind: str
    name: str


class CallToCheck(msgspec.Struct, forbid_unknown_fields=True):
    """A call to look at. `rules` is Cedar text to use instead of the rules in force."""

    session: str
    tool: str
    arguments: dict[str, Any] = {}
    rules: str = ""


class RulesToTry(msgspec.Struct, forbid_unknown_fields=True):
    """Cedar text; `since` a span ago, a date, or RFC 3339; `session` for one session alone."""

    rules: str
    since: str = "7d"
    session: str = ""


class CheckedValue(msgspec.Struct):
    """A steering value and where it came from: neutral, user, operator, linked, trusted, made_up or untrusted; `step`
    and `tool` say where it was seen."""

    path: str
    value: str
    kind: str
    origin: str
    step: int
    tool: str


class CheckedCall(msgspec.Struct):
    """What would be decided: `words` says why. `labels` are the tool's, `declared` whether anybody declared them;
    `tainted_by` and `tainted_at_step` say where the session's taint arose; `shadow` is the verdict with the shadow
    rules."""

    verdict: str
    rules: list[str]
    words: list[str]
    labels: dict[str, Any]
    declared: bool
    values: list[CheckedValue]
    tainted_by: str | None
    tainted_at_step: int | None
    shadow: str
    grant: int | None


class BacktestSide(msgspec.Struct):
    """Calls by verdict, sessions in which nobody is asked and nothing refused, and how often each rule decided."""

    allow: int
    ask: int
    deny: int
    quiet_sessions: int
    rules: dict[str, int]


class BacktestChange(msgspec.Struct):
    """A call whose verdict changes; `why` is the new decision in words."""

    session: str
    event: int
    at: str
    agent: str
    tool: str
    arguments: str
    before: Literal["allow", "ask", "deny"]
    after: Literal["allow", "ask", "deny"]
    was: list[str]
    because: list[str]
    why: list[str]


class Backtest(msgspec.Struct):
    """The record under other rules. `skipped` are calls that were too large to be kept for this."""

    sessions: int
    calls: int
    before: BacktestSide
    after: BacktestSide
    changed: dict[str, int]
    changes: list[BacktestChange]
    skipped: int


def proposal(one: Grant) -> GrantProposal:
    amount = None if one.amount is None else str(one.amount)
    tools, recipients, paths, urls, ids = (
        list(named) for named in (one.tools, one.recipients, one.paths, one.urls, one.ids)
    )
    until = clock.iso(one.until) if one.until else ""
    return GrantProposal(tools, recipients, paths, urls, ids, amount, one.calls, one.note, until)


def proposals(found: list[Grant], offered: Offered | None) -> GrantProposals:
    told = [proposal(one) for one in found]
    return GrantProposals(told, offered.model, offered.run, list(offered.dropped)) if offered else GrantProposals(told)


def given(one: Stored) -> PermissionGiven:
    grants = one.grants
    return PermissionGiven(
        one.kind, one.name, list(grants.roles), list(grants.tools), clock.iso(one.at), one.by, one.why
    )


def permissions(roster: Roster, stored: list[Stored]) -> Permissions:
    users, agents, keys = (
        {name: Subjects(list(one.roles), list(one.tools)) for name, one in named.items()}
        for named in (roster.users, roster.agents, roster.keys)
    )
    roles = {name: list(tools) for name, tools in roster.roles.items()}
    return Permissions(roles, users, agents, keys, roster.claims, [given(one) for one in stored])


def checked(one: Explained) -> CheckedCall:
    return CheckedCall(
        one.verdict,
        list(one.rules),
        list(one.words),
        msgspec.to_builtins(one.labels),
        one.declared,
        [CheckedValue(v.path, v.value, v.kind, v.origin, v.step, v.tool) for v in one.values],
        one.taint[1] if one.taint else None,
        one.taint[0] if one.taint else None,
        one.shadow,
        one.grant if one.grant >= 0 else None,
    )


def report(one: Report) -> Backtest:
    before, after = (BacktestSide(s.allow, s.ask, s.deny, s.quiet, s.rules) for s in (one.before, one.after))
    changes = [
        BacktestChange(
            c.session,
            c.seq,
            clock.iso(c.at),
            c.agent,
            c.tool,
            c.arguments,
            c.before,
            c.after,
            list(c.was),
            list(c.because),
            list(c.why),
        )
        for c in one.changes
    ]
    return Backtest(one.sessions, one.calls, before, after, one.changed, changes, one.skipped)
