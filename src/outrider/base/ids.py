"""Identifiers: UUIDv7 run ids and opaque random names. The only place that asks for randomness."""

import os
import uuid

from outrider.base import clock

_last_ms = 0
_counter = 0


_pool = b""


def _noise(size: int) -> bytes:
    """Random bytes from a pool that is filled by one call to the system for many ids. Not for secrets."""
    global _pool
    if len(_pool) < size:
        _pool = os.urandom(128 * size)
    taken, _pool = _pool[-size:], _pool[:-size]
    return taken


def new_id() -> bytes:
    """A UUIDv7 (RFC 9562) as 16 bytes, strictly increasing inside this process.

    The 12 bits of `rand_a` are a counter that starts at a random low value each millisecond, so ids made
    in the same millisecond keep their order (RFC 9562, section 6.2, method 1).
    """
    global _last_ms, _counter
    ms = clock.now_ns() // 1_000_000
    noise = int.from_bytes(_noise(9))
    if ms > _last_ms:
        _last_ms, _counter = ms, noise >> 62 & 0x3FF
    else:
        _counter += 1
        if _counter > 0xFFF:
            _last_ms, _counter = _last_ms + 1, 0
    return (
        (_last_ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | _counter << 64 | 0b10 << 62 | noise & 0x3FFF_FFFF_FFFF_FFFF
    ).to_bytes(16)


def text(id_: bytes) -> str:
    """The usual 36-character form of a 16-byte id."""
    h = id_.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def parse(value: str) -> bytes:
    """16 bytes from the text form (with or without dashes). Raises ValueError if it is not a UUID."""
    return uuid.UUID(value).bytes


def token(size: int = 24) -> str:
    """A URL-safe random secret of `size` random bytes, as hexadecimal text."""
    return os.urandom(size).hex()
