"""What is usual of an agent: from its recorded sessions to the limits from which on a person is asked."""

import math
from collections.abc import Callable, Sequence

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import quantile
from outrider.policy.identity import Who
from outrider.policy.loops import Limits
from outrider.policy.sessions import Sessions
from outrider.store.ports import Row

TIMES = 2.0
"""How far above the usual the limit is: twice the upper end of the interval of the 99th percentile (of the 95th where
there are too few sessions for that one)."""
KNOWN_FOR_NS = 60 * 1_000_000_000
MOST_AGENTS = 1000
_FLOORS = (
    ("calls", 50.0),
    ("turns", 20.0),
    ("spend", 100_000_000.0),
    ("slope", 50_000_000.0),
    ("same_call", 5.0),
    ("seconds", 600.0),
)
"""No limit that is learned is lower: an agent that was only tried out is not held to that."""


def learned(rows: Sequence[Row]) -> dict[str, float]:
    """Limits by name, from `Sessions.usual`; those for which there are too few sessions (under 72) are left out."""
    found = {}
    for column, (name, floor) in enumerate(_FLOORS):
        values = [float(row[column]) for row in rows]
        high = next((high for q in (0.99, 0.95) if (high := quantile(values, q).high) < math.inf), math.inf)
        if high < math.inf and (high > 0 or name not in ("spend", "slope")):
            found[name] = max(floor, TIMES * high)
    return found


class Usual:
    """The limits of agents. `said` are those of the configuration and whether others are learned; a name in its second
    part was said there and is not learned."""

    def __init__(self, sessions: Sessions, said: Callable[[], tuple[Limits, frozenset[str] | None]]) -> None:
        self._sessions, self._said = sessions, said
        self._known: dict[tuple[str, str], tuple[int, dict[str, float]]] = {}

    def limits(self, who: Who) -> Limits:
        """Blocking: what is usual is read once a minute."""
        said, fixed = self._said()
        if fixed is None:
            return said
        changes: dict[str, float] = {
            name: value if name == "seconds" else math.ceil(value)
            for name, value in self._of(who).items()
            if name not in fixed
        }
        return msgspec.structs.replace(said, **changes)

    def _of(self, who: Who) -> dict[str, float]:
        key, now = (who.project, who.agent), clock.mono_ns()
        found = self._known.get(key)
        if found is None or found[0] < now - KNOWN_FOR_NS:
            if len(self._known) >= MOST_AGENTS:
                self._known.clear()
            found = self._known[key] = now, learned(self._sessions.usual(*key))
        return found[1]
