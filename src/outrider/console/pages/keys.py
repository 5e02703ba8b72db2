"""Keys of the project: the list, a new one (shown once), the end of one."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.journal import read, where
from outrider.journal.rows import KeyRow


class KeyLine(msgspec.Struct):
    """A key as listed; nothing of its secret, not even the digest. `own` is the key this browser signed in with."""

    public: str
    name: str
    created_at: int
    revoked_at: int
    own: bool


class Context(msgspec.Struct):
    """The project's keys, working ones first. `made` is the text of a key made just now, else ""."""

    project: str
    keys: list[KeyLine]
    origin: str
    made: str = ""
    made_name: str = ""


def load(view: View) -> Context:
    rows = read.list_keys(view.store, view.session.project)
    rows.sort(key=lambda row: bool(row.revoked_at))
    return Context(view.session.project, [_line(row, view.session.key) for row in rows], view.origin)


def _line(row: KeyRow, own: str) -> KeyLine:
    return KeyLine(row.public, row.name, row.created_at, row.revoked_at, row.public == own)


def routes(edge: Edge) -> list[Route]:
    deps = edge.deps

    async def create(view: View) -> Response | tuple[str, Context]:
        name = where.label("name", view.form.get("name", "").strip())
        text = await deps.create_key(view.session.project, name, view.session.key)
        page = await anyio.to_thread.run_sync(load, view)
        page.made, page.made_name = text, name
        return "keys.html", page

    async def revoke(view: View) -> Response | tuple[str, Context]:
        public = view.form.get("public", "")
        row = await anyio.to_thread.run_sync(lambda: read.find_key(view.store, public))
        if row is None or row.project != view.session.project:
            raise RequestError(
                "this key is not in your project, or was made less than a second ago", status=404, code="key_not_found"
            )
        if not row.revoked_at:
            await deps.revoke_key(public, view.session.key)
        return RedirectResponse("/keys", 303)

    return [
        *edge.page("/keys", load, "keys.html"),
        edge.action("/keys", create),
        edge.action("/keys/revoke", revoke),
    ]
