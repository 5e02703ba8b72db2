"""Other rules over recorded sessions: what they would have blocked, asked and allowed, before they are switched on.

Every judged call was kept with its arguments, its declaration and its moment, and all that its session had seen by
then; so it is judged again exactly. One session is in memory at a time.
"""

import hashlib
from collections import Counter
from collections.abc import Callable

import msgspec

from outrider.policy.decide import Call
from outrider.policy.declarations import Declaration
from outrider.policy.events import Judged
from outrider.policy.explain import sentences
from outrider.policy.judging import judged
from outrider.policy.rules import Rules, Verdict
from outrider.policy.sessions import Session, Sessions

MOST_SHOWN = 200
LONGEST = 300
"""Changed calls that are shown one by one, and characters of the arguments of one."""

Declared = Callable[[str, Declaration], Declaration]
"""The labels to judge a tool by: its name and the labels that it had when the call was recorded."""


class Change(msgspec.Struct, frozen=True):
    """A call whose verdict changes: `seq` is its place in the session, `at` nanoseconds. `why` is the new decision in
    words."""

    session: str
    seq: int
    at: int
    agent: str
    tool: str
    arguments: str
    before: Verdict
    after: Verdict
    was: tuple[str, ...]
    because: tuple[str, ...]
    why: tuple[str, ...]


class Side(msgspec.Struct, frozen=True):
    """What one set of rules says: calls by verdict, and sessions in which nobody is asked and nothing refused. `rules`
    are how often each rule decided against a call."""

    allow: int = 0
    ask: int = 0
    deny: int = 0
    quiet: int = 0
    rules: dict[str, int] = {}


class Report(msgspec.Struct, frozen=True):
    """`sessions` and `calls` that were judged again; a call that was asked for again while it waited counts once.
    `changed` are calls by `before → after`, `changes` the first of them, `skipped` calls too large to be kept."""

    sessions: int
    calls: int
    before: Side
    after: Side
    changed: dict[str, int]
    changes: list[Change]
    skipped: int


class _Tally:
    def __init__(self) -> None:
        self.verdicts: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.quiet = 0
        self.loud = False

    def add(self, verdict: Verdict, because: tuple[str, ...]) -> None:
        self.verdicts[verdict] += 1
        self.loud = self.loud or verdict != "allow"
        if verdict != "allow":
            self.rules.update(because or ("(no rule permits it)",))

    def ends(self) -> None:
        self.quiet += not self.loud
        self.loud = False

    def side(self) -> Side:
        counted = {name: self.verdicts[name] for name in ("allow", "ask", "deny")}
        return Side(**counted, quiet=self.quiet, rules=dict(self.rules.most_common()))


def backtest(
    sessions: Sessions,
    project: str,
    rules: Rules,
    *,
    since: int = 0,
    session: str = "",
    declared: Declared | None = None,
    most: int = MOST_SHOWN,
) -> Report:
    """Judge the calls since then (ns) again, of one session or of all. Blocking."""
    before, after = _Tally(), _Tally()
    changed: Counter[str] = Counter()
    changes: list[Change] = []
    counted = calls = skipped = 0
    for id_ in [session] if session else sessions.newest(project, since):
        asked: set[bytes] = set()
        found = 0
        for state, event in sessions.replay(project, id_):
            if not isinstance(event, Judged) or event.at < since:
                continue
            if not event.arguments:
                skipped += 1
                continue
            if event.verdict == "ask" and _again(event, asked):
                continue
            found += 1
            one = _judged_again(state, event, rules, declared)
            before.add(event.verdict, event.because)
            after.add(one.after, one.because)
            if one.after != event.verdict:
                changed[f"{one.before} → {one.after}"] += 1
                if len(changes) < most:
                    changes.append(one)
        if found:
            counted, calls = counted + 1, calls + found
            before.ends()
            after.ends()
    return Report(counted, calls, before.side(), after.side(), dict(changed), changes, skipped)


def _again(event: Judged, asked: set[bytes]) -> bool:
    """Whether the same call was asked about before in the session."""
    digest = hashlib.sha256(event.tool.encode() + b"\0" + event.arguments).digest()
    known = digest in asked
    asked.add(digest)
    return known


def _judged_again(session: Session, event: Judged, rules: Rules, declared: Declared | None) -> Change:
    declaration = declared(event.tool, event.declaration) if declared is not None else event.declaration
    call = Call(
        event.tool,
        msgspec.json.decode(event.arguments),
        declaration,
        event.description,
        event.agent,
        event.user_may,
        event.agent_may,
    )
    decision = judged(session, call, rules, event.at)
    changes = decision.verdict != event.verdict
    return Change(
        session.id,
        session.seq + 1,
        event.at,
        event.agent,
        event.tool,
        event.arguments[:LONGEST].decode("utf-8", "replace"),
        event.verdict,
        decision.verdict,
        event.because,
        tuple(rule.id for rule in decision.because),
        tuple(sentences(decision, session.state)) if changes else (),
    )
