"""The run list: one row per run, made so that every filter is answered from an index.

A run is one `run.recorded`, any number of `steps.recorded`, or both in any order. What is sent twice counts once: a
second `run.recorded` with the same id is ignored, and so are steps whose id the run has already. Cost and tokens of a
row are those of its `run.recorded` (which cover the steps inside it) plus those of all other steps.
"""

from collections import Counter
from collections.abc import Iterable

from outrider.base.clock import HOUR_NS
from outrider.journal.batch import Batch
from outrider.journal.events import RunRecorded, StepsRecorded
from outrider.journal.projections import _long_runs
from outrider.journal.projections._run_rows import RowMaker, widen_hours
from outrider.store import Tx

tables = ("runs", "runs_text", "run_counts", "run_hours", "run_parts")


def apply(tx: Tx, batch: Batch) -> None:
    plain, long = _divide(tx, batch.items)
    maker = RowMaker(tx, batch.names)
    maker.insert([maker.row(seq, event) for seq, event in plain])
    batch.runs = list(plain)
    batch.parts = []
    for seq, event in long:
        _long_runs.apply(tx, maker, batch, seq, event)
    add_counts(tx, maker.counts)
    _add_hours(tx, plain)


def reset(tx: Tx, floor_hour: int) -> None:
    if tx.dialect == "sqlite":
        tx.execute("INSERT INTO runs_text (runs_text) VALUES ('delete-all')")
    for table in ("runs", "run_counts", "run_hours", "run_parts"):
        tx.execute(f"DELETE FROM {table}")


Long = list[tuple[int, RunRecorded | StepsRecorded]]


def _divide(tx: Tx, items: Iterable[tuple[int, object]]) -> tuple[list[tuple[int, RunRecorded]], Long]:
    """Runs that are whole in one record and new, which is nearly all, and the events of all others."""
    mine = [(seq, e) for seq, e in items if isinstance(e, RunRecorded | StepsRecorded)]
    seen = Counter(e.id if isinstance(e, RunRecorded) else e.run for _, e in mine)
    ids = list(seen)
    known: set[bytes] = set()
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        marks = ",".join("?" * len(part))
        known.update(row[0] for row in tx.query(f"SELECT id FROM runs WHERE id IN ({marks})", part))
    plain: list[tuple[int, RunRecorded]] = []
    long: Long = []
    for seq, event in mine:
        if isinstance(event, RunRecorded) and seen[event.id] == 1 and event.id not in known:
            plain.append((seq, event))
        else:
            long.append((seq, event))
    return plain, long


def add_counts(tx: Tx, counts: Counter[int]) -> None:
    """Add to the number of runs that carry each name; negative numbers take away."""
    changed = sorted((name, n) for name, n in counts.items() if n)
    tx.executemany(
        "INSERT INTO run_counts (name, runs) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET runs = run_counts.runs + excluded.runs",
        changed,
    )
    if any(n < 0 for _, n in changed):
        tx.execute("DELETE FROM run_counts WHERE runs = 0")


def _add_hours(tx: Tx, runs: Iterable[tuple[int, RunRecorded]]) -> None:
    span: dict[int, tuple[int, int]] = {}
    for seq, event in runs:
        hour = event.at // HOUR_NS
        span[hour] = (span[hour][0] if hour in span else seq, seq)
    widen_hours(tx, [(hour, first, last) for hour, (first, last) in span.items()])
