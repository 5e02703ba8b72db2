"""A file of another tool into the journal. Its spans are sorted by trace in a temporary file first, so that memory
stays bounded and the order in the file does not matter; what the journal has already is not written again."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import Span, SpanFlags

from outrider.base.errors import ConfigError
from outrider.journal.imports import documents, langfuse, langsmith, otlp, phoenix
from outrider.journal.imports.documents import Fault
from outrider.journal.imports.shape import Skip
from outrider.journal.otlp.incoming import Imported, fault_of, records_of
from outrider.journal.read import get_run, list_steps
from outrider.store import Store

Format = Literal["auto", "langfuse", "langsmith", "phoenix", "otlp"]
FORMATS: Mapping[str, ModuleType] = {"otlp": otlp, "langsmith": langsmith, "phoenix": phoenix, "langfuse": langfuse}
MOST_FAULTS = 20
"""Faults that are told in words; all are counted."""
_STEPS = 2_000
"""Steps of one record."""
_UNREAD = 10_000
"""Steps in the journal that the store is not brought up to."""
_SERVICE, _ROOT = "service.name", "langfuse.root"
_REMOTE = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK
_SOURCE = "otlp"
_TABLE = """CREATE TABLE spans (trace BLOB, span BLOB, rank INT, at INT, until INT, body BLOB,
            PRIMARY KEY (trace, span)) WITHOUT ROWID"""


class Report(msgspec.Struct):
    """What came of a file. `already` steps were in the journal. `faults` name the first of the `skipped`."""

    format: str
    objects: int = 0
    runs: int = 0
    steps: int = 0
    already: int = 0
    skipped: int = 0
    faults: list[Fault] = []

    def skip(self, place: str, why: str) -> None:
        self.skipped += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults = [*self.faults, Fault(place[:200], why[:500])]


def load(
    path: Path, form: Format, project: str, store: Store, write: Callable[[Imported], None], index: Callable[[], None]
) -> Report:
    """Take a file in. `write` appends a record to the journal, `index` brings what was appended into the store. Raises
    ConfigError for a file that cannot be read or whose form is not known."""
    with (
        tempfile.TemporaryDirectory(prefix="outrider-import-") as folder,
        closing(sqlite3.connect(Path(folder, "spans"), isolation_level=None)) as sorted_,
    ):
        sorted_.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000; {_TABLE}")
        sorted_.execute("BEGIN")
        report = _sort(path, form, sorted_)
        index()
        unread = 0
        for trace, until in _traces(sorted_):
            unread += _take(sorted_, trace, until, project, store, write, report)
            if unread >= _UNREAD:
                index()
                unread = 0
    index()
    return report


def _sort(path: Path, form: Format, sorted_: sqlite3.Connection) -> Report:
    report = Report(form)
    reader = FORMATS.get(form)
    for one in documents.read(path):
        if isinstance(one, Fault):
            report.skip(one.place, one.why)
            continue
        place, document = one
        report.objects += 1
        if reader is None:
            report.format, reader = _recognised(path, document)
        _keep(reader, place, document, sorted_, report)
    return report


def _recognised(path: Path, document: Mapping[str, Any]) -> tuple[str, ModuleType]:
    for name, reader in FORMATS.items():
        if reader.fits(document):
            return name, reader
    known = ", ".join(sorted(document)[:8])
    raise ConfigError(
        f"{path}: the form is not recognised (its first object has: {known[:200]}); say --format "
        f"{'|'.join(sorted(FORMATS))}"
    )


def _keep(
    reader: ModuleType, place: str, document: Mapping[str, Any], sorted_: sqlite3.Connection, report: Report
) -> None:
    for number, span in enumerate(reader.spans(document), 1):
        why = str(span) if isinstance(span, Skip) else fault_of(span)
        if why:
            report.skip(f"{place}, span {number}", why)
            continue
        rank = int(all(kv.key != _ROOT for kv in span.attributes))
        row = (span.trace_id, span.span_id, rank, span.start_time_unix_nano, span.end_time_unix_nano)
        sorted_.execute("INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?)", (*row, span.SerializeToString()))


def _traces(sorted_: sqlite3.Connection) -> Iterator[tuple[bytes, int]]:
    """Traces, the oldest first, with when their last span ended."""
    yield from sorted_.execute("SELECT trace, max(until) FROM spans GROUP BY trace ORDER BY min(at), trace").fetchall()


def _take(
    sorted_: sqlite3.Connection, trace: bytes, until: int, project: str, store: Store,
    write: Callable[[Imported], None], report: Report,
) -> int:  # fmt: skip
    """One trace; how many steps were written."""
    found = get_run(store, trace)
    if found is not None and (found.project != project or found.source != _SOURCE):
        of = f"of the project {found.project!r}" if found.project != project else "of the gateway itself"
        report.skip(f"trace {trace.hex()}", f"its id is that of a run {of}")
        return 0
    known = _known(store, trace) if found is not None else set[int]()
    rooted = found is not None and found.status != "running"
    root = _root(sorted_, trace)
    written, part, service = 0, list[Span](), ""
    rows = sorted_.execute("SELECT body FROM spans WHERE trace = ? ORDER BY span <> ?, at, span", (trace, root))
    for (body,) in rows:
        span = Span.FromString(body)
        if int.from_bytes(span.span_id) in known:
            report.already += 1
            continue
        service = _bare(span, root=span.span_id == root, above=root, until=until) or service
        part.append(span)
        if len(part) == _STEPS:
            written += _write(part, project, service, rooted, write)
            part, rooted = [], True
    written += _write(part, project, service, rooted, write)
    report.runs += found is None
    report.steps += written
    return written


def _write(
    part: list[Span], project: str, service: str, rooted: bool, write: Callable[[Imported], None]
) -> int:  # fmt: skip
    for record in records_of(part, project, service, rooted=rooted):
        write(record)
    return len(part)


def _known(store: Store, trace: bytes) -> set[int]:
    """Steps that the journal has."""
    found: set[int] = set()
    while steps := list_steps(store, trace, offset=len(found), limit=5_000):
        before = len(found)
        found |= {step.id for step in steps}
        if len(found) == before:
            break
    return found


def _root(sorted_: sqlite3.Connection, trace: bytes) -> bytes:
    """The span that is the run: one that says so, else the first one whose parent is not in the file."""
    parents = dict[bytes, bytes]()
    ordered = sorted_.execute("SELECT span, body FROM spans WHERE trace = ? ORDER BY rank, at, span", (trace,))
    for own, body in ordered:
        parents[own] = Span.FromString(body).parent_span_id
    tops = [own for own, above in parents.items() if not any(above)]
    orphans = [own for own, above in parents.items() if above not in parents]
    return next(iter(tops or orphans or parents))


def _bare(span: Span, *, root: bool, above: bytes, until: int) -> str:
    """Make a span one of a whole trace: only one is the root, and it lasts as long as any. The service's name."""
    said = [kv.value.string_value for kv in span.attributes if kv.key == _SERVICE]
    kept = [kv for kv in span.attributes if kv.key not in (_SERVICE, _ROOT)]
    marked = len(kept) + len(said) < len(span.attributes)
    del span.attributes[:]
    span.attributes.extend(kept)
    if root:
        span.flags = _REMOTE if any(span.parent_span_id) else 0
        if marked:
            span.end_time_unix_nano = max(span.end_time_unix_nano, until)
    elif not any(span.parent_span_id):
        span.parent_span_id = above
    if not root:
        span.flags = 0
    return said[0] if said else ""
