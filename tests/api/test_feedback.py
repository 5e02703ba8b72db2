"""`/api/feedback` where nothing takes it, and in the right project."""

from outrider.base import clock, ids
from outrider.journal.events import FeedbackGiven
from tests.api.conftest import ApiWorld


def test_a_process_without_a_journal_says_so(world: ApiWorld) -> None:
    client = world.api()
    answer = client.post("/api/feedback", json={"session": "s", "thumb": "up"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_served")
    assert client.get("/api/datasets").status_code == 503


def test_feedback_belongs_to_its_project(world: ApiWorld) -> None:
    for project in ("default", "other"):
        event = FeedbackGiven(ids.new_id(), project, clock.now_ns(), session="s", thumb="up")
        world.record(event, project=project)
    assert len(world.api().get("/api/feedback", params={"session": "s"}).json()["feedback"]) == 1
