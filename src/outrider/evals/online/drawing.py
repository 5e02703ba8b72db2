"""Which runs are drawn, and how much each then stands for. Pure: the same runs give the same draws, however often they
are looked at, for the lot of each follows from its id.

A drawn run's weight is one over its chance, which is known before it is looked at and never 0. So sums over what was
drawn say what holds of all (Horvitz and Thompson 1952).
"""

import hashlib

import msgspec

from outrider.base.clock import HOUR_NS
from outrider.evals.online import novelty
from outrider.evals.online.rules import Rule

PER_PORTION = 2
"""Runs that are drawn at a time, where a rule says how many in an hour."""
SHORTEST_NS = 5_000_000_000
MOST_WAITING = 1_000


class Drawn(msgspec.Struct, frozen=True):
    """A run (its id as text) that was drawn; it began `at` (ns) and stands for `weight` runs."""

    run: str
    at: int
    weight: float


class State(msgspec.Struct):
    """What a rule remembers between rounds. Of the portion that was opened at `opened`: how many runs were `seen`, and
    those with the lowest lots. `late` are runs that got feedback before they were in the store, with when. What is rare
    is told by embeddings (`near`) where there were some, else by words (`kept`); `told` says which it was last."""

    opened: int = 0
    seen: int = 0
    lowest: list[tuple[float, str, int]] = []
    kept: novelty.Kept = msgspec.field(default_factory=novelty.Kept)
    late: list[tuple[str, int]] = []
    near: novelty.Kept = msgspec.field(default_factory=novelty.Kept)
    told: str = ""


def lot(rule: str, run: str, what: str = "") -> float:
    """A number from 0 to 1 that nobody chose."""
    found = hashlib.blake2b(f"{rule}\0{run}\0{what}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(found) / 2**64


def draw(
    rule: Rule, state: State, run: str, at: int, text: str, meaning: tuple[str, bytes] | None = None
) -> list[Drawn]:
    """Look at a run that the rule keeps. With `per_hour` it waits for the end of its portion. `meaning` is what a model
    (by its name) makes of the text; None: its words tell how rare it is."""
    if rule.per_hour:
        state.seen += 1
        count, _ = portion(rule)
        state.lowest = sorted([*state.lowest, (lot(rule.name, run), run, at)])[:count]
        return []
    chance = rule.share
    if rule.kind == "rare":
        seen = [(state.kept, novelty.signature(text))]
        if meaning is not None:
            if not novelty.alike(state.near, *meaning):  # distances of two models are not the same
                state.near = novelty.Kept(space=meaning[0])
            seen.append((state.near, meaning[1]))
        ways = [(kept, own, novelty.far(kept, own)) for kept, own in seen]
        chance = novelty.chance(ways[-1][0], ways[-1][2], rule.share)
        taken = lot(rule.name, run) < chance
        for kept, own, away in ways:
            novelty.see(kept, own, away, lot(rule.name, run, "seen"), drawn=taken)
    else:
        taken = lot(rule.name, run) < chance
    return [Drawn(run, at, 1 / chance)] if taken else []


def portion(rule: Rule) -> tuple[int, int]:
    """How many are drawn at a time, and out of how long a time (ns)."""
    count = min(PER_PORTION, rule.per_hour)
    while HOUR_NS * count // rule.per_hour < SHORTEST_NS:
        count *= 2
    return count, HOUR_NS * count // rule.per_hour


def close(rule: Rule, state: State, now: int) -> list[Drawn]:
    """At the end of a portion: a simple random sample of it. A clock that was put back begins it anew, and what was
    seen stays in it."""
    if not rule.per_hour:
        return []
    _, length = portion(rule)
    if not state.opened or state.opened > now:
        state.opened = now
    if now - state.opened < length:
        return []
    found = [Drawn(run, at, state.seen / len(state.lowest)) for _, run, at in state.lowest]
    state.opened, state.seen, state.lowest = now, 0, []
    return found


def stays(rule: str, run: str, turn: int) -> bool:
    """Whether a waiting run stays when half of those that wait are let go: the others then stand for twice as many."""
    return lot(rule, run, f"stays {turn}") < 0.5
