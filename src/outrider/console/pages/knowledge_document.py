"""One document: its text, versions and labels, what was noticed at the door."""

from typing import get_args

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages.knowledge import changeable, collection_of, knowing, may_change, principals
from outrider.journal import where
from outrider.journal.events import DocumentChange, DocumentsChanged
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Document, Trust

SHOWN = 60_000
TRUSTS = (
    ("trusted", "trusted"),
    ("untrusted", "untrusted: found, and marked"),
    ("quarantined", "quarantined: never found"),
)


class Context(msgspec.Struct):
    """`text` is in pieces (text, whether it is the passage that was asked for with `?at=start-end`); `cut`: there is
    more of it."""

    name: str
    document: Document
    text: list[tuple[str, bool]]
    cut: bool
    versions: list[Document]
    meta: list[tuple[str, str]]
    may_change: bool
    notice: str = ""
    problem: str = ""
    trusts: list[tuple[str, str]] = msgspec.field(default_factory=lambda: list(TRUSTS))


def load(view: View) -> Context:
    library, collection = collection_of(view)
    document, versions = _version(view, library, collection)
    text = library.text(collection, document)
    return Context(
        name=collection.name,
        document=document,
        text=pieces(text, view.query.get("at", "")),
        cut=len(text) > SHOWN,
        versions=list(reversed(versions)),
        meta=[(name, str(value)[:500]) for name, value in document.meta.items()],
        may_change=may_change(view, collection),
        notice="What it is labelled with is changed." if view.query.get("done") == "labelled" else "",
    )


def pieces(text: str, at: str) -> list[tuple[str, bool]]:
    """The beginning of `text`, cut at the span `at` (`120-340`)."""
    shown = text[:SHOWN]
    if not at:
        return [(shown, False)]
    first, _, last = at.partition("-")
    start, end = where.whole("at", first, 0, 10**9), where.whole("at", last, 0, 10**9)
    if start >= end or end > len(text):
        return [(shown, False)]
    shown = text[: max(SHOWN, end + 1000)]
    return [p for p in ((shown[:start], False), (shown[start:end], True), (shown[end:], False)) if p[0]]


def _version(view: View, library: Library, collection: Collection) -> tuple[Document, list[Document]]:
    """The version of the address (default: the one that holds, or held last) and all of them."""
    versions = library.versions(collection, view.path["id"], principals(view))
    if not versions:
        raise RequestError("no such document here", status=404, code="unknown_document", param="document")
    asked = view.query.get("version", "")
    number = where.whole("version", asked, 1, 10**9) if asked else 0
    found = next((v for v in reversed(versions) if not number or v.number == number), None)
    if found is None:
        raise RequestError(f"the document has no version {number}", status=404, param="version")
    return found, versions


async def download(request: Request, view: View) -> Response:
    def read() -> str:
        library, collection = collection_of(view)
        return library.text(collection, _version(view, library, collection)[0])

    headers = {"content-disposition": 'attachment; filename="document.txt"', "content-security-policy": "sandbox"}
    return Response(await anyio.to_thread.run_sync(read), media_type="text/plain", headers=headers)


def _label(view: View) -> str:
    library, collection = changeable(view)
    trust = view.form.get("trust", "")
    if trust not in get_args(Trust):
        raise RequestError(f"`trust` is one of {', '.join(get_args(Trust))}", param="trust")
    readers = tuple(dict.fromkeys(r.strip() for r in view.form.get("readers", "").split(",") if r.strip()))
    _readable(view, library, collection)
    document = view.form.get("document", "")
    library.label(collection, document, trust=msgspec.convert(trust, Trust), readers=readers)
    seen = library.versions(collection, document, principals(view))
    return f"/knowledge/{collection.name}" + (f"/documents/{document}?done=labelled" if seen else "")


def _readable(view: View, library: Library, collection: Collection) -> None:
    """Nobody changes what they may not read. Raises RequestError (404)."""
    if not library.versions(collection, view.form.get("document", ""), principals(view)):
        raise RequestError("no such document here", status=404, code="unknown_document", param="document")


def _remove(view: View) -> str:
    library, collection = changeable(view)
    _readable(view, library, collection)
    one, erase = library.document(collection, view.form.get("document", "")), "erase" in view.form
    library.remove(collection, one.id, erase=erase)
    change = DocumentChange(one.id, one.number, "erased" if erase else "ended", one.hash)
    event = DocumentsChanged(collection.project, collection.name, clock.now_ns(), [change], key=view.session.key)
    knowing(view).record(event)
    return f"/knowledge/{collection.name}?done=removed"


def routes(edge: Edge) -> list[Route]:
    async def label(view: View) -> Response:
        return RedirectResponse(await anyio.to_thread.run_sync(_label, view), 303)

    async def remove(view: View) -> Response:
        return RedirectResponse(await anyio.to_thread.run_sync(_remove, view), 303)

    return [
        edge.raw("/knowledge/{name}/documents/{id}/text", download),
        *edge.page("/knowledge/{name}/documents/{id}", load, "knowledge_document.html"),
        edge.action("/knowledge/{name}/label", label),
        edge.action("/knowledge/{name}/remove", remove),
    ]
