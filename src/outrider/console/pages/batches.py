"""Batches: how far they are, where their lines are asked and at what price, what they cost, which lines went wrong.

The pages are at `/batch`: `/batches` is what clients call whose base URL has no `/v1`.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Literal

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.gateway.batches import desk
from outrider.gateway.batches.desk import BatchDesk, LineError
from outrider.gateway.batches.files import File
from outrider.gateway.batches.rows import Batch, Fault, Part
from outrider.journal import read, where
from outrider.journal.session_costs import Taken

LISTED, ERRORS = 25, 50
DOTS = {"completed": "ok", "failed": "error", "expired": "error", "cancelled": "cancelled"}
PLACES = {"here": "asked here", "provider": "at the provider, as a batch", "both": "here and at the provider", "": ""}
PARTS = {
    "sending": "is being sent",
    "open": "worked on there",
    "home": "answered there",
    "given_up": "asked here instead",
}


class Card(msgspec.Struct):
    """One batch as lists show it. Times are nanoseconds; `done` counts lines that are answered or will not be; `cost`
    is that of the lines that are done, in nano-dollars, None where it was not counted."""

    id: str
    model: str
    endpoint: str
    key: str
    status: str
    dot: str
    total: int
    done: int
    failed: int
    tokens: int
    cost: int | None
    where: str
    waits: str
    created: int
    expires: int
    ended: int
    metadata: dict[str, str]


class Context(msgspec.Struct):
    """Batches of the project, the newest first. `older` is the address of the following page; `first`: none is before
    these."""

    cards: list[Card]
    older: str
    first: bool


class Place(msgspec.Struct):
    """What lines took at one deployment, which is `name`; `there`: its provider's own batch API."""

    name: str
    there: bool
    taken: Taken


class One(msgspec.Struct):
    """One batch. `cost` and `places` are None where its lines share a session with other runs. `errors` are some of
    the lines that did not succeed, `more` is the address of the following ones."""

    card: Card
    api: str
    window: str
    session: str
    input_name: str
    input_size: int
    results: str
    errors_file: str
    cost: int | None
    places: list[Place] | None
    parts: list[Part]
    words: dict[str, str]
    faults: list[Fault]
    errors: list[LineError]
    gone: bool
    more: str
    after: int
    may_cancel: bool
    started: int
    cancelling: int
    done: str = ""


def batches(view: View) -> BatchDesk:
    if view.deps.batches is None:
        raise RequestError("this process serves no batches", status=503, code="not_served")
    return view.deps.batches


def load(view: View) -> Context:
    after = view.query.get("after", "")
    found = batches(view).list(view.session.project, after=after, most=LISTED)
    names = _names(view)
    older = f"/batch?after={found.next}" if found.next else ""
    return Context([_card(one, names) for one in found.batches], older, not after)


def _names(view: View) -> dict[str, str]:
    return {key.public: key.name for key in read.list_keys(view.store, view.session.project)}


def _card(one: Batch, names: dict[str, str]) -> Card:
    return Card(
        id=one.id,
        model=one.about.model or ("several models" if one.about.started else ""),
        endpoint=one.made.endpoint,
        key=names.get(one.key) or one.key,
        status=one.status.replace("_", " "),
        dot=DOTS.get(one.status, "running"),
        total=one.total,
        done=one.completed + one.failed,
        failed=one.failed,
        tokens=one.input_tokens + one.output_tokens,
        cost=one.cost,
        where=PLACES[desk.where(one)],
        waits=one.waits,
        created=one.created,
        expires=one.expires,
        ended=one.ended,
        metadata=one.made.metadata or {},
    )


def load_one(view: View) -> One:
    there = batches(view)
    found = there.whole(view.session.project, view.path["id"])
    batch, after = found.batch, where.whole("after", view.query.get("after", "0"), 0, 2**40)
    errors = there.errors(batch, after=after, most=ERRORS)
    return One(
        card=_card(batch, _names(view)),
        api="Anthropic's" if batch.kind == "anthropic" else "OpenAI's",
        window=batch.made.window,
        session=found.session,
        input_name=found.input.name if found.input is not None else "",
        input_size=found.input.size if found.input is not None else 0,
        results=f"/batch/{batch.id}/results" if batch.about.output_file else "",
        errors_file=f"/batch/{batch.id}/errors" if batch.about.error_file else "",
        cost=found.cost,
        places=None if found.taken is None else [_place(one) for one in found.taken],
        parts=batch.about.parts,
        words=PARTS,
        faults=batch.about.faults,
        errors=errors.errors,
        gone=errors.gone,
        more=f"/batch/{batch.id}?after={errors.next}#errors" if errors.next else "",
        after=after,
        may_cancel=not batch.ended and not batch.cancelling and batch.status != "finalizing",
        started=batch.about.started,
        cancelling=batch.cancelling,
        done=view.query.get("done", "")[:20],
    )


def _place(one: Taken) -> Place:
    return Place(one.deployment.removesuffix(" (batch)"), one.deployment.endswith(" (batch)"), one)


async def cancel(view: View) -> Response:
    ended = await batches(view).cancel(view.who, view.path["id"])
    return RedirectResponse(f"/batch/{ended.id}?done=cancel", 303)


def download(which: Literal["results", "errors"]) -> Callable[[Request, View], Awaitable[Response]]:
    """A file of results, as its API gives it to a key."""

    async def answer(request: Request, view: View) -> Response:
        there = batches(view)

        def open_() -> tuple[File, Iterator[bytes]]:
            return there.results(there.get(view.session.project, view.path["id"]), which)

        file, pieces = await anyio.to_thread.run_sync(open_)
        headers = {"content-length": str(file.size), "content-disposition": f'attachment; filename="{file.name}"'}
        return StreamingResponse(pieces, headers=headers, media_type="application/x-ndjson")

    return answer


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/batch", load, "batches.html", part="batches_part.html"),
        *edge.page("/batch/{id}", load_one, "batch.html", part="batch_part.html"),
        edge.action("/batch/{id}/cancel", cancel),
        edge.raw("/batch/{id}/results", download("results")),
        edge.raw("/batch/{id}/errors", download("errors")),
    ]
