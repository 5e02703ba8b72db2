"""Weights that are fitted: towards the side that is right, and never on thin evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge import fusion
from outrider.knowledge.evaluate import fit
from outrider.knowledge.evaluate.questions import Question
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Query
from outrider.store import open_knowledge
from tests.knowledge.shelves import WordVectors, text_of


def curve(peak: float, best: float = 0.8, steep: float = 1.0) -> list[float]:
    return [best - steep * (w - peak) ** 2 for w in fit.WEIGHTS]


def test_nothing_known_is_the_prior() -> None:
    assert fit.choose([], 30).weight == fusion.PRIOR


def test_many_questions_outweigh_the_prior() -> None:
    assert fit.choose([curve(0.9)] * 300, 30).weight == pytest.approx(0.9, abs=0.05)
    assert abs(fit.choose([curve(0.9, steep=0.1)] * 3, 30).weight - fusion.PRIOR) < 0.1


def test_a_mixture_that_loses_is_not_taken() -> None:
    """Where every mixture is worse than words alone, words alone it is."""
    bad = [0.9] + [0.5] * (len(fit.WEIGHTS) - 2) + [0.6]
    found = fit.choose([bad] * 20, 1000)
    assert found.weight == 0
    assert found.expected == found.keyword == pytest.approx(0.9)


def test_generated_questions_do_not_lead_far() -> None:
    assert fit.choose([curve(0.0)] * 500, 150, 0.05).weight == pytest.approx(fusion.PRIOR - 0.05)


@given(st.lists(st.lists(st.floats(0, 1), min_size=21, max_size=21), max_size=30), st.sampled_from([30.0, 150.0]))
def test_what_is_chosen_holds_its_own(curves: list[list[float]], worth: float) -> None:
    found = fit.choose(curves, worth)
    assert found.weight in fit.WEIGHTS
    if len(curves) >= fit.FOLDS:
        assert found.expected >= max(found.keyword, found.vector) - fit.LOSS - 1e-9


def test_a_fitted_weight_is_kept_and_used(tmp_path: Path, embed: Callable[[Library, Collection], int]) -> None:
    library = Library(open_knowledge(f"sqlite:///{tmp_path / 'k.sqlite3'}"), tmp_path, WordVectors())
    collection = library.create("p", "animals")
    for name in ("owl", "fox", "bat", "elk", "cow", "pig"):
        library.put(collection, name, text_of(f"The {name} is an animal that sleeps at times.", name))
    embed(library, collection)
    asked = [Question(n, f"which animal is the {n}", {n: 1.0}) for n in ("owl", "fox", "bat", "elk", "cow", "pig")]
    found = fit.fit(library, collection, asked, "judged")
    assert (found.questions, found.of) == (6, "judged")
    kept = fit.keep(library, collection, found)
    assert library.search(kept, Query("the owl", strategy="hybrid")).notes["weight"] == found.weight
