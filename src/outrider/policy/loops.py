"""Loop breakers: what a session does over and over, and how long and how dear it gets.

A `Trail` is kept beside what a session has seen and follows the same events. Where it is past a limit, no call is made
any more until a person lets it go on; they are shown what was tried. Nothing ends without a word.
"""

import hashlib
from collections import Counter, deque

import msgspec

from outrider.base import money
from outrider.policy.declarations import UNDECLARED
from outrider.policy.events import Did, Event, Judged, Returned, Turned, WentOn

REMEMBERED = 64
"""Calls whose order is kept: a cycle is looked for in them."""
LONGEST_CYCLE = 8
SHOWN = 12
"""Last steps that a person is shown."""
SLOPE_NS = 600 * 1_000_000_000
"""The slope of the spend is that of the last ten minutes."""


class Limits(msgspec.Struct, frozen=True):
    """From when on a person is asked; 0: never. `same_call`: so many times the same call, nothing new in its answers.
    `same_results`: so many answers in a row that the session has had before. `cycle`: the same few calls in the same
    order so many times over. `returns`: a task came back so many times to an agent that gave it to another (A asks B
    asks A). `turns` of the model, `calls` of tools, `seconds` since it began, nano-dollars (`spend`) in all and
    (`slope`) in ten minutes."""

    same_call: int = 15
    same_results: int = 25
    cycle: int = 6
    returns: int = 1
    turns: int = 300
    calls: int = 1000
    seconds: float = 0
    spend: int = 0
    slope: int = 0


class Breach(msgspec.Struct, frozen=True):
    """A limit that was reached: its name, what it is, what was found, and the same as a sentence."""

    limit: str
    most: float
    found: float
    text: str


_LASTING = ("external", "destructive", "money", "credentials")
"""Effects that are the same once more whatever the answer says: a mail that is sent again has another id."""


class _Step(msgspec.Struct):
    """A call that was made: `lasts` if it has such an effect, `acts` if it has any, `fresh` while its answer is new."""

    call: str
    tool: str
    lasts: bool
    acts: bool
    fresh: bool = False


