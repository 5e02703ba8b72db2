"""`python -m outrider.testing.conformance`: play the suite and print the matrix."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from outrider.testing.conformance import PAIRS, SCENES, Cell, Target, config, failures, flows, ours, own, run, tables
from outrider.testing.conformance.page import page
from outrider.testing.speaking import SpeakingProvider, speaking_thread


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 if a cell failed."""
    parser = argparse.ArgumentParser(prog="python -m outrider.testing.conformance", description=__doc__)
    parser.add_argument("--url", help="a gateway's root, instead of an Outrider started for it")
    parser.add_argument("--key", default="", help="its key")
    parser.add_argument("--port", type=int, default=9000, help="where the suite's providers listen for that gateway")
    parser.add_argument("--scene", action="append", help="only this one (may be repeated)")
    parser.add_argument("--pair", action="append", help="only this pair, such as messages:gemini (may be repeated)")
    parser.add_argument("--setup", action="store_true", help="print how an Outrider elsewhere is set up for it")
    parser.add_argument("--page", type=Path, help="write the reference page to this file")
    asked = parser.parse_args(arguments)
    if asked.setup:
        sys.stdout.write(config(f"http://127.0.0.1:{asked.port}"))
        return 0
    began = time.monotonic()
    if asked.url:
        provider = SpeakingProvider()
        with speaking_thread(provider, port=asked.port) as at:
            cells = _played(Target(asked.url, asked.key, provider, at.removesuffix("/v1")), asked)
    else:
        with tempfile.TemporaryDirectory() as home, ours(Path(home)) as target:
            cells = _played(target, asked)
    sys.stdout.write(tables(cells) + "\n")
    if asked.page:
        asked.page.write_text(page(cells), "utf-8")
    failed = failures(cells)
    for line in failed:
        sys.stdout.write(line + "\n")
    sys.stdout.write(f"{len(cells)} cells in {time.monotonic() - began:.1f} s, {len(failed)} failed\n")
    return 1 if failed else 0


def _played(target: Target, asked: argparse.Namespace) -> list[Cell]:
    """What was asked for; all of it with the flow of streams and the gateway's own errors."""
    scenes = [scene for scene in SCENES if not asked.scene or scene.name in asked.scene]
    pairs = [pair for pair in PAIRS if not asked.pair or ":".join(pair) in asked.pair]
    cells = run(target, scenes, pairs)
    if not asked.scene:
        cells += flows(target, pairs)
    if not asked.scene and not asked.pair:
        cells += own(target)
    return cells


if __name__ == "__main__":
    sys.exit(main())
