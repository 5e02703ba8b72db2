"""Chance for spreading load: pauses and picks. Not for secrets (`base.ids`). One place, so that tests can seed it."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

source = random.Random()


def uniform(ceiling: float) -> float:
    """Evenly between 0 and `ceiling`."""
    return source.uniform(0.0, ceiling)


def normal() -> float:
    """From the normal distribution with mean 0 and deviation 1."""
    return source.gauss(0.0, 1.0)


def shuffled(items: Sequence[T]) -> list[T]:
    return source.sample(items, len(items))
