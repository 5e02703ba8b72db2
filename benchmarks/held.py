"""How often a stated 95 % interval holds the truth: the tables of "How far this holds" in docs/concepts/evaluation.md.

    python benchmarks/held.py [--samples 1000] [--only measures] [--only paired] …

Worlds whose truth is known are drawn from, always the same samples; each cell is one world and one number of cases.
The shares are counted over all their outcomes and not drawn. Of 1,000 samples a cell of 95 is seen between 93.6 and
96.4 (95 of 100 such cells). The quick and the slow tests hold the same code to these figures with fewer samples
(tests/calibrate/test_coverage.py); what is drawn there by name is drawn here by name.
"""

import argparse
import math
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from outrider.calibrate import intervals, paired
from tests.calibrate import test_coverage as known

Draws, Floats = np.random.Generator, np.ndarray
Shape = tuple[Callable[[Draws, int], Floats], float]
NUMBERS = (10, 20, 50, 200)
FEW, MORE = (10, 15, 20), (30, 50, 100)
CACHED = known.LONG["cached or not"]


def lognormal(spread: float, floor: float = 0.0) -> Shape:
    return lambda draws, n: floor + draws.lognormal(0, spread, n), floor + math.exp(spread**2 / 2)


def mixed(rare: float, times: float, spread: float) -> Shape:
    """Some cost so many times as much as the rest, lognormal all."""
    mean = math.exp(spread**2 / 2) * (1 - rare + rare * times)
    return lambda draws, n: draws.lognormal(0, spread, n) * np.where(draws.random(n) < rare, times, 1.0), mean


MEASURES: dict[str, Shape] = {
    "lognormal, sd 0.5": lognormal(0.5),
    "lognormal, sd 1": lognormal(1),
    "lognormal, sd 1.5": lognormal(1.5),
    "exponential": known.LONG["exponential"],
    "gamma, shape 0.5": (lambda draws, n: draws.gamma(0.5, 1, n), 0.5),
    "normal": known.LONG["normal"],
    "three in ten from a cache": CACHED,
    "a second and a lognormal, sd 1": lognormal(1, 1.0),
    "one in five eight times as dear, sd 0.5": mixed(0.2, 8, 0.5),
    "one in twenty twelve times as dear, sd 0.3": mixed(0.05, 12, 0.3),
}
SCORES: dict[str, Shape] = {
    "uniform": (lambda draws, n: draws.random(n), 0.5),
    "beta, mean 0.95 of 4 in all": (lambda draws, n: draws.beta(3.8, 0.2, n), 0.95),
    "beta, mean 0.95 of 20 in all": (lambda draws, n: draws.beta(19, 1, n), 0.95),
}
DEARER = {
    "both alike, cases 0, answers 1": (0.0, 1.0, 1.0, 1.0),
    "both alike, cases 0.8, answers 0.6": (0.8, 0.6, 0.6, 1.0),
    "both alike, cases 0.4, answers 0.3": (0.4, 0.3, 0.3, 1.0),
    "one with the longer tail, cases 0.5, answers 0.9, 0.3": (0.5, 0.9, 0.3, 1.0),
    "other with the longer tail, cases 0.5, answers 0.3, 0.9": (0.5, 0.3, 0.9, 1.0),
    "twice as dear, cases 0.8, answers 0.6": (0.8, 0.6, 0.6, 2.0),
    "half as dear, cases 0.8, answers 0.6": (0.8, 0.6, 0.6, 0.5),
    "a tenth of each case's sum apart": (1.0, 0.01, 0.01, 1.0),
}
"""`dollars <= 1.1 * production`: deviations of the logarithms of cases and of each side's answers, and by how much the
first side is dearer."""
GAPS: dict[str, tuple[Callable[[Draws, int], tuple[Floats, Floats]], float]] = {
    "normal": (lambda draws, n: (draws.normal(0.6, 0.1, n), draws.normal(0.5, 0.1, n)), 0.1),
    "uniform": (lambda draws, n: (draws.random(n), draws.random(n)), 0.0),
    "beta": (lambda draws, n: (draws.beta(8, 2, n), draws.beta(7, 3, n)), 0.1),
}


def alone(shape: Shape, n: int, *, scores: bool) -> known.World:
    draw, truth = shape
    return lambda draws: (intervals.mean(draw(draws, n).tolist(), scores=scores), truth)


def apart(shape: tuple[Callable[[Draws, int], tuple[Floats, Floats]], float], n: int) -> known.World:
    draw, truth = shape

    def drawn(draws: Draws) -> tuple[paired.Difference, float]:
        one, other = draw(draws, n)
        return paired.compare(one.tolist(), other.tolist()), truth

    return drawn


