"""Chance can be seeded, and stays in its bounds."""

import random

import pytest

from outrider.base import chance


def test_bounds_and_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(0.0 <= chance.uniform(2.5) <= 2.5 for _ in range(1_000))
    drawn = []
    for _ in range(2):
        monkeypatch.setattr(chance, "source", random.Random(7))
        drawn.append([chance.uniform(1) for _ in range(5)])
    assert drawn[0] == drawn[1]
