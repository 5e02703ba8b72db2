"""Datasets as the API tells them: what is empty stays empty."""

from outrider.api import shapes_datasets as shapes
from outrider.base import clock, ids
from outrider.evals.proposals import Proposal
from outrider.journal.events import FeedbackGiven
from outrider.journal.rows import FeedbackRow


def test_feedback_on_a_session_names_no_run() -> None:
    event = FeedbackGiven(ids.new_id(), "p", clock.now_ns(), session="s", score=0.0)
    told = shapes.feedback(FeedbackRow(1, event, comment="late"))
    assert (told.run, told.session, told.score, told.comment) == ("", "s", 0.0, "late")


def test_a_proposal_without_feedback_says_nothing() -> None:
    assert shapes.proposal(Proposal("r", "check", 5, "waiting"), []).said == ""