def dearer(cases: float, one: float, other: float, more: float, n: int) -> known.World:
    """`dollars <= 1.1 * production`."""
    truth = more * math.exp((cases**2 + one**2) / 2) - 1.1 * math.exp((cases**2 + other**2) / 2)

    def draw(draws: Draws) -> tuple[paired.Difference, float]:
        of_case = draws.normal(0, cases, n)
        mine, theirs = (np.exp(of_case + draws.normal(0, wide, n)) for wide in (one, other))
        return paired.compare((more * mine).tolist(), (1.1 * theirs).tolist(), scale=0.0), truth

    return draw


def told(name: str, cells: Iterable[tuple[int, known.World]], samples: int) -> None:
    """A line for each number of cases: what is held of 100."""
    found = []
    for n, world in cells:
        hits, stated = known.held(world, samples, seed=zlib.crc32(f"{name} {n}".encode()))
        found.append(f"{n:5d}: {100 * hits / stated:5.1f}" if stated else f"{n:5d}:  none")
    print(f"{name:60s}", *found, flush=True)


def measures(samples: int) -> None:
    for name, shape in MEASURES.items():
        told(name, ((n, alone(shape, n, scores=False)) for n in NUMBERS), samples)
    for name, shape in SCORES.items():
        told(f"scores, {name}", ((n, alone(shape, n, scores=True)) for n in NUMBERS), samples)


def differences(samples: int) -> None:
    for name, shape in GAPS.items():
        told(f"paired scores, {name}", ((n, apart(shape, n)) for n in NUMBERS), samples)
    for name, (cases, one, other, more) in DEARER.items():
        told(f"paired, {name}", ((n, dearer(cases, one, other, more, n)) for n in NUMBERS), samples)


def shares(_: int) -> None:
    """Over all outcomes of right and wrong, for shares from 0.01 to 0.99."""
    for few in (FEW, MORE, (1000,)):
        least = []
        for n in few:
            ends = [intervals.limits(k / n, n) for k in range(n + 1)]
            logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
            for p in np.arange(0.01, 0.995, 0.01).tolist():
                chance = [math.exp(logs[k] + k * math.log(p) + (n - k) * math.log1p(-p)) for k in range(n + 1)]
                least.append(sum(one for one, (low, high) in zip(chance, ends, strict=True) if low <= p <= high))
        print(f"shares, n {few}: {100 * min(least):.1f} to {100 * max(least):.1f}", flush=True)


def grid(samples: int) -> None:
    """The grid of the tests, by its first word."""
    found: dict[tuple[str, str], list[float]] = {}
    for name, world in known.grid():
        n = int(name.split()[-1])
        first = name.split(" ")[0]
        hits, stated = known.held(world, samples, seed=zlib.crc32(name.encode()))
        where = "10 to 20" if n <= 20 else "30 to 100" if n <= 100 else "1000"
        found.setdefault((first, where), []).append(100 * hits / stated)
        if hits < 0.93 * stated:
            print(f"  below 93: {name} {100 * hits / stated:.1f}", flush=True)
    for (first, where), held in found.items():
        print(f"{first:12s} n {where:10s} {min(held):.1f} to {max(held):.1f} ({len(held)} cells)", flush=True)


def raters(samples: int) -> None:
    found: dict[tuple[str, str], list[float]] = {}
    for most, alike in ((1, 0.0), (3, 0.3), (5, 0.6)):
        for n in (*FEW, *MORE, 400):
            for positive, same in known.RATED:
                world, truth = known.rated(positive, same, n, most, alike), known.true(positive, same)
                draws = np.random.default_rng(zlib.crc32(f"{most} {n} {positive} {same}".encode()))
                stated = [world(draws) for _ in range(samples)]
                where = "10 to 20" if n <= 20 else "30 to 100" if n <= 100 else "400"
                for name, one in truth.items():
                    kept = [interval for each in stated if not (interval := getattr(each, name)).few]
                    if len(kept) < samples / 2:
                        continue
                    hits = sum(each.low - 1e-9 <= one <= each.high + 1e-9 for each in kept)
                    found.setdefault((name, where), []).append(100 * hits / len(kept))
                    if hits < 0.93 * len(kept):
                        print(
                            f"  below 93: {name} {most} {n} {positive} {same} {100 * hits / len(kept):.1f}", flush=True
                        )
    for (name, where), held in found.items():
        print(f"{name:12s} n {where:10s} {min(held):.1f} to {max(held):.1f} ({len(held)} cells)", flush=True)


PARTS = {"measures": measures, "paired": differences, "shares": shares, "grid": grid, "raters": raters}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--samples", type=int, default=1_000)
    asked.add_argument("--only", choices=PARTS, action="append")
    said = asked.parse_args()
    for name in said.only or PARTS:
        PARTS[name](said.samples)


if __name__ == "__main__":
    main()
