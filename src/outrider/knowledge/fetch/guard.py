"""The way to the network: every address is looked at when it is connected to, and none inside the network is."""

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2

from outrider.base.addresses import is_allowed
from outrider.base.errors import Unreadable


class Refused(Unreadable):
    """An address that is not to be reached."""

    code = "address_refused"


class Guarded(httpcore2.NetworkBackend):
    """Resolves a name once, refuses it if one of its addresses may not be reached, and connects to what was looked at:
    a name that answers differently the second time gains nothing."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self._allow, self._backend = allow, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self.looked_at(host, port)
        for number, address in enumerate(addresses):
            try:
                return self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses) - 1:
                    raise
        raise httpcore2.ConnectError(f"{host!r} has no address")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        raise Refused("It leads to a socket of this machine, which is refused.")

    def looked_at(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of which may be reached. Raises Refused."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError, ValueError, OverflowError):
            raise httpcore2.ConnectError(f"the host {host[:200]!r} is not known") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not is_allowed(host, ipaddress.ip_address(address), self._allow):
                raise Refused(
                    f"The host {host[:200]!r} is at {address}, inside the network, which is refused. Allow the host in "
                    "the configuration if it is meant."
                )
        return addresses[:4]
