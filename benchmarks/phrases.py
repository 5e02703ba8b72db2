"""The tasks of the hostile worlds in other words: how many of them are asked about, and what gets past them.

    python benchmarks/phrases.py [--every 9]

`tests/policy/hostile/phrases.jsonl` has requests by one author, in three rounds. After each round rules were written by
what was asked about in it, so only its first measurement said something about words that nobody had seen; this prints
what holds now. `--every N` also tries each N-th attack, after the task's reading.
"""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

measuring: Any = importlib.import_module("tests.policy.hostile.measuring")
PHRASES = Path(__file__).parents[1] / "tests" / "policy" / "hostile" / "phrases.jsonl"


class Phrase(NamedTuple):
    """A request that means the same as a world's task."""

    round: int
    world: Any
    task: Any


def phrases() -> list[Phrase]:
    found = []
    for line in PHRASES.read_text("utf-8").splitlines():
        one = msgspec.json.decode(line)
        module = importlib.import_module(f"tests.policy.hostile.worlds.{one['world']}")
        world: Any = getattr(module, one["world"].capitalize())
        task = msgspec.structs.replace(world.tasks[one["task"]], prompt=one["said"])
        found.append(Phrase(one["round"], world, task))
    return found


def asked(one: Phrase) -> int:
    """How many questions it costs."""
    return len(measuring.honest(one.world, one.task, measuring.own_labels(one.world)).asked)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--every", type=int, default=0, help="also try each N-th attack")
    every = given.parse_args().every
    for number in (1, 2, 3):
        some = [one for one in phrases() if one.round == number]
        counts = [asked(one) for one in some]
        line = f"round {number}: {len(some)} requests, {sum(counts) / len(some):.2f} questions per request, "
        line += f"{100 * counts.count(0) / len(some):.0f} % without any"
        if every > 0:
            tries = [
                measuring.hostile(one.world, one.task, measuring.own_labels(one.world), every=every) for one in some
            ]
            line += f"; past it, after reading: {sum(len(leaks) for _, leaks in tries)} of {sum(n for n, _ in tries):,}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
