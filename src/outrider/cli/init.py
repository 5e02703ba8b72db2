"""`outrider init`: write a commented outrider.yaml from the provider keys in the environment."""

import os
from pathlib import Path

import typer

from outrider.base.errors import ConfigError
from outrider.cli._output import emit_json, hint, note, say
from outrider.cli.context import outrider


def command(
    ctx: typer.Context,
    print_: bool = typer.Option(False, "--print", help="Print the file instead of writing it."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of outrider.yaml, for editors."),
    force: bool = typer.Option(False, "--force", help="Replace a file that is there."),
) -> None:
    """Write a commented outrider.yaml from the provider keys found in the environment. No key enters the file."""
    here = outrider(ctx)
    if schema:
        emit_json(here.schema())
        return
    text = here.starter()
    if print_:
        say(text.rstrip("\n"))
        return
    path = here.config or Path("outrider.yaml")
    _write(path, text, force)
    note(f"Wrote {path}.")
    hint("outrider doctor", "outrider up")


def _write(path: Path, text: str, force: bool) -> None:
    """Write the file whole or not at all; without `force` never over another."""
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.write_text(text, "utf-8")
        if force:
            os.replace(aside, path)
        else:
            os.link(aside, path)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already; `outrider init --force` replaces it, `--print` only shows"
        ) from None
    finally:
        aside.unlink(missing_ok=True)
