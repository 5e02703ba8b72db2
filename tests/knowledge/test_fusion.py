"""Rankings made one: what must hold for any scores."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge import fusion
from outrider.knowledge.ports import Scored

_scored = st.dictionaries(st.integers(0, 30), st.floats(-1, 50), max_size=20).map(fusion.ranked)


def test_a_weight_of_one_side_is_that_side() -> None:
    words: Scored = [(1, 9.0), (2, 3.0)]
    meaning: Scored = [(3, 0.9), (2, 0.5), (1, 0.1)]
    assert [i for i, _ in fusion.fused(words, meaning, 0.0)[0]] == [1, 2, 3]
    assert [i for i, _ in fusion.fused(words, meaning, 1.0)[0]] == [3, 2, 1]


def test_parts_are_the_scores_as_they_came() -> None:
    _, parts = fusion.fused([(1, 9.0)], [(1, 0.4), (2, 0.2)])
    assert parts == {1: {"keyword": 9.0, "vector": 0.4}, 2: {"vector": 0.2}}


def test_nothing_found_is_nothing() -> None:
    assert fusion.fused([], []) == ([], {})
    assert fusion.scaled([]) == fusion.standard({}) == {}
    assert fusion.fused([(1, 2.0)], [], 0.5)[0] == [(1, 0.5)]


def test_equal_scores_stand_by_id() -> None:
    assert fusion.ranked({3: 1.0, 1: 1.0, 2: 2.0}) == [(2, 2.0), (1, 1.0), (3, 1.0)]
    assert fusion.standard({1: 5.0, 2: 5.0}) == {1: 0.0, 2: 0.0}


def test_the_best_of_several_rankings_counts() -> None:
    assert fusion.merged([[(1, 1.0), (2, 0.5)], [(2, 1.0)]], [1.0, 0.8]) == [(1, 1.0), (2, 0.8)]


@given(_scored, _scored, st.floats(0, 1))
def test_every_candidate_is_there_once_between_0_and_1(words: Scored, meaning: Scored, weight: float) -> None:
    found, parts = fusion.fused(words, meaning, weight)
    assert {i for i, _ in found} == parts.keys() == {i for i, _ in [*words, *meaning]}
    assert len(found) == len(parts)
    assert all(score <= 1 + 1e-9 for _, score in found)
    assert [s for _, s in found] == sorted((s for _, s in found), reverse=True)
