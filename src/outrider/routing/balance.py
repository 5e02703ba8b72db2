"""Strategy `balance`: spread calls evenly at random; the others stay as fallbacks."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def order(deployments: Sequence[T]) -> Sequence[T]:
    """A random order."""
    return random.sample(deployments, len(deployments))
