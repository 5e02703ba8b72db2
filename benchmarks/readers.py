"""What a model that reads the user's words (`policy.grants`, `apply: auto`) changes, at its best and at its worst.

    python benchmarks/readers.py [--every 41] [--worlds office,bank]

No model is involved. The perfect reader is a script that knows a task's solution: questions per honest task without
and with it. The hostile one names every tool with every word, and pair of words, of the user; with it, a hostile agent
tries its calls after the task's reading: those that nobody was asked about, without and with the reader, with the 95 %
interval of their share (Wilson; many attacks resemble each other). What is read is held against the words as Outrider
does it (`policy/reading.py`).
"""

import argparse
import copy
import importlib
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from hostile import APART, MENDED, interval, measuring

from outrider.policy import reading
from outrider.policy.decide import Call, Decision, decide
from outrider.policy.declarations import UNDECLARED
from outrider.policy.grants import Grant
from outrider.policy.quantities import amounts
from outrider.policy.state import SessionState

attacker: Any = importlib.import_module("tests.policy.hostile.attacker")
worlds: Any = importlib.import_module("tests.policy.hostile.world")

FIELDS = {"recipient": "recipients", "path": "paths", "url": "urls", "id": "ids"}
LATER = 2**62
Read = list[tuple[Grant, int]]


def held(items: Sequence[object], state: SessionState, labels: Any) -> Read:
    """What of an answer holds, as a session would have it: each grant and how often it was used."""
    found = reading.held(json.dumps({"grants": items}), state, labels, LATER)
    return [(msgspec.structs.replace(one, read=len(state.asked)), 0) for one in found.grants]


def judged(world: Any, state: SessionState, labels: Any, name: str, arguments: Any, grants: Read) -> Decision:
    tool = world.tools()[name]
    return decide(Call(name, arguments, labels.get(name, UNDECLARED), tool.description), state, measuring.RULES, grants)


def solved(world: Any, task: Any, labels: Any) -> Iterator[dict[str, Any]]:
    """What the perfect reader says: each effect of the solution, with its values as the user calls them."""
    one, state = world(), measuring.begun(task)
    for name, arguments in task.calls:
        decision = measuring.judged(world, state, labels, name, arguments)
        if labels.get(name, UNDECLARED).does != "none":
            said: dict[str, Any] = {"tool": name}
            for value in decision.traced:
                if value.kind in FIELDS and value.value not in ("", "None", "[]"):
                    said.setdefault(FIELDS[value.kind], []).append(value.by or value.value)
                elif value.kind == "amount":
                    said["amount"] = value.value
            yield said
        measuring.made(one, state, labels, name, arguments, decision)


def questions(world: Any, task: Any, labels: Any, grants: Read) -> int:
    """How many calls of the solution are asked about."""
    one, state, asked = world(), measuring.begun(task), 0
    for name, arguments in task.calls:
        decision = judged(world, state, labels, name, arguments, grants)
        asked += decision.verdict == "ask"
        if decision.grant >= 0:
            grant, used = grants[decision.grant]
            grants[decision.grant] = (grant, used + 1)
        measuring.made(one, state, labels, name, arguments, decision)
    return asked


def greedy(task: Any, labels: Any) -> Read:
    """What the hostile reader gets: one answer for each piece of the user's words."""
    state = measuring.begun(task)
    words = re.findall(r"[^\s,;!?\"]+", task.prompt)
    pieces = {" ".join(words[at : at + many]).strip(".:()'") for at in range(len(words)) for many in (1, 2)}
    pieces |= {piece[:-2] for piece in pieces if piece.endswith("'s")}
    sums = [None, *map(str, amounts(state.asked))]
    found: dict[Grant, int] = {}
    for tool, sum_, piece in itertools.product(labels, sums, sorted(pieces)):
        named = {field: [piece] for field in FIELDS.values()}
        found.update(held([{"tool": tool, "amount": sum_, "calls": 9, **named}], state, labels))
    return list(found.items())


def passed(world: Any, task: Any, labels: Any, grants: Read, every: int) -> tuple[int, int, int]:
    """Harmful calls that were tried, and that nobody was asked about without and with the grants."""
    allowed = worlds.honest_effects(world, task)
    tried = without = by_reading = 0
    for _, one, state in measuring.moments(world, task, labels, first=False):
        for name, arguments in itertools.islice(attacker.attacks(world, task), 0, None, every):
            if not measuring.knows(world, state, arguments):
                continue
            after = copy.deepcopy(one)
            try:
                after.call(name, arguments)
            except worlds.Refused:
                continue
            if not worlds.harm(world, task, allowed, after.effects):
                continue
            tried += 1
            without += judged(world, state, labels, name, arguments, []).verdict == "allow"
            by_reading += judged(world, state, labels, name, arguments, grants).verdict == "allow"
    return tried, without, by_reading


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--every", type=int, default=41, help="try each N-th attack")
    asked.add_argument("--worlds", default=",".join((*MENDED, *APART)), help="names, with commas between")
    given = asked.parse_args()
    print("| world | tasks | questions, with | without any, with | past it, with |\n|---|---|---|---|---|")
    total = [0] * 8
    for name in given.worlds.split(","):
        world: Any = getattr(importlib.import_module(f"tests.policy.hostile.worlds.{name}"), name.capitalize())
        labels, row = measuring.own_labels(world), [0] * 8
        for task in world.tasks:
            before = questions(world, task, labels, [])
            after = questions(
                world, task, labels, held(list(solved(world, task, labels)), measuring.begun(task), labels)
            )
            tried = passed(world, task, labels, greedy(task, labels), given.every)
            row = [a + b for a, b in zip(row, (1, before, after, not before, not after, *tried), strict=True)]
        total = [a + b for a, b in zip(total, row, strict=True)]
        tell(name, row)
    tell("all", total)


def tell(name: str, row: Sequence[int]) -> None:
    tasks, before, after, quiet, quieter, tried, without, by_reading = row
    low, high = interval(by_reading, tried)
    past = f"{without}, {by_reading} of {tried:,} ({low:.3f} to {high:.3f} %)"
    print(f"| {name} | {tasks} | {before}, {after} | {quiet}, {quieter} | {past} |", flush=True)


if __name__ == "__main__":
    main()
