"""Cases from files: our own and those of other tools. One file for each form, found by name.

A module has `WHAT` (a line for people), `fits(path, first)` (whether a file looks like it; `first` is its first row),
and `read(path, options, notes)`, which gives cases and appends to `notes` what could not be taken over as it was.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from outrider.base import plugins
from outrider.base.errors import RequestError
from outrider.evals import cases as files
from outrider.evals.importers import _rows
from outrider.evals.records import Case

__all__ = ["Imported", "Options", "forms", "read", "rows"]

PACKAGE = "outrider.evals.importers"
_ORDER = ("jsonl", "beir", "openai_evals", "langsmith", "ragas", "promptfoo", "inspect")
"""Which form is tried first where a file may be several."""


class Options(msgspec.Struct, frozen=True):
    """`field` is the variable or input that is asked, where a file has several; `split` that of a BEIR folder."""

    field: str = ""
    split: str = ""


class Imported(msgspec.Struct):
    """What a file gave. `notes` say what was not taken over as it was."""

    form: str
    cases: list[Case]
    notes: list[str]


def forms() -> dict[str, str]:
    """Every form and what it is."""
    return {name: str(plugins.load(PACKAGE, name).WHAT) for name in plugins.names(PACKAGE)}


def read(path: Path, form: str = "", options: Options | None = None) -> Imported:
    """The cases of a file or folder; the form is recognised unless it is said. Raises RequestError with file and
    line."""
    if not path.exists():
        raise RequestError(f"{path} cannot be read: there is no such file", param="dataset")
    chosen = form or _recognised(path)
    try:
        module = plugins.load(PACKAGE, chosen)
    except LookupError as error:
        raise RequestError(f"there is {error}", param="form") from None
    notes: list[str] = []
    try:
        found = files.unique(module.read(path, options or Options(), notes))
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", param="dataset") from None
    if not found:
        raise RequestError(f"{path.name} has no case", param="dataset")
    return Imported(chosen, found, notes)


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file and line, row) of every row of a CSV, JSON-lines, JSON or YAML file. Raises RequestError."""
    return _rows.rows(path)


def _recognised(path: Path) -> str:
    first: Any = {} if path.is_dir() else _rows.first(path)
    known = plugins.names(PACKAGE)
    for name in (*_ORDER, *(one for one in known if one not in _ORDER)):
        if plugins.load(PACKAGE, name).fits(path, first):
            return name
    shown = ", ".join(map(str, first))[:100] if first else "nothing that could be read"
    raise RequestError(
        f"{path.name} has none of the known forms (its first row has: {shown}); say which it is: {', '.join(known)}",
        param="form",
    )
