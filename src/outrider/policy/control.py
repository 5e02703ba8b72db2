"""The one place where calls are judged, for both URLs: what a session hears, reads and wants to do.

`/mcp` and `/v1` tell it what happens, in order, and ask it before something does. Everything blocks: use it in threads.
It fills in by itself who may call what, whose session it is and whether the session goes round in circles, so that no
surface can forget to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.policy.approvals import Approval, Approvals
from outrider.policy.decide import Call, Decision
from outrider.policy.declarations import Declaration
from outrider.policy.events import (
    Event,
    Inherited,
    Joined,
    Judged,
    Returned,
    Said,
    Turned,
    WentOn,
    arguments_of,
    returned,
)
from outrider.policy.explain import sentences
from outrider.policy.identity import Party, Who, conflict, not_yours
from outrider.policy.judging import did, judged
from outrider.policy.loops import Breach, Limits
from outrider.policy.permissions import May, Permissions
from outrider.policy.rules import Rule, Rules, Verdict
from outrider.policy.sessions import Session, Sessions
from outrider.policy.written import Written

Code = Literal["", "not_your_session", "not_permitted", "outside_grant", "loop"]
GO_ON = "outrider/continue"
"""The name under which a person is asked whether a session may go on past its limits."""

IN_DOUBT = Rule("in-doubt", True, "a check of what it carries wants a person to see it")
"""What decides where the rules would allow a call and a guardrail asks."""


class Outcome(msgspec.Struct, frozen=True):
    """What becomes of a call. `reasons` is the decision in words; `approval` is the one that it waits for (`ask`),
    was refused by (`deny`) or was allowed by (`allow`). `code` says what it was where it was no rule: another user's
    session, a permission that is missing, a strict grant, or a `loop`, which waits for a person who lets the session
    go on."""

    verdict: Verdict
    decision: Decision
    reasons: tuple[str, ...]
    approval: Approval | None = None
    code: Code = ""


class Control:
    """Sessions, rules, permissions and approvals put together. `rules` gives those that are in force now, `limits` from
    when on an agent's session needs a person."""

    def __init__(
        self,
        sessions: Sessions,
        approvals: Approvals,
        rules: Callable[[], Rules],
        permissions: Permissions | None = None,
        limits: Callable[[Who], Limits] | None = None,
    ) -> None:
        self.sessions, self.approvals, self._rules = sessions, approvals, rules
        self.permissions, self.written = permissions, Written(sessions.store)
        self._limits = limits or (lambda _: Limits())

    def heard(self, who: Who, text: str, *, operator: bool = False) -> None:
        """The user says something, or who runs the agent."""
        self.see(who, Said(text, operator))

    def returned(self, who: Who, tool: str, result: Any, declaration: Declaration) -> None:
        """A tool answered. When this returns, the label is on disk: only then may the model read the result."""
        self.see(who, returned(tool, result, declaration))

    def see(self, who: Who, *events: Event) -> Session:
        """Add events to the session, all or none. What it inherits of another user's session is here what others wrote.
        Raises RequestError 403 `not_your_session`."""
        told = [self._own(who, one) if isinstance(one, Inherited) else self._true(who, one) for one in events]

        def add(session: Session) -> list[Event]:
            if why := conflict(session.parties, who):
                raise not_yours(why)
            return [*_arrival(session, who), *told]

        return self.sessions.judge(who.project, who.session, add, agent=who.agent, who=who.user)

    def _true(self, who: Who, event: Event) -> Event:
        """A result without the trust of its label where it has what was written while others had a say."""
        if not isinstance(event, Returned) or (event.declaration.trust == "untrusted" and not event.declaration.fields):
            return event
        given = self.sessions.get(who.project, who.session).state.given(event.tool)
        if not self.written.knows(who.project, msgspec.json.decode(event.result), given):
            return event
        return msgspec.structs.replace(
            event, declaration=msgspec.structs.replace(event.declaration, trust="untrusted", fields={})
        )

    def turn(self, who: Who, cost: int = 0) -> Outcome | None:
        """The model is called, or was, for `cost` nano-dollars. None: the session goes on; else why a person has to let
        it (`ask`), or would not (`deny`). Raises RequestError 403 `not_your_session`."""
        now = clock.now_ns()
        self._handed_down(who)
        session = self.see(who, Turned(now, cost))
        over = session.trail.over(self._limits(who), now, who.agent)
        return self._halted(who, session, over) if over else None

    def check(
        self,
        who: Who,
        call: Call,
        *,
        plan: str = "",
        enforce: bool = True,
        asks: bool = True,
        doubts: Sequence[str] = (),
    ) -> Outcome:
        """Judge a call before it is made. What is allowed counts as done from here on, so that two calls at once cannot
        both be the first. `plan` groups calls that one answer of a person may cover. Without `enforce` nobody is asked:
        the verdict only says what would happen. Without `asks` nobody is asked either, and the call is not made. With
        `doubts` a person has to allow it, though the rules would."""
        try:
            self._handed_down(who)
        except RequestError as error:
            return _stranger(error.message)
        outcome, over, session = self._judged(who, call, doubts, anyway=not enforce)
        if over and enforce and not asks:
            return _halting(over)
        if over and enforce:
            halted = self._halted(who, session, over)
            if halted is not None:
                return halted
            outcome, _, _ = self._judged(who, call, doubts, anyway=False, checked=True)
        if outcome.verdict == "allow" or not enforce:
            self.written.note(who.project, call, outcome.decision, session.state)
        if outcome.verdict != "ask" or not enforce or not asks:
            return outcome
        used = self.approvals.use(who.project, who.session, call.tool, call.arguments)
        if used is not None:
            self.see(who, did(call, outcome.decision))
            self.written.note(who.project, call, outcome.decision, session.state)
            return Outcome("allow", outcome.decision, (f"{used.decider} approved it", *outcome.reasons), used)
        asked = self.approvals.ask(
            who.project, who.session, call, outcome.decision, outcome.reasons, user=who.user, key=who.key, plan=plan
        )
        if asked.state == "denied":
            note = f": {asked.note}" if asked.note else ""
            return Outcome("deny", outcome.decision, (f"{asked.decider} refused it{note}", *outcome.reasons), asked)
        return msgspec.structs.replace(outcome, approval=asked)

    def _judged(
        self, who: Who, call: Call, doubts: Sequence[str], *, anyway: bool, checked: bool = False
    ) -> tuple[Outcome, list[Breach], Session]:
        """The outcome by rules and grants, and the limits that the session is past. `anyway`: the call is made
        whatever the verdict is; `checked`: a person let it go on."""
        made: list[Outcome] = []
        over: list[Breach] = []
        rules, limits, now = self._rules(), self._limits(who), clock.now_ns()
        if self.permissions is not None:
            self.permissions.roster(who.project)  # read before the session is held: the store is not asked in there

        def judge(session: Session) -> list[Event]:
            if why := conflict(session.parties, who):
                made.append(_stranger(why))
                return []
            if not checked:
                over.extend(session.trail.over(limits, now, who.agent))
            if over and not anyway:
                return []
            arrival = _arrival(session, who)
            may = self._may(who, call.tool, session)
            asked = msgspec.structs.replace(
                call, user_may=call.user_may and may.user, agent_may=call.agent_may and may.agent
            )
            decision = judged(session, asked, rules, now)
            if doubts and decision.verdict == "allow":
                decision = msgspec.structs.replace(decision, verdict="ask", because=(IN_DOUBT,))
            made.append(_outcome(session, decision, may, doubts))
            events: list[Event] = [*arrival, _kept(asked, decision, now, enforced=not anyway)]
            if call.declaration.does != "none" and (decision.verdict == "allow" or anyway):
                events.append(did(asked, decision))
            return events

        session = self.sessions.judge(who.project, who.session, judge, agent=who.agent, who=who.user)
        return (made[-1] if made else _halting(over)), over, session

    def _may(self, who: Who, tool: str, session: Session) -> May:
        if self.permissions is None:
            return May()
        return self.permissions.may(who, tool, session.parties, session.chain)

    def _halted(self, who: Who, session: Session, over: Sequence[Breach]) -> Outcome | None:
        """The outcome for a session that is past its limits; None where a person has just let it go on."""
        trail, waiting = session.trail, _halting(over)
        about = Call(GO_ON, {"round": trail.rounds, "limit": over[0].limit}, Declaration(), agent=who.agent)
        used = self.approvals.use(who.project, who.session, GO_ON, about.arguments)
        if used is not None:
            self.see(who, WentOn(clock.now_ns(), used.decider))
            return None
        last = tuple(f"before: {line}" for line in trail.last)
        reasons = (*waiting.reasons, *last)
        asked = self.approvals.ask(
            who.project, who.session, about, waiting.decision, reasons, user=who.user, key=who.key
        )
        if asked.state == "denied":
            note = f": {asked.note}" if asked.note else ""
            said = (f"{asked.decider} ended it{note}", *waiting.reasons)
            return Outcome("deny", waiting.decision, said, asked, "loop")
        return msgspec.structs.replace(waiting, approval=asked, reasons=reasons)

    def _handed_down(self, who: Who) -> None:
        """What the session that handed the task down has seen by now, this one has. Raises RequestError 403."""
        if not who.parent or who.parent == who.session:
            return
        parent = self.sessions.get(who.project, who.parent)
        if why := conflict([*parent.chain, *parent.parties], who):
            raise not_yours(f"the session that handed the task down is not yours ({why})")
        known = self.sessions.get(who.project, who.session).parents.get(who.parent, 0)
        if known < parent.seq:
            self.see(who, Inherited(who.parent, parent.seq, known, task=True))

    def _own(self, who: Who, link: Inherited) -> Inherited:
        """Labels go over from everybody's sessions, words and trusted data from one's own alone."""
        found = self.sessions.get(who.project, link.session)
        strange = bool(conflict([*found.chain, *found.parties], who))
        return msgspec.structs.replace(link, foreign=link.foreign or strange)


