"""Names of MCP connections that any worker can read: signed, so that none has to remember them.

Older revisions of MCP begin with a handshake. What came out of it stands in the connection's name, which the client
sends with every request; whoever gets the request goes on where the other left off.
"""

import base64
import binascii
import hmac
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.store import Store

LASTS = 30 * 86_400
"""Seconds for which a connection's name is good."""
MOST_CAPABILITIES = 2_000
GOES_ON = 900
"""Seconds within which a client has to answer what an upstream wants to know."""
GOING_ON = "outrider+"
_SECRET = 1


class Agreed(msgspec.Struct, frozen=True, array_like=True):
    """What client and server agreed on: whose connection it is, the revision, what the client is and can. `made` is
    seconds since the epoch."""

    nonce: str
    project: str
    key: str
    revision: str
    client: str
    version: str
    can: dict[str, Any]
    made: int


class Seal:
    """Signs and reads names of connections with a secret of the lease store. `secret` is read once, in a thread."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._secret: bytes | None = None
        self._lock = threading.Lock()

    @property
    def learnt(self) -> bool:
        return self._secret is not None

    def learn(self) -> None:
        """Read the secret, or make it. Blocking."""
        with self._lock:
            if self._secret is not None:
                return
            found = self._store().query("SELECT secret FROM mcp_secret WHERE id = ?", (_SECRET,))
            if not found:
                with self._store().write() as tx:
                    tx.execute(
                        "INSERT INTO mcp_secret (id, secret) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                        (_SECRET, bytes.fromhex(ids.token(32))),
                    )
                found = self._store().query("SELECT secret FROM mcp_secret WHERE id = ?", (_SECRET,))
            self._secret = bytes(found[0][0])

    def name(self, agreed: Agreed) -> str:
        """The connection's name: printable ASCII without spaces. `learn` comes first."""
        payload = msgspec.msgpack.encode(agreed)
        return f"{_text(payload)}.{_text(self._mac(payload))}"

    def read(self, name: str) -> Agreed | None:
        """What was agreed on; None for a name that is forged, damaged or too old."""
        payload, _, signature = name.partition(".")
        try:
            raw, mac = _bytes(payload), _bytes(signature)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(mac, self._mac(raw)):
            return None
        try:
            agreed = msgspec.msgpack.decode(raw, type=Agreed)
        except msgspec.DecodeError:
            return None  # ours, but of another version: the client begins anew
        return agreed if agreed.made + LASTS > clock.now_ns() // 1_000_000_000 else None

    def going_on(self, call: bytes, state: str | None) -> str:
        """What a client sends back with the answers that an upstream wants for a call that was allowed: the upstream's
        own state, and that this very call (a digest) goes on."""
        until = clock.now_ns() // 1_000_000_000 + GOES_ON
        payload = msgspec.msgpack.encode((call, state, until, ids.token(12)))
        return f"{GOING_ON}{_text(payload)}.{_text(self._mac(payload, b'going on'))}"

    def goes_on(self, said: str, call: bytes) -> tuple[bool, str | None]:
        """Whether this call goes on with what was said, and the upstream's state: once, since it was allowed once.
        Blocking."""
        payload, _, signature = said.removeprefix(GOING_ON).partition(".")
        try:
            raw, mac = _bytes(payload), _bytes(signature)
            if not hmac.compare_digest(mac, self._mac(raw, b"going on")):
                return False, None
            of, state, until, mark = msgspec.msgpack.decode(raw, type=tuple[bytes, str | None, int, str])
        except (binascii.Error, ValueError, msgspec.DecodeError):
            return False, None
        if of != call or until <= clock.now_ns() // 1_000_000_000 or not self._first(mark):
            return False, None
        return True, state

    def _first(self, mark: str) -> bool:
        """Whether nobody came with this mark before. It is kept, as mail that nobody reads, while its state holds."""
        now = clock.now_ns()
        with self._store().write() as tx:
            tx.execute(
                "DELETE FROM mcp_mail WHERE connection = ? AND at < ?", (GOING_ON, now - 2 * GOES_ON * 1_000_000_000)
            )
            said = "INSERT INTO mcp_mail (connection, ref, body, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            return tx.execute(said, (GOING_ON, mark, b"", now)) > 0

    def _mac(self, payload: bytes, purpose: bytes = b"mcp connection") -> bytes:
        assert self._secret is not None, "learn comes first"
        return hmac.digest(self._secret, purpose + b"\0" + payload, "sha256")[:24]


def known_capabilities(raw: Any) -> dict[str, Any]:
    """Of a client's capabilities those that a server can use, if they are of a usual size."""
    if not isinstance(raw, dict):
        return {}
    kept = {one: raw[one] for one in ("elicitation", "sampling", "roots") if isinstance(raw.get(one), dict)}
    return kept if len(msgspec.json.encode(kept)) <= MOST_CAPABILITIES else {key: {} for key in kept}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
