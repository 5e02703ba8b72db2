"""The way to what is somebody else's: a name is looked up once, and an address inside the network is connected to only
if the configuration means it. What was looked at is what is connected to."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore2
import httpx2

from outrider.base import env
from outrider.base.addresses import is_allowed
from outrider.base.errors import UpstreamError

_HERE = ("localhost", "127.0.0.1", "::1")
"""Names of this machine: who is meant by one is meant by each."""
_INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".private", ".corp", ".home.arpa", ".test")
"""Ends of names that nobody outside can have."""


class Meant(NamedTuple):
    """Where an operator's own words lead: hosts and networks, and hosts at one port."""

    hosts: tuple[str, ...] = ()
    ends: tuple[tuple[str, int], ...] = ()


def meant(urls: Iterable[str], hosts: Sequence[str] = ()) -> Meant:
    """The hosts of these URLs, and `hosts`. A name of the internet counts with its port alone: whose name it is says
    what addresses it has, and may say that it is this machine."""
    found, ends = list(hosts), []
    for parts in map(urlsplit, filter(None, urls)):
        host = (parts.hostname or "").rstrip(".")
        ends.append((host, parts.port or (443 if parts.scheme == "https" else 80)))
        if host in _HERE:
            found += _HERE
        elif ":" in host or "." not in host or host.replace(".", "").isdecimal() or host.endswith(_INSIDE):
            found.append(host)
    return Meant(tuple(found), tuple(ends))


class Guarded(httpcore2.AsyncNetworkBackend):
    """Connects for `server` at addresses that may be reached; to no other host than `only`, if that is given."""

    def __init__(self, server: str, at: Meant = Meant(), *, only: str = "") -> None:  # noqa: B008 - it is immutable
        self._server, self._at, self._only = server, at, only.lower()
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if self._only and host.lower() != self._only:
            raise _refused(host, "it is not the service's own")
        addresses = await self._looked_at(host, port)
        for number, address in enumerate(addresses):
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore2.ConnectError(f"{host!r} has no address")

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        raise _refused("a socket of this machine", "it is not the service's own")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _looked_at(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError, ValueError, OverflowError):
            raise httpcore2.ConnectError(f"the host {host[:200]!r} is not known") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            self.look(host, port, address)
        return addresses[:4]

    def look(self, host: str, port: int, address: str) -> None:
        """Raises UpstreamError where `host` at `address` is not to be reached."""
        own = (host,) if (host.lower().rstrip("."), port) in self._at.ends else ()
        if not is_allowed(host, ipaddress.ip_address(address), (*self._at.hosts, *own)):
            raise _refused(
                host,
                f"it is at {address}, inside the network; if it is meant, name it in"
                f" `tools.servers.{self._server}.private_hosts`",
            )


class Outward(httpx2.AsyncBaseTransport):
    """Requests over a guarded way, or over the proxy that the environment names. An answer larger than `largest` or
    packed (a small one may be large) is refused."""

    def __init__(self, server: str, at: Meant, largest: int) -> None:
        self._server, self._largest, self._guard = server, largest, Guarded(server, at)
        self._ssl = httpx2.create_ssl_context()
        self._proxies: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=self._ssl, network_backend=self._guard)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url, proxy = request.url, env.proxy_for(str(request.url))
        request.headers["accept-encoding"] = "identity"
        if proxy:
            self._look(url.host, url.port or (443 if url.scheme == "https" else 80))
            return self._bounded(url.host, await self._over(proxy).handle_async_request(request))
        asked = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _mapped():
            answer = await self._pool.handle_async_request(asked)
        return self._bounded(url.host, httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer)))

    def _over(self, proxy: str) -> httpx2.AsyncHTTPTransport:
        if proxy not in self._proxies:
            self._proxies[proxy] = httpx2.AsyncHTTPTransport(proxy=proxy, verify=self._ssl)
        return self._proxies[proxy]

    def _look(self, host: str, port: int) -> None:
        """The proxy looks names up itself; an address that is written out can be looked at here."""
        try:
            address = str(ipaddress.ip_address(host.strip("[]")))
        except ValueError:
            return
        self._guard.look(host, port, address)

    def _bounded(self, host: str, answer: httpx2.Response) -> httpx2.Response:
        packed = answer.headers.get("content-encoding", "identity").lower() != "identity"
        stream = _Bounded(answer, host, 0 if packed else self._largest)
        headers = [(key, value) for key, value in answer.headers.raw if key.lower() != b"content-encoding"]
        return httpx2.Response(answer.status_code, headers=headers, stream=stream)

    async def aclose(self) -> None:
        await self._pool.aclose()
        for one in self._proxies.values():
            await one.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _mapped():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, answer: httpx2.Response, host: str, largest: int) -> None:
        self._answer, self._host, self._largest = answer, host, largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._answer.aiter_raw():
            size += len(part)
            if size > self._largest:
                what = f"more than {self._largest} bytes" if self._largest else "a packed text that was not asked for"
                raise UpstreamError(f"{self._host[:200]!r} answers with {what}", code="answer_refused", retryable=False)
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextlib.contextmanager
def _mapped() -> Iterator[None]:
    """Faults of the way, as its users know them."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise httpx2.ReadTimeout(str(error)) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise httpx2.ConnectError(str(error)) from None


def client(server: str, at: Meant, patience: float, largest: int) -> httpx2.AsyncClient:
    """What asks somebody else for `server`: it follows no redirects."""
    return httpx2.AsyncClient(
        transport=Outward(server, at, largest), timeout=patience, follow_redirects=False, trust_env=False
    )


def _refused(host: str, why: str) -> UpstreamError:
    return UpstreamError(f"{host[:200]!r} is not connected to: {why}", code="address_refused", retryable=False)
