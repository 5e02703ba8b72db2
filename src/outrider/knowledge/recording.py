"""A search as the journal keeps it: a run with one step, with every candidate that was shown and its scores."""

from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base import clock, ids
from outrider.journal.append import blob
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.knowledge.records import Collection, Found, Query

if TYPE_CHECKING:  # for annotations only: a search does without what answers
    from outrider.knowledge.answer import Answer

LONGEST_PREVIEW = 200


class Asker(msgspec.Struct, frozen=True):
    """Who asked: a project's key (its public part), maybe for a user; `name` is what the run is called."""

    project: str
    key: str = ""
    user: str = ""
    name: str = "knowledge.search"
    source: str = "api"


def search_run(
    asker: Asker, collection: Collection, query: Query, found: Found
) -> tuple[RunRecorded, list[tuple[BlobRef, bytes]]]:
    """The run of a search that just ended, and its bodies: what was asked, and what was found with each score."""
    asked = msgspec.json.encode(
        {
            "query": query.text,
            "strategy": query.strategy,
            "limit": query.limit,
            "principals": sorted(query.principals),
            "filters": query.filters,
            "as_of": query.as_of,
        }
    )
    kept = msgspec.json.encode({"strategy": found.strategy, "asked": found.asked, "hits": shown(found)})
    request, response = blob(asked), blob(kept)
    attrs: dict[str, Any] = {"strategy": found.strategy, "candidates": found.candidates, "hits": len(found.hits)}
    if found.cost:
        attrs["planning_cost"] = found.cost  # calls of a route are runs of their own, with this cost
    if found.words_only:
        attrs["words_only"] = found.words_only
    step = Step(1, "retrieval", collection.name, 0, found.duration, request=request, response=response, attrs=attrs)
    run = RunRecorded(
        ids.new_id(), asker.project, clock.now_ns() - found.duration, asker.name, found.duration, asker.source,
        key=asker.key, user=asker.user, request=request, response=response, steps=[step],
        preview=query.text[:LONGEST_PREVIEW],
    )  # fmt: skip
    return run, [(request, asked), (response, kept)]


def answer_run(
    asker: Asker, collection: Collection, query: Query, made: "Answer", duration: int = 0
) -> tuple[RunRecorded, list[tuple[BlobRef, bytes]]]:
    """The run of a question that was answered or refused: the search with what was said. `duration` (ns): of all."""
    run, bodies = search_run(asker, collection, query, made.found)
    said = msgspec.json.encode({"text": made.text, "abstained": made.abstained, "why": made.why})
    run.response = blob(said)
    run.duration = duration or run.duration
    run.steps[0].attrs |= {"mode": made.written, "confidence": round(made.confidence, 3)}
    return run, [*bodies, (run.response, said)]


def shown(found: Found) -> list[dict[str, object]]:
    """Hits with where they are and what their scores are made of; the text is the collection's to keep."""
    return [
        {
            "document": hit.document.id,
            "version": hit.document.number,
            "source": hit.document.source,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "score": hit.score,
            "parts": hit.parts,
        }
        for hit in found.hits
    ]
