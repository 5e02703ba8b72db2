"""The conformance suite: does a gateway carry what callers of one language say to providers of another, and back?

`python -m outrider.testing.conformance` plays it against Outrider, with `--url` and `--key` against any gateway whose
models lead to the suite's providers. Callers and providers are the suite's own, written from the public documentation:
neither shares code with what is tested.
"""

from outrider.testing.conformance.catalogue import SCENES
from outrider.testing.conformance.cell import Cell, play
from outrider.testing.conformance.flow import flows
from outrider.testing.conformance.matrix import PAIRS, failures, run, tables
from outrider.testing.conformance.own import own
from outrider.testing.conformance.target import Target, config, ours

__all__ = ["PAIRS", "SCENES", "Cell", "Target", "config", "failures", "flows", "ours", "own", "play", "run", "tables"]
