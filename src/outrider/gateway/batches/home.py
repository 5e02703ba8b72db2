"""Bringing a provider's batch home: a line's answer goes the ordinary way, as if the deployment gave it now.

So its run, what it cost, and the words that its caller gets are made where all others are made. Only the transport is
another one, which has the answer already, and the price, which is the provider's for batches.
"""

from collections.abc import Callable, Sequence

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import BreakerRules, Deployment, WireRequest
from outrider.base.usage import Price
from outrider.gateway.structured import Rules
from outrider.gateway.table import Route
from outrider.limits.kept import Kept


class Home:
    """A `Transport` that has one answer, and gives it once. `given`: it did."""

    def __init__(self, status: int, body: bytes) -> None:
        self._status, self._body = status, body
        self.given = False

    async def send(self, request: WireRequest) -> "HomeResponse":
        request.sent = True
        if self.given:
            raise UpstreamError("a provider's batch answers a line once", code="batch_answered", retryable=False)
        self.given = True
        return HomeResponse(self._status, self._body)

    async def close(self) -> None:
        """Nothing is open."""


class HomeResponse:
    """A `WireResponse` that is all there."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status: int = status
        self.headers: Sequence[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
        self.complete = True
        self._body = body

    async def read(self, limit: int) -> bytes:
        if len(self._body) > limit:
            raise UpstreamError(f"the answer is larger than {limit} bytes", code="upstream_answer_too_large")
        return self._body

    async def pass_to(self, sink: Callable[[bytes], bool]) -> None:
        sink(self._body)

    def pause(self) -> None:
        """All of it is here."""

    def resume(self) -> None:
        """All of it is here."""

    def abort(self) -> None:
        """It is over."""


def route_home(route: Route, at: Deployment, home: Home, price: Price, why: str, kept: Kept | None) -> Route:
    """The route of one line whose answer is there. The deployment goes by another name, so that answers which take no
    time do not count among its own. `kept` is what budgets hold for it."""
    there = msgspec.structs.replace(
        at,
        name=f"{at.name} (batch)",
        transport=home,
        prices={at.model: price},
        tiers={},
        breaker=BreakerRules(on=False),
    )
    return msgspec.structs.replace(
        route,
        deployments=(there,),
        strategy="fallback",
        retries=0,
        hedge=None,
        cascade=None,
        cache_ttl=None,
        weights={},
        up_to={},
        structured=Rules(retries=0) if route.structured is not None else None,
        why=why,
        kept=kept,
    )
