"""What a routing strategy sees: one call (`Ask`) and the deployments that may serve it (`Candidate`).

A strategy is a module of `outrider.routing` with `arrange(ask, candidates) -> Sequence[Candidate]`: pure, fast
(microseconds), the best first. It gets every deployment that can take the call, also those that are open: they are put
last afterwards. It may leave candidates out that must not serve the call, and says in `Candidate.why` of the first one
what spoke for it.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from outrider.base.ports import Deployment, Facts
from outrider.base.usage import Price


class Ask(msgspec.Struct, gc=False):
    """What a call needs. `tokens` is the input as estimated, `max_output` what the caller allows (None: no limit).

    `kinds` are those of its content beside text: `image`, `audio`, `file`. `affinity` names what a provider's prompt
    cache is likely to know it by (the session or the caller's `prompt_cache_key`), "" without.
    """

    tokens: int = 0
    max_output: int | None = None
    kinds: frozenset[str] = frozenset()
    tools: bool = False
    json_schema: bool = False
    stream: bool = False
    tags: Sequence[str] = ()
    project: str = ""
    affinity: str = ""


class Signs(Protocol):
    """How one deployment has been doing, as this worker sees it. Times are seconds, estimates are moving averages."""

    first: float
    """Time to the first piece of a stream; 0.0: never seen."""
    pace: float
    """Seconds per token of output; 0.0: never seen."""
    spread: float
    """Standard deviation of the logarithm of `first`."""
    failing: float
    """Share of calls that failed of late, 0 to 1."""

    def busy(self) -> int:
        """Calls in flight, of all workers of this machine."""

    def evidence(self, now: int) -> float:
        """How many recent measurements stand behind the times; it fades while none come."""


class Candidate(msgspec.Struct, gc=False):
    """A deployment that may serve the call.

    `open`: its breaker is open, or (`resting`) it waits out a limit of its provider; it is ready again at `until`
    (monotonic nanoseconds). `headroom` is the share that is left of what its provider allows, 0.0 to 1.0 (1.0: plenty,
    or not known). `up_to` is the largest prompt in tokens that the route wants it to get (0: any). `price` is there for
    strategies that declare `needs_price = True`.
    """

    deployment: Deployment
    signs: Signs
    weight: float = 1.0
    up_to: int = 0
    facts: Facts = Facts()
    open: bool = False
    resting: bool = False
    until: int = 0
    headroom: float = 1.0
    price: Price | None = None
    why: str = ""


class Strategy(Protocol):
    """A module of `outrider.routing`. `spreads`: equal calls go to different deployments, so `sticky` has a meaning."""

    spreads: bool
    needs_price: bool

    def arrange(self, ask: Ask, candidates: Sequence[Candidate]) -> Sequence[Candidate]: ...
