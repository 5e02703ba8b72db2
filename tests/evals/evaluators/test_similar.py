"""Meaning, by a real embedder."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome
from outrider.knowledge.embedders import Embedders, loader


@pytest.mark.model
@pytest.mark.usefixtures("embed_models")
def test_what_means_the_same_is_nearer(models_dir: Path) -> None:
    embedders = Embedders(loader(models_dir))

    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        vectors: Sequence[Sequence[float]] = embedders.documents("embedded/all-minilm-l6-v2", list(texts))
        return vectors

    def value(text: str, **options: object) -> float:
        case = Case("a", "x", expected="The parcel arrives on Monday.")
        found = named("similar", options).score(case, Outcome(text=text), Ports(embed)).value
        assert found is not None
        return found

    near, far = value("Your package will be delivered on Monday."), value("The cat sleeps.")
    assert near > 0.6 > 0.3 > far
    assert value("Your package will be delivered on Monday.", at_least=0.6) == 1.0


def test_without_an_embedder_it_says_so() -> None:
    found = named("similar").score(Case("a", "x", expected="y"), Outcome(text="y"), Ports())
    assert found.value is None
    assert "outrider models install" in found.reason
