"""Runs that need more than one record, or whose records come twice: their parts, and their row brought up to date."""

import struct
from collections.abc import Sequence

import msgspec

from outrider.base.clock import HOUR_NS
from outrider.base.usage import Usage
from outrider.journal.batch import Batch, Part
from outrider.journal.events import RunRecorded, Step, StepsRecorded
from outrider.journal.events.step import Status
from outrider.journal.projections._run_rows import (
    COLUMNS,
    RowMaker,
    Value,
    delete_rows,
    place,
    uncount,
    widen_hours,
)
from outrider.journal.records import payloads_of
from outrider.journal.upcast import decode
from outrider.store import Tx

_RUNNING: Status = "running"


def apply(tx: Tx, maker: RowMaker, batch: Batch, seq: int, event: RunRecorded | StepsRecorded) -> None:
    if isinstance(event, RunRecorded):
        _apply_run(tx, maker, batch, seq, event)
    else:
        _apply_steps(tx, maker, batch, seq, event)


def _apply_run(tx: Tx, maker: RowMaker, batch: Batch, seq: int, event: RunRecorded) -> None:
    old = _row(tx, event.id)
    if old is not None:
        if not _is_running(maker, old, event.project):
            return
        extra = Usage(_int(old, "input"), _int(old, "output"))
        own = _add_part(tx, event.id, seq, event.steps)
        uncount(maker.counts, old)
        delete_rows(tx, [old])
        row = maker.row(
            seq,
            event,
            extra=extra,
            extra_cost=_int(old, "cost"),
            extra_steps=_int(old, "steps") + len(own) - len(event.steps),
        )
    else:
        row = maker.row(seq, event)
    maker.insert([row])
    widen_hours(tx, [(event.at // HOUR_NS, seq, seq)])
    batch.runs.append((seq, event))


def _apply_steps(tx: Tx, maker: RowMaker, batch: Batch, seq: int, event: StepsRecorded) -> None:
    old = _row(tx, event.run)
    if old is not None and old[place("project")] != maker.project(event.project):
        return  # run ids travel in answers: who knows one of another project cannot add to it
    if old is not None and not _has_parts(tx, event.run) and not _is_running(maker, old, event.project):
        _add_part(tx, event.run, _int(old, "seq"), _steps_at(tx, _int(old, "seq")))
    fresh = _add_part(tx, event.run, seq, event.steps)
    usage, cost = totals(fresh)
    length = max((s.start + s.duration for s in fresh), default=0)
    if old is None:
        shell = RunRecorded(event.run, event.project, event.at, event.name, duration=length, status=_RUNNING)
        shell.source = event.source or shell.source
        maker.insert([maker.row(seq, shell, extra=usage, extra_cost=cost, extra_steps=len(fresh))])
        widen_hours(tx, [(event.at // HOUR_NS, seq, seq)])
    else:
        _grow(tx, maker, old, event.project, usage, cost, len(fresh), length)
    batch.parts.append(Part(seq, event, fresh))


def _grow(
    tx: Tx, maker: RowMaker, old: Sequence[Value], project: str, usage: Usage, cost: int, steps: int, length: int
) -> None:
    """Add new steps to a row. A run that goes on grows in duration too; a finished one has said its own."""
    cost += _int(old, "cost")
    duration = _int(old, "duration")
    if _is_running(maker, old, project):
        duration = max(duration, length)
    sized = maker.sized(maker.project(project), cost, duration, _int(old, "ttft"))
    for column, number in zip(("cost_step", "duration_step"), sized, strict=False):
        maker.counts[_int(old, column)] -= 1
        maker.counts[number or 0] += 1
    tx.execute(
        "UPDATE runs SET cost = ?, duration = ?, cost_step = ?, duration_step = ?,"
        " input = input + ?, output = output + ?, steps = steps + ? WHERE seq = ?",
        (cost, duration, sized[0], sized[1], usage.input, usage.output, steps, _int(old, "seq")),
    )


def totals(steps: Sequence[Step]) -> tuple[Usage, int]:
    """Tokens and cost of steps together."""
    usage, cost = Usage(), 0
    for step in steps:
        cost += step.cost
        if step.usage is not None:
            usage += step.usage
    return usage, cost


def _add_part(tx: Tx, run: bytes, seq: int, steps: Sequence[Step]) -> list[Step]:
    """Note a record of a run; returns those of its steps that are new to the run."""
    known: set[int] = set()
    first = 0
    for start, count, ids in tx.query("SELECT first, count, ids FROM run_parts WHERE run = ? ORDER BY first", (run,)):
        known.update(struct.unpack(f">{len(ids) // 8}Q", ids))
        first = max(first, start + count)
    fresh: list[Step] = []
    skipped: list[int] = []
    for position, step in enumerate(steps):
        if step.id in known:
            skipped.append(position)
        else:
            known.add(step.id)
            fresh.append(step)
    ids = struct.pack(f">{len(fresh)}Q", *(s.id for s in fresh))
    tx.execute(
        "INSERT INTO run_parts (run, seq, first, count, ids, skipped) VALUES (?, ?, ?, ?, ?, ?)",
        (run, seq, first, len(fresh), ids, msgspec.msgpack.encode(skipped)),
    )
    return fresh


def _row(tx: Tx, run: bytes) -> Sequence[Value] | None:
    rows = tx.query(f"SELECT {', '.join(COLUMNS)} FROM runs WHERE id = ?", (run,))
    return rows[0] if rows else None


def _has_parts(tx: Tx, run: bytes) -> bool:
    return bool(tx.query("SELECT 1 FROM run_parts WHERE run = ? LIMIT 1", (run,)))


def _is_running(maker: RowMaker, row: Sequence[Value], project: str) -> bool:
    return row[place("status")] == maker.number(maker.project(project), "status", _RUNNING)


def _int(row: Sequence[Value], column: str) -> int:
    value = row[place(column)]
    return value if isinstance(value, int) else 0


def _steps_at(tx: Tx, seq: int) -> list[Step]:
    """Steps of the run that is recorded at `seq`."""
    first, body = tx.query("SELECT seq, body FROM records WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (seq,))[0]
    event = decode(payloads_of(body)[seq - first])
    return event.steps if isinstance(event, RunRecorded) else []
