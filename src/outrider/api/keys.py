"""`/api/keys`: the project's keys: list, make, revoke."""

import anyio.to_thread

from outrider.api import shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import RequestError
from outrider.journal import read, where


def list_(ask: Ask) -> shapes.KeyList:
    return shapes.KeyList([shapes.key(row) for row in read.list_keys(ask.store, ask.who.project)])


async def create(ask: Ask) -> shapes.MadeKey:
    name = where.label("name", ask.body.name)
    made = await ask.deps.create_key(ask.who.project, name, ask.who.key)
    return shapes.MadeKey(made, ask.who.project, name)


async def revoke(ask: Ask) -> shapes.Revoked:
    """Ends a key of the same project; doing it twice is harmless."""
    public = ask.path["public"]
    row = await anyio.to_thread.run_sync(lambda: read.find_key(ask.store, public))
    if row is None or row.project != ask.who.project:
        raise RequestError(
            f"no key {public[:100]!r} in the project {ask.who.project!r}; a new key is listed within about a second",
            status=404,
            code="key_not_found",
            param="public",
        )
    if not row.revoked_at:
        await ask.deps.revoke_key(public, ask.who.key)
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
