"""One run as a row of `runs`: numbers for names, size classes, the text that search finds."""

from collections import Counter
from collections.abc import Iterable, Sequence

from outrider.base.usage import Usage
from outrider.journal.events import RunRecorded
from outrider.journal.names import Names, clean
from outrider.journal.sizes import size_class
from outrider.store import Tx

COLUMNS = (
    *("seq", "id", "at", "project", "status", "route", "model", "deployment", "key"),
    *("name", "source", "provider", "error", "cache", "cost_step", "duration_step", "ttft_step"),
    *("stream", "http_status", "steps", "input", "output", "cost", "duration", "ttft", "overhead"),
    *("user_id", "session", "preview"),
)
COUNTED = ("project", "status", "route", "model", "deployment", "key", "cost_step", "duration_step", "ttft_step")
"""Columns with names that filters use and `run_counts` counts."""

_NO_USAGE = Usage()
_LONGEST_PREVIEW = 500
_LONGEST_ID = 256
_PLACES = {name: i for i, name in enumerate(COLUMNS)}

Value = int | str | bytes | None
Row = tuple[Value, ...]


def place(column: str) -> int:
    """Where a column stands in a row."""
    return _PLACES[column]


class RowMaker:
    """Makes rows inside one transaction, and counts the names that they carry."""

    def __init__(self, tx: Tx, names: Names) -> None:
        self._tx, self._names = tx, names
        self.counts: Counter[int] = Counter()

    def row(
        self, seq: int, e: RunRecorded, *, extra: Usage = _NO_USAGE, extra_cost: int = 0, extra_steps: int = 0
    ) -> Row:
        """The row of a run, with what steps outside its record add."""
        named = self.named(e)
        usage = e.usage or _NO_USAGE
        cost = e.cost + extra_cost
        sized = self.sized(named[0] or 0, cost, e.duration, e.ttft)
        counts = self.counts
        for number in (*named[:6], *sized):
            if number is not None:
                counts[number] += 1
        return (
            seq,
            e.id,
            e.at,
            *named,
            *sized,
            int(e.stream),
            e.http_status,
            len(e.steps) + extra_steps,
            usage.input + extra.input,
            usage.output + extra.output,
            cost,
            e.duration,
            e.ttft,
            e.overhead,
            clean(e.user, _LONGEST_ID) or None,
            clean(e.session, _LONGEST_ID) or None,
            clean(e.preview, _LONGEST_PREVIEW),
        )

    def named(self, e: RunRecorded) -> tuple[int | None, ...]:
        """Numbers of project, status, route, model, deployment, key, name, source, provider, error, cache."""
        key = (
            e.project,
            e.status,
            e.route,
            e.model,
            e.deployment,
            e.key,
            e.name,
            e.source,
            e.provider,
            e.error,
            e.cache,
        )
        found = self._names.combined.get(key)
        if found is None:
            project = self.project(e.project)
            fields = ("status", "route", "model", "deployment", "key", "name", "source", "provider", "error", "cache")
            numbers = [self.number(project, f, v) for f, v in zip(fields, key[1:], strict=True)]
            found = self._names.combined[key] = (project, *numbers)
        return found

    def sized(self, project: int, cost: int, duration: int, ttft: int) -> tuple[int, int, int | None]:
        """Numbers of the size classes of a run. A run without a first token has no class for it."""
        number, tx = self._names.size_class, self._tx
        return (
            number(tx, project, "cost_step", size_class(cost)),
            number(tx, project, "duration_step", size_class(duration)),
            number(tx, project, "ttft_step", size_class(ttft)) if ttft > 0 else None,
        )

    def project(self, name: str) -> int:
        return self._names.project(self._tx, clean(name))

    def number(self, project: int, field: str, value: str) -> int | None:
        return self._names.number(self._tx, project, field, clean(value)) if value else None


def insert_rows(tx: Tx, rows: Sequence[Row]) -> None:
    """Add rows, with their text for search."""
    columns, marks = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
    if tx.dialect == "sqlite":
        tx.executemany(f"INSERT INTO runs ({columns}) VALUES ({marks})", rows)
        tx.executemany("INSERT INTO runs_text (rowid, text) VALUES (?, ?)", ((r[0], r[-1]) for r in rows if r[-1]))
    else:
        tx.executemany(
            f"INSERT INTO runs ({columns}, search) VALUES ({marks}, to_tsvector('simple', ?))",
            [(*r, r[-1]) for r in rows],
        )


def delete_rows(tx: Tx, rows: Iterable[Sequence[Value]]) -> None:
    """Remove rows, given in full, with their text."""
    gone = list(rows)
    if tx.dialect == "sqlite":
        tx.executemany(
            "INSERT INTO runs_text (runs_text, rowid, text) VALUES ('delete', ?, ?)",
            ((r[0], r[-1]) for r in gone if r[-1]),
        )
    tx.executemany("DELETE FROM runs WHERE seq = ?", ((r[0],) for r in gone))


def uncount(counts: Counter[int], row: Sequence[Value]) -> None:
    """Take a row's names out of `counts`."""
    for column in COUNTED:
        number = row[_PLACES[column]]
        if isinstance(number, int):
            counts[number] -= 1


def widen_hours(tx: Tx, spans: Iterable[tuple[int, int, int]]) -> None:
    """Let (hour, first seq, last seq) be part of what is known of that hour."""
    least, most = ("min", "max") if tx.dialect == "sqlite" else ("least", "greatest")
    tx.executemany(
        "INSERT INTO run_hours (hour, first_seq, last_seq) VALUES (?, ?, ?) ON CONFLICT (hour) DO UPDATE SET"
        f" first_seq = {least}(run_hours.first_seq, excluded.first_seq),"
        f" last_seq = {most}(run_hours.last_seq, excluded.last_seq)",
        spans,
    )
