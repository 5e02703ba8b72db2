"""Users by an identity provider's word: a signed token becomes a user and roles. Nothing here trusts an unsigned one.

The token is a JWT, checked by a key set (a file, or an address that is read again when a key is unknown) or a shared
secret: its signature, when it ends, who issued it and for whom. What its claims mean is said by the configuration.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from outrider.base.errors import ConfigError, RequestError

if TYPE_CHECKING:  # for annotations only: it is heavy, and many have no identity provider
    import jwt

LEEWAY_S = 30
"""Seconds that two clocks may differ by."""
LONGEST = 16_384
MOST_ROLES = 200
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_SHARED = ("HS256", "HS384", "HS512")


class Provider(msgspec.Struct, frozen=True):
    """An identity provider. `keys` is a file or an https address of a JWKS, `secret` the shared secret instead.
    `audience` "" takes every one. Claims are named by their path (`realm_access.roles`); `roles` maps a claim's value
    to roles of ours (a value without an entry is a role by its own name if `roles` is empty, else nothing)."""

    issuer: str
    audience: str = ""
    keys: str = ""
    secret: str = ""
    user_claim: str = "sub"
    agent_claim: str = ""
    roles_claim: str = "roles"
    roles: Mapping[str, Sequence[str]] = {}


class Claims(msgspec.Struct, frozen=True):
    """What a token says: the user, their roles, and ("": nothing) the agent."""

    user: str
    roles: tuple[str, ...] = ()
    agent: str = ""


class Keys(Protocol):
    """Where the key of a token is."""

    def key(self, token: str) -> Any: ...


class Verifier:
    """Checks tokens of one provider. Blocking where it has to read keys; thread-safe."""

    def __init__(self, provider: Provider, folder: Path = Path()) -> None:
        """Raises ConfigError where keys are missing or cannot be read."""
        if bool(provider.keys) == bool(provider.secret):
            raise ConfigError("policy.identity: say either where its keys are (`keys`) or the shared `secret`")
        if provider.secret and len(provider.secret.encode()) < 32:
            raise ConfigError("policy.identity.secret: a shared secret has at least 32 bytes")
        self._provider = provider
        self._keys = _keys(provider, folder)
        self._algorithms = list(_SHARED if provider.secret else _SIGNED)

    def claims(self, token: str) -> Claims:
        """Raises RequestError 401 `invalid_identity` for a token that does not hold, 503 where keys are away."""
        import jwt

        if len(token) > LONGEST:
            raise _refused(f"it is longer than {LONGEST} characters")
        try:
            said: dict[str, Any] = jwt.decode(
                token,
                self._keys.key(token),
                algorithms=self._algorithms,
                issuer=self._provider.issuer,
                audience=self._provider.audience or None,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss"], "verify_aud": bool(self._provider.audience)},
            )
        except jwt.PyJWKClientConnectionError:
            raise RequestError(
                "the identity provider's keys cannot be read now; try again",
                status=503,
                code="identity_unavailable",
                kind="server_error",
            ) from None
        except (jwt.PyJWTError, KeyError, ValueError, RecursionError) as error:
            raise _refused(str(error)[:200] or type(error).__name__) from None
        return self._meaning(said)

    def _meaning(self, said: Mapping[str, Any]) -> Claims:
        user = _at(said, self._provider.user_claim)
        if not isinstance(user, str | int) or isinstance(user, bool) or not _name(user):
            raise _refused(f"its claim {self._provider.user_claim!r} names no user")
        agent = _at(said, self._provider.agent_claim) if self._provider.agent_claim else ""
        found = _at(said, self._provider.roles_claim)
        values = found.split() if isinstance(found, str) else found if isinstance(found, list) else []
        roles: dict[str, None] = {}
        for value in values[:MOST_ROLES]:
            if isinstance(value, str):
                roles |= dict.fromkeys(self._provider.roles.get(value, ()) if self._provider.roles else (value,))
        return Claims(_name(user), tuple(roles), _name(agent) if isinstance(agent, str) else "")


class _Secret:
    def __init__(self, secret: str) -> None:
        self._secret = secret

    def key(self, token: str) -> str:
        return self._secret


class _File:
    """A key set in a file, read once; a changed configuration reads it again."""

    def __init__(self, path: Path) -> None:
        import jwt

        try:
            self._set: jwt.PyJWKSet = jwt.PyJWKSet.from_json(path.read_text("utf-8"))
        except (OSError, ValueError, jwt.PyJWTError) as error:
            raise ConfigError(f"policy.identity.keys: {path} is no set of keys that can be read: {error}") from None

    def key(self, token: str) -> "jwt.PyJWK":
        import jwt

        kid = jwt.get_unverified_header(token).get("kid")
        if kid is None and len(self._set.keys) == 1:
            return self._set.keys[0]
        return self._set[str(kid)]


class _Address:
    def __init__(self, url: str) -> None:
        import jwt

        self._client = jwt.PyJWKClient(url, cache_keys=True, lifespan=600, timeout=10)

    def key(self, token: str) -> "jwt.PyJWK":
        return self._client.get_signing_key_from_jwt(token)


def _keys(provider: Provider, folder: Path) -> Keys:
    if provider.secret:
        return _Secret(provider.secret)
    if "://" not in provider.keys:
        return _File(folder / provider.keys)
    if not provider.keys.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ConfigError("policy.identity.keys: give a file, or an address that begins with https://")
    return _Address(provider.keys)


def _at(said: Mapping[str, Any], path: str) -> Any:
    """The claim at a path; one whose own name has dots (an address) comes first."""
    if path in said:
        return said[path]
    found: Any = said
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _name(said: str | int) -> str:
    """A name as it is kept, or "" if it is none."""
    text = str(said).strip()
    return text if text.isprintable() and len(text) <= 256 else ""


def _refused(why: str) -> RequestError:
    return RequestError(
        f"the identity token does not hold: {why}",
        status=401,
        code="invalid_identity",
        kind="authentication_error",
        headers=(("www-authenticate", 'Bearer error="invalid_token"'),),
    )
