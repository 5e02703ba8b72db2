"""`/api/keys`: the project's keys: list, make, revoke."""

from outrider.api import shapes
from outrider.api.edge import Ask, Endpoint, Param


def list_(ask: Ask) -> shapes.KeyList:
    return shapes.KeyList([shapes.key(row) for row in ask.deps.keys.all(ask.who)])


async def create(ask: Ask) -> shapes.MadeKey:
    """Its project and team are those of the key that asks, and it gets no right that this one lacks."""
    full, made = await ask.deps.keys.create(ask.who, ask.body.name, ask.body.may)
    return shapes.MadeKey(full, made.project, made.name, made.team, made.may)


async def revoke(ask: Ask) -> shapes.Revoked:
    """Ends a key of the same project; doing it twice is harmless."""
    public = ask.path["public"]
    await ask.deps.keys.revoke(ask.who, public)
    return shapes.Revoked(public, True)


ENDPOINTS = [
    Endpoint("GET", "/api/keys", "Keys of the project", shapes.KeyList, read=list_),
    Endpoint("POST", "/api/keys", "Make a key", shapes.MadeKey, act=create, takes=shapes.NewKey, status=201),
    Endpoint(
        "DELETE",
        "/api/keys/{public}",
        "Revoke a key",
        shapes.Revoked,
        act=revoke,
        params=[Param("public", "The public part of `sk-or-<public>-…`.")],
    ),
]
