"""Walks over passages and names: who is reached, and who must not be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge import graph
from outrider.knowledge.graph import Passage

PASSAGES = [
    Passage(10, "Night Train", "Night Train is a film that Ada Berg directed."),
    Passage(20, "Ada Berg", "Ada Berg was born in Malmby."),
    Passage(30, "Malmby", "Malmby lies on the Osa river."),
    Passage(40, "Osa", "The Osa is a river."),
    Passage(50, "Tea", "Tea is drunk hot."),
]


def test_a_walk_goes_from_passage_to_passage_by_names() -> None:
    made = graph.build(PASSAGES)
    found = made.walk({0: 1.0}, {})
    assert found[0] > found[1] > found[2] > found[3] > found[4] == 0


def test_the_names_of_a_question_are_where_it_begins() -> None:
    made = graph.build(PASSAGES)
    seeds = made.seeds("where was ada berg born?")
    assert [name for name in made.keys if made.keys[name] in seeds] == ["ada berg"]
    found = made.walk({}, seeds)
    assert found[0] > 0
    assert found[1] == found.max()


def test_what_is_not_allowed_leads_nowhere() -> None:
    made = graph.build(PASSAGES)
    found = made.walk({0: 1.0}, {}, np.array([True, False, True, True, True]))
    assert found[1] == found[2] == found[3] == 0


def test_growing_is_building() -> None:
    whole = graph.build(PASSAGES)
    grown = graph.extended(graph.build(PASSAGES[:3]), PASSAGES[3:])
    assert grown.chunks.tolist() == whole.chunks.tolist()
    assert grown.keys.keys() == whole.keys.keys()
    assert grown.walk({0: 1.0}, {}) == pytest.approx(whole.walk({0: 1.0}, {}))
    assert graph.extended(whole, []) is whole


def test_chunks_are_found_by_their_ids() -> None:
    assert graph.build(PASSAGES).places([50, 10, 11, 99]) == {50: 4, 10: 0}
    assert graph.build([]).places([1]) == {}


def test_an_empty_graph_has_no_way() -> None:
    made = graph.build([])
    assert made.walk({}, made.seeds("Ada Berg")).tolist() == []


@given(st.lists(st.text("ABC abc.", max_size=30), max_size=8), st.integers(0, 7))
def test_a_walk_is_never_more_than_everywhere(texts: list[str], start: int) -> None:
    made = graph.build([Passage(n, t[:6], t) for n, t in enumerate(texts)])
    found = made.walk({start % len(texts): 1.0} if texts else {}, {})
    assert (found >= 0).all()
    assert found.sum() <= 1 + 1e-9
