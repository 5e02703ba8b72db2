"""Which deployments serve a call, and in which order. One strategy per file, found by its name.

A strategy has `arrange(ask, candidates)` (see `base.choice`), `spreads` and `needs_price`. What holds for all of them
is in `gateway.choice`: candidates that cannot take the call, open breakers, stickiness.
"""
