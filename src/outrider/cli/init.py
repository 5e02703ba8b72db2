"""`outrider init`: write a commented outrider.yaml, from the environment or from another gateway's configuration."""

import os
from pathlib import Path
from typing import Annotated

import typer

from outrider.base.errors import ConfigError
from outrider.cli._output import clean, emit_json, hint, many, note, say
from outrider.cli.context import MigratedView, outrider

_HEADS = {
    "todo": "To be done before it works:",
    "differs": "Came over, and means something else:",
    "left": "Did not come over:",
}


def command(
    ctx: typer.Context,
    print_: bool = typer.Option(False, "--print", help="Print the file instead of writing it."),
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of outrider.yaml, for editors."),
    force: bool = typer.Option(False, "--force", help="Replace a file that is there."),
    from_: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Another gateway's configuration to write anew: LiteLLM's config.yaml."
        ),
    ] = None,
) -> None:
    """Write a commented outrider.yaml from the provider keys found in the environment. No key enters the file.

    With --from, write it from another gateway's configuration, and list what does not come over.
    """
    here = outrider(ctx)
    if schema:
        emit_json(here.schema())
        return
    found = here.migrated(from_) if from_ is not None else None
    text = found.text if found is not None else here.starter()
    if print_:
        say(text.rstrip("\n"))
        return
    path = here.config or Path("outrider.yaml")
    _write(path, text, force)
    if found is None:
        note(f"Wrote {path}.")
        hint("outrider doctor", "outrider up")
        return
    note(f"Wrote {path} from {found.source}: {many(found.routes, 'route')}, {many(found.providers, 'provider')}.")
    _tell(found)
    hint("outrider config check", "outrider doctor")


def _tell(found: MigratedView) -> None:
    """What the new file needs, and what of the old one is not in it."""
    if found.variables:
        note(f"\nVariables that it needs: {', '.join(found.variables)}")
    for kind, head in _HEADS.items():
        notes = [one for one in found.notes if one.kind == kind]
        if notes:
            note(f"\n{head}")
        for one in notes:
            note(clean(f"{one.path}{f' ({one.who})' if one.who else ''}: {one.text}"))


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
