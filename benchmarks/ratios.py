"""The targets as ratios inside one run, each with what was measured. Figures of different days do not compare."""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

Rounds = list[dict[str, Any]]
Columns = tuple[tuple[str, str, str], ...]
"""What is compared, and the names of the two figures in a pair."""
RECORDING: Columns = (("answering", "answering", "off"), ("answering and indexing", "on", "off"))
"""At most 30 % fewer requests on a core: the ratio is at most 1 / 0.7."""
LIMITS: Columns = (("answering", "answering", "off_answering"), ("all of it", "on", "off"))
"""At most 15 % fewer."""


class Target(NamedTuple):
    """`ours` and `theirs` pick a figure from one round; the ratio of their medians must be at most `limit`."""

    text: str
    peer: str
    ours: Callable[[dict[str, Any]], float]
    theirs: Callable[[dict[str, Any]], float]
    limit: float
    stretch: float | None = None


def _cpu(kind: str) -> Callable[[dict[str, Any]], float]:
    return lambda found: float(found[kind]["cpu"])


TARGETS = (
    Target("CPU per plain request, 32 connections", "tensorzero", _cpu("c32"), _cpu("c32"), 1.0),
    Target("CPU per plain request, 128 connections", "tensorzero", _cpu("c128"), _cpu("c128"), 1.0),
    Target("CPU per plain request", "portkey", _cpu("c32"), _cpu("c32"), 1 / 6),
    Target("CPU per plain request", "litellm", _cpu("c32"), _cpu("c32"), 1 / 60),
    Target("CPU per plain request (stretch: 3 x nginx)", "nginx", _cpu("c32"), _cpu("c32"), float("inf"), 3.0),
    Target("CPU per stream of 50 chunks", "tensorzero", _cpu("stream"), _cpu("stream"), 1.0),
    Target("CPU per stream (stretch: 2 x nginx)", "nginx", _cpu("stream"), _cpu("stream"), float("inf"), 2.0),
    Target("p99 against the own p50, one connection", "ours", lambda r: r["c1"]["p99"], lambda r: r["c1"]["p50"], 3.0),
    Target(
        "wall ms per request at full load, recording on against off",
        "ours-silent",
        lambda r: 1000 / float(r["apart"]["rps"]),
        lambda r: 1000 / float(r["apart"]["rps"]),
        1 / 0.7,
    ),
)


def ratios(results: dict[str, Any]) -> str:
    """One row per target that this run can judge."""
    rows = ["| target | against | ours | theirs | ratio | at most | |", "|---|---|---:|---:|---:|---:|---|"]
    rows += _pairs(results.get("ours-limits", {}).get("limits", []), "limits", "ours-unlimited", 1 / 0.85, LIMITS)
    ours = results.get("ours", {}).get("rounds", [])
    if not ours:
        return "\n".join(rows) if len(rows) > 2 else "no ratios: `ours` was not measured"
    for target in TARGETS:
        theirs = results.get(target.peer, {}).get("rounds", [])
        if theirs:
            rows.append(
                _row(target.text, target.peer, _median(ours, target.ours), _median(theirs, target.theirs), target)
            )
    rows += _latency(results, ours)
    rows += _pairs(results["ours"].get("recording", []), "recording", "ours-silent", 1 / 0.7, RECORDING)
    rows += _own(ours)
    return "\n".join(rows)


def _latency(results: dict[str, Any], ours: Rounds) -> list[str]:
    """Added latency is what is left after the upstream's own."""
    direct, native = (results.get(n, {}).get("rounds", []) for n in ("direct", "tensorzero"))
    if not direct or not native:
        return []
    base = _median(direct, lambda r: r["c1"]["p50"])
    added = [_median(rounds, lambda r: r["c1"]["p50"]) - base for rounds in (ours, native)]
    target = Target("added p50 in us, one connection", "tensorzero", _cpu("c1"), _cpu("c1"), 1.5)
    return [_row(target.text, target.peer, *added, target)]


def _pairs(pairs: Rounds, what: str, peer: str, limit: float, columns: Columns) -> list[str]:
    """CPU of a request with something against that without it, as medians over pairs of bursts, and of their ratios."""
    rows = []
    for text, on, off in columns if pairs else ():
        ours, theirs, ratio = (
            statistics.median(values)
            for values in ([p[on] for p in pairs], [p[off] for p in pairs], [p[on] / p[off] for p in pairs])
        )
        rows.append(
            f"| CPU ms per request with {what}, {text}, in pairs | {peer} | {ours:.4f} | {theirs:.4f} |"
            f" {ratio:.3f} | {limit:.3f} | {_verdict(ratio, limit)} |"
        )
    return rows


def _own(ours: Rounds) -> list[str]:
    """Limits that need no peer."""
    limits = (("memory in MiB, loaded", "rss", 150.0), ("first good answer after start, s", "cold", 2.0))
    rows = []
    for text, field, limit in limits:
        value = statistics.median([float(found[field]) for found in ours])
        rows.append(f"| {text} | - | {value:.2f} | - | - | {limit:g} | {_verdict(value, limit)} |")
    return rows


def _row(text: str, peer: str, ours: float, theirs: float, target: Target) -> str:
    ratio = ours / theirs if theirs > 0 else float("inf")
    limit = target.limit if target.stretch is None else target.stretch
    verdict = _verdict(ratio, limit) if target.stretch is None else ("reached" if ratio <= limit else "stretch")
    return f"| {text} | {peer} | {ours:.4g} | {theirs:.4g} | {ratio:.3f} | {limit:.3f} | {verdict} |"


def _median(rounds: Rounds, pick: Callable[[dict[str, Any]], float]) -> float:
    return statistics.median(pick(r) for r in rounds)


def _verdict(value: float, limit: float) -> str:
    return "good" if value <= limit else "MISSED"
