"""Strategy `balance`: spread calls evenly at random; the others stay as fallbacks."""

from collections.abc import Sequence
from typing import TypeVar

from outrider.base import chance

T = TypeVar("T")


def order(deployments: Sequence[T]) -> Sequence[T]:
    """A random order."""
    return chance.shuffled(deployments)
