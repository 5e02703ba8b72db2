"""What every evaluator has in common: it is found by its file, refuses what it does not know, and ends nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports, kinds, named
from outrider.evals.records import Call, Case, Outcome

ALONE = [one for one in kinds() if one not in ("python", "judge", "prefer")]
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def test_each_says_what_it_does() -> None:
    there = "citations contains distance dollars exact fields json_schema number policy python refusal regex retrieval"
    assert {*there.split(), "seconds", "similar", "sql", "tool_calls", "trajectory"} <= set(kinds())
    assert all(kinds().values())


def test_what_is_unknown_is_refused_with_what_is_known() -> None:
    with pytest.raises(RequestError, match=r"no 'exakt' in .*; there are: .*exact"):
        named("exakt")
    with pytest.raises(RequestError, match=r"the evaluator 'exact': .*ignroe"):
        named("exact", {"ignroe": []})
    with pytest.raises(RequestError, match="nothing is known of 'colour'"):
        named("exact", {"ignore": ["colour"]})


def test_scores_change_when_options_do() -> None:
    assert named("exact").digest() == named("exact", {}, "other name").digest()
    assert named("exact").digest() != named("exact", {"ignore": ["case"]}).digest()


def test_an_answer_that_failed_is_worth_nothing() -> None:
    failed = Outcome("error", error="HTTP 500")
    assert named("exact").score(Case("a", "x", expected=""), failed, Ports()).value == 0.0
    assert named("dollars").score(Case("a", "x"), Outcome("error", cost=10**9), Ports()).value == 1.0


def test_a_score_is_a_plain_number_or_none() -> None:
    many = named("python", {"function": "numpy:float32"})
    assert many.score(Case("a", "x"), Outcome(), Ports()).value is None, "its fault is said"
    from outrider.evals.evaluators import _plain
    from outrider.evals.records import Score

    assert _plain(Score(float("nan"))).value is None
    assert type(_plain(Score(True)).value) is float


@given(
    st.sampled_from(ALONE),
    anything,
    anything,
    st.text(max_size=60),
    st.lists(st.builds(Call, st.text(max_size=5), anything), max_size=3),
)
def test_no_case_and_no_answer_ends_an_experiment(
    kind: str, expected: object, about: object, text: str, calls: list[Call]
) -> None:
    case = Case("a", "x", expected=expected, context=about if isinstance(about, dict) else {})
    found = named(kind).score(case, Outcome(text=text, calls=calls), Ports())
    assert found.value is None or found.value >= 0
    if named(kind).better == "higher" and found.value is not None:
        assert found.value <= 1
