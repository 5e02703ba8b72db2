"""The page of the command line, from the commands themselves."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, get_args

import typer

from outrider.app.docs.markdown import code, table
from outrider.cli import root

_INTRO = """\
# The command line

Results go to stdout, hints to stderr. Listings take `--json`; in a pipe they print tab-separated columns. Exit codes:
0 good, 1 a check failed or the work could not be done, 2 wrong usage. `--config` and `--home` may stand anywhere.
"""


def page() -> str:
    """Markdown of the whole page."""
    command: Any = typer.main.get_command(root.root)
    return "\n".join([_INTRO, *_sections("outrider", command)])


def _sections(path: str, command: Any) -> Iterator[str]:
    names: list[str] = command.list_commands(None) if hasattr(command, "list_commands") else []
    yield f"## `{path}`\n\n{(command.help or '').strip()}\n"
    rows = [_row(p) for p in command.params if not getattr(p, "hidden", False) and p.name not in _UNIVERSAL]
    if rows:
        yield table(("option", "meaning", "default"), rows)
    for name in names:
        yield from _sections(f"{path} {name}", command.get_command(None, name))


_UNIVERSAL = {"help", "install_completion", "show_completion"}


def _choices(annotation: Any) -> list[str]:
    """The words that an option takes, if its type is an enumeration."""
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    return [str(word) for kind in kinds if issubclass(kind, StrEnum) for word in kind]


def _row(param: Any) -> tuple[str, str, str]:
    if param.param_type_name == "argument":
        return (
            code(param.name.upper()),
            param.help or "",
            "" if param.default in (None, "") else code(str(param.default)),
        )
    names = ", ".join([*param.opts, *param.secondary_opts])
    choices = _choices(param.type_descriptor.annotation)
    text = (param.help or "") + (f" One of {', '.join(code(str(c)) for c in choices)}." if choices else "")
    default = param.default
    shown = "" if default in (None, "", False) or callable(default) else str(getattr(default, "value", default))
    return code(names), text, code(shown)
