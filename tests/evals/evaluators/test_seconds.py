"""Time."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def test_only_what_was_measured_now_counts() -> None:
    case = Case("q", "x")
    assert named("seconds").score(case, Outcome(seconds=2.5), Ports()).value == 2.5
    assert named("seconds").score(case, Outcome(seconds=2.5, cached=True), Ports()).value is None
    assert named("seconds", {"until": "first_token"}).score(case, Outcome(), Ports()).value is None
    assert named("seconds", {"until": "first_token"}).score(case, Outcome(first_token=0.2), Ports()).value == 0.2
