"""Chance for spreading load: pauses and picks. Not for secrets (`base.ids`). One place, so that tests can seed it."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

source = random.Random()

unit = source.random
"""Evenly from 0 to below 1; the quickest to ask."""


def uniform(ceiling: float) -> float:
    """Evenly between 0 and `ceiling`."""
    return source.uniform(0.0, ceiling)


def shuffled(items: Sequence[T]) -> list[T]:
    return source.sample(items, len(items))
