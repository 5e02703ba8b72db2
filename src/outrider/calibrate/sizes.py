"""How many cases it takes to know. Pure; normal approximations, as in Fleiss, Statistical Methods for Rates."""

import math
from statistics import NormalDist

POWER = 0.8
"""The chance to see a difference that is there."""


def for_share(p: float, half: float) -> int:
    """Cases until a share near `p` is known to plus or minus `half`, at 95 %. Raises ValueError for no width."""
    if half <= 0:
        raise ValueError("an interval has a width")
    return math.ceil(_Z_TWO**2 * max(p * (1 - p), 0.01) / half**2)


def for_difference(spread: float, distance: float, power: float = POWER) -> int | None:
    """Paired cases until a mean difference is told from a bound that it is `distance` away from, where single
    differences have the standard deviation `spread`. None: it lies on the bound, and no number is enough."""
    if distance <= 0:
        return None
    return max(2, math.ceil(((_Z_TWO + NormalDist().inv_cdf(power)) * max(spread, 1e-9) / distance) ** 2))


_Z_TWO = NormalDist().inv_cdf(0.975)
