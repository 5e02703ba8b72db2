"""What people have to do with agents: calls that wait, sessions, the rules in force. The one way for API and console.

Blocking. Who may what is asked by those who call this.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from outrider.policy import timeline
from outrider.policy.approvals import Approvals
from outrider.policy.control import Control
from outrider.policy.desk import Desk
from outrider.policy.friction import Friction, friction
from outrider.policy.pending import Approval
from outrider.policy.present import Change, Line, changes, doubts, lines
from outrider.policy.rules import Rules
from outrider.policy.slack import Slack
from outrider.policy.timeline import Brief, Page, Tallies
from outrider.store import Store


class Case(msgspec.Struct, frozen=True):
    """A call that waits or waited, as a person is shown it: every value with its origin, what has to be checked before
    it is approved, how it differs from the last one that was approved, and the other calls of its plan."""

    approval: Approval
    lines: list[Line]
    doubts: list[str]
    before: Approval | None
    changes: list[Change]
    plan: list[Approval]


@dataclass(frozen=True)
class Office:
    """`leases` gives the lease store, `rules` the rules in force, `secret` what signs answers that come without a key
    ("": none are taken), `desk` what operators do with policy, `slack` how Slack is told and who decides there."""

    control: Control
    leases: Callable[[], Store]
    rules: Callable[[], Rules]
    secret: Callable[[], str] = str
    desk: Desk | None = None
    slack: Callable[[], Slack | None] = lambda: None

    @property
    def approvals(self) -> Approvals:
        return self.control.approvals

    def case(self, project: str, id_: str, *, opened: bool = False) -> Case:
        """One call. `opened`: a person looks at it now. Raises RequestError 404."""
        found = self.approvals.open(project, id_) if opened else self.approvals.get(project, id_)
        before = self.approvals.last_alike(found)
        return Case(
            found,
            self.lines(found),
            doubts(found.about),
            before,
            changes(found.about, before.about) if before is not None else [],
            self.approvals.plan_of(found),
        )

    def lines(self, one: Approval) -> list[Line]:
        """Its values; words that its session read from others are marked in what it carries."""
        state = self.control.sessions.get(one.project, one.session).state
        return lines(one.about, state.untrusted_texts())

    def friction(self, project: str, since: int) -> Friction:
        return friction(self.leases(), project, since)

    def sessions(self, project: str, *, agent: str = "", user: str = "", tainted: bool | None = None, before: int = 0,
                 limit: int = 50) -> list[Brief]:  # fmt: skip
        return timeline.sessions(
            self.leases(), project, agent=agent, user=user, tainted=tainted, before=before, limit=limit
        )

    def session(self, project: str, id_: str) -> Brief:
        """Raises RequestError 404."""
        return timeline.session(self.leases(), project, id_)

    def page(self, project: str, of: Brief, *, after: int = 0, limit: int = timeline.PORTION) -> Page:
        return timeline.page(self.leases(), of, project, after=after, limit=limit)

    def tallies(self, project: str, since: int) -> Tallies:
        return timeline.tallies(self.leases(), project, since)
