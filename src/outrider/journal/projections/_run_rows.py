"""One run as a row of `runs`: numbers for names, size classes, the text that search finds."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

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

_COUNTED: list[Callable[[Row], int | None]] = [itemgetter(_PLACES[column]) for column in COUNTED]


def place(column: str) -> int:
    """Where a column stands in a row."""
    return _PLACES[column]


class RowMaker:
    """Makes and inserts rows inside one transaction, and counts the names that they carry."""

    def __init__(self, tx: Tx, names: Names) -> None:
        self._tx, self._names = tx, names
        self.counts: Counter[int] = Counter()

    def row(
        self, seq: int, e: RunRecorded, *, extra: Usage = _NO_USAGE, extra_cost: int = 0, extra_steps: int = 0
    ) -> Row:
        """The row of a run, with what steps outside its record add."""
        named = self.named(e)
        usage = e.usage or _NO_USAGE
        cost, duration, ttft = e.cost + extra_cost, e.duration, e.ttft
        user, session, preview = e.user, e.session, e.preview
        return (
            seq,
            e.id,
            e.at,
            *named,
            *self.sized(named[0] or 0, cost, duration, ttft),
            int(e.stream),
            e.http_status,
            len(e.steps) + extra_steps,
            usage.input + extra.input,
            usage.output + extra.output,
            cost,
            duration,
            ttft,
            e.overhead,
            clean(user, _LONGEST_ID) or None if user else None,
            clean(session, _LONGEST_ID) or None if session else None,
            clean(preview, _LONGEST_PREVIEW) if preview else "",
        )

    def insert(self, rows: Sequence[Row]) -> None:
        """Insert rows, with their text for search, and count their names."""
        _insert(self._tx, rows)
        for number_of in _COUNTED:
            self.counts.update(filter(None, map(number_of, rows)))

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
        key = (project, size_class(cost), size_class(duration), size_class(ttft))
        found = self._names.sized.get(key)
        if found is None:
            number, tx = self._names.size_class, self._tx
            found = self._names.sized[key] = (
                number(tx, project, "cost_step", key[1]),
                number(tx, project, "duration_step", key[2]),
                number(tx, project, "ttft_step", key[3]) if ttft > 0 else None,
            )
        return found

    def project(self, name: str) -> int:
        return self._names.project(self._tx, clean(name))

    def number(self, project: int, field: str, value: str) -> int | None:
        return self._names.number(self._tx, project, field, clean(value)) if value else None


def _insert(tx: Tx, rows: Sequence[Row]) -> None:
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
