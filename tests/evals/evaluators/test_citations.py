"""Claims and what supports them."""

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome


def test_the_share_that_is_supported() -> None:
    about = {"claims": [{"text": "a", "supported": True}, {"text": "b", "supported": False}]}
    found = named("citations").score(Case("q", "x"), Outcome(about=about), Ports())
    assert (found.value, found.reason) == (0.5, "not supported: b")
    assert named("citations").score(Case("q", "x"), Outcome(), Ports()).value is None
