"""How tools do, from the journal: how often they are called, what fails, how long it takes, what nobody used."""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from outrider.base import clock
from outrider.calibrate.intervals import Interval, share
from outrider.journal import read
from outrider.journal.names import clean
from outrider.store import Store
from outrider.tools.gate import NAME

MOST_RUNS = 50_000
"""Runs that are looked at, the newest."""
SAMPLED = 300
"""Runs of which agent, client and size are read, the newest."""
_NOT_MADE = (
    "not_allowed approval_pending input_required argument_not_allowed invalid_arguments unknown_tool budget_exceeded "
    "rate_limit_exceeded limits_unavailable overloaded store_unavailable not_connected user_needed not_your_session"
)
NOT_MADE = frozenset(_NOT_MADE.split())
"""Codes of calls that never reached a tool: policy, limits, the caller's own mistakes. They say nothing of the tool."""
_PART = 400


class Fault(msgspec.Struct, frozen=True):
    """The last time that a tool failed with a code; `at` is ns."""

    code: str
    count: int
    at: int
    run: bytes


class ToolMeasures(msgspec.Struct, frozen=True):
    """One tool. Times are nanoseconds, sizes bytes. `made` of the `calls` reached the tool, `success` is of those.

    `gone` are calls whose client left before the answer. `unused` are answers after which the model of that session
    was never asked again, of the `followed` whose session also calls models through Outrider (others cannot be told).
    `agents` and `clients` count the newest `sampled` calls."""

    tool: str
    calls: int
    made: int
    success: Interval
    p50: int
    p95: int
    gone: int
    unused: int
    followed: int
    last: int
    faults: list[Fault]
    not_made: dict[str, int]
    sampled: int = 0
    agents: dict[str, int] = {}
    clients: dict[str, int] = {}
    size_p50: int = 0
    size_p95: int = 0


class _Run(msgspec.Struct, frozen=True, array_like=True):
    seq: int
    id: bytes
    at: int
    tool: str
    status: str
    error: str
    duration: int
    session: str


def measures(store: Store, project: str, since: int, until: int | None = None) -> list[ToolMeasures]:
    """Every tool that was called in a period (ns), the most called first. Blocking."""
    runs = _runs(store, project, since, until if until is not None else clock.now_ns())
    later = _last_asked(store, project, {run.session for run in runs if run.session})
    by_tool: dict[str, list[_Run]] = {}
    for run in runs:
        by_tool.setdefault(run.tool, []).append(run)
    sampled = _sampled(store, runs[:SAMPLED])
    found = [_measured(tool, some, later, sampled.get(tool)) for tool, some in by_tool.items()]
    return sorted(found, key=lambda one: (-one.calls, one.tool))


def _runs(store: Store, project: str, since: int, until: int) -> list[_Run]:
    """Tool calls of a project, the newest first."""
    hours = store.query(
        "SELECT min(first_seq), max(last_seq) FROM run_hours WHERE hour >= ? AND hour <= ?",
        (since // clock.HOUR_NS, until // clock.HOUR_NS),
    )
    first, last = hours[0]
    if first is None:
        return []
    rows = store.query(
        "SELECT r.seq, r.id, r.at, t.value, s.value, coalesce(e.value, ''), r.duration, coalesce(r.session, '')"
        " FROM runs r JOIN names n ON n.id = r.name JOIN names t ON t.id = r.route JOIN names s ON s.id = r.status"
        " LEFT JOIN names e ON e.id = r.error"
        " WHERE r.seq >= ? AND r.seq <= ? AND r.at >= ? AND r.at < ? AND n.value = ?"
        " AND r.project = (SELECT id FROM names WHERE project = 0 AND field = 'project' AND value = ?)"
        " ORDER BY r.seq DESC LIMIT ?",
        (first, last, since, until, NAME, clean(project), MOST_RUNS),
    )
    return [_Run(*row) for row in rows]


def _last_asked(store: Store, project: str, sessions: set[str]) -> dict[str, int]:
    """The last call of a model in each session that has one, by seq."""
    found: dict[str, int] = {}
    names = sorted(sessions)
    for at in range(0, len(names), _PART):
        part = names[at : at + _PART]
        rows = store.query(
            "SELECT r.session, max(r.seq) FROM runs r JOIN names n ON n.id = r.name"
            f" WHERE r.session IN ({','.join('?' * len(part))}) AND n.value <> ?"
            " AND r.project = (SELECT id FROM names WHERE project = 0 AND field = 'project' AND value = ?)"
            " GROUP BY r.session",
            (*part, NAME, clean(project)),
        )
        found.update((session, seq) for session, seq in rows)
    return found


class _Sample(msgspec.Struct):
    count: int = 0
    agents: Counter[str] = msgspec.field(default_factory=Counter)
    clients: Counter[str] = msgspec.field(default_factory=Counter)
    sizes: list[int] = []


def _sampled(store: Store, runs: Sequence[_Run]) -> dict[str, _Sample]:
    """Who called, with what, and how much came back: from the records themselves."""
    found: dict[str, _Sample] = {}
    for run in runs:
        record = read.get_run(store, run.id)
        if record is None:
            continue
        sample = found.setdefault(run.tool, _Sample(sizes=[]))
        sample.count += 1
        sample.agents[record.agent or "(none)"] += 1
        for step in read.list_steps(store, run.id):
            if step.kind == "tool":
                sample.clients[str(step.attrs.get("client") or "(unknown)")] += 1
                if step.response is not None:
                    sample.sizes.append(step.response.size)
    return found


def _measured(tool: str, runs: Sequence[_Run], later: dict[str, int], sample: _Sample | None) -> ToolMeasures:
    gone = [run for run in runs if run.status == "cancelled"]
    made = [run for run in runs if run.error not in NOT_MADE and run.status != "cancelled"]
    good = [run for run in made if run.status == "ok"]
    followed = [run for run in good if run.session in later]
    times = sorted(run.duration for run in made)
    sample = sample or _Sample(sizes=[])
    sizes = sorted(sample.sizes)
    return ToolMeasures(
        tool,
        len(runs),
        len(made),
        share(len(good), len(made)),
        _quantile(times, 0.5),
        _quantile(times, 0.95),
        len(gone),
        sum(later[run.session] < run.seq for run in followed),
        len(followed),
        runs[0].at,
        _faults(made),
        dict(Counter(run.error for run in runs if run.error in NOT_MADE)),
        sample.count,
        dict(sample.agents.most_common(10)),
        dict(sample.clients.most_common(10)),
        _quantile(sizes, 0.5),
        _quantile(sizes, 0.95),
    )


def _faults(runs: Sequence[_Run]) -> list[Fault]:
    """Codes of what failed, the latest first; `runs` are the newest first."""
    failed = [run for run in runs if run.status != "ok"]
    counts = Counter(run.error or "error" for run in failed)
    newest: dict[str, _Run] = {}
    for run in failed:
        newest.setdefault(run.error or "error", run)
    return [Fault(code, counts[code], run.at, run.id) for code, run in newest.items()][:5]


def _quantile(ordered: Sequence[int], q: float) -> int:
    """The smallest value that a share `q` does not exceed; 0 for none."""
    return ordered[max(1, math.ceil(q * len(ordered))) - 1] if ordered else 0
