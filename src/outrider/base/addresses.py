"""Which addresses may be reached on somebody's behalf: those of the internet, and what an operator names."""

import contextlib
import fnmatch
import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
"""Not of the internet, though Python (3.11) thinks so of some; a cloud keeps its secrets at one."""


def is_public(address: Address) -> bool:
    """Whether it is an address of the internet, also where one of IPv4 is wrapped in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and (address in _NAT64 or int(address) >> 32 == 0):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
        if address.scope_id is not None or address.is_site_local:
            return False
    if address in _PROTOCOLS:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_allowed(host: str, address: Address, allow: Sequence[str]) -> bool:
    """Whether `host` at `address` may be reached: it is public, or the configuration names the host or a network. The
    addresses where clouds keep their secrets (link-local) must be named as networks."""
    if is_public(address):
        return True
    for entry in allow:
        with contextlib.suppress(ValueError):
            if address in ipaddress.ip_network(entry, strict=False):
                return True
            continue
        if not address.is_link_local and fnmatch.fnmatchcase(host.lower().rstrip("."), entry.lower()):
            return True
    return False
