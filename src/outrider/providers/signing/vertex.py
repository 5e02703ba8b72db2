"""Google Cloud's bearer tokens for Vertex AI, from application default credentials: a service account's file, a
person's login, a workload's identity, or the machine's own account. google-auth finds and refreshes them, in a thread.

While a token is fresh, signing costs a dictionary's look-up. One that will expire within minutes is still used, and
fetched anew meanwhile; for one that has expired everybody waits for the same refresh.
"""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import google.auth
from google.auth.credentials import TokenState
from google.auth.exceptions import GoogleAuthError, TransportError

from outrider.base.errors import UpstreamError
from outrider.base.ports import WireRequest

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT = 20.0
_LARGEST = 1 << 20


class Signer:
    """Signs requests with tokens of `find()`, which is called once, in a thread, with the first request."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find
        self._credentials: Any = None
        self._refreshing: asyncio.Task[None] | None = None

    def sign(self, request: WireRequest) -> WireRequest | Awaitable[WireRequest]:
        """Raises UpstreamError if there are no credentials, or Google does not take them."""
        state = self._credentials.token_state if self._credentials is not None else TokenState.INVALID
        if state is TokenState.INVALID:
            return self._sign_later(request)
        if state is TokenState.STALE:
            self._refresh()
        return self._signed(request)

    async def _sign_later(self, request: WireRequest) -> WireRequest:
        await asyncio.shield(self._refresh())
        return self._signed(request)

    def _signed(self, request: WireRequest) -> WireRequest:
        given: dict[str, str] = {}
        self._credentials.apply(given)
        ours = {name.lower().encode(): value.encode() for name, value in given.items()}
        kept = [(name, value) for name, value in request.headers if name not in ours]
        return WireRequest(request.method, request.path, [*kept, *ours.items()], request.body, lost=request.lost)

    def _refresh(self) -> "asyncio.Task[None]":
        if self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().create_task(self._fetch())
            self._refreshing.add_done_callback(self._fetched)
        return self._refreshing

    async def _fetch(self) -> None:
        try:
            await asyncio.to_thread(self._fetch_blocking)
        except GoogleAuthError as error:
            raise UpstreamError(
                f"Google gave no token for Vertex AI: {_plain(error)}; see `gcloud auth application-default login`, or "
                "set GOOGLE_APPLICATION_CREDENTIALS to a service account's file",
                code="provider_key_refused",
                retryable=bool(getattr(error, "retryable", False)),
            ) from None

    def _fetch_blocking(self) -> None:
        if self._credentials is None:
            self._credentials = self._find()
        self._credentials.refresh(fetch)

    def _fetched(self, task: "asyncio.Task[None]") -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # who waits for it gets it; who refreshed ahead of time tries again with the next request


def signer(base: str) -> Signer:
    """The signer for an address of Vertex AI. Every one takes the same tokens."""
    return Signer(default_credentials)


def default_credentials() -> Any:
    """Application default credentials. Blocks: it reads files, and may ask the machine's metadata server."""
    request: Any = fetch
    credentials, _ = google.auth.default(scopes=[SCOPE], request=request)
    return credentials


class _Response:
    """What google-auth wants of a response."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.data = status, headers, body


def fetch(
    url: str,
    method: str = "GET",
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    **_: Any,
) -> _Response:
    """One blocking HTTP exchange, as google-auth's transports make it. Raises its TransportError without an answer."""
    sent = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, sent, dict(headers or {}), method=method)
    unreachable: Any = TransportError
    try:
        with urllib.request.urlopen(request, timeout=timeout or TIMEOUT) as answer:
            return _Response(answer.status, dict(answer.headers), answer.read(_LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            return _Response(error.code, dict(error.headers), error.read(_LARGEST))
    except OSError as error:
        raise unreachable(f"{request.host} cannot be reached ({error})", retryable=True) from None


def _plain(error: Exception) -> str:
    """What went wrong, in a line. The assertion that was sent is not part of it."""
    return str(error.args[0] if error.args else error).replace("\n", " ")[:300]
