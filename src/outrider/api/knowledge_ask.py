"""`POST /api/knowledge/collections/{name}/ask`: a question answered in sentences of the documents, or refused."""

from typing import Any

import anyio.to_thread
import msgspec
from starlette.responses import Response

from outrider.api import knowledge, shapes_knowledge
from outrider.api.edge import Ask, Endpoint, Param
from outrider.api.streamed import Tell, streamed
from outrider.base import clock, ids
from outrider.journal import where
from outrider.knowledge.answer import Answer, Citation, Sentence, answer
from outrider.knowledge.recording import Asker, answer_run
from outrider.knowledge.records import Filter, Query


class NewQuestion(msgspec.Struct, forbid_unknown_fields=True):
    """A question to a collection. `user` and `groups` are for whom the key asks; `as_of` is a past moment; `limit` is
    how many passages the answer is made from at most. `stream`: sentences come as server-sent events with what they
    rest on, then the whole answer. To have a model write, ask a route that says `knowledge`."""

    question: str
    limit: int = 6
    strategy: str = ""
    user: str = ""
    groups: list[str] = []
    filters: dict[str, Filter] = {}
    as_of: str = ""
    stream: bool = False


class Cited(msgspec.Struct):
    """`quote` is exactly `[start:end]` of this version of the document; `number` is the mark's and counts evidence."""

    number: int
    quote: str
    start: int
    end: int
    document: str
    version: int
    source: str
    title: str
    url: str


class AnsweredSentence(msgspec.Struct):
    """`text` stands in the answer from `start` to `end`. `flaws` are words of it that its passages do not have."""

    text: str
    start: int
    end: int
    citations: list[Cited]
    flaws: list[str]


class Answered(msgspec.Struct):
    """An answer. `abstained`: the documents do not answer the question, and `why`. `confidence` is the estimated chance
    that they do. `evidence` are the passages that were looked at, those of the marks first. `words_only` is why they
    were found without vectors, empty if they were not."""

    text: str
    abstained: bool
    why: str
    confidence: float
    written: str
    sentences: list[AnsweredSentence]
    evidence: list[shapes_knowledge.FoundPassage]
    seconds: float
    run: str
    words_only: str


async def ask_(ask: Ask) -> Answered | Response:
    if ask.body.stream:
        return await streamed(lambda tell: _answer(ask, tell))
    return await anyio.to_thread.run_sync(_answer, ask, None)


def _answer(ask: Ask, tell: Tell | None) -> Answered:
    begun, wanted = clock.mono_ns(), ask.body
    library = knowledge.knowing(ask).library()
    collection = library.collection(ask.who.project, ask.path["name"])
    who = knowledge.principals(ask, wanted.user, tuple(wanted.groups))
    as_of = where.moment("as_of", wanted.as_of) if wanted.as_of else 0
    made = answer(
        library, collection, wanted.question, strategy=wanted.strategy, principals=who,
        filters=wanted.filters, as_of=as_of, limit=wanted.limit,
        stream=(lambda sentence: tell(_sentence(sentence))) if tell else None,
    )  # fmt: skip
    asker = Asker(ask.who.project, ask.who.key, wanted.user[:200], "knowledge.ask")
    query = Query(wanted.question, wanted.limit, wanted.strategy, "", who, wanted.filters, None, as_of)
    run, bodies = answer_run(asker, collection, query, made, clock.mono_ns() - begun)
    knowledge.knowing(ask).record(run, bodies)
    return _answered(made, run.duration, ids.text(run.id))


def _answered(made: Answer, duration: int, run: str) -> Answered:
    sentences = [_sentence(one) for one in made.sentences]
    passages = shapes_knowledge.passages(msgspec.structs.replace(made.found, hits=made.evidence), run)
    return Answered(
        made.text, made.abstained, made.why, round(made.confidence, 3), made.written, sentences, passages.hits,
        duration / 1e9, run, made.found.words_only,
    )  # fmt: skip


def _sentence(one: Sentence) -> AnsweredSentence:
    return AnsweredSentence(one.text, one.start, one.end, list(map(_cited, one.citations)), list(one.flaws))


def _cited(one: Citation) -> Cited:
    fields: dict[str, Any] = {name: getattr(one, name) for name in Cited.__struct_fields__}
    return Cited(**fields)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/knowledge/collections/{name}/ask",
        "Ask a collection",
        Answered,
        act=ask_,
        takes=NewQuestion,
        streams=True,
        params=[Param("name", "The collection's name.")],
    )
]
