"""Point-in-time grading: for a session whose outcome is known by now, when did the system know, and when did people?

Every moment is held against the outcome by itself, one after the other: what a system says may turn back, so that no
search that assumes an order would find the first one. A judge, which costs, is asked only about moments that the cheap
check lets through, if there is one.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Evaluator, Ports
from outrider.evals.records import Case, Outcome, digest
from outrider.replay.session import PEOPLE, Moment

MOST_BEFORE = 20_000
"""Characters of the session before a moment that a judge is shown."""
_SHOWN = 200
Verdict = Literal["before", "after", "at once", "only the system", "only people", "nobody"]


class Seen(msgspec.Struct, frozen=True):
    """A moment that says it: its number in the session (from 1), when, in which run."""

    step: int
    at: int
    kind: str
    run: str
    text: str


class Grade(msgspec.Struct):
    """`known`: the first answer of the system that says the outcome; `stable`: the first from which on every answer
    that could be judged says it (None: the last one does not). `given`: the first result or passage that has it.
    `people`: the first word of a person. `verdict` is the system's knowing beside the people's, `lead` by how many ns
    it was earlier. `turns_back` are answers after `known` that do not say it. `unsure` counts moments without a score,
    `why` is the first reason. `cost` is nano-dollars."""

    outcome: str
    steps: int
    verdict: Verdict
    known: Seen | None = None
    stable: Seen | None = None
    given: Seen | None = None
    people: Seen | None = None
    lead: int | None = None
    turns_back: list[int] = []
    unsure: int = 0
    why: str = ""
    judged: int = 0
    cost: int = 0


def grade(
    outcome: str, session: Sequence[Moment], checks: Sequence[Evaluator], ports: Ports | None = None
) -> Grade:  # fmt: skip
    """Hold every moment against the outcome: all `checks`, in their order, have to say so (a score of a half or more).
    Raises RequestError without any, or for measures, which have no better and worse."""
    if not outcome.strip():
        raise RequestError("say what came of it (`--outcome`)", param="outcome")
    if not checks or any(one.better != "higher" for one in checks):
        raise RequestError("a check that says how good an answer is: a pattern, an evaluator, a judge", param="check")
    graded = Grade(outcome, len(session), "nobody")
    lent = ports or Ports()
    said = [_says(graded, outcome, session, at, checks, lent) for at in range(len(session))]
    answers = [at for at, one in enumerate(session) if one.kind == "model" and said[at] is not None]
    graded.known = _first(session, [at for at in answers if said[at]])
    graded.given = _first(
        session, [at for at, one in enumerate(session) if one.kind in ("tool", "retrieval") and said[at]]
    )
    graded.people = _first(session, [at for at, one in enumerate(session) if one.kind in PEOPLE and said[at]])
    graded.unsure = sum(one is None for one in said)
    back = [at for at in answers if not said[at]]
    if graded.known is not None:
        graded.turns_back = [at + 1 for at in back if at + 1 > graded.known.step]
        last = max(back, default=-1)
        graded.stable = _first(session, [at for at in answers if at > last])
    _compare(graded)
    return graded


def _compare(graded: Grade) -> None:
    system, people = graded.known, graded.people
    if system is None or people is None:
        graded.verdict = "only the system" if system else "only people" if people else "nobody"
        return
    graded.lead = people.at - system.at
    graded.verdict = "before" if system.step < people.step else "after"
    if system.at == people.at:
        graded.verdict = "at once"


def _first(session: Sequence[Moment], places: Sequence[int]) -> Seen | None:
    if not places:
        return None
    one = session[places[0]]
    return Seen(places[0] + 1, one.at, one.kind, one.run, " ".join(one.text.split())[:_SHOWN])


def _says(
    graded: Grade, outcome: str, session: Sequence[Moment], at: int, checks: Sequence[Evaluator], ports: Ports
) -> bool | None:  # fmt: skip
    """Whether a moment says the outcome; None: a check has no score for it."""
    one = session[at]
    for check in checks:
        before = _before(session, at) if check.judge else ""
        asked = Case(str(at), before, expected=outcome)
        lent = ports
        if check.judge:
            graded.judged += 1
            lent = msgspec.structs.replace(ports, again=digest([outcome, check.digest(), before, one.text]))
        score = check.score(asked, Outcome(text=one.text, run=one.run), lent)
        graded.cost += score.cost
        if score.value is None:
            graded.why = graded.why or score.reason
            return None
        if score.value < 0.5:
            return False
    return True


def _before(session: Sequence[Moment], at: int) -> str:
    """The session up to a moment, its end if it is long."""
    who = {"human": "person", "feedback": "person", "model": "system"}
    told: list[str] = []
    left = MOST_BEFORE
    for one in reversed(session[:at]):
        line = f"{who.get(one.kind, one.kind)}: {one.text}"
        if len(line) > left:
            break
        told.insert(0, line)
        left -= len(line)
    return "\n".join(told) or "(the session begins)"
