"""Trying a collection: one query by several strategies side by side, and questions answered with their passages."""

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from outrider.base import ids, plugins
from outrider.base.errors import OutriderError, RequestError
from outrider.casebook.snippets import marks
from outrider.console import answers, render
from outrider.console.answers import Cite, Reply
from outrider.console.edge import Edge, View
from outrider.console.pages.knowledge import collection_of, knowing, principals
from outrider.journal import where
from outrider.knowledge.answer import Answer, Citation, Sentence, answer
from outrider.knowledge.library import Library
from outrider.knowledge.recording import Asker, search_run
from outrider.knowledge.records import Collection, Found, Hit, Query

MOST = 4
LIMIT = 8
NEAR = 3


class HitLine(msgspec.Struct):
    """A passage with its scores. `moved` is its place under the first strategy beside it."""

    title: str
    href: str
    headings: str
    text: list[tuple[str, bool]]
    score: float
    parts: list[tuple[str, float]]
    moved: str = ""


class Lane(msgspec.Struct):
    """What one strategy found; `took` ns, `cost` nano-dollars. `problem`: why it could not search. `run`
    leads to the search in the record. `words_only`: why it did without vectors."""

    strategy: str
    hits: list[HitLine] = []
    took: int = 0
    candidates: int = 0
    cost: int = 0
    asked: list[str] = []
    problem: str = ""
    run: str = ""
    words_only: str = ""


class Context(msgspec.Struct):
    """`strategies` are all there are, with whether each is asked."""

    name: str
    q: str
    as_of: str
    strategies: list[tuple[str, bool]]
    lanes: list[Lane]
    problem: str = ""


class AskContext(msgspec.Struct):
    """`near` are the nearest passages where the question was not answered. `words_only`: why vectors were left out."""

    name: str
    q: str
    answer: Reply | None = None
    near: list[HitLine] = []
    problem: str = ""
    words_only: str = ""


def load(view: View) -> Context:
    library, collection = collection_of(view)
    known = plugins.names("outrider.knowledge.strategies")
    chosen = [name for name in view.several("strategy") if name]
    if wrong := [name for name in chosen if name not in known]:
        raise RequestError(f"no strategy {wrong[0][:40]!r}; there are: {', '.join(known)}", param="strategy")
    names = chosen[:MOST] or [name for name in ("keyword", "vector", "hybrid") if name in known]
    q, as_of = view.query.get("q", "").strip(), view.query.get("as_of", "").strip()
    page = Context(collection.name, q, as_of, [(name, name in names) for name in known], [])
    if len(chosen) > MOST:
        page.problem = f"At most {MOST} strategies fit beside each other; these are the first."
    if q:
        query = Query(q, LIMIT, principals=principals(view), as_of=where.moment("as_of", as_of) if as_of else 0)
        page.lanes = [_lane(view, library, collection, msgspec.structs.replace(query, strategy=s)) for s in names]
        _compare(page.lanes)
    return page


def _lane(view: View, library: Library, collection: Collection, query: Query) -> Lane:
    try:
        found = library.search(collection, query)
    except OutriderError as error:
        return Lane(query.strategy, problem=error.message)
    run = _record(view, collection, query, found, "knowledge.search")
    hits = [line(collection, hit, query.text) for hit in found.hits]
    return Lane(
        query.strategy, hits, found.duration, found.candidates, found.cost, list(found.asked), run=run,
        words_only=found.words_only,
    )  # fmt: skip


def _record(view: View, collection: Collection, query: Query, found: Found, name: str) -> str:
    """Write the search into the journal; the address of its run."""
    asker = Asker(view.session.project, view.session.key, name=name, source="console")
    run, bodies = search_run(asker, collection, query, found)
    knowing(view).record(run, bodies)
    return f"/runs/{ids.text(run.id)}"


def line(collection: Collection, hit: Hit, text: str = "") -> HitLine:
    chunk = hit.chunk
    return HitLine(
        title=hit.document.title or hit.document.source,
        href=place(collection, hit.document.id, chunk.number, chunk.start, chunk.end),
        headings=" › ".join(heading for heading in chunk.headings if not heading.startswith("|")),
        text=_marked(chunk.text, text),
        score=hit.score,
        parts=list(hit.parts.items()),
    )


def _marked(text: str, words: str) -> list[tuple[str, bool]]:
    """`text` cut at the words that were asked for."""
    pieces, at = [], 0
    for start, end in marks(text, [words]):
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def place(collection: Collection, document: str, version: int, start: int, end: int) -> str:
    """Where a passage is read in its document."""
    return f"/knowledge/{collection.name}/documents/{document}?version={version}&at={start}-{end}#here"


def _compare(lanes: list[Lane]) -> None:
    """Beside the first strategy, where each passage moved."""
    before = {hit.href: n for n, hit in enumerate(lanes[0].hits, 1)} if lanes else {}
    for lane in lanes[1:]:
        for hit in lane.hits:
            hit.moved = f"was {before[hit.href]}" if hit.href in before else "new"


def load_ask(view: View) -> AskContext:
    library, collection = collection_of(view)
    q = view.query.get("q", "").strip()
    if not q:
        return AskContext(collection.name, "")
    try:
        return _asked(view, collection, q, answer(library, collection, q, principals=principals(view)))
    except OutriderError as error:
        return AskContext(collection.name, q, problem=error.message)


def _asked(view: View, collection: Collection, q: str, made: Answer) -> AskContext:
    _record(view, collection, Query(q, principals=principals(view)), made.found, "knowledge.ask")
    near = [line(collection, hit) for hit in made.evidence[:NEAR]] if made.abstained else []
    told = answers.reply(made, partial(_cite, collection))
    return AskContext(collection.name, q, told, near, words_only=made.found.words_only)


def _cite(collection: Collection, cited: Citation, key: str) -> Cite:
    href = place(collection, cited.document, cited.version, cited.start, cited.end)
    url = cited.url if cited.url.startswith(answers.WEB) else cited.source
    return Cite(key, cited.number, cited.title or cited.source, cited.quote, href, url)


async def stream(request: Request, view: View) -> Response:
    """An answer sentence by sentence."""
    q = view.query.get("q", "").strip()
    if not q:
        raise RequestError("write a question into `q`", param="q")
    library, collection = await anyio.to_thread.run_sync(collection_of, view)

    def asking(tell: Callable[[Sentence], object]) -> Answer:
        return answer(library, collection, q, principals=principals(view), stream=tell)

    def whole(made: Any) -> str:
        return render.html("knowledge_answer.html", _asked(view, collection, q, made), session=view.session, path="")

    return answers.stream(asking, partial(_cite, collection), whole)


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/knowledge/{name}/search", load, "knowledge_search.html"),
        edge.raw("/knowledge/{name}/ask/stream", stream),
        *edge.page("/knowledge/{name}/ask", load_ask, "knowledge_ask.html"),
    ]
