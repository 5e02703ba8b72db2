"""What users allowed Outrider to use in their name: tokens in the lease store, encrypted with a key outside of it.

A token belongs to a user of a project at a server, and is used for that user's calls alone. Blocking.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from outrider.base import clock, env
from outrider.base.errors import OutriderError
from outrider.store import Store

KEY_FILE = "credentials.key"
KEY_VARIABLE = "OUTRIDER_CREDENTIALS_KEY"
CLAIMED = "refreshes:"
CONNECT_NS = 15 * 60 * 1_000_000_000
"""How long a user may take to allow it."""


class Token(msgspec.Struct, frozen=True):
    """What a server gave. `expires` is ns (0: not said). The other fields are what a refresh needs."""

    access: str
    refresh: str = ""
    expires: int = 0
    scope: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    resource: str = ""


class Pending(msgspec.Struct, frozen=True):
    """A user who was sent to a server to allow it. `verifier` is the secret of PKCE."""

    server: str
    project: str
    user: str
    verifier: str
    redirect: str
    authorize_url: str
    token_url: str
    issuer: str
    client_id: str
    client_secret: str
    scope: str
    resource: str


class Owner(msgspec.Struct, frozen=True):
    """Whose a token is."""

    server: str
    project: str
    user: str


class Connection(msgspec.Struct, frozen=True):
    """A connected account, for lists: no secret is in it. Times are ns."""

    server: str
    project: str
    user: str
    made: int
    expires: int


class _Sealed(msgspec.Struct, frozen=True):
    """What is encrypted: the owner is inside, so that a row cannot be given to somebody else."""

    owner: Owner
    token: Token


class Vault:
    """Tokens of a lease store."""

    def __init__(self, store: Callable[[], Store], home: Path) -> None:
        self._store, self._home = store, home
        self._key: bytes | None = None

    def put(self, owner: Owner, token: Token) -> None:
        sealed = self._seal(msgspec.msgpack.encode(_Sealed(owner, token)))
        with self._store().write() as tx:
            tx.execute("DELETE FROM tool_credentials WHERE server = ? AND project = ? AND who = ?", _key_of(owner))
            tx.execute(
                "INSERT INTO tool_credentials (server, project, who, made, expires, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                (*_key_of(owner), clock.now_ns(), token.expires, sealed),
            )

    def get(self, owner: Owner) -> Token | None:
        """The token, or None: nobody connected, or it was sealed with another key or for somebody else."""
        rows = self._store().query(
            "SELECT sealed FROM tool_credentials WHERE server = ? AND project = ? AND who = ?", _key_of(owner)
        )
        for (sealed,) in rows:
            opened = self._open(sealed)
            if opened is not None:
                found = msgspec.msgpack.decode(opened, type=_Sealed)
                return found.token if found.owner == owner else None
        return None

    def remove(self, owner: Owner, only: Token | None = None) -> bool:
        """Forget a token (or `only` this one, and none that came in its place); whether there was one."""
        with self._store().write() as tx:
            if only is not None:
                rows = tx.query(
                    "SELECT sealed FROM tool_credentials WHERE server = ? AND project = ? AND who = ?", _key_of(owner)
                )
                opened = self._open(rows[0][0]) if rows else None
                if opened is None or msgspec.msgpack.decode(opened, type=_Sealed).token.access != only.access:
                    return False
            gone = tx.execute(
                "DELETE FROM tool_credentials WHERE server = ? AND project = ? AND who = ?", _key_of(owner)
            )
        return gone > 0

    def claim(self, owner: Owner, lasts: int) -> bool:
        """Whether the caller alone refreshes this token now; for `lasts` ns, or until `release`."""
        now, mark = clock.now_ns(), _mark(owner)
        with self._store().write() as tx:
            tx.execute("DELETE FROM tool_connections WHERE state = ? AND expires < ?", (mark, now))
            claimed = tx.execute(
                "INSERT INTO tool_connections (state, expires, sealed) VALUES (?, ?, ?) ON CONFLICT (state) DO NOTHING",
                (mark, now + lasts, b""),
            )
        return claimed > 0

    def release(self, owner: Owner) -> None:
        with self._store().write() as tx:
            tx.execute("DELETE FROM tool_connections WHERE state = ?", (_mark(owner),))

    def connections(self, project: str = "", server: str = "") -> list[Connection]:
        """Who is connected where, newest first."""
        rows = self._store().query(
            "SELECT server, project, who, made, expires FROM tool_credentials"
            " WHERE (? = '' OR project = ?) AND (? = '' OR server = ?) ORDER BY made DESC",
            (project, project, server, server),
        )
        return [Connection(*row) for row in rows]

    def begin(self, state: str, pending: Pending) -> None:
        """Remember a user who is on their way."""
        now = clock.now_ns()
        with self._store().write() as tx:
            tx.execute("DELETE FROM tool_connections WHERE expires < ?", (now,))
            tx.execute(
                "INSERT INTO tool_connections (state, expires, sealed) VALUES (?, ?, ?)",
                (state, now + CONNECT_NS, self._seal(msgspec.msgpack.encode(pending))),
            )

    def take(self, state: str) -> Pending | None:
        """Who comes back with `state`: once, and in time."""
        if state.startswith(CLAIMED):
            return None
        with self._store().write() as tx:
            rows = tx.query(
                "SELECT sealed FROM tool_connections WHERE state = ? AND expires > ?", (state, clock.now_ns())
            )
            tx.execute("DELETE FROM tool_connections WHERE state = ?", (state,))
        opened = self._open(rows[0][0]) if rows else None
        return msgspec.msgpack.decode(opened, type=Pending) if opened is not None else None

    def expected(self, state: str) -> Owner | None:
        """Whose answer is waited for under `state`, which stays to be taken."""
        rows = self._store().query(
            "SELECT sealed FROM tool_connections WHERE state = ? AND expires > ?", (state, clock.now_ns())
        )
        opened = self._open(rows[0][0]) if rows else None
        if opened is None:
            return None
        found = msgspec.msgpack.decode(opened, type=Pending)
        return Owner(found.server, found.project, found.user)

    def _seal(self, plain: bytes) -> bytes:
        from cryptography.fernet import Fernet

        return Fernet(self._secret()).encrypt(plain)

    def _open(self, sealed: bytes) -> bytes | None:
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._secret()).decrypt(bytes(sealed))
        except InvalidToken:
            return None

    def _secret(self) -> bytes:
        """The key: that of the environment (several machines share it), else a file of mode 0600, made at first use."""
        if self._key is None:
            self._key = key_of_home(self._home)
        return self._key


def _mark(owner: Owner) -> str:
    """What stands among the connections while a token is refreshed."""
    return CLAIMED + hashlib.sha256(msgspec.json.encode(_key_of(owner))).hexdigest()


def _key_of(owner: Owner) -> tuple[str, str, str]:
    return owner.server, owner.project, owner.user


def key_of_home(home: Path) -> bytes:
    """The key that this home's secrets are sealed with. Raises OutriderError if it is none."""
    given = env.get(KEY_VARIABLE)
    key = given.encode() if given else _kept_key(home / KEY_FILE)
    _check(key)
    return key


def _check(key: bytes) -> None:
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        raise OutriderError(
            f"the key of the credentials is no key: {KEY_VARIABLE} (or {KEY_FILE}) has 32 bytes in URL-safe base64"
        ) from None


def _kept_key(path: Path) -> bytes:
    """The key in a file. It is written aside and linked into place, so that two processes take the same one."""
    from cryptography.fernet import Fernet

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    return path.read_bytes().strip()
