"""What was found once is given again: the passages that a run recorded, in their order, where they are still there and
may be read by who asks. Nothing is searched."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from outrider.base.errors import RequestError
from outrider.base.grounding import GroundAsked
from outrider.knowledge import rows
from outrider.knowledge.answer.question import Question
from outrider.knowledge.records import Collection, Found, Query

if TYPE_CHECKING:
    from outrider.knowledge.library import Library


class _Kept(msgspec.Struct):
    document: str
    version: int
    start: int
    end: int
    score: float = 0.0
    parts: dict[str, float] = {}


class _Record(msgspec.Struct):
    query: str
    collection: str
    strategy: str
    as_of: int
    kept: Sequence[_Kept]
    asked: list[str] = []
    named: Mapping[str, float] = {}


_record = msgspec.json.Decoder(_Record)


def again(
    library: "Library", collection: Collection, asked: GroundAsked, question: Question, recorded: bytes | None
) -> tuple[GroundAsked, Found]:
    """The passages of a record, as documents were at its moment. Raises RequestError 409 if it has none for this
    question, or one that is gone or not for who asks."""
    try:
        record = _record.decode(recorded or b"")
    except msgspec.DecodeError:
        raise _missing(f"run {asked.recorded!r} recorded no retrieval that is still there") from None
    if record.collection != collection.name:
        raise _missing(f"it was recorded from {record.collection!r}, and the route answers from {collection.name!r}")
    if record.query != question.text:
        raise _missing(f"it was recorded for another question ({record.query[:200]!r})")
    asked = structs.replace(asked, at=record.as_of or asked.at)
    seen = Query(question.text, limit=max(1, len(record.kept)), principals=asked.principals, as_of=asked.at)
    shelf = library.shelf(collection, seen)
    scored, parts = [], dict[int, dict[str, float]]()
    for one in record.kept:
        chunk = _chunk(library, collection, one)
        scored.append((chunk, one.score))
        parts[chunk] = one.parts
    hits = shelf.hits(scored, parts)
    if len(hits) < len(scored):
        raise _missing("a passage of it is no longer for whoever asks")
    notes: dict[str, Any] = {"named": dict(record.named)}
    return asked, Found(hits, record.strategy, len(hits), record.asked, notes=notes)


def _chunk(library: "Library", collection: Collection, one: _Kept) -> int:
    """The id of a passage by its place in a version."""
    key = rows.key_of(library.store, collection, one.document, one.version)
    for row in rows.chunks_of_documents(library.store, [key]) if key is not None else ():
        if (row[1], row[2]) == (one.start, one.end):
            return int(row[0])
    raise _missing(f"a passage of {one.document!r} is no longer there (erased, or cut another way)")


def _missing(why: str) -> RequestError:
    return RequestError(
        f"the retrieval cannot be given again: {why}", status=409, code="retrieval_not_recorded",
        param="x-outrider-retrieval",
    )  # fmt: skip
