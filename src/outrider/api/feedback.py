"""`/api/feedback`: what people say of an answer, and what became of it, tied to runs and sessions."""

from outrider.api import shapes_datasets as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.evals.feedback import Feedback, event
from outrider.journal import where
from outrider.journal.feedback_query import feedback_on
from outrider.journal.rows import FeedbackRow

MOST = 200


def give(ask: Ask) -> shapes.GivenFeedback:
    """It is in the journal when this is answered, and can be read about a second later."""
    if ask.deps.record is None:
        raise RequestError("this process takes no feedback", status=503, code="not_served")
    said: Feedback = ask.body
    made, texts = event(ask.store, ask.who.project, said, f"key:{ask.who.key}" if ask.who.key else "")
    ask.deps.record(made, texts)
    return shapes.feedback(FeedbackRow(0, made, said.edit, said.comment))


def list_(ask: Ask) -> shapes.FeedbackList:
    limit = where.whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 50
    try:
        run = ids.parse(ask.query["run"]) if ask.query.get("run") else b""
    except ValueError:
        raise RequestError("a run's id is a UUID", code="invalid_parameter", param="run") from None
    session = where.label("session", ask.query.get("session", ""))
    found = feedback_on(ask.store, ask.who.project, run=run, session=session, limit=limit)
    return shapes.FeedbackList([shapes.feedback(row) for row in found])


ENDPOINTS = [
    Endpoint(
        "POST", "/api/feedback", "Say what an answer was worth", shapes.GivenFeedback, read=give, takes=Feedback,
        status=201,
    ),
    Endpoint(
        "GET", "/api/feedback", "Feedback, the newest first", shapes.FeedbackList, read=list_,
        query=[
            Param("run", "On this run."),
            Param("session", "On this session."),
            Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST}),
        ],
    ),
]  # fmt: skip