def _stranger(why: str) -> Outcome:
    return Outcome("deny", Decision("deny", (), {}), (why,), None, "not_your_session")


def _halting(over: Sequence[Breach]) -> Outcome:
    reasons = tuple(f"{one.text} (limit {one.limit})" for one in over)
    return Outcome("ask", Decision("ask", (), {}), reasons, None, "loop")


def _outcome(session: Session, decision: Decision, may: May, doubts: Sequence[str]) -> Outcome:
    reasons = (*may.why, *doubts, *sentences(decision, session.state))
    code: Code = ""
    if decision.verdict == "deny":
        outside = session.strict and not decision.context["granted"]
        code = "not_permitted" if may.why else "outside_grant" if outside else ""
    return Outcome(decision.verdict, decision, reasons, None, code)


def _arrival(session: Session, who: Who) -> list[Event]:
    """The event of somebody who is new in the session."""
    known = Party(who.user, who.agent, who.key) in session.parties
    return [] if known else [Joined(who.user, who.agent, who.key)]


def _kept(call: Call, decision: Decision, now: int, *, enforced: bool) -> Judged:
    return Judged(
        call.tool,
        arguments_of(call.arguments),
        call.declaration,
        decision.verdict,
        now,
        tuple(rule.id for rule in decision.because),
        call.agent,
        call.description,
        call.user_may,
        call.agent_may,
        decision.shadow,
        enforced,
    )


def call_of(
    tool: str, arguments: Mapping[str, Any], declaration: Declaration, *, description: str = "", who: Who | None = None
) -> Call:
    """A call of `who`'s agent."""
    return Call(tool, arguments, declaration, description, who.agent if who is not None else "")
