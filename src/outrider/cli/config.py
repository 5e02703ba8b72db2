"""`outrider config`: check the configuration and show what it comes to."""

import typer

from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say
from outrider.cli.context import outrider

app = typer.Typer(
    help="Check and show the configuration.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
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
def show(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Print the settings in force, defaults included. Secrets appear as their references."""
    here = outrider(ctx)
    shown = here.show_settings()
    if json:
        emit_json(shown)
        return
    import yaml

    say(f"# {here.config or 'no file'}")
    say(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=100).rstrip("\n"))
    hint("outrider config check", "outrider doctor")
