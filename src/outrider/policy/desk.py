"""What an operator does with policy: permissions, grants of tasks, a look at a decision, other rules over the record.

The one way for the command line, the API and the console. Blocking; who may what is asked by those who call this.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal.events import GrantGiven, GrantWithdrawn, PermissionRemoved, PermissionSet
from outrider.policy.backtest import Report, backtest
from outrider.policy.control import Control, call_of
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.events import Event, Granted, Offered, Withdrawn
from outrider.policy.explain import sentences
from outrider.policy.grants import Grant, checked
from outrider.policy.identity import Who
from outrider.policy.judging import judged
from outrider.policy.lint import Linted, lint
from outrider.policy.normal import fold
from outrider.policy.permissions import Kind, May, Permissions, Roster, Stored, Subject
from outrider.policy.propose import Tool
from outrider.policy.reading import LONGEST_WORDS, held, readable
from outrider.policy.rules import Rules, Verdict
from outrider.policy.sessions import Session
from outrider.policy.traffic import recorded
from outrider.policy.wanted import wanted

MOST_GRANTS = 200
"""Grants of one session that people give; and as many that a model reads, which take no room from theirs."""

Change = PermissionSet | PermissionRemoved | GrantGiven | GrantWithdrawn
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Value(msgspec.Struct, frozen=True):
    """A steering value of a call, and where it came from."""

    path: str
    value: str
    kind: str
    origin: str
    step: int = 0
    tool: str = ""


class Explained(msgspec.Struct, frozen=True):
    """A decision as it would be made now: the rules that decide it, the labels that the tool has (`declared`: whether
    anybody said them), where its values came from, since when the session is tainted, and all of it in words."""

    verdict: Verdict
    rules: tuple[str, ...]
    words: tuple[str, ...]
    labels: Declaration
    declared: bool
    values: tuple[Value, ...]
    taint: tuple[int, str] | None
    shadow: str = ""
    grant: int = -1


class Words(msgspec.Struct, frozen=True):
    """What a model may be told of a session: the user's utterances, and tools with their owner's labels."""

    asked: tuple[str, ...]
    tools: Mapping[str, Declaration]


class Reads(Protocol):
    """Asks a route what the user's words in a session allow (`gateway.control.reader`), in the name of a key."""

    def read(self, project: str, session: str, model: str, *, key: str = "") -> Awaitable[Offered]: ...


