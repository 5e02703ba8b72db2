"""`outrider runs`: list, show, follow and export what the journal holds."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outrider.base import ids, money
from outrider.base.errors import ConfigError
from outrider.cli import _run_tree
from outrider.cli._output import (
    JSON_OPTION,
    clean,
    dollars,
    emit_json,
    emit_line,
    hint,
    many,
    note,
    parse_with,
    plain,
    say,
    table,
    took,
    when,
)
from outrider.cli._period import since_ns, span_ns
from outrider.cli.context import outrider
from outrider.journal.events import RunRecorded
from outrider.journal.rows import RunFilter, RunRow
from outrider.store import Store

app = typer.Typer(
    help="Runs: list, show, follow, export.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)
TAIL_PAUSE = 0.5
_SPARE = ("answered by", "tokens", "started (UTC)", "text", "cost")
_COLUMNS = ("run", "started (UTC)", "status", "model", "answered by", "tokens", "cost", "took", "text")


class Format(StrEnum):
    """What `runs export` writes."""

    jsonl = "jsonl"
    parquet = "parquet"
    otlp = "otlp"


class Status(StrEnum):
    """What a run can end as."""

    ok = "ok"
    error = "error"
    cancelled = "cancelled"
    running = "running"


Project = Annotated[str, typer.Option(help="Only this project.")]
Route = Annotated[str, typer.Option(help="Only this route.")]
Model = Annotated[str, typer.Option(help="Only this model, as callers named it.")]
Key = Annotated[str, typer.Option(help="Only this key (its public part).")]
HasStatus = Annotated[Status | None, typer.Option(help="Only runs with this status.")]
Since = Annotated[str, typer.Option(help="Since so long ago (2h, 7d) or a UTC time (2026-11-22T14:00).")]
Until = Annotated[str, typer.Option(help="Before; written as --since.")]
Words = Annotated[str, typer.Option(help="Only runs with these words.")]


@contextmanager
def open_store(ctx: typer.Context) -> Iterator[Store]:
    """The store with everything that the spool holds so far; nothing is waiting when a server runs."""
    here = outrider(ctx)
    store = here.open_store()
    try:
        here.index_now(store)
        yield store
    finally:
        store.close()


def _public(key: str) -> str:
    return key.removeprefix("sk-or-").partition("-")[0]


def _nano(text: str) -> int:
    try:
        return money.nano(text.removeprefix("$"))
    except (ArithmeticError, ValueError):
        raise ValueError(f"expected dollars such as 0.05, not {text[:40]!r}") from None


def _cells(row: RunRow) -> tuple[str, ...]:
    status = row.status if row.status != "error" or not row.error else row.error
    tokens = f"{row.input}→{row.output}" if row.input or row.output else ""
    return (
        ids.text(row.id),
        when(row.at),
        status,
        row.model,
        f"{row.deployment} (cache)" if row.cache == "hit" else row.deployment,
        tokens,
        dollars(row.cost),
        took(row.duration),
        clean(row.preview)[:80],
    )


@app.command("list")
def list_(
    ctx: typer.Context,
    project: Project = "",
    route: Route = "",
    model: Model = "",
    deployment: Annotated[str, typer.Option(help="Only what this deployment answered.")] = "",
    key: Key = "",
    status: HasStatus = None,
    session: Annotated[str, typer.Option(help="Only this session.")] = "",
    user: Annotated[str, typer.Option(help="Only this user.")] = "",
    text: Words = "",
    since: Since = "",
    until: Until = "",
    min_cost: Annotated[str, typer.Option(help="Costs at least so many dollars.")] = "",
    min_duration: Annotated[str, typer.Option(help="Took at least 500ms, 2s, …")] = "",
    before: Annotated[int | None, typer.Option(min=1, help="Older than this place; the last page prints it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    json: bool = JSON_OPTION,
) -> None:
    """List runs, newest first."""
    from outrider.journal.read import list_runs

    where = RunFilter(
        project=project,
        route=route,
        model=model,
        deployment=deployment,
        key=_public(key),
        status=str(status or ""),
        session=session,
        user=user,
        text=text,
        since=parse_with(since_ns, "--since", since) if since else None,
        until=parse_with(since_ns, "--until", until) if until else None,
        min_cost=parse_with(_nano, "--min-cost", min_cost) if min_cost else None,
        min_duration=parse_with(span_ns, "--min-duration", min_duration) if min_duration else None,
    )
    with open_store(ctx) as store:
        page = list_runs(store, where, before=before, limit=limit)
    if json:
        emit_json({"runs": page.rows, "next": page.next})
        return
    table(_COLUMNS, [_cells(row) for row in page.rows], right=("tokens", "cost", "took"), spare=_SPARE)
    if not page.rows:
        note("No run is there yet, or none that these options keep.")
        hint("outrider chat", "outrider up")
        return
    more = [f"outrider runs list --before {page.next}"] if page.next else []
    hint(f"outrider runs show {ids.text(page.rows[0].id)}", *more)


def _run_id(store: Store, run: str) -> bytes:
    if run == "last":
        from outrider.journal.read import list_runs

        rows = list_runs(store, RunFilter(), limit=1).rows
        if not rows:
            raise ConfigError("there is no run yet; send one with `outrider chat`")
        return rows[0].id
    try:
        return ids.parse(run)
    except ValueError:
        raise ConfigError(
            f"{run[:60]!r} is not a run's id; `outrider runs list` shows ids, `last` is the newest"
        ) from None


def find_run(store: Store, run: str) -> RunRecorded:
    """The run by id, or the newest for `last`. Raises ConfigError if there is none."""
    from outrider.journal.read import get_run

    found = get_run(store, _run_id(store, run))
    if found is None:
        raise ConfigError(f"no run {run}; it may have been pruned. `outrider runs list` shows what there is")
    return found


@app.command()
def show(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Id of the run (the answer's x-request-id), or `last`.")],
    bodies: Annotated[bool, typer.Option("--bodies", help="Print request and response bodies too.")] = False,
    offset: Annotated[int, typer.Option(min=0, help="First step to show.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many steps to show.")] = 500,
    json: bool = JSON_OPTION,
) -> None:
    """Show one run: its facts, and the tree of its steps with timings."""
    from outrider.journal.read import get_body, list_steps

    with open_store(ctx) as store:
        found = find_run(store, run)
        steps = list_steps(store, found.id, offset=offset, limit=limit)
        texts: dict[str, str] = {}
        for name, ref in (("request", found.request), ("response", found.response)):
            if bodies and ref is not None:
                body = get_body(store, found.project, ref.sha256)
                texts[name] = "(no longer there)" if body is None else body.decode("utf-8", "replace")
    if json:
        emit_json({**plain(found), "steps": steps, **({"bodies": texts} if bodies else {})})
        return
    for label, value in _run_tree.facts(found):
        say(f"{label:<8} {value}")
    if sys.stdout.isatty():
        _run_tree.show_tree("steps", steps)
    else:
        for depth, step in _run_tree.ordered(steps):
            say(f"{'  ' * depth}{_run_tree.line(step)}")
    if len(steps) == limit:
        note(f"There may be more: --offset {offset + limit}")
    for name, text in texts.items():
        say(f"\n{name}:\n{clean_lines(text)}")
    hint(*([] if bodies else [f"outrider runs show {ids.text(found.id)} --bodies"]), "outrider runs list")


def clean_lines(text: str) -> str:
    """The text without control characters, its lines kept."""
    return "\n".join(clean(line) for line in text.splitlines())


@app.command()
def tail(
    ctx: typer.Context,
    project: Project = "",
    route: Route = "",
    model: Model = "",
    key: Key = "",
    status: HasStatus = None,
    text: Words = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=1000, help="Begin with so many older runs.")] = 10,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for new runs.")] = True,
    json: bool = JSON_OPTION,
) -> None:
    """Follow runs as they are recorded, oldest first, until Ctrl-C. With --json one object per line."""
    from outrider.journal.read import list_runs, newest_seq

    where = RunFilter(project=project, route=route, model=model, key=_public(key), status=str(status or ""), text=text)
    pause = threading.Event()
    with open_store(ctx) as store:
        newest = newest_seq(store)
        recent = list_runs(store, where, limit=lines).rows if lines else []
        _print_rows(recent, json)
        last = max([newest, *(row.seq for row in recent)])
        try:
            while follow:
                # There is no event to wait for: the store is written by another process. Ctrl-C is the way out.
                pause.wait(TAIL_PAUSE)
                rows = _newer(store, where, last)
                _print_rows(rows, json)
                last = max([last, *(row.seq for row in rows)])
        except KeyboardInterrupt:
            note("")


def _newer(store: Store, where: RunFilter, last: int) -> list[RunRow]:
    """Every run after `last`, newest first, however many came since."""
    from outrider.journal.read import list_runs

    rows: list[RunRow] = []
    before: int | None = None
    while True:
        page = list_runs(store, where, after=last, before=before, limit=500)
        rows += page.rows
        before = page.next
        if before is None:
            return rows


def _print_rows(rows: list[RunRow], json: bool) -> None:
    for row in reversed(rows):
        if json:
            emit_line(row)
        else:
            say("  ".join(cell for cell in _cells(row) if cell))


@app.command()
def export(
    ctx: typer.Context,
    format_: Annotated[Format, typer.Option("--format", "-f", help="What to write.")] = Format.jsonl,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: stdout.")] = None,
    bodies: Annotated[bool, typer.Option("--bodies", help="With request and response bodies.")] = False,
    project: Project = "",
    route: Route = "",
    model: Model = "",
    key: Key = "",
    status: HasStatus = None,
    text: Words = "",
    since: Since = "",
    until: Until = "",
) -> None:
    """Write runs with their steps to a file or stdout: JSON lines, Parquet or OTLP JSON lines."""
    from outrider.cli._export import export_to

    where = RunFilter(
        project=project,
        route=route,
        model=model,
        key=_public(key),
        status=str(status or ""),
        text=text,
        since=parse_with(since_ns, "--since", since) if since else None,
        until=parse_with(since_ns, "--until", until) if until else None,
    )
    with open_store(ctx) as store:
        count = export_to(store, output, format_.value, where, bodies)
    note(f"{many(count, 'run')} written{f' to {output}' if output else ''}.")
