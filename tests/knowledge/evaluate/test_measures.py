"""Measures against worked examples that are published, and what holds for any ranking."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge.evaluate import measures

RANKED = ["d1", "d2", "d3", "d4", "d5", "d6"]


def test_ndcg_of_the_worked_example() -> None:
    # Wikipedia, "Discounted cumulative gain": grades 3 2 3 0 1 2, and two more documents of grades 3 and 2.
    judged = {"d1": 3, "d2": 2, "d3": 3, "d5": 1, "d6": 2, "d7": 3, "d8": 2}
    assert measures.ndcg(RANKED, judged, 6) == pytest.approx(6.861 / 8.740, abs=1e-3)
    assert measures.ndcg(RANKED, {k: v for k, v in judged.items() if k in RANKED}, 6) == pytest.approx(0.961, abs=1e-3)


def test_places_count_as_they_are_read() -> None:
    judged = {"d3": 1.0, "d9": 1.0}
    assert measures.reciprocal_rank(RANKED, judged) == pytest.approx(1 / 3)
    assert measures.reciprocal_rank(RANKED, judged, 2) == 0
    assert measures.recall(RANKED, judged) == 0.5
    assert measures.whole(RANKED, judged) == 0
    assert measures.whole(RANKED, {"d3": 1, "d1": 2}, 3) == 1
    assert measures.whole(RANKED, {"d3": 1, "d1": 2}, 2) == 0


def test_nothing_judged_is_nothing_found() -> None:
    for measure in (measures.ndcg, measures.recall, measures.reciprocal_rank, measures.whole):
        assert measure(RANKED, {}) == 0


_ids = st.lists(st.sampled_from([f"d{i}" for i in range(30)]), unique=True)


@given(_ids, st.dictionaries(st.sampled_from([f"d{i}" for i in range(30)]), st.integers(1, 3), min_size=1))
def test_every_measure_is_a_share(ranked: list[str], judged: dict[str, float]) -> None:
    for measure in (measures.ndcg, measures.recall, measures.reciprocal_rank, measures.whole):
        assert 0 <= measure(ranked, judged) <= 1 + 1e-12
    best = sorted(judged, key=lambda d: -judged[d])
    assert measures.ndcg(best, judged) == pytest.approx(1)
