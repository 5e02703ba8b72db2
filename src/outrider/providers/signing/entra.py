"""Microsoft Entra ID's tokens for Azure OpenAI, where no API key is configured: from the environment, a workload's or a
machine's identity, or a developer's login. azure-identity finds them, in a thread.

While a token is fresh, signing costs nothing. One that ends within minutes is still used, and fetched anew meanwhile;
for one that has ended everybody waits for the same new one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest

SCOPE = "https://cognitiveservices.azure.com/.default"
AHEAD = 300  # seconds before its end that a token is fetched anew
LAST = 10  # seconds before its end from which on it is not used any more


class Signer:
    """Signs requests with tokens of `find()`, which is called once, in a thread, with the first request."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find
        self._credential: Any = None
        self._bearer = b""
        self._ends = 0  # seconds since the epoch
        self._fetching: asyncio.Task[None] | None = None

    def sign(self, request: WireRequest) -> WireRequest | Awaitable[WireRequest]:
        """Raises UpstreamError if there is no identity, or Entra gives it no token."""
        left = self._ends - clock.now_ns() // 1_000_000_000
        if left <= LAST:
            return self._sign_later(request)
        if left <= AHEAD:
            self._fetch()
        return self._signed(request)

    async def _sign_later(self, request: WireRequest) -> WireRequest:
        await asyncio.shield(self._fetch())
        return self._signed(request)

    def _signed(self, request: WireRequest) -> WireRequest:
        headers = [pair for pair in request.headers if pair[0] != b"authorization"]
        headers.append((b"authorization", self._bearer))
        return WireRequest(request.method, request.path, headers, request.body, lost=request.lost)

    def _fetch(self) -> "asyncio.Task[None]":
        if self._fetching is None:
            self._fetching = asyncio.get_running_loop().create_task(self._fetch_one())
            self._fetching.add_done_callback(self._fetched)
        return self._fetching

    async def _fetch_one(self) -> None:
        token = await asyncio.to_thread(self._ask)
        self._bearer, self._ends = b"Bearer " + token.token.encode(), token.expires_on

    def _ask(self) -> Any:
        """A token. Blocks."""
        try:
            from azure.core.exceptions import AzureError  # half a second, so not before somebody needs it
        except ImportError:
            raise _without("azure-identity is not installed: pip install 'outrider[azure]'") from None
        try:
            if self._credential is None:
                self._credential = self._find()
            return self._credential.get_token(SCOPE)
        except AzureError as error:
            first = str(error).strip().partition("\n")[0]
            raise _without(f"Entra ID gave no token for Azure OpenAI: {first[:300]}") from None

    def _fetched(self, task: "asyncio.Task[None]") -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # who waits for it gets it; who fetched ahead of time tries again with the next request


def signer(base: str) -> Signer:
    """The signer for an address of Azure OpenAI. Every one takes the same tokens."""
    return Signer(default_credential)


def default_credential() -> Any:
    """Azure's usual chain of identities. Blocks while it loads."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def _without(message: str) -> UpstreamError:
    return UpstreamError(
        f"{message}. Give the provider an `api_key`, or this process an identity (AZURE_CLIENT_ID and its like, a "
        "managed identity, `az login`) with the role Cognitive Services OpenAI User",
        code="provider_key_refused",
        retryable=False,
    )
