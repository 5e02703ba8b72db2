"""Starts Outrider for a benchmark on a fresh home. The switch that turns recording off exists only here."""

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any


def silence() -> None:
    """Let the journal forget: nothing is queued, hashed or written. What is left is the cost of answering."""
    from outrider.journal import append as journal
    from outrider.journal.events import BlobRef

    empty = BlobRef(bytes(32), 0)

    def done(*_: Any, **__: Any) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    journal.Journal.append = done  # type: ignore[method-assign]
    journal.blob = lambda _: empty
    from outrider.gateway import settle

    if hasattr(settle, "blob"):
        settle.blob = journal.blob  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--recording", choices=("on", "off"), default="on")
    options = parser.parse_args()
    shutil.rmtree(options.home, ignore_errors=True)
    os.environ["OUTRIDER_HOME"] = str(options.home)
    if options.recording == "off":
        silence()
    from outrider.app.main import main as outrider

    sys.argv = ["outrider", "--config", options.config, "up"]
    outrider()


if __name__ == "__main__":
    main()
