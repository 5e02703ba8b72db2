"""Strategy `least_latency`: the deployment that is likely to answer soonest, with enough exploring to notice changes.

The time expected is that to the first token plus that of the tokens to come, divided by the chance of success: a call
that fails has to be made again. What is not known well is drawn rather than taken: each estimate is multiplied by a
random (log-logistic) factor that is the wider, the thinner its evidence (Thompson, "On the likelihood that one unknown
probability exceeds another", 1933; with evidence that fades: Raj and Kalyani, "Taming non-stationary bandits", 2017).
So a deployment that was slow is tried again now and then, the more seldom the slower it was, and one that was never
measured is tried first, by one call at a time.
"""

from collections.abc import Sequence
from math import sqrt

from outrider.base import chance, clock
from outrider.base.choice import Ask, Candidate, Signs

spreads = True
needs_price = False

USUAL_OUTPUT = 200
"""Tokens of an answer when the caller sets no limit below."""
WORST_CHANCE = 0.05
THINNEST = 0.02
NARROWEST = 0.2
LOGISTIC = 0.5513
"""The scale at which a logistic variable, whose draw is one power, has the deviation 1."""
NEVER = 1e6


def arrange(ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Soonest first."""
    if len(candidates) < 2:
        return candidates
    now, output = clock.mono_ns(), min(ask.max_output or USUAL_OUTPUT, USUAL_OUTPUT)
    drawn = [(_drawn(c.signs, output, now), i) for i, c in enumerate(candidates)]
    drawn.sort()
    ordered = [candidates[i] for _, i in drawn]
    ordered[0].why = "likely the soonest" if drawn[0][0] else "not measured yet"
    return ordered


def _drawn(signs: Signs, output: int, now: int) -> float:
    """The expected time in seconds, uncertain as it is; 0.0 for one that should be tried because nothing is known."""
    expected = signs.first + output * signs.pace
    if not expected:
        return NEVER if signs.failing or signs.busy() else 0.0
    width = max(NARROWEST, signs.spread) / sqrt(max(THINNEST, signs.evidence(now)))
    drawn = chance.unit() + 1e-12
    factor: float = (drawn / (1.0 - drawn + 1e-12)) ** (LOGISTIC * width)
    return expected / max(WORST_CHANCE, 1.0 - signs.failing) * factor
