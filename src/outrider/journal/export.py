"""Taking the record along: runs as JSON lines, as Parquet or as an OTLP file. Streams; memory stays bounded.

Newest runs first. Units are those of the record: nanoseconds, nano-dollars. Ids are text, span ids 16 hexadecimal
digits (JavaScript cannot hold them as numbers).
"""

import base64
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, Literal

import msgspec

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.otlp.spans import IMPORTED, request_of, run_span, step_spans
from outrider.journal.otlp.wire import to_json_line
from outrider.journal.read import export_records, get_body, get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter, RunRow
from outrider.store import Store

Format = Literal["jsonl", "parquet", "otlp"]
Found = tuple[RunRecorded, Iterable[Step]]

PAGE = 100
STEPS = 500
ROWS, GROUP_STEPS = 2_000, 50_000
"""A Parquet row group ends at so many runs, or steps; a thousand characters of payload count as a step."""


def export_runs(
    store: Store,
    out: BinaryIO,
    format_: Format,
    where: RunFilter | None = None,
    *,
    bodies: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the runs that `where` keeps to `out`; how many there were.

    `bodies` adds the payloads; `progress` is told the number of runs written so far. Raises ConfigError when the
    format needs a package that is not installed, StoreUnavailable when the store goes away.
    """
    writer = {"jsonl": _jsonl, "parquet": _parquet, "otlp": _otlp}[format_]
    count = 0
    for _ in writer(store, out, _found(store, where or RunFilter()), bodies):
        count += 1
        if progress is not None:
            progress(count)
    return count


def _found(store: Store, where: RunFilter) -> Iterator[Found]:
    """Runs with their steps, newest first; steps of a long run are read while they are written."""
    before: int | None = None
    while True:
        page = list_runs(store, where, before=before, limit=PAGE)
        whole = _whole(store, page.rows)
        for row in page.rows:
            run = whole.pop(row.id, None)
            if run is not None:
                yield run, run.steps
            elif (merged := get_run(store, row.id)) is not None:  # None: retention took it meanwhile
                yield merged, _paged_steps(store, row.id)
        if page.next is None:
            return
        before = page.next


def _whole(store: Store, rows: list[RunRow]) -> dict[bytes, RunRecorded]:
    """Those of `rows` that are one record, read in one go where they stand close together in the journal."""
    if not rows or rows[0].seq - rows[-1].seq > 4 * PAGE:
        return {}
    counts = {row.id: row.steps for row in rows}
    records = export_records(store, after=rows[-1].seq - 1, limit=rows[0].seq - rows[-1].seq + 1)
    runs = (event for _, event in records if isinstance(event, RunRecorded))
    return {run.id: run for run in runs if counts.get(run.id) == len(run.steps)}


def _paged_steps(store: Store, run: bytes) -> Iterator[Step]:
    offset = 0
    while steps := list_steps(store, run, offset=offset, limit=STEPS):
        yield from steps
        offset += len(steps)


def _jsonl(store: Store, out: BinaryIO, found: Iterator[Found], bodies: bool) -> Iterator[None]:
    for run, steps in found:
        head = msgspec.json.encode(_run_fields(run) | _payloads(store, run.project, run, bodies))
        out.write(head[:-1] + b',"steps":[')
        for number, step in enumerate(steps):
            line = _step_fields(step) | _payloads(store, run.project, step, bodies)
            out.write((b"," if number else b"") + msgspec.json.encode(line))
        out.write(b"]}\n")
        yield


def _otlp(store: Store, out: BinaryIO, found: Iterator[Found], bodies: bool) -> Iterator[None]:
    """The OTLP file format: a trace request in JSON per line, here one for a run or for each part of a long one."""
    resource = {"service.name": "outrider"}

    def read(project: str, ref: BlobRef) -> bytes | None:
        return get_body(store, project, ref.sha256)

    body = read if bodies else None
    for run, steps in found:
        spans = [] if run.source == IMPORTED else [run_span(run, body)]
        for span in step_spans(run, steps, body):
            if len(spans) >= STEPS:
                out.write(to_json_line(request_of(spans, resource)) + b"\n")
                spans = []
            spans.append(span)
        out.write(to_json_line(request_of(spans, resource)) + b"\n")
        yield


def _parquet(store: Store, out: BinaryIO, found: Iterator[Found], bodies: bool) -> Iterator[None]:
    """One row per run, its steps as a list of structs; a row group is what is held in memory."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as e:
        raise ConfigError(
            "Parquet needs pyarrow, which is not installed: run `pip install 'outrider[parquet]'`, or export as jsonl",
            code="missing_extra",
        ) from e
    schema = _schema(pa, bodies)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        rows: list[dict[str, Any]] = []
        held = 0
        for run, steps in found:
            row = _run_fields(run) | {"steps": [_step_row(s) for s in steps]}
            if bodies:
                texts = {f: _text(store, run.project, getattr(run, f)) for f in ("request", "response")}
                row |= texts
                held += sum(len(t or "") for t in texts.values()) // 1_000
            rows.append(row)
            held += len(row["steps"])
            if len(rows) >= ROWS or held >= GROUP_STEPS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows, held = [], 0
            yield
        if rows:
            writer.write_table(pa.Table.from_pylist(rows, schema))


_TEXT = (
    *("id", "project", "name", "source", "status", "error", "message", "model", "route", "deployment", "provider"),
    *("key", "user", "agent", "session", "cache", "trace", "parent_span", "why", "preview"),
)
_NUMBERS = (
    *("at", "duration", "http_status", "cost", "ttft", "queue", "overhead"),
    *("input", "output", "cached", "cache_write", "reasoning"),
)
_STEP_TEXT = ("id", "parent", "kind", "name", "status", "error", "attrs")
_STEP_NUMBERS = ("start", "duration", "cost", "input", "output", "cached", "cache_write", "reasoning")


def _schema(pa: Any, bodies: bool) -> Any:
    step = pa.struct([(n, pa.string()) for n in _STEP_TEXT] + [(n, pa.int64()) for n in _STEP_NUMBERS])
    columns = [(n, pa.string()) for n in _TEXT] + [(n, pa.int64()) for n in _NUMBERS]
    columns += [("stream", pa.bool_()), ("tags", pa.list_(pa.string())), ("steps", pa.list_(step))]
    return pa.schema(columns + ([("request", pa.string()), ("response", pa.string())] if bodies else []))


def _run_fields(run: RunRecorded) -> dict[str, Any]:
    """The run without steps and payloads, flat: usage is spread over its own columns."""
    plain = (*_TEXT, *_NUMBERS, "stream", "tags")
    fields = {n: getattr(run, n) for n in plain if hasattr(run, n)}
    fields["id"] = ids.text(run.id)
    fields["trace"] = run.trace.hex()
    fields["parent_span"] = _span(run.parent_span)
    return fields | _usage(run)


def _step_fields(step: Step) -> dict[str, Any]:
    plain = ("kind", "name", "start", "duration", "status", "error", "cost", "attrs")
    fields = {"id": _span(step.id), "parent": _span(step.parent)} | {n: getattr(step, n) for n in plain}
    if step.price:
        fields["price"] = msgspec.to_builtins(step.price)
    return fields | (_usage(step) if step.usage else {})


def _step_row(step: Step) -> dict[str, Any]:
    return _step_fields(step) | {"attrs": msgspec.json.encode(step.attrs).decode()}


def _usage(of: RunRecorded | Step) -> dict[str, int]:
    counts = ("input", "output", "cached", "cache_write", "reasoning")
    return {n: getattr(of.usage, n) if of.usage else 0 for n in counts}


def _payloads(store: Store, project: str, of: RunRecorded | Step, bodies: bool) -> dict[str, Any]:
    """References to the payloads by content, with the payloads themselves if asked for."""
    found: dict[str, Any] = {}
    for field in ("request", "response"):
        ref: BlobRef | None = getattr(of, field)
        if ref is not None:
            found[field] = {"sha256": ref.sha256.hex(), "size": ref.size}
            if bodies:
                found[field] |= _spelled(get_body(store, project, ref.sha256))
    return found


def _spelled(body: bytes | None) -> dict[str, Any]:
    """`json` where it is JSON, `text` where it is text, `base64` else; `gone` when retention took it."""
    if body is None:
        return {"gone": True}
    try:
        # As it was, number spelling included, but on one line; formatting alone would accept what is not JSON.
        msgspec.json.decode(body)
        return {"json": msgspec.Raw(msgspec.json.format(body, indent=-1))}
    except (ValueError, RecursionError):
        pass
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _text(store: Store, project: str, ref: BlobRef | None) -> str | None:
    body = get_body(store, project, ref.sha256) if ref else None
    return None if body is None else body.decode(errors="replace")


def _span(number: int) -> str:
    return f"{number:016x}" if number else ""
