"""Samples of OpenAI's evals: `input` (messages or a text) and `ideal` on each line
(https://github.com/openai/evals/blob/main/docs/build-eval.md)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outrider.base.errors import RequestError
from outrider.evals.importers import Options
from outrider.evals.importers._rows import case, rows
from outrider.evals.records import Case

WHAT = "OpenAI evals samples: `input` and `ideal` on each line"


def fits(path: Path, first: dict[str, Any]) -> bool:
    return "input" in first and "ideal" in first


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    for where, row in rows(path):
        if "input" not in row:
            raise RequestError(f"{where}: a sample needs `input`; it has: {', '.join(row)[:100]}", param="input")
        context = {name: value for name, value in row.items() if name not in ("input", "ideal", "id")}
        yield case(where, id=row.get("id"), input=row["input"], expected=row.get("ideal"), context=context)
