"""Keys: created and revoked. The secret never enters the journal, only its hash."""

import msgspec


class KeyCreated(msgspec.Struct, tag_field="kind", tag="key.created", omit_defaults=True):
    """`public` is the public part of `sk-or-<public>-<secret>`; `digest` is SHA-256 of the whole key (32 bytes).

    `team` is whom its calls count for. `may` are rights beyond calling and reading (`limits.rights.RIGHTS`).
    """

    public: str
    project: str
    digest: bytes
    at: int
    name: str = ""
    by: str = ""
    team: str = ""
    may: list[str] = []
    v: int = 1


class KeyRevoked(msgspec.Struct, tag_field="kind", tag="key.revoked", omit_defaults=True):
    """The key with this public part stopped working; `by` says who did it."""

    public: str
    at: int
    by: str = ""
    v: int = 1
