"""A search as the journal keeps it: a run with one step, with every candidate that was shown and its scores."""

import msgspec

from outrider.base import clock, ids
from outrider.journal.append import blob
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.knowledge.records import Collection, Found, Query

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
    attrs = {"strategy": found.strategy, "candidates": found.candidates, "hits": len(found.hits)}
    step = Step(
        1, "retrieval", collection.name, 0, found.duration, cost=found.cost, request=request, response=response,
        attrs=attrs,
    )  # fmt: skip
    run = RunRecorded(
        ids.new_id(), asker.project, clock.now_ns() - found.duration, asker.name, found.duration, asker.source,
        key=asker.key, user=asker.user, cost=found.cost, request=request, response=response, steps=[step],
        preview=query.text[:LONGEST_PREVIEW],
    )  # fmt: skip
    return run, [(request, asked), (response, kept)]


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
