"""The way to a service: its name is looked up once, and an address inside the network is connected to only if the
configuration says so. What was looked at is what is connected to."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2

from outrider.base.addresses import is_allowed
from outrider.base.errors import UpstreamError


class Guarded(httpcore2.AsyncNetworkBackend):
    """Connects to `host` only, at addresses that may be reached."""

    def __init__(self, host: str, allow: Sequence[str] = ()) -> None:
        self._host, self._allow, self._backend = host.lower(), allow, httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if host.lower() != self._host:
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
            if not is_allowed(host, ipaddress.ip_address(address), self._allow):
                raise _refused(
                    host, f"it is at {address}, inside the network; name it in `private_hosts` if it is meant"
                )
        return addresses[:4]


def _refused(host: str, why: str) -> UpstreamError:
    return UpstreamError(f"{host[:200]!r} is not connected to: {why}", code="address_refused", retryable=False)
