"""`outrider costs`: what was spent, by what."""

from enum import StrEnum
from typing import Annotated

import typer

from outrider.base import clock
from outrider.cli._output import JSON_OPTION, dollars, emit_json, hint, note, parse_with, table, took
from outrider.cli._period import since_ns
from outrider.cli.context import outrider


class By(StrEnum):
    """What `costs` sums by."""

    model = "model"
    route = "route"
    key = "key"
    deployment = "deployment"
    project = "project"
    day = "day"
    hour = "hour"


_SPARE = ("first token p50", "p95 ", "cached", "tokens out", "tokens in", "p50")
_COLUMNS = ("", "calls", "errors", "cached", "tokens in", "tokens out", "cost", "p50", "p95", "first token p50", "p95 ")


def command(
    ctx: typer.Context,
    by: Annotated[By, typer.Option(help="What to sum by.")] = By.model,
    since: Annotated[str, typer.Option(help="Since so long ago (24h, 7d) or a UTC date (2026-11-22).")] = "7d",
    until: Annotated[str, typer.Option(help="Before; written as --since. Default: now.")] = "",
    project: Annotated[str, typer.Option(help="Only this project.")] = "",
    replays: Annotated[
        bool, typer.Option("--replays", help="Of replays and experiments, instead of production.")
    ] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Sum calls, tokens, cost and latency by model, route, key, day or other."""
    from outrider.journal.read import usage_report

    here = outrider(ctx)
    start: int = parse_with(since_ns, "--since", since)
    end: int = parse_with(since_ns, "--until", until) if until else clock.now_ns()
    store = here.open_store()
    try:
        here.index_now(store)
        rows = usage_report(store, by.value, since=start, until=end, project=project, apart=replays)
    finally:
        store.close()
    total = sum(r.cost for r in rows)
    if json:
        emit_json({"by": by.value, "since": start, "until": end, "rows": rows, "cost": total})
        return
    cells = []
    for r in rows:
        counts = [f"{n:,}" for n in (r.calls, r.errors, r.cached, r.input, r.output)]
        times = [took(ns) if ns else "" for ns in (r.p50, r.p95, r.ttft_p50, r.ttft_p95)]
        cells.append((r.label or "(none)", *counts, dollars(r.cost), *times))
    table((by.value, *_COLUMNS[1:]), cells, right=_COLUMNS[1:], spare=_SPARE)
    note(f"{dollars(total)} in all." if rows else "Nothing was called in this time.")
    hint(
        f"outrider costs --by {'day' if by is not By.day else 'key'} --since {since}",
        "outrider runs list --min-cost 0.01",
    )
