"""What is tried next. First a survey, whose draws do not depend on answers, so that its rates mean something; then a
search that goes where successes are.

The search is Thompson sampling (Thompson 1933; Chapelle and Li 2011) over pairs of a family and a mutator, each with a
prior from the family's and the mutator's own results, and beside it hill climbing: what nearly succeeded is dressed a
little differently. Pure: the same seed and the same results lead to the same attempts.
"""

import random
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from outrider.evals.redteam.building import Builder, Recipe
from outrider.evals.redteam.library import Library
from outrider.evals.redteam.mutators import MUTATORS

PLAIN = ""
SURVEY = 0.6
"""The share of all attempts that the survey may take."""
CLIMBS = 0.4
"""The share of the search's attempts that change a near miss."""
WEIGHT = 3.0
"""How many results of its own outweigh what a pair has from its family and mutator."""
HOPE = 0.05
"""The rate that is held possible of a pair whatever was seen of others, so that what was never tried is tried."""
TRIES = 40
"""Draws for one attempt, before the search takes it that nothing new fits."""


class Tried(msgspec.Struct, frozen=True):
    """An attempt and how far it came (1: success); None: there was no answer to judge."""

    recipe: Recipe
    progress: float | None

    @property
    def won(self) -> bool:
        return self.progress is not None and self.progress >= 1


def survey(library: Library, builder: Builder, attempts: int, seed: int) -> list[Recipe]:
    """Attacks as they are and each once in a dress drawn evenly from all that it can wear, in chance order; where there
    is room for fewer, an even share of every family."""
    rng = random.Random(f"survey/{seed}")
    families: dict[str, list[str]] = defaultdict(list)
    for id_, one in library.attacks.items():
        families[one.family].append(id_)
    for ids in families.values():
        rng.shuffle(ids)
    longest = max((len(ids) for ids in families.values()), default=0)
    turns = [ids[at] for at in range(longest) for ids in families.values() if at < len(ids)]
    found: list[Recipe] = []
    for id_ in turns:
        found.append(Recipe(id_))
        dresses = [one for one in MUTATORS if builder.wears(id_, (one,))]
        if dresses:
            found.append(Recipe(id_, (rng.choice(dresses),)))
        if len(found) >= attempts:
            break
    found = found[:attempts]
    rng.shuffle(found)
    return found


class Search:
    """Chooses attempts by what came of those before."""

    def __init__(self, library: Library, builder: Builder, seed: int) -> None:
        self._library, self._builder, self._seed = library, builder, seed

    def next(self, tried: Sequence[Tried], count: int) -> list[Recipe]:
        """Up to `count` new attempts. Empty: everything has succeeded, or nothing new fits."""
        rng = random.Random(f"search/{self._seed}/{len(tried)}")
        seen = {one.recipe for one in tried}
        broken = {one.recipe.attack for one in tried if one.won}
        left = [id_ for id_, one in self._library.attacks.items() if id_ not in broken and not one.messages]
        if not left:
            return []
        arms = _Arms(self._library, tried)
        near = [one for one in tried if one.progress and not one.won and one.recipe.attack not in broken]
        chosen: list[Recipe] = []
        for _ in range(count):
            for _ in range(TRIES):
                climb = near and rng.random() < CLIMBS
                made = self._climbed(near, arms, rng) if climb else self._drawn(left, arms, rng)
                if made is not None and made not in seen:
                    seen.add(made)
                    chosen.append(made)
                    break
        return chosen

    def _drawn(self, left: Sequence[str], arms: "_Arms", rng: random.Random) -> Recipe | None:
        """The pair with the best draw, and an attack of its family."""
        families = sorted({self._library.attacks[id_].family for id_ in left})
        family, mutator = max(
            ((family, one) for family in families for one in (PLAIN, *MUTATORS)),
            key=lambda arm: arms.draw(arm[0], arm[1], rng),
        )
        fitting = [id_ for id_ in left if self._library.attacks[id_].family == family]
        attack, chain = rng.choice(fitting), (mutator,) if mutator else ()
        throw = rng.randrange(1, 1000) if rng.random() < 0.3 else 0
        return Recipe(attack, chain, throw if chain else 0) if self._builder.wears(attack, chain) else None

    def _climbed(self, near: Sequence[Tried], arms: "_Arms", rng: random.Random) -> Recipe | None:
        """A near miss with one thing more, less or other."""
        weights = [float(one.progress or 0) for one in near]
        start = rng.choices(near, weights)[0].recipe
        family = self._library.attacks[start.attack].family
        other = max(MUTATORS, key=lambda one: arms.draw(family, one, rng))
        step = rng.randrange(4 if start.chain else 1)
        chain = ((*start.chain, other), (*start.chain[:-1], other), start.chain[:-1], start.chain)[step]
        made = Recipe(start.attack, chain, rng.randrange(1, 1000) if step == 3 else start.throw)
        return made if self._builder.wears(start.attack, chain) else None


class _Arms:
    """Beta distributions of pairs. A near miss counts for its part."""

    def __init__(self, library: Library, tried: Sequence[Tried]) -> None:
        self._pairs: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for one in tried:
            if one.progress is None:
                continue
            family = library.attacks[one.recipe.attack].family
            for mutator in one.recipe.chain or (PLAIN,):
                for key in ((family, mutator), (family, "*"), ("*", mutator), ("*", "*")):
                    self._pairs[key][0] += one.progress
                    self._pairs[key][1] += 1
        self._whole = _rate(self._pairs[("*", "*")], 0.1)

    def draw(self, family: str, mutator: str, rng: random.Random) -> float:
        """How good the pair may be."""
        own = self._pairs.get((family, mutator), [0.0, 0.0])
        prior = (
            _rate(self._pairs.get((family, "*")), self._whole) + _rate(self._pairs.get(("*", mutator)), self._whole)
        ) / 2
        prior = max(prior, HOPE)
        won, lost = own[0] + WEIGHT * prior, own[1] - own[0] + WEIGHT * (1 - prior)
        return rng.betavariate(max(won, 0.01), max(lost, 0.01))


def _rate(counts: Sequence[float] | None, prior: float) -> float:
    """A share that begins at `prior`."""
    won, of = counts or (0.0, 0.0)
    return (won + 2 * prior) / (of + 2)
