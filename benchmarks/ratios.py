"""The targets as ratios inside one run, each with what was measured. Figures of different days do not compare."""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

Rounds = list[dict[str, Any]]


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
    rows += _limits(results.get("ours-limits", {}).get("limits", []))
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
    rows += _recording(results["ours"].get("recording", []))
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


def _recording(pairs: Rounds) -> list[str]:
    """What recording adds to the CPU of a request, as medians over pairs: at most 30 % fewer requests on a core."""
    if not pairs:
        return []
    rows = []
    for text, field in (("answering", "answering"), ("answering and indexing", "on")):
        ours, theirs = (_median(pairs, lambda r, f=f: float(r[f])) for f in (field, "off"))  # type: ignore[misc]
        ratio = _median(pairs, lambda r, f=field: r[f] / r["off"])  # type: ignore[misc]
        limit = 1 / 0.7
        rows.append(
            f"| CPU ms per request with recording, {text}, in pairs | ours-silent | {ours:.4f} | {theirs:.4f} |"
            f" {ratio:.3f} | {limit:.3f} | {_verdict(ratio, limit)} |"
        )
    return rows


def _limits(pairs: Rounds) -> list[str]:
    """What two budgets, rates and breakers add to the CPU of a request: at most 15 % fewer requests on a core."""
    if not pairs:
        return []
    rows = []
    for text, on, off in (("answering", "answering", "off_answering"), ("all of it", "on", "off")):
        ours, theirs = (_median(pairs, lambda r, f=f: float(r[f])) for f in (on, off))  # type: ignore[misc]
        ratio = _median(pairs, lambda r, on=on, off=off: r[on] / r[off])  # type: ignore[misc]
        rows.append(
            f"| CPU ms per request with limits, {text}, in pairs | ours-unlimited | {ours:.4f} | {theirs:.4f} |"
            f" {ratio:.3f} | {1 / 0.85:.3f} | {_verdict(ratio, 1 / 0.85)} |"
        )
    return rows


def _own(ours: Rounds) -> list[str]:
    """Limits that need no peer."""
    limits = (("memory in MiB, loaded", "rss", 150.0), ("first good answer after start, s", "cold", 2.0))
    rows = []
    for text, field, limit in limits:
        value = _median(ours, lambda r, f=field: float(r[f]))  # type: ignore[misc]
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
