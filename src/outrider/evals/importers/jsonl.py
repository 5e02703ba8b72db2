"""Our own form: a case on each line, see `docs/concepts/evaluation.md`."""

from pathlib import Path
from typing import Any

from outrider.evals import cases
from outrider.evals.importers import Options
from outrider.evals.records import Case

WHAT = "a case on each line: input, expected, context, recorded, tags, split"


def fits(path: Path, first: dict[str, Any]) -> bool:
    return path.suffix == ".jsonl" and "input" in first and set(first) <= set(Case.__struct_fields__)


def read(path: Path, options: Options, notes: list[str]) -> list[Case]:
    return cases.read(path)
