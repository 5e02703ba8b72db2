"""The way to an answer."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome

STEPS = [{"kind": "model"}, *({"kind": "tool", "name": "a", "arguments": {}} for _ in range(3)), {"kind": "model"}]


def value(**options: object) -> float | None:
    return named("trajectory", options).score(Case("q", "x"), Outcome(steps=STEPS), Ports()).value


def test_what_is_counted() -> None:
    assert [value(), value(count="tools"), value(count="repeats")] == [2.0, 3.0, 2.0]
    assert [value(most=2), value(count="tools", most=2)] == [1.0, 0.0]
