"""No engine ever gives a chunk that its query may not see, and none that it may see is missing: random histories of
documents, readers, quarantine and fields, against a scan of everything that happened."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.knowledge.library import Library
from outrider.knowledge.records import EVERYBODY, Collection, Filter, Query
from tests.knowledge.shelves import Said, sees, text_of

WORD = "fee"
SOURCES = ["a", "b"]
PEOPLE = ["ann", "bob", EVERYBODY]
FIELDS: list[dict[str, Any]] = [{}, {"year": 2023}, {"year": 2024, "tags": ["x", "y"]}, {"year": 2025, "tags": ["y"]}]

_moments = st.integers(1, 12)
_puts = st.tuples(
    st.just("put"), st.sampled_from(SOURCES), _moments, st.integers(0, 2), st.sets(st.sampled_from(PEOPLE), min_size=1),
    st.sampled_from(["trusted", "untrusted", "quarantined"]), st.sampled_from(FIELDS),
)  # fmt: skip
_others = st.tuples(st.sampled_from(["remove", "erase", "embed"]), st.sampled_from(SOURCES), _moments)
_filters = st.dictionaries(
    st.sampled_from(["year", "tags", "source", "trust"]),
    st.sampled_from(
        [
            Filter(among=("y", 2024, "a", "quarantined", "trusted")),
            Filter(not_among=("x", 2023, "b", "untrusted")),
            Filter(exists=True),
            Filter(exists=False),
        ]
    ),
    max_size=2,
)
_queries = st.tuples(
    st.sets(st.sampled_from(["ann", "bob"])), st.sampled_from([0, *range(1, 14)]), _filters, st.integers(1, 5)
)
_engines = ["keyword", "vector"]


class House:
    """A collection beside the plain list of what was said in it."""

    def __init__(self, library: Library, collection: Collection, embed: Callable[[Library, Collection], int]) -> None:
        self.library, self.collection, self.embed = library, collection, embed
        self.said: list[Said] = []
        self.ids: dict[str, str] = {}

    def do(self, step: Sequence[Any]) -> None:
        if step[0] == "put":
            self.put(*step[1:])
        elif step[0] == "embed":
            self.embed(self.library, self.collection)
        elif step[1] in self.ids:
            self.remove(step[1], step[2], erase=step[0] == "erase")

    def put(self, source: str, since: int, text: int, readers: set[str], trust: Any, meta: dict[str, Any]) -> None:
        content = f"{WORD} number {text} of {source}"
        put = self.library.put(
            self.collection, source, text_of(content, **meta), since=since, readers=tuple(readers), trust=trust
        )
        self.ids[source] = put.document.id
        of_it = sorted((s for s in self.said if s.source == source), key=lambda s: s.since)
        for known in of_it:
            known.readers = frozenset(readers)
        before = next((s for s in reversed(of_it) if s.since <= since and (not s.until or s.until > since)), None)
        after = next((s for s in of_it if s.since > since), None)
        if before is not None and (before.text, dict(before.meta)) == (content, meta):
            return
        until = before.until if before is not None else after.since if after is not None else 0
        if before is not None:
            before.until = since
        self.said.append(Said(source, content, since, until, trust, frozenset(readers), meta))

    def remove(self, source: str, at: int, *, erase: bool) -> None:
        self.library.remove(self.collection, self.ids[source], erase=erase, at=at)
        if erase:
            self.said = [s for s in self.said if s.source != source]
        for known in self.said:
            if known.source == source and not known.until:
                known.until = max(at, known.since)

    def check(self, query: Query) -> None:
        now = clock.now_ns()
        wanted = sorted((s.source, s.text) for s in self.said if sees(query, s, now))
        found = self.library.search(self.collection, query).hits
        given_ = sorted((h.document.source, h.chunk.text) for h in found)
        assert set(given_) <= set(wanted)
        assert len(given_) == min(query.limit, len(wanted))
        if query.limit >= len(wanted):
            assert given_ == wanted


@given(st.lists(st.one_of(_puts, _puts, _others), max_size=14), st.lists(_queries, min_size=3, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("engine", _engines)
def test_a_query_gets_what_it_may_see_and_nothing_else(
    library: Library, embed: Callable[[Library, Collection], int], engine: str, steps: list[Any], queries: list[Any]
) -> None:
    collection = library.create("p", f"docs{len(library.collections('p'))}")
    house = House(library, collection, embed)
    for step in steps:
        house.do(step)
    embed(library, collection)
    for who, moment, filters, limit in queries:
        kept = {k: v for k, v in filters.items() if any(k in {**s.meta, "source": 1, "trust": 1} for s in house.said)}
        query = Query(WORD, limit, engine, principals=frozenset(who), as_of=moment, filters=kept)
        if all(_known(field, house, query) for field in kept):
            house.check(query)


def _known(field: str, house: House, query: Query) -> bool:
    """Whether the field is in the query's sight: where it is not, the query is refused."""
    if field in ("source", "trust") or query.filters[field].exists is False:
        return True
    rest = {k: v for k, v in query.filters.items() if k != field}
    bare = Query(WORD, principals=query.principals, as_of=query.as_of, filters=rest)
    alone = Query(WORD, principals=query.principals, as_of=query.as_of)
    now = clock.now_ns()
    seen = [s for s in house.said if sees(bare, s, now) or sees(alone, s, now)]
    return not seen or all(field in s.meta for s in seen)
