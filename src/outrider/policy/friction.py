"""What approvals cost people, as numbers: how often they are asked, how long answers take, what is approved blindly.

Every number has an interval in which it lies in 95 of 100 such samples. Blocking.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import Z95, Interval, mean, share
from outrider.store import Store

BLIND_NS = 3 * 1_000_000_000
"""An approval sooner than that after it was opened was hardly read."""
DAY_NS = 86_400 * 1_000_000_000
CALLER = "caller:"
"""How the session of a caller begins that names none."""
RESAMPLED = 500
MOST = 100_000
"""Approvals that are counted; of more, the newest."""


class Cost(msgspec.Struct, frozen=True):
    """What a group of approvals cost. `asks` is per session (every session counts, also those without any, but not the
    one that only keeps a caller's labels beside the sessions that it names), `quiet` the
    share of sessions without any, `median` and `p90` are seconds to an answer (None: there was none), `blind` the share
    of approvals that were given within three seconds of being opened, or unopened. `expired` nobody answered."""

    asked: int
    sessions: int
    approved: int
    denied: int
    expired: int
    asks: Interval
    quiet: Interval
    blind: Interval
    median: Interval | None = None
    p90: Interval | None = None


class Friction(msgspec.Struct, frozen=True):
    """The cost since a time (ns): of all, by agent, by rule and by day (its start, ns). Sessions are kept for 30 days
    after their last use, so nothing here looks back further. A rule's or a day's shares are of all sessions of the
    time, or of those last used on that day."""

    since: int
    whole: Cost
    agents: dict[str, Cost]
    rules: dict[str, Cost]
    days: dict[int, Cost]


class _Asked(msgspec.Struct):
    session: str
    state: str
    agent: str
    rules: list[str]
    asked: int
    decided: int
    opened: int


def friction(store: Store, project: str, since: int, until: int | None = None) -> Friction:
    """What was asked in sessions that were used since then."""
    end = clock.now_ns() if until is None else until
    rows = store.query(
        "SELECT session, state, agent, rules, asked, decided, opened FROM approvals"
        f" WHERE project = ? AND asked >= ? AND asked < ? ORDER BY asked DESC LIMIT {MOST}",
        (project, since, end),
    )
    asked = [
        _Asked(session, state, agent, rules.split(), int(at), int(decided), int(opened))
        for session, state, agent, rules, at, decided, opened in rows
    ]
    used = {
        str(id_): (str(agent), int(touched))
        for id_, agent, touched in store.query(
            "SELECT id, agent, touched FROM sessions WHERE project = ? AND touched >= ?"
            f" AND NOT (substr(id, 1, {len(CALLER)}) = ? AND calls = 0 AND turns = 0)"
            f" ORDER BY touched DESC LIMIT {MOST}",
            (project, since, CALLER),
        )
    }
    for one in asked:  # asked without having been seen in a list: the session counts all the same
        used.setdefault(one.session, (one.agent, one.asked))
    by_agent: dict[str, set[str]] = defaultdict(set)
    by_day: dict[int, set[str]] = defaultdict(set)
    for id_, (agent, touched) in used.items():
        by_agent[agent].add(id_)
        by_day[touched // DAY_NS * DAY_NS].add(id_)
    for one in asked:
        by_agent[one.agent].add(one.session)
        by_day[one.asked // DAY_NS * DAY_NS].add(one.session)
    rules = Counter(rule for one in asked for rule in one.rules)
    return Friction(
        since,
        _cost(asked, used, end),
        {agent: _cost([a for a in asked if a.agent == agent], ids, end) for agent, ids in sorted(by_agent.items())},
        {rule: _cost([a for a in asked if rule in a.rules], used, end) for rule, _ in rules.most_common(50)},
        {
            day: _cost([a for a in asked if a.asked // DAY_NS * DAY_NS == day], ids, end)
            for day, ids in sorted(by_day.items())
            if day >= since // DAY_NS * DAY_NS
        },
    )


def _cost(asked: Sequence[_Asked], sessions: Mapping[str, object] | set[str], now: int) -> Cost:
    per = Counter(one.session for one in asked if one.session in sessions)
    answered = [one for one in asked if one.decided]
    approved = [one for one in answered if one.state != "denied"]
    waits = sorted((one.decided - one.asked) / 1e9 for one in answered)
    blind = sum(1 for one in approved if not one.opened or one.decided - one.opened < BLIND_NS)
    counts = [float(per.get(session, 0)) for session in sorted(sessions)]
    return Cost(
        asked=len(asked),
        sessions=len(counts),
        approved=len(approved),
        denied=len(answered) - len(approved),
        expired=sum(1 for one in asked if one.state == "expired" and not one.decided),
        asks=_mean(counts),
        quiet=share(sum(1 for count in counts if not count), len(counts)),
        blind=share(blind, len(approved)),
        median=quantile(waits, 0.5),
        p90=quantile(waits, 0.9),
    )


def _mean(counts: Sequence[float]) -> Interval:
    """By resampling; of many by the normal distribution, which is then as good and takes no time."""
    n = len(counts)
    if n <= RESAMPLED:
        found = mean(counts)
        return msgspec.structs.replace(found, low=max(0.0, found.low))
    middle = sum(counts) / n
    half = Z95 * math.sqrt(sum((one - middle) ** 2 for one in counts) / (n - 1) / n)
    return Interval(middle, max(0.0, middle - half), middle + half, n)


def quantile(ordered: Sequence[float], part: float) -> Interval | None:
    """A quantile of ascending values; its interval runs between order statistics, whatever the values' distribution.
    None of nothing."""
    n = len(ordered)
    if not n:
        return None
    spread = Z95 * math.sqrt(n * part * (1 - part))
    low, high = math.floor(n * part - spread), math.ceil(n * part + spread)
    at = min(n - 1, int(n * part))
    return Interval(ordered[at], ordered[max(0, low)], ordered[min(n - 1, high)], n)
