"""Chance for spreading load: pauses and weights. Not for secrets (`base.ids`). One place, so that tests can seed it."""

import random

source = random.Random()

unit = source.random
"""Evenly from 0 to below 1; the quickest to ask."""


def uniform(ceiling: float) -> float:
    """Evenly between 0 and `ceiling`."""
    return source.uniform(0.0, ceiling)
