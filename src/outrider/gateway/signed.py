"""A transport whose requests are signed on their way: for vendors whose credentials are no fixed header."""

from collections.abc import Awaitable
from typing import Protocol

from outrider.base.ports import Transport, WireRequest, WireResponse


class Signer(Protocol):
    """Adds credentials to a request, at once or after asking for fresh ones. Raises UpstreamError without any."""

    def sign(self, request: WireRequest) -> WireRequest | Awaitable[WireRequest]: ...


class SigningTransport:
    """Implements `base.ports.Transport` around another one."""

    def __init__(self, inner: Transport, signer: Signer) -> None:
        self._inner, self._signer = inner, signer

    async def send(self, request: WireRequest) -> WireResponse:
        signed = self._signer.sign(request)
        if not isinstance(signed, WireRequest):
            signed = await signed
        try:
            return await self._inner.send(signed)
        finally:
            request.sent = request.sent or signed.sent

    async def close(self) -> None:
        await self._inner.close()
