"""Answers with their citations as pages show them, and their way to the browser sentence by sentence."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol
from urllib.parse import quote

import anyio.to_thread
import msgspec
from starlette.responses import Response, StreamingResponse

from outrider.base.errors import OutriderError
from outrider.console import live, render

WEB = ("https://", "http://")


class Cite(msgspec.Struct):
    """A passage that a sentence rests on. `key` is unique on the page, `number` its mark; `href` leads to it here,
    `url` says where it came from."""

    key: str
    number: int
    title: str
    quote: str
    href: str
    url: str = ""

    @property
    def linked(self) -> bool:
        """Whether a browser opens `url`; else it is shown as words."""
        return self.url.startswith(WEB)


class Spoken(msgspec.Struct):
    """A sentence in pieces (text, whether its passages do not have it), with what it rests on."""

    pieces: list[tuple[str, bool]]
    cites: list[Cite]

    @property
    def supported(self) -> bool:
        return bool(self.cites) and not any(flawed for _, flawed in self.pieces)


class Rest(msgspec.Struct):
    """A document that an answer rests on, with all that is quoted from it."""

    number: int
    title: str
    href: str
    url: str
    quotes: list[str]

    @property
    def linked(self) -> bool:
        return self.url.startswith(WEB)


class Reply(msgspec.Struct):
    """A whole answer. `abstained`: it is a refusal. `written`: `extractive` (quoted) or `abstractive` (by a model)."""

    sentences: list[Spoken]
    abstained: bool
    why: str
    written: str
    confidence: float
    cost: int
    evidence: list[Rest]


class Sentence(Protocol):
    """What answers of a collection and of the Casebook have in common."""

    @property
    def text(self) -> str: ...
    @property
    def flaws(self) -> Sequence[str]: ...
    @property
    def citations(self) -> Sequence[Any]: ...


Citing = Callable[[Any, str], Cite]
"""A citation as it is shown, under this key."""


def spoken(sentence: Sentence, place: int, citing: Citing) -> Spoken:
    """The sentence at `place` of its answer."""
    cites = [citing(citation, f"{place}-{n}") for n, citation in enumerate(sentence.citations, 1)]
    return Spoken(marked(sentence.text, sentence.flaws), cites)


def reply(answer: Any, citing: Citing) -> Reply:
    sentences = [spoken(one, place, citing) for place, one in enumerate(answer.sentences, 1)]
    evidence: dict[int, Rest] = {}
    for cite in (c for one in sentences for c in one.cites):
        rest = evidence.setdefault(cite.number, Rest(cite.number, cite.title, cite.href, cite.url, []))
        rest.quotes += [cite.quote] if cite.quote not in rest.quotes else []
    return Reply(
        sentences=sentences,
        abstained=answer.abstained,
        why=answer.why,
        written=answer.written,
        confidence=answer.confidence,
        cost=answer.cost,
        evidence=sorted(evidence.values(), key=lambda c: c.number),
    )


def fragment(quote_: str) -> str:
    """The end of an address that makes a browser scroll to these words and mark them."""
    words = quote_.split("\n")[0].split()
    ends = [words] if len(words) <= 12 else [words[:5], words[-5:]]
    return "#:~:text=" + ",".join(quote(" ".join(part), safe="").replace("-", "%2D") for part in ends)


def marked(text: str, flaws: Sequence[str]) -> list[tuple[str, bool]]:
    """`text` cut at what its passages do not have."""
    wanted = [re.escape(flaw) for flaw in sorted(set(flaws), key=len, reverse=True) if flaw]
    if not wanted:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(wanted)})", text)
    return [(piece, bool(n % 2)) for n, piece in enumerate(pieces) if piece]


def stream(ask: Callable[[Callable[[Sentence], object]], Any], citing: Citing, whole: Callable[[Any], str]) -> Response:
    """Server-sent events: `sentence` for each as it becomes known, then `whole`, the answer's HTML. `ask(tell)` runs in
    a thread."""

    async def events() -> AsyncIterator[bytes]:
        told: asyncio.Queue[Sentence] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def tell(sentence: Sentence) -> None:
            loop.call_soon_threadsafe(told.put_nowait, sentence)

        asking = asyncio.ensure_future(anyio.to_thread.run_sync(ask, tell))
        place = 0
        while not asking.done() or not told.empty():
            nearer = asyncio.ensure_future(told.get())
            await asyncio.wait({asking, nearer}, return_when=asyncio.FIRST_COMPLETED)
            if not nearer.done():
                nearer.cancel()
                continue
            place += 1
            yield live.event(
                place, "sentence", render.html("answer_sentence.html", spoken(nearer.result(), place, citing))
            )
        yield live.event(place + 1, "whole", await anyio.to_thread.run_sync(_whole, asking, whole))
        yield live.goodbye()

    return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _whole(asking: "asyncio.Future[Any]", whole: Callable[[Any], str]) -> str:
    try:
        return whole(asking.result())
    except OutriderError as error:
        return render.html("answer_problem.html", error.message)
