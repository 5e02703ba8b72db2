"""Strategy `fallback`: always the first deployment; the next ones only when it fails."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def order(deployments: Sequence[T]) -> Sequence[T]:
    """As configured."""
    return deployments
