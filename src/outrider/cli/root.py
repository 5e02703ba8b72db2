"""The root of the command line: global options, the commands found by file name, and the edge where errors end.

A module of this package is a group of commands if it has `app` (a Typer) and one command if it has `command` (a
function). It is imported when it is called or when help is shown.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from outrider.base import plugins
from outrider.base.errors import ConfigError, OutriderError, RequestError
from outrider.cli.context import Outrider

PACKAGE = "outrider.cli"
Opens = Callable[[Path | None, Path | None], Outrider]
_ORDER = ("up", "init", "doctor", "chat", "keys", "runs", "costs", "models", "config", "journal")
_NOT_COMMANDS = {"root", "context"}
_GLOBAL = ("--config", "--home")


def command_names() -> list[str]:
    """Every command, the usual ones first."""
    found = set(plugins.names(PACKAGE)) - _NOT_COMMANDS
    return [n for n in _ORDER if n in found] + sorted(found.difference(_ORDER))


class _Commands(TyperGroup):
    """Finds commands by file name, so that a call imports one of them and not all."""

    def list_commands(self, ctx: Any) -> list[str]:
        return command_names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in command_names():
            return None
        module = plugins.load(PACKAGE, cmd_name)
        single = getattr(module, "command", None)
        group: typer.Typer = module.app if single is None else typer.Typer(rich_markup_mode=None, add_completion=False)
        if single is not None:
            group.command(cmd_name, help=single.__doc__)(single)
        made = typer.main.get_command(group)
        made.name = cmd_name
        return made

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _hoist(args))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[:2] == ["replay", "grade"]:  # a run's id is hexadecimal, or `last`
            args = args[1:]
        # Typer's own message for an unknown command lists `commands`, which is empty here: name the nearest.
        if args and not args[0].startswith("-") and args[0] not in (known := command_names()):
            import difflib

            near = difflib.get_close_matches(args[0], known, 1)
            more = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            ctx.fail(f"No such command {args[0]!r}: {more}")
        return super().resolve_command(ctx, args)


def _hoist(args: list[str]) -> list[str]:
    """`--config` and `--home` work before and behind the command's name: move them to the front."""
    front: list[str] = []
    rest = list(args)
    position = 0
    while position < len(rest) and rest[position] != "--":
        word = rest[position]
        if word in _GLOBAL and position + 1 < len(rest):
            front += rest[position : position + 2]
            del rest[position : position + 2]
        elif word.startswith(tuple(f"{name}=" for name in _GLOBAL)):
            front.append(rest.pop(position))
        else:
            position += 1
    return front + rest


_CONFIG = typer.Option(
    "--config", metavar="FILE", help="Configuration file. Default: OUTRIDER_CONFIG, else ./outrider.yaml."
)
_HOME = typer.Option(
    "--home", metavar="FOLDER", help="Folder of its state. Default: OUTRIDER_HOME, else the platform's data folder."
)

root = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"outrider {version('outrider')}")
        raise typer.Exit


@root.callback()
def options(
    ctx: typer.Context,
    config: Annotated[Path | None, _CONFIG] = None,
    home: Annotated[Path | None, _HOME] = None,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The production layer between an application and the models and tools it calls."""
    ctx.obj = ctx.obj(home, config)


def run(opens: Opens, args: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. 0 good, 1 a check failed or the work could not be done, 2 wrong usage."""
    from outrider.cli._output import CheckFailed

    try:
        code = root(
            args=list(args) if args is not None else None, prog_name="outrider", obj=opens, standalone_mode=True
        )
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(bool(done.code))
    except CheckFailed:
        return 1
    except OutriderError as error:
        _complain(error.message)
        return 2 if isinstance(error, ConfigError | RequestError) else 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}. Check the path and its permissions, or choose another --home")
        return 1
    return code if isinstance(code, int) else 0


def _complain(message: str) -> None:
    shown = typer.style("error:", fg="red", bold=True) if sys.stderr.isatty() else "error:"
    typer.echo(f"{shown} {message}", err=True)