@dataclass(frozen=True)
class Desk:
    """`rules` are those in force, `declared` gives a tool's labels, `record` writes into the journal, `labels` are the
    configuration's. `reader` asks models; None: this process asks none."""

    control: Control
    permissions: Permissions
    rules: Callable[[], Rules]
    declared: Callable[[str], Declaration | None]
    record: Callable[[Change], None]
    labels: Callable[[], Mapping[str, Declaration]]
    reader: Callable[[], Reads | None] = lambda: None

    # -- permissions --------------------------------------------------------------------------------------------------

    def roster(self, project: str) -> Roster:
        return self.permissions.roster(project)

    def given(self, project: str) -> list[Stored]:
        """What was given over the API."""
        return self.permissions.stored(project)

    def give(self, project: str, kind: Kind, name: str, subject: Subject, *, by: str, why: str) -> Stored:
        """Raises RequestError 400."""
        made = self.permissions.set(project, kind, name, subject, by=by, why=why)
        self.record(PermissionSet(project, kind, name, made.at, list(subject.roles), list(subject.tools), by, why))
        return made

    def take(self, project: str, kind: Kind, name: str, *, by: str, why: str) -> None:
        """Raises RequestError 404."""
        self.permissions.remove(project, kind, name)
        self.record(PermissionRemoved(project, kind, name, clock.now_ns(), by, why))

    # -- grants of a session's task -----------------------------------------------------------------------------------

    def grant(self, project: str, session: str, grant: Grant, by: str) -> int:
        """Let a session do something; the number of the grant. Raises RequestError 400, 409."""
        made = checked(msgspec.structs.replace(grant, by=by))
        numbers: list[int] = []

        def add(known: Session) -> list[Event]:
            if sum(not one.read for one, _ in known.grants) >= MOST_GRANTS:
                text = f"a session has at most {MOST_GRANTS} grants; bind several tools or recipients by one"
                raise RequestError(text, status=409, code="too_many_grants")
            numbers.append(len(known.grants))
            return [Granted(made)]

        self.control.sessions.judge(project, session, add)
        number = numbers[-1]
        self.record(GrantGiven(project, session, number, _encode(made), clock.now_ns(), by))
        return number

    def propose(self, project: str, session: str) -> list[Grant]:
        """Grants that the user's own words in the session speak for, of tools with labels: by the rules, then what a
        model read that the rules do not have. None is given by this."""
        known = self.control.sessions.get(project, session)
        labels = {name: labels for name, labels in self.labels().items() if not name.endswith("*")}
        for tool in known.called:
            found = self.declared(tool)
            if found is not None:
                labels[tool] = found
        ruled = wanted(known.state.asked, labels)
        had = [bounds(one) for one in ruled]
        offered = self.offered(project, session)
        return ruled + [one for one in (offered.grants if offered else ()) if bounds(one) not in had]

    # -- grants that a model reads ------------------------------------------------------------------------------------

    def offered(self, project: str, session: str) -> Offered | None:
        """What a model read out of the user's words as they are now."""
        known = self.control.sessions.get(project, session)
        return known.offered if known.offered and known.offered.utterances == len(known.state.asked) else None

    def words(self, project: str, session: str) -> Words:
        """Raises RequestError 409 where no model may be asked about them."""
        known, tools = self.control.sessions.get(project, session), readable(self.labels())
        asked, why = tuple(known.state.asked), ""
        if known.handed:
            why = "its task was handed down: what its user says was written by an agent"
        elif not asked:
            why = "its user has said nothing"
        elif sum(map(len, asked)) > LONGEST_WORDS:
            why = f"its user said more than {LONGEST_WORDS} characters"
        elif not tools:
            why = "no tool is labelled by its own name, with an effect and what steers it"
        if why:
            raise RequestError(f"no model is asked about this session: {why}", status=409, code="nothing_to_read")
        return Words(asked, tools)

    def offer(self, project: str, session: str, answer: str, asked: Offered, *, until: int, give: bool) -> Offered:
        """Write down what of a model's answer holds, and with `give` give it, to a session that is not strict. What the
        user said since it was asked makes it void."""
        made: list[tuple[int, Grant]] = []
        found: list[Offered] = []

        def add(known: Session) -> list[Event]:
            if len(known.state.asked) != asked.utterances:
                found.append(msgspec.structs.replace(asked, dropped=("all: the user has said more since",)))
                return []
            reading = held(answer, known.state, self.labels(), until)
            found.append(msgspec.structs.replace(asked, grants=reading.grants, dropped=reading.dropped))
            room = MOST_GRANTS - sum(one.read > 0 for one, _ in known.grants) if give and not known.strict else 0
            given = [
                msgspec.structs.replace(one, by=f"model:{asked.model}", read=asked.utterances)
                for one in reading.grants[: max(0, room)]
            ]
            made.extend(enumerate(given, len(known.grants)))
            return [found[-1], *map(Granted, given)]

        self.control.sessions.judge(project, session, add)
        for number, one in made:
            self.record(GrantGiven(project, session, number, _encode(one), clock.now_ns(), one.by))
        return found[-1]

    def withdraw(self, project: str, session: str, number: int, by: str) -> None:
        """End a grant. Raises RequestError 404."""
        if not 0 <= number < len(self.control.sessions.get(project, session).grants):
            raise RequestError(
                f"the session {session[:80]!r} has no grant {number}", status=404, code="unknown_grant", param="number"
            )
        self.control.sessions.add(project, session, [Withdrawn(number, by)])
        self.record(GrantWithdrawn(project, session, number, clock.now_ns(), by))

    # -- looking ------------------------------------------------------------------------------------------------------

    def check(
        self, project: str, session: str, tool: str, arguments: Mapping[str, Any], *, rules: Rules | None = None
    ) -> Explained:
        """What would be decided about a call of this session now. Nothing is written and nobody asked."""
        known = self.control.sessions.get(project, session)
        found = self.declared(tool)
        parties = known.parties[-1:]
        may = May()
        if parties:
            last = parties[0]
            may = self.permissions.may(
                Who(project, session, last.user, last.agent, key=last.key), tool, known.parties, known.chain
            )
        return explained(known, tool, arguments, found, rules or self.rules(), may)

    def backtest(self, project: str, rules: Rules, *, since: int = 0, session: str = "", most: int = 200) -> Report:
        return backtest(self.control.sessions, project, rules, since=since, session=session, most=most)

    def lint(self, project: str, tools: Sequence[Tool], *, since: int = 0) -> Linted:
        """The labels of these tools, beside what they were seen to do; of no tools: of all that the record has."""
        traffic = recorded(self.control.sessions, project, since, rules=self.rules())
        named = list(tools) or [Tool(name) for name in sorted(traffic.samples)]
        return lint(named, self.declared, traffic, self.labels() if tools else None)


def bounds(one: Grant) -> tuple[object, ...]:
    """What makes two grants the same, however they are spelled."""
    lists = (one.recipients, one.paths, one.urls, one.ids)
    return one.tools, *(tuple(sorted(map(fold, values))) for values in lists), one.amount


def explained(
    session: Session, tool: str, arguments: Mapping[str, Any], found: Declaration | None, rules: Rules, may: May
) -> Explained:
    """A decision in a session, with all that it rests on."""
    labels = found or UNDECLARED
    call = msgspec.structs.replace(call_of(tool, arguments, labels), user_may=may.user, agent_may=may.agent)
    decision = judged(session, call, rules, clock.now_ns())
    words = [*may.why, *sentences(decision, session.state)]
    if found is None:
        words.append(f"nobody declared what {tool} does: it is taken to be the worst")
    if decision.grant >= 0:
        words.append(f"grant {decision.grant} covers it")
    taint = session.state.taint
    return Explained(
        decision.verdict,
        tuple(rule.id for rule in decision.because),
        tuple(words),
        labels,
        found is not None,
        tuple(Value(t.path, t.value, t.kind, t.origin.name.lower(), t.step, t.tool) for t in decision.traced),
        None if taint is None else (taint.step, taint.tool),
        decision.shadow,
        decision.grant,
    )
