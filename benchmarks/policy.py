"""What a decision costs: labels, provenance and Cedar, for sessions of 50 to 3,200 steps and against no policy at all.

`python benchmarks/policy.py` prints microseconds of the processor and of the clock (median and 99th percentile of 400
decisions) and the growth. No two calls have the same values, so nothing that was looked up before is known. `rules
asked` is the same with another agent each time: rules remember what they said of the same agent, tool and context.
"""

import statistics
import time
from typing import Any, NamedTuple

from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.rules import Rules, default_text
from outrider.policy.state import SessionState

MAIL = Declaration(does="none", fields={"[].id": "trusted", "[].from": "trusted"})
BOOK = Declaration(does="none", trust="trusted")
SEND = Declaration(steers={"to": "recipient", "cc": "recipient"}, carries=("subject", "body"), verb="send")
CALLS: list[dict[str, Any]] = [
    {"to": ["bob@corp.example"], "subject": "Report", "body": "All is well, see you on Friday at ten. " * 5},
    {"to": ["person7@corp.example"], "subject": "Report", "body": "The numbers of May."},
    {"to": ["nobody@else.example"], "subject": "Report", "body": "See https://else.example/x"},
]


def session(steps: int) -> SessionState:
    """A session that reads mail and an address book, and now and then hears its user."""
    state = SessionState()
    state.user("Read my mail and send a report to bob@corp.example, please")
    for at in range(steps):
        if at % 20 == 19:
            state.user(f"and what about number {at}?")
        elif at % 5 == 4:
            state.result("book", [{"name": f"Person {at}", "email": f"person{at}@corp.example"}], BOOK)
        else:
            text = f"Dear all, this is letter {at} about the {at * 7}th plan. " * 8
            state.result("mail", [{"id": f"m{at}", "from": f"p{at}@x.example", "body": text}], MAIL)
    return state


class Took(NamedTuple):
    """Microseconds of the processor and of the clock, for each decision."""

    worked: list[float]
    passed: list[float]


def call(at: int, agent: str) -> Call:
    """One that differs from all others."""
    arguments = dict(CALLS[at % len(CALLS)])
    arguments["body"] = f"{arguments['body']} Number {at}"
    if at % len(CALLS) != 0:
        arguments["to"] = [one.replace("@", f"{at}@") for one in arguments["to"]]
    return Call("send_email", arguments, SEND, agent=agent)


def measured(steps: int, rules: Rules, rounds: int = 400, *, asked: bool = False) -> Took:
    """Decisions in a session of so many steps; `asked`: each by an agent whom the rules do not know."""
    state, took = session(steps), Took([], [])
    for at in range(rounds):
        one = call(at, f"agent-{steps}-{at}" if asked else "agent")
        began, worked = time.perf_counter(), time.thread_time()
        decide(one, state, rules, now=0)
        took.worked.append((time.thread_time() - worked) * 1e6)
        took.passed.append((time.perf_counter() - began) * 1e6)
    return took


def without(rounds: int = 400) -> float:
    """The same call with nobody who decides: only the call's own struct. Microseconds, median."""
    took = []
    for at in range(rounds):
        began = time.perf_counter()
        Call("send_email", CALLS[at % len(CALLS)], SEND)
        took.append((time.perf_counter() - began) * 1e6)
    return statistics.median(took)


def main() -> None:
    rules = Rules(default_text())
    measured(10, rules)
    base = without()
    print(f"without policy: {base:.1f} us")
    for steps in (50, 100, 200, 400, 800, 1600, 3200):
        worked, passed = measured(steps, rules)
        fresh, _ = measured(steps, rules, asked=True)
        print(
            f"{steps:5d} steps: processor {statistics.median(worked):6.0f} us, p99 {late(worked):6.0f}; "
            f"clock {statistics.median(passed):6.0f}, p99 {late(passed):6.0f}; "
            f"rules asked {statistics.median(fresh):6.0f}, p99 {late(fresh):6.0f}"
        )


def late(took: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(took, n=100)[98]


if __name__ == "__main__":
    main()
