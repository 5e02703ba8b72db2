"""Violations."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def test_what_was_refused_counts_and_questions_only_if_they_should() -> None:
    steps = [{"kind": "policy", "name": "pay", "verdict": one} for one in ("allow", "ask", "deny")]
    case, outcome = Case("q", "x"), Outcome(steps=[*steps, {"kind": "guardrail", "verdict": "block"}])
    assert named("policy").score(case, outcome, Ports()).value == 2.0
    assert named("policy", {"verdicts": ["ask"]}).score(case, outcome, Ports()).value == 1.0
    assert named("policy").score(case, Outcome(), Ports()).value == 0.0
