"""Keys of the project: the list, a new one (shown once), the end of one."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.console.edge import Edge, View
from outrider.journal.rows import KeyRow
from outrider.limits.rights import Right

WORDS: dict[Right, str] = {
    "approvals": "decide about calls that wait for a person",
    "budgets": "change budgets of this project",
    "deployments": "open and close breakers",
    "keys": "make and revoke keys of this project",
    "knowledge": "make, fill, change and drop collections of this project",
    "policy": "give grants to sessions and permissions to users and agents",
    "reviews": "decide about what was reviewed with it, in whosever name",
}


class KeyLine(msgspec.Struct):
    """A key as listed; nothing of its secret, not even the digest. `own` is the key this browser signed in with.

    `may` are its rights beyond calling and reading.
    """

    public: str
    name: str
    created_at: int
    revoked_at: int
    own: bool
    team: str
    may: list[str]


class Context(msgspec.Struct):
    """The project's keys, working ones first. `made` is the text of a key made just now, else "".

    `may_change` says whether this browser may make keys and revoke others than its own; `offers` are the rights that
    it can give them, with what they mean. A new key counts for `team`.
    """

    project: str
    keys: list[KeyLine]
    origin: str
    may_change: bool
    offers: list[tuple[str, str]]
    team: str
    made: str = ""
    made_name: str = ""


def load(view: View) -> Context:
    keys = view.deps.keys
    has = keys.rights(view.who)
    lines = [_line(row, view.session.key) for row in keys.all(view.who)]
    lines.sort(key=lambda line: bool(line.revoked_at))
    return Context(
        view.session.project,
        lines,
        view.origin,
        may_change="keys" in has,
        offers=[(right, WORDS[right]) for right in has],
        team=next((line.team for line in lines if line.own), ""),
    )


def _line(row: KeyRow, own: str) -> KeyLine:
    return KeyLine(
        row.public, row.name, row.created_at, row.revoked_at, row.public == own, row.team, sorted(row.may.split())
    )


def routes(edge: Edge) -> list[Route]:
    keys = edge.deps.keys

    async def create(view: View) -> Response | tuple[str, Context]:
        may = [field.removeprefix("may-") for field in view.form if field.startswith("may-")]
        text, made = await keys.create(view.who, view.form.get("name", "").strip(), may)
        page = await anyio.to_thread.run_sync(load, view)
        page.made, page.made_name = text, made.name
        return "keys.html", page

    async def revoke(view: View) -> Response | tuple[str, Context]:
        await keys.revoke(view.who, view.form.get("public", ""))
        return RedirectResponse("/keys", 303)

    return [
        *edge.page("/keys", load, "keys.html"),
        edge.action("/keys", create),
        edge.action("/keys/revoke", revoke),
    ]