class Trail:
    """What a session did, as far as loops show in it. `lineage` are the agents that handed the task down to it, from
    the first to its own."""

    def __init__(self) -> None:
        self.lineage: tuple[str, ...] = ()
        self.began = self.at = 0
        self.turns = self.calls = self.spent = self.steepest = self.most_same = 0
        self.rounds = 0  # how often a person let it go on
        self._base = (0, 0, 0, 0, 0)  # turns, calls, spent, began, returns when they last did
        self._same: Counter[str] = Counter()
        self._allowed: Counter[str] = Counter()  # by tool: not seen to be done yet
        self._answers: dict[str, str] = {}
        self._seen: set[str] = set()
        self._stale = 0
        self._steps: deque[_Step] = deque(maxlen=REMEMBERED)
        self._spends: deque[tuple[int, int]] = deque()
        self.last: deque[str] = deque(maxlen=SHOWN)

    def see(self, event: Event) -> None:
        """Follow an event."""
        if isinstance(event, Judged):
            self._time(event.at)
            if event.verdict != "ask" or not event.enforced:  # a call that waits is asked for again, and no loop
                self._called(event)
        elif isinstance(event, Did):
            self._did(event)
        elif isinstance(event, Returned):
            self._answered(event)
        elif isinstance(event, Turned):
            self._time(event.at)
            self.turns += 1
            self.spent += event.cost
            self._spends.append((event.at, event.cost))
            self.steepest = max(self.steepest, self.slope(event.at))
        elif isinstance(event, WentOn):
            self._went_on(event)

    def _time(self, at: int) -> None:
        self.began, self.at = self.began or at, max(self.at, at)

    def _did(self, event: Did) -> None:
        """What was asked about and then made is a call, too, and no loop: a person let each of them go."""
        if self._allowed[event.tool]:
            self._allowed[event.tool] -= 1
        else:
            self.calls += 1

    def _called(self, event: Judged) -> None:
        self.calls += 1
        if event.verdict != "deny" or not event.enforced:
            self._allowed[event.tool] += 1
        call = hashlib.sha256(event.tool.encode() + b"\0" + event.arguments).hexdigest()
        known = event.declaration != UNDECLARED  # of such a tool nothing is known but its answers
        does = event.declaration.does
        self._same[call] += 1
        self.most_same = max(self.most_same, self._same[call])
        self._steps.append(_Step(call, event.tool, known and does in _LASTING, known and does != "none"))
        shown = event.arguments[:160].decode("utf-8", "replace")
        self.last.append(f"{event.tool} {shown}{'…' if len(event.arguments) > 160 else ''}: {event.verdict}")

    def _answered(self, event: Returned) -> None:
        answer = hashlib.sha256(event.result).hexdigest()
        step = next((one for one in reversed(self._steps) if one.tool == event.tool), None)
        stale = answer in self._seen and not (step is not None and step.acts)  # "done" is an answer to many deeds
        self._stale = self._stale + 1 if stale else 0
        self._seen.add(answer)
        if step is None or step.lasts:
            return
        step.fresh = self._answers.get(step.call, "") != answer
        self._answers[step.call] = answer
        if step.fresh:
            self._same[step.call] = 1

    def _went_on(self, event: WentOn) -> None:
        self.rounds += 1
        self._base = self.turns, self.calls, self.spent, event.at, self.returns()
        self._same.clear()
        self._steps.clear()
        self._spends.clear()
        self._stale = 0

    def inherit(self, parent: "Trail", agent: str) -> None:
        """The session continues another one, whose task was last in the hands of `agent`."""
        lineage = parent.lineage if parent.lineage[-1:] == (agent,) else (*parent.lineage, agent)
        self.lineage = max(self.lineage, lineage, key=len)

    def returns(self, agent: str = "") -> int:
        """How often the task came back to an agent that had given it to another one."""
        line = [one for at, one in enumerate(self.lineage) if not at or self.lineage[at - 1] != one]
        line += [agent] if agent and line[-1:] != [agent] else []
        return len(line) - len(set(line))

    def slope(self, now: int) -> int:
        """Nano-dollars of the last ten minutes."""
        while self._spends and self._spends[0][0] < now - SLOPE_NS:
            self._spends.popleft()
        return sum(cost for _, cost in self._spends)

    def over(self, limits: Limits, now: int, agent: str = "") -> list[Breach]:
        """The limits that are reached, the plainest loop first."""
        turns, calls, spent, since, returns = self._base
        began = max(since, self.began or now)
        same, tool = self._repeated()
        period, rounds = self._cycle()
        found = (
            ("same_call", limits.same_call, same, f"{tool} was called {same} times in the same way, with nothing new"),
            ("cycle", limits.cycle, rounds, f"the same {period} calls were made {rounds} times over"),
            (
                "same_results",
                limits.same_results,
                self._stale,
                f"{self._stale} answers in a row were ones that it had before",
            ),
            ("returns", limits.returns, self.returns(agent) - returns, f"the task goes round: {self._line(agent)}"),
            ("turns", limits.turns, self.turns - turns, f"the model was called {self.turns - turns} times"),
            ("calls", limits.calls, self.calls - calls, f"{self.calls - calls} calls were made"),
            ("seconds", limits.seconds, (now - began) / 1e9, f"it runs since {(now - began) / 60e9:.0f} minutes"),
            ("spend", limits.spend, self.spent - spent, f"it has spent ${money.usd(self.spent - spent)}"),
            ("slope", limits.slope, self.slope(now), f"it spent ${money.usd(self.slope(now))} in ten minutes"),
        )
        return [Breach(name, most, value, text) for name, most, value, text in found if most and value >= most]

    def _line(self, agent: str) -> str:
        line = [*self.lineage, *([agent] if agent and self.lineage[-1:] != (agent,) else [])]
        return " → ".join(one or "an agent without a name" for one in line[-8:])

    def _repeated(self) -> tuple[int, str]:
        if not self._same:
            return 0, ""
        call, count = self._same.most_common(1)[0]
        return count, next((one.tool for one in reversed(self._steps) if one.call == call), "a tool")

    def _cycle(self) -> tuple[int, int]:
        """(calls in a round, rounds) of the cycle that the last calls are in; (0, 0) of none."""
        steps = list(self._steps)
        best = (0, 0)
        for period in range(2, min(LONGEST_CYCLE, len(steps) // 2) + 1):
            last = steps[-period:]
            if len({one.call for one in last}) == 1:  # that is the same call, not a cycle
                continue
            rounds = 1
            while len(steps) >= (rounds + 1) * period:
                before = steps[-(rounds + 1) * period : len(steps) - rounds * period]
                if [one.call for one in before] != [one.call for one in last] or any(
                    one.fresh for one in steps[-rounds * period :]
                ):
                    break
                rounds += 1
            if rounds > best[1] and rounds > 1:
                best = (period, rounds)
        return best
