"""Tool calls."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Call, Case, Outcome

A, B = Call("a", {"x": 1, "y": "two"}), Call("b", {})
names = st.lists(st.sampled_from("abc"), max_size=5)


def value(made: list[Call], expected: object, **options: object) -> float | None:
    return named("tool_calls", options).score(Case("q", "x", expected=expected), Outcome(calls=made), Ports()).value


def test_calls_in_any_order_argument_by_argument() -> None:
    wanted = [{"tool": "a", "arguments": {"y": " TWO", "x": 1}}, {"name": "b"}]
    assert value([B, A], wanted) == 1.0
    assert value([B, A], wanted, ordered=True) == 0.5
    assert value([A], wanted) == 0.5
    assert value([A, B, B], wanted) == 2 / 3
    assert value([A, B, B], wanted, more=True) == 1.0
    assert value([Call("a", {"x": 2, "y": "two"}), B], wanted) == 0.5
    assert value([Call("a", {"x": 2, "y": "two"}), B], wanted, all=False) == (2 / 3 + 1) / 2
    assert value([Call("a", None), B], ["a", "b"]) == 1.0
    assert value([], []) == 1.0
    assert value([B], []) == 0.0
    assert value([Call("a", {"x": True, "y": "two"})], wanted[:1]) == 0.0, "a number is no truth"


@given(names, names)
def test_order_never_counts_unless_it_is_asked_for(one: list[str], other: list[str]) -> None:
    made = [Call(name, {}) for name in one]
    assert value(made, other) == value(made[::-1], other)
    assert (value(made, other) == 1.0) == (sorted(one) == sorted(other))
