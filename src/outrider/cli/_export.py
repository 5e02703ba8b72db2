"""Writing an export to a file (whole or not at all) or to stdout, with a progress line on a terminal."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from outrider.cli._output import note
from outrider.journal.export import Format, export_runs
from outrider.journal.rows import RunFilter
from outrider.store import Store

TOLD_EVERY = 1000


def export_to(store: Store, output: Path | None, format_: Format, where: RunFilter, bodies: bool) -> int:
    """Export to `output`, or to stdout if it is None; the number of runs."""
    if output is None:
        count = _write(store, sys.stdout.buffer, format_, where, bodies)
        sys.stdout.buffer.flush()
        return count
    aside = output.with_name(f".{output.name}.part")
    try:
        with aside.open("wb") as out:
            count = _write(store, out, format_, where, bodies)
        os.replace(aside, output)
    finally:
        aside.unlink(missing_ok=True)
    return count


def _write(store: Store, out: BinaryIO, format_: Format, where: RunFilter, bodies: bool) -> int:
    def told(count: int) -> None:
        if count % TOLD_EVERY == 0 and sys.stderr.isatty():
            note(f"{count:,} runs …")

    return export_runs(store, out, format_, where, bodies=bodies, progress=told)
