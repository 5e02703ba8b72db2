"""`outrider journal`: check, measure, prune, export, import and rebuild the record."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base import units
from outrider.cli import runs
from outrider.cli._output import (
    JSON_OPTION,
    CheckFailed,
    clean,
    emit_json,
    hint,
    many,
    note,
    parse_with,
    plain,
    say,
    size,
    table,
    when,
)
from outrider.cli._period import span_ns
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only
    from outrider.journal.imports.loading import Report
    from outrider.journal.otlp.incoming import Imported

app = typer.Typer(
    help="The record: verify, stats, prune, export, import, rebuild.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
app.command("export")(runs.export)


@app.command()
def verify(
    ctx: typer.Context,
    store: Annotated[bool, typer.Option("--store/--no-store", help="Compare the store with the spool too.")] = True,
    json: bool = JSON_OPTION,
) -> None:
    """Check the hash chain of every segment, and the store against it. Exit code 1 if something does not verify."""
    from outrider.journal.chain import verify as check

    here = outrider(ctx)
    opened = here.open_store() if store else None

    def told(slot: str, number: int) -> None:
        if sys.stderr.isatty() and not json:
            note(f"slot {slot}, segment {number}")

    try:
        report = check(here.spool, opened, told)
    finally:
        if opened is not None:
            opened.close()
    if json:
        emit_json({"ok": report.ok, **plain(report)})
    else:
        for problem in report.problems:
            say(f"✗ {problem}")
        where = f"{many(report.segments, 'segment')} of {many(report.slots, 'slot')}"
        say(f"{many(report.records, 'record')} in {where}: the chain was walked")
        if store:
            kept = f", {report.dropped:,} were dropped on record" if report.dropped else ""
            say(f"{report.indexed:,} of them in the store, with {report.bodies:,} bodies{kept}")
        if report.torn:
            say(f"{size(report.torn)} of an unfinished write at the end; no answer was given for it")
        say("good" if report.ok else many(len(report.problems), "problem"))
    if not report.ok:
        raise CheckFailed
    hint("outrider journal stats", json=json)


@app.command()
def stats(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Print how large the journal is, and how much waits in the spool."""
    from outrider.journal.stats import stats as measure

    here = outrider(ctx)
    store = here.open_store()
    try:
        found = measure(here.spool, store)
    finally:
        store.close()
    if json:
        emit_json(found)
        return
    table(("", "value"), [(name.replace("_", " "), _shown(name, value)) for name, value in plain(found).items()])
    hint("outrider journal verify", "outrider journal prune")


def _shown(name: str, value: object) -> str:
    if not isinstance(value, int):
        return str(value)
    if name in ("oldest", "newest"):
        return when(value)
    return size(value) if name in ("store_size", "content", "spool_size", "waiting") else f"{value:,}"


@app.command()
def prune(
    ctx: typer.Context,
    older_than: Annotated[str, typer.Option(help="Remove runs older than 30d, …. Default: journal.retention.")] = "",
    max_size: Annotated[str, typer.Option(help="Remove the oldest beyond 20GB, …. Default: journal.max_size.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Remove old runs with their bodies; sums for costs stay. A running server does this by itself."""
    from outrider.journal.prune import prune as remove

    here = outrider(ctx)
    rules = here.settings().journal
    age = parse_with(span_ns, "--older-than", older_than) if older_than else None
    most = parse_with(units.size, "--max-size", max_size) if max_size else None
    if (older_than or max_size) and not yes:
        _ask(older_than, max_size)
    if not (older_than or max_size):
        age = int(rules.retention * 1e9) if rules.retention is not None else None
        most = rules.max_size
    store = here.open_store()
    try:
        here.index_now(store)
        done = remove(store, here.spool, max_age_ns=age, max_bytes=most, by="cli")
        here.index_now(store)
    finally:
        store.close()
    if json:
        emit_json(done)
        return
    for event in done:
        say(f"removed {many(event.runs, 'run')} with {event.blobs:,} bodies ({size(event.size)}) by {event.reason}")
    if not done:
        say("nothing to remove")
    hint("outrider journal stats")


def _ask(older_than: str, max_size: str) -> None:
    what = " and ".join(
        part
        for part in (older_than and f"runs older than {older_than}", max_size and f"the oldest beyond {max_size}")
        if part
    )
    if not sys.stdin.isatty():
        raise typer.BadParameter("removes runs for good: say --yes to confirm", param_hint="prune")
    typer.confirm(f"Remove {what}, for good?", abort=True, err=True)


@app.command()
def rebuild(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Drop every projection (run list, costs, keys) and compute it again from the records."""
    from outrider.journal.projections import rebuild as compute

    here = outrider(ctx)
    store = here.open_store()
    try:
        here.index_now(store)
        count = compute(store)
    finally:
        store.close()
    if json:
        emit_json({"records": count})
        return
    say(f"run list, costs and keys were computed again from {many(count, 'record')}")
    hint("outrider runs list", "outrider costs")


class Form(StrEnum):
    """What wrote a file."""

    auto = "auto"
    langfuse = "langfuse"
    langsmith = "langsmith"
    phoenix = "phoenix"
    otlp = "otlp"


@app.command("import")
def import_(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="JSON or JSON lines, gzipped or not.")],
    form: Annotated[Form, typer.Option("--format", help="What wrote them; recognised if not said.")] = Form.auto,
    project: Annotated[str, typer.Option(help="The project; the first one if not given.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Take in traces that Langfuse, LangSmith, Phoenix (OpenInference) or an OTLP collector exported: each
    becomes a run that can be replayed. A file that is taken in twice adds nothing. Exit code 1 if nothing of a file
    could be read."""
    here = outrider(ctx)
    known = here.settings().projects
    if project and project not in known:
        raise typer.BadParameter(f"there is no project {project!r}; there are: {', '.join(known)}")
    store, journal = here.open_store(), here.open_journal()

    def write(record: "Imported") -> None:
        journal.append_now(*record)

    from outrider.journal.imports.loading import load

    reports = []
    try:
        for path in files:
            report = load(path, form.value, project or known[0], store, write, lambda: here.index_now(store))
            reports.append(report)
            if not json:
                _imported(path, report)
    finally:
        journal.close()
        here.index_now(store)
        store.close()
    if json:
        files_ = [{"file": str(path), **plain(report)} for path, report in zip(files, reports, strict=True)]
        emit_json({"files": files_})
    hint("outrider runs list", "outrider replay RUN --set model=ROUTE", json=json)
    if any(not (one.steps or one.already) for one in reports):
        raise CheckFailed


def _imported(path: Path, report: "Report") -> None:
    say(
        f"{clean(str(path))} ({report.format}): {many(report.runs, 'run')} with {many(report.steps, 'step')} taken in"
        + (f", {many(report.already, 'step')} were there already" if report.already else "")
    )
    for fault in report.faults:
        note(f"  left out: {clean(fault.place)}: {clean(fault.why)}")
    if report.skipped > len(report.faults):
        note(f"  left out: {report.skipped - len(report.faults):,} more")
