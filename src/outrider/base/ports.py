"""The seams: Protocols and wire values that packages of different layers meet through.

The seam to any model is one method, `Transport.send`. A pooled HTTP client, the embedded model and the
scripted provider all implement it, so everything above it cannot tell them apart.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol, runtime_checkable

import msgspec


class WireRequest(msgspec.Struct):
    """One HTTP request to a provider. `path` is absolute (with the base URL's prefix); header names are lower case."""

    method: str
    path: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes = b""


@runtime_checkable
class WireResponse(Protocol):
    """The answer's head, then its body once: either `read` or `chunks`.

    `chunks` yields the body's bytes as they arrive, without gathering. Both raise UpstreamError when the
    connection breaks or ends early. `abort` ends the exchange at once (client gone, deadline) and is idempotent.
    """

    status: int
    headers: Sequence[tuple[bytes, bytes]]

    async def read(self, limit: int) -> bytes: ...
    def chunks(self) -> AsyncIterator[bytes]: ...
    def abort(self) -> None: ...


class Transport(Protocol):
    """Carries wire requests to one place. `send` returns when the answer's head is there.

    Raises UpstreamError (with `retryable`) if no head arrives. Cancelling `send` aborts the exchange.
    """

    async def send(self, request: WireRequest) -> WireResponse: ...
    async def close(self) -> None: ...
