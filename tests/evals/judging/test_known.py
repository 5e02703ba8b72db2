"""The judges of a project, and their agreement in portions."""

import pytest

from outrider.base.errors import RequestError
from outrider.evals.experiments import Experiments
from outrider.evals.judging import known
from outrider.evals.judging.pairs import Pair
from outrider.store import Store
from tests.evals.judging.test_measure import PAIRWISE, RUBRIC, World, honest


def test_judges_are_known_by_what_they_are_asked(evals_store: Store, experiments: Experiments) -> None:
    assert known.judges(experiments, "p") == []
    first = World(evals_store, RUBRIC, honest, 5)
    again = World(evals_store, RUBRIC, honest, 5)
    other = World(evals_store, RUBRIC.replace("right", "short"), honest, 5)
    World(evals_store, PAIRWISE, honest, 5)
    found = known.judges(experiments, "p")
    assert [one.name for one in found] == ["prefer", "judge", "judge"]
    assert [[each.id for each in one.experiments] for one in found[1:]] == [
        [other.begun.id], [again.begun.id, first.begun.id],
    ]  # fmt: skip
    assert known.named(experiments, "p", found[2].id).experiments[0].id == again.begun.id
    assert known.named(experiments, "p", "judge").id == found[1].id
    with pytest.raises(RequestError, match="no judge 'odd'"):
        known.named(experiments, "p", "odd")
    again.label(5)
    standing, pairs = known.held(experiments, again.labels, "p", found[2])
    assert (standing.agreement.raw.n, len(pairs)) == (5, 5)
    calibration, why = known.calibration(experiments, again.labels, "p", found[2], again.begun)
    assert (calibration.labels, calibration.judge) == (5, "judge")
    assert why == "" or "judges" in why


def test_agreement_comes_in_portions(evals_store: Store) -> None:
    judge = World(evals_store, RUBRIC, honest, 1).judge
    pairs = [
        Pair(str(n), str(n), f"e{n // 30}", n, "", 1.0, {"ann": float(n < 40)}, [1], True, (n, 0)) for n in range(55)
    ]
    found = known.over_time(judge, pairs)
    assert [(one.raw.n, one.raw.estimate) for one in found] == [(20, 1.0), (20, 1.0), (15, 0.0)]
    assert (found[0].at, found[2].experiment) == (19, "e1")
    assert [one.raw.n for one in known.over_time(judge, pairs[:29])] == [29]
    assert known.over_time(judge, []) == []
