"""Keys `sk-or-<public>-<secret>`: made here, shown once, kept as a SHA-256 digest, checked from memory.

The digest of a 192-bit random secret needs no slow hash: it cannot be guessed. A `KeyRing` answers from memory;
an unknown public part is looked up in the store once (in a thread) and remembered as unknown for a moment, so a
flood of wrong keys costs no database work.
"""

import asyncio
import hashlib
import hmac
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import ConfigError
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.journal.rows import KeyRow

PREFIX = "sk-or-"
UNKNOWN_FOR_NS = 2_000_000_000
UNKNOWN_MOST = 10_000
UNIDENTIFIED = "unidentified"
"""The project of requests that nobody claims. No key can belong to it: only who can read the store sees it."""


class Identity(msgspec.Struct, frozen=True):
    """Who a request comes from: the project and the public part of the key ("" with auth off).

    `team` is whom its calls count for ("": nobody). `operator`: a browser that signed in by a link.
    """

    project: str
    key: str
    team: str = ""
    operator: bool = False

    @property
    def runs_outrider(self) -> bool:
        """No project's key does."""
        return self.operator or not self.key


class KnownKey(msgspec.Struct, frozen=True):
    """A key as the ring needs it. `revoked_at` is nanoseconds since the epoch; 0 or None: it is live."""

    public: str
    project: str
    digest: bytes
    revoked_at: int | None = None
    team: str = ""


def known(row: KeyRow) -> KnownKey:
    """The key of a row of the store."""
    return KnownKey(row.public, row.project, row.digest, row.revoked_at, row.team)


def digest(full_key: str) -> bytes:
    """SHA-256 of the whole key, 32 bytes."""
    return hashlib.sha256(full_key.encode()).digest()


def new_key(
    project: str, name: str = "", by: str = "", *, team: str = "", may: Sequence[str] = ()
) -> tuple[str, KeyCreated]:
    """A fresh key and the event that records it. The text is the only copy of the secret. Raises ConfigError."""
    if project == UNIDENTIFIED:
        raise ConfigError(
            f"the project {project!r} is kept for requests that nobody claims; make the key in another one"
        )
    public = ids.token(8)
    full = f"{PREFIX}{public}-{ids.token(24)}"
    event = KeyCreated(public, project, digest(full), clock.now_ns(), name, by, team, list(may))
    return full, event


def public_part(full_key: str) -> str | None:
    """The public part of a well-formed key, else None."""
    if not full_key.startswith(PREFIX):
        return None
    public, dash, secret = full_key[len(PREFIX) :].partition("-")
    return public if dash and public and secret else None


class KeyRing:
    """The keys that this process knows. `find` reads one key from the store, in a thread of the caller's choice."""

    def __init__(self, find: Callable[[str], Awaitable[KnownKey | None]]) -> None:
        self._find = find
        self._keys: dict[str, tuple[bytes, Identity]] = {}
        self._revoked: set[str] = set()
        self._unknown: dict[str, int] = {}
        self._asking: dict[str, asyncio.Future[None]] = {}

    def load(self, keys: Iterable[KnownKey]) -> None:
        """Take over the store's present list: new keys work and revoked ones stop at once."""
        for key in keys:
            self._learn(key)

    def _learn(self, key: KnownKey) -> None:
        if key.revoked_at:
            self._keys.pop(key.public, None)
            self._revoked.add(key.public)
        elif key.public not in self._revoked:
            self._keys[key.public] = (key.digest, Identity(key.project, key.public, key.team))
            self._unknown.pop(key.public, None)

    def follow(self, change: KeyCreated | KeyRevoked) -> None:
        """Take over a key that was made or ended just now, before the store knows."""
        if isinstance(change, KeyRevoked):
            self._learn(KnownKey(change.public, "", b"", change.at))
        else:
            self._learn(KnownKey(change.public, change.project, change.digest, team=change.team))

    def is_revoked(self, public: str) -> bool:
        return public in self._revoked

    def identity(self, public: str) -> Identity | None:
        """Who the key with this public part belongs to, for a browser that signed in with it; None: not known here."""
        found = self._keys.get(public)
        return found[1] if found is not None else None

    def check(self, full_key: str) -> Identity | None:
        """The identity behind a key that is in memory, else None. Compares in constant time."""
        public = full_key[6:22]
        known = self._keys.get(public)
        if known is None or full_key[:6] != PREFIX or not hmac.compare_digest(digest(full_key), known[0]):
            return None
        return known[1]

    async def look_up(self, full_key: str) -> Identity | None:
        """As `check`, asking the store for a key that this process has not seen yet."""
        public = public_part(full_key)
        if public is None or public in self._revoked:
            return None
        if public not in self._keys:
            until = self._unknown.get(public, 0)
            if clock.mono_ns() < until:
                return None
            await self._ask(public)
        return self.check(full_key)

    async def _ask(self, public: str) -> None:
        """One question to the store at a time per key, shared by all who wait for it."""
        waiting = self._asking.get(public)
        if waiting is not None:
            return await asyncio.shield(waiting)
        waiting = self._asking[public] = asyncio.get_running_loop().create_future()
        try:
            found = await self._find(public)
            if found is not None:
                self._learn(found)
            else:
                if len(self._unknown) >= UNKNOWN_MOST:
                    self._unknown.clear()
                self._unknown[public] = clock.mono_ns() + UNKNOWN_FOR_NS
        finally:
            del self._asking[public]
            waiting.set_result(None)


class KeptKeys:
    """A file with the keys that were known last: no secret in it, only digests. For a start without the store."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: list[KnownKey] | None = None

    def write(self, keys: list[KnownKey]) -> None:
        """Replace the file if the keys changed. Blocking."""
        if keys == self._written:
            return
        aside = self._path.with_suffix(f".{os.getpid()}")
        with open(os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(msgspec.msgpack.encode(keys))
        os.replace(aside, self._path)
        self._written = keys

    def read(self) -> list[KnownKey]:
        """The keys of the file; none if there is none. Blocking."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=list[KnownKey])
        except (FileNotFoundError, msgspec.DecodeError):
            return []
