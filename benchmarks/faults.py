"""Twenty-one faults at the first of three deployments: what callers get, how long it takes, and what it costs.

    python benchmarks/faults.py                          no resilience and Outrider, side by side
    python benchmarks/faults.py --peer litellm --peer portkey
    python benchmarks/faults.py --only "cut mid-stream,HTML" --calls 50
    python benchmarks/faults.py --write                  put the table into docs/concepts/staying-up.md

A call "meets the fault" when its first try does: 30 % of them, drawn by a seed. Everything else is drawn too, so two
runs of the same seed have the same faults. Times in the tables are those of calls that met the fault and were answered
well, less the median of those that did not meet it. Extra calls and extra cost (in whole answers) are per fault.
The peers are installed by `python benchmarks/gateways.py --only litellm,portkey` (from the package indexes).
"""

import argparse
import asyncio
import contextlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import faults_sides as sides
import msgspec
from faults_caller import WORDS, Told, ask
from faults_score import Bill, Cell, notes, score, table
from faults_sides import PATIENCE, Nobody, Scene, Side
from machine import ROOT, Failed

from outrider.testing import ScriptedProvider, scripted_server
from outrider.testing.faults import FAULTS, doors
from outrider.testing.script import struck as drawn

RATE = 0.3
PAGE = Path(__file__).parents[1] / "docs" / "concepts" / "staying-up.md"
BEGIN, END = "<!-- benchmarks/faults.py --write -->\n", "<!-- end -->\n"
LAST = "oversized answer"
"""A peer may chew on it for a minute; what comes after it would suffer."""
AT_ONCE = {LAST: 2}
QUICKLY, SLOWLY = 8, 48
"""Calls at the same time: more where most of the time is waiting, but no peer is asked for more than it can do."""


class Bench:
    """The providers, and what is to be run through them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.providers = [ScriptedProvider(), ScriptedProvider(), ScriptedProvider()]
        self.results: dict[str, list[Cell]] = {}

    async def run(self) -> None:
        chosen: list[str] = self.options.only.split(",") if self.options.only else list(FAULTS)
        async with contextlib.AsyncExitStack() as stack:
            ports = []
            for provider in self.providers:
                url = await stack.enter_async_context(scripted_server(provider))
                ports.append(int(url.split(":")[2].removesuffix("/v1")))
            scene = Scene(ports[0], ports[1], ports[2], stack.enter_context(doors()), RATE)
            for side in self._sides(scene):
                self.results[side.name] = []
                for fault in sorted(chosen, key=LAST.__eq__):
                    for stream in (False, True):
                        self.results[side.name].append(await self._cell(side, fault, stream))
                self.results[side.name].sort(key=lambda cell: chosen.index(cell.fault))

    def _sides(self, scene: Scene) -> Iterator[Side]:
        options = self.options
        yield Nobody(scene)
        with sides.outrider(scene, retries=options.retries, workers=options.workers) as ours:
            yield ours
        for peer in options.peer:
            with sides.litellm(scene, retries=options.retries) if peer == "litellm" else sides.portkey(scene) as side:
                yield side

    async def _cell(self, side: Side, fault: str, stream: bool) -> Cell:
        """One fault, one kind of answer, one contender."""
        peer = side.name not in ("no resilience", "Outrider")
        calls = self.options.peer_calls if peer else self.options.calls
        kind = FAULTS[fault]
        at_once = AT_ONCE.get(fault, SLOWLY if kind.slow and not peer else QUICKLY)
        keys = iter([f"{self.options.seed}-{sides.way(fault, stream, struck=False)}-{i}" for i in range(calls)])
        for provider in self.providers:
            provider.forget()
        told: list[Told] = []
        shut: set[str] = set()

        async def caller() -> None:
            for key in keys:
                struck = bool(kind.door) and drawn({"rate": str(RATE)}, key, 0, 0)
                if struck:
                    shut.add(key)
                told.append(await ask(side.target(fault, stream, struck=struck), key, stream, PATIENCE))

        began = time.monotonic()
        await asyncio.gather(*(caller() for _ in range(at_once)))
        cell = score(fault, stream, told, shut | self.providers[0].struck.keys(), self._bill(), EACH)
        words = f"{cell.right}/{cell.calls} right, {cell.wrong} wrong, {cell.struck} met it, {cell.seen} requests"
        way = sides.way(fault, stream, struck=False)
        print(f"{side.name}: {way}: {words}, {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        return cell

    def _bill(self) -> Bill:
        names = ("chat", "input_tokens", "output_tokens")
        return Bill(*(sum(provider.counts[name] for provider in self.providers) for name in names))


EACH = Bill(1, 6, WORDS)
"""One whole answer: the words of the caller's prompt and those of the text."""


def write(text: str, page: Path = PAGE) -> None:
    """Put the table between its marks."""
    whole = page.read_text()
    page.write_text(re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: BEGIN + text + END, whole, flags=re.S))


def conditions(options: argparse.Namespace) -> str:
    """What was run, in a sentence."""
    peers = f", {options.peer_calls} for a peer" if options.peer else ""
    retries = "default retries" if options.retries is None else f"`retries: {options.retries}`"
    return (
        f"{options.calls} calls per row{peers}; {RATE:.0%} of the first deployment's answers spoilt, "
        f"seed {options.seed}, {options.workers} worker, {retries}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=300, help="per fault and kind of answer")
    parser.add_argument("--peer", action="append", default=[], choices=sorted(sides.PEERS))
    parser.add_argument("--peer-calls", type=int, default=24, help="peers are slower")
    parser.add_argument("--only", help="comma-separated names of faults: " + ", ".join(FAULTS))
    parser.add_argument("--retries", type=int, help="at the same deployment; without it, the product's default")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    options = parser.parse_args()
    bench = Bench(options)
    try:
        asyncio.run(bench.run())
    except Failed as error:
        raise SystemExit(str(error)) from None
    ROOT.mkdir(parents=True, exist_ok=True)
    (ROOT / "faults.json").write_bytes(msgspec.json.format(msgspec.json.encode(bench.results)))
    print(notes(bench.results), file=sys.stderr)
    text = f"{table(bench.results)}\n\n{conditions(options)}\n"
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
