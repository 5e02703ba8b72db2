"""Signing in to the console: signed tokens without server state, and links that work once.

A session is a signed statement «this browser holds key K of project P until T»; any worker that knows the secret
file can read it, also after a restart. Only the use of a link is state: one empty file, created exclusively.
"""

import base64
import binascii
import hashlib
import hmac
import os
from pathlib import Path

import msgspec

from outrider.base import clock, ids
from outrider.base.session import Session
from outrider.limits.keys import Identity

SESSION_SECONDS = 14 * 86400
LINK_SECONDS = 15 * 60
FORM_SECONDS = 3600
PASTED, OPERATOR = "session", "operator"
"""Kinds of sessions: signed in with a pasted key, or by a link."""


class _Claim(msgspec.Struct, array_like=True, frozen=True):
    """What a token states. `kind` keeps a link from being used as a session and the other way round."""

    kind: str
    project: str
    key: str
    nonce: str
    expires: int


class SignIns:
    """Makes and reads sign-in tokens with the secret under `home/console` (created on first use, mode 0600)."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "console"
        self._known: bytes | None = None

    def open(self, identity: Identity) -> str:
        """A new session's token, for the cookie."""
        kind = OPERATOR if identity.operator else PASTED
        return self._sign(_Claim(kind, identity.project, identity.key, ids.token(12), _now() + SESSION_SECONDS))

    def verify(self, token: str) -> Session | None:
        """The session behind a cookie, or None if it is forged, damaged or expired. Needs no store; under 20 µs."""
        claim = self._read(token, PASTED, OPERATOR)
        if claim is None:
            return None
        csrf = self._mac(b"csrf", claim.nonce.encode()).hex()
        return Session(claim.project, claim.key, csrf, claim.expires, claim.kind == OPERATOR)

    def anonymous(self, project: str) -> Session:
        """The session that everybody has when auth is off."""
        return Session(project, "", self._mac(b"csrf", b"anonymous").hex(), 2**53)

    def link(self, identity: Identity) -> str:
        """A token for `/login?token=…`: signs in once, within 15 minutes."""
        return self._sign(_Claim("link", identity.project, identity.key, ids.token(16), _now() + LINK_SECONDS))

    def redeem(self, token: str) -> Identity | None:
        """Who a link signs in, once over all workers, as operator; None if it was used, has expired or is not ours."""
        claim = self._read(token, "link")
        if claim is None or not self._first_use(claim.nonce):
            return None
        return Identity(claim.project, claim.key, operator=True)

    def form(self) -> str:
        """A token for the sign-in form: set as a cookie and as a hidden field, both must come back the same."""
        return self._sign(_Claim("form", "", "", ids.token(12), _now() + FORM_SECONDS))

    def form_ok(self, cookie: str, field: str) -> bool:
        same = hmac.compare_digest(cookie.encode(), field.encode())
        return same and self._read(cookie, "form") is not None

    def _sign(self, claim: _Claim) -> str:
        payload = msgspec.msgpack.encode(claim)
        return f"{_text(payload)}.{_text(self._mac(b'token', payload))}"

    def _read(self, token: str, *kinds: str) -> _Claim | None:
        payload, _, signature = token.partition(".")
        try:
            raw, mac = _bytes(payload), _bytes(signature)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(mac, self._mac(b"token", raw)):
            return None
        try:
            claim = msgspec.msgpack.decode(raw, type=_Claim)
        except msgspec.DecodeError:
            return None  # ours, but of another version: sign in again
        return claim if claim.kind in kinds and claim.expires > _now() else None

    def _mac(self, purpose: bytes, message: bytes) -> bytes:
        return hmac.digest(self._secret(), purpose + b"\0" + message, "sha256")

    def _secret(self) -> bytes:
        if self._known is None:
            self._known = _secret_file(self._folder)
        return self._known

    def _first_use(self, nonce: str) -> bool:
        used = self._folder / "used"
        used.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in used.iterdir():
            _forget(old, older_than=_now() - 2 * LINK_SECONDS)
        try:
            os.close(os.open(used / hashlib.sha256(nonce.encode()).hexdigest(), os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True


def _secret_file(folder: Path) -> bytes:
    """The secret, made by whoever comes first: written aside, then linked, so nobody reads half of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, aside = folder / "secret", folder / f".secret-{ids.token(8)}"
    if not path.exists():
        fd = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(bytes.fromhex(ids.token(32)))
        try:
            os.link(aside, path)
        except FileExistsError:
            pass  # another worker was first; its secret counts
        finally:
            aside.unlink()
    return path.read_bytes()


def _forget(path: Path, *, older_than: int) -> None:
    try:
        if path.stat().st_mtime < older_than:
            path.unlink()
    except FileNotFoundError:
        pass  # another worker cleaned up


def _now() -> int:
    return clock.now_ns() // 1_000_000_000


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
