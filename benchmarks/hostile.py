"""What safety costs and what gets past it: the worlds of tests/policy/hostile, honest tasks and hostile calls counted.

    python benchmarks/hostile.py [--every 1] [--values] [--worlds office,bank] [--half [--then 2]]

No model is involved: a script says what a hostile one would. Printed are, for each world and for those that the rules
were mended on and those that they were not: questions per honest task and tasks without any; attacks that nobody was
asked about, after the task's reading and from the first token on, with the 95 % interval of their share (Wilson; many
attacks resemble each other, so it says little about other worlds). `--every N` tries each N-th attack; with `--values`
the attacker puts into each argument what is true in the world (another patient, day, account), and nothing of its own;
with `--half` every second tool of a world has no labels, bar `--then` so many look-ups of those: the ones on whose
answers most questions hang, as `outrider policy lint --recorded` names them.
"""

import argparse
import importlib
import math
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

measuring: Any = importlib.import_module("tests.policy.hostile.measuring")
attacker: Any = importlib.import_module("tests.policy.hostile.attacker")
values: Any = importlib.import_module("tests.policy.hostile.values")

MENDED = ("office", "bank", "chat", "travel", "shop", "forge", "supply", "pager", "school", "clinic", "recruit",
          "estate", "research", "hotel", "newsroom", "lawfirm", "webshop", "college", "devhouse",
          "household", "freight", "sales", "helpdesk", "museum",
          "bakery", "council")  # fmt: skip
"""Worlds on which the rules were mended."""
APART = ("charity", "agency", "sportclub")
"""Worlds written without a look at how the policy decides; nothing was mended on them."""


class Counts(NamedTuple):
    """Of one world, or of several together. Pairs are (got past, tried)."""

    tasks: int
    questions: int
    unasked: int
    turned: tuple[int, int]
    at_once: tuple[int, int]


def hung_on(world: Any, labels: dict[str, Any]) -> str:
    """The look-up without labels whose answers say where most calls go that are asked about; "" if there is none."""
    own, hangs = measuring.own_labels(world), Counter[str]()
    for task in world.tasks:
        for _, decision in measuring.honest(world, task, labels).asked:
            hangs.update({one.tool for one in decision.traced if one.origin.name == "UNTRUSTED"})
    return next((name for name, _ in hangs.most_common() if name not in labels and own[name].does == "none"), "")


def counted(name: str, every: int, *, half: bool, then: int = 0, true: bool = False) -> Counts:
    module = importlib.import_module(f"tests.policy.hostile.worlds.{name}")
    world: Any = getattr(module, name.capitalize())
    labels = measuring.own_labels(world)
    if half:
        own, labels = labels, dict(list(labels.items())[::2])
        for _ in range(then):
            if found := hung_on(world, labels):
                labels[found] = own[found]
    asked = [len(measuring.honest(world, task, labels).asked) for task in world.tasks]
    pairs = []
    for first in (False, True):
        tries = [
            measuring.hostile(
                world, task, labels, first=first, every=every, attacks=(values if true else attacker).attacks
            )
            for task in world.tasks
        ]
        pairs.append((sum(len(leaks) for _, leaks in tries), sum(tried for tried, _ in tries)))
    return Counts(len(asked), sum(asked), asked.count(0), *pairs)


def together(several: list[Counts]) -> Counts:
    def pair(at: int) -> tuple[int, int]:
        return sum(one[at][0] for one in several), sum(one[at][1] for one in several)

    tasks, questions, unasked = (sum(one[at] for one in several) for at in range(3))
    return Counts(tasks, questions, unasked, pair(3), pair(4))


def interval(got: int, of: int) -> tuple[float, float]:
    """Wilson's, in percent."""
    if not of:
        return 0.0, 100.0
    z, share = 1.96, got / of
    middle = share + z * z / (2 * of)
    width = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    return max(0.0, 100 * (middle - width) / whole), 100 * (middle + width) / whole


def row(name: str, one: Counts) -> str:
    cells = [name, str(one.tasks), f"{one.questions / one.tasks:.2f}", f"{100 * one.unasked / one.tasks:.0f} %"]
    for got, of in (one.turned, one.at_once):
        low, high = interval(got, of)
        cells.append(f"{got} of {of:,} ({low:.3f} to {high:.3f} %)")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--every", type=int, default=1, help="try each N-th attack")
    asked.add_argument("--half", action="store_true", help="every second tool has no labels")
    asked.add_argument("--then", type=int, default=0, help="with --half: so many look-ups of these have labels again")
    asked.add_argument("--values", action="store_true", help="the attacker says what is true in the world, and no more")
    asked.add_argument("--worlds", default=",".join((*MENDED, *APART)), help="names, with commas between")
    given = asked.parse_args()
    names = given.worlds.split(",")
    unknown = sorted(set(names) - {*MENDED, *APART})
    if unknown or given.every < 1:
        asked.error(f"no such world: {', '.join(unknown)}" if unknown else "--every is at least 1")
    print(
        "| world | tasks | questions per task | without any | past it, after reading | past it, from the first token |"
    )
    print("|---|---|---|---|---|---|")
    found: dict[str, Counts] = {}
    for name in names:
        found[name] = counted(name, given.every, half=given.half, then=given.then, true=given.values)
        print(row(name, found[name]), flush=True)
    for title, group in (("mended on", MENDED), ("not mended on", APART)):
        if some := [found[name] for name in group if name in found]:
            print(row(title, together(some)))


if __name__ == "__main__":
    main()
