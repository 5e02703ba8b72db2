"""`outrider config`: check the configuration, show what it comes to, and what it was."""

import difflib
from typing import Annotated

import msgspec
import typer

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.cli import _config_past as past
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say, table, when
from outrider.cli.context import outrider
from outrider.cli.runs import open_store

app = typer.Typer(
    help="Check and show the configuration, and what it was.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.command()
def check(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Read the file and list every mistake with its line. Exit code 1 if there is one."""
    here = outrider(ctx)
    name = str(here.config) if here.config else "no file: the environment's providers and the embedded models"
    try:
        here.settings()
        found: list[str] = []
    except ConfigError as error:
        found = error.message.splitlines()
    if json:
        emit_json({"config": str(here.config) if here.config else None, "ok": not found, "errors": found})
    else:
        for line in found:
            note(line)
        say(f"{many(len(found), 'mistake')} in {name}" if found else f"good: {name}")
    if found:
        raise CheckFailed
    hint("outrider up", "outrider config show", json=json)


@app.command()
def show(
    ctx: typer.Context,
    as_of: Annotated[
        str, typer.Option("--as-of", help="The one in force at a past moment (30d ago, 2026-11-22, RFC 3339), or for a "
                          "run, by its id (or `last`).")
    ] = "",
    json: bool = JSON_OPTION,
) -> None:  # fmt: skip
    """Print the settings in force, defaults included. Secrets appear as their references."""
    here = outrider(ctx)
    if as_of:
        with open_store(ctx) as store:
            one = past.found(here, store, as_of)
        if json:
            emit_json({**past.shown(one.row), **msgspec.json.decode(one.text)})
            return
        say(f"# in force since {when(one.row.at)} UTC ({one.row.why}, Outrider {one.row.version})")
        say("\n".join(here.record_lines(one.text)))
        return
    shown = here.show_settings()
    if json:
        emit_json(shown)
        return
    import yaml

    say(f"# {here.config or 'no file'}")
    say(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100).rstrip("\n"))
    hint("outrider config check", "outrider doctor")


@app.command()
def history(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many starts and changes are looked at.")] = 1000,
    json: bool = JSON_OPTION,
) -> None:
    """List the configurations that were in force, the newest first: since when, and how often a process began or
    changed to it."""
    from outrider.journal import config_query

    with open_store(ctx) as store:
        periods = config_query.list_periods(store, limit)
    if json:
        emit_json([past.shown(one.row) | {"times": one.times, "last": clock.iso(one.last)} for one in periods])
        return
    if not periods:
        note("Nothing is on record yet: a server writes it down when it starts.")
    rows = [
        (
            when(one.row.at),
            one.row.sha256.hex()[: past.SHORT],
            one.row.why,
            one.row.version,
            str(one.times),
            one.row.place,
        )
        for one in periods
    ]
    table(("since (UTC)", "configuration", "why", "outrider", "times", "process"), rows, right=("times",),
          spare=("process", "times"))  # fmt: skip
    hint("outrider config diff A B", "outrider config show --as-of WHEN", json=json)


@app.command()
def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(help="A moment (30d ago, 2026-11-22, RFC 3339), the id of a run, a "
                                          "configuration as `history` names it, or `now`: the file.")],
    after: Annotated[str, typer.Argument(help="Likewise.")] = "now",
    json: bool = JSON_OPTION,
) -> None:  # fmt: skip
    """Show what changed between two configurations."""
    here = outrider(ctx)
    with open_store(ctx) as store:
        one, other = (past.found(here, store, text) for text in (before, after))
    old, new = here.record_lines(one.text), here.record_lines(other.text)
    changed = list(difflib.unified_diff(old, new, one.name, other.name, lineterm=""))
    if json:
        emit_json({"before": past.shown(one.row), "after": past.shown(other.row), "diff": changed})
    elif changed:
        say("\n".join(changed))
    else:
        note("They are the same.")
