"""A run's events under the response's own name and numbers; how a stream opens and ends."""

import json
from typing import Any

import pytest

from outrider.base.sse import payload
from outrider.dialects.responses import retold
from outrider.dialects.responses.retold import Retold


def event(kind: str, **said: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), json.dumps({"type": kind, **said}).encode())


def read(one: bytes) -> Any:
    return json.loads(payload(one))


def test_it_opens_with_two_events() -> None:
    first, second = map(read, retold.opening({"id": "resp_1", "status": "queued"}))
    assert (first["type"], first["sequence_number"]) == ("response.created", 0)
    assert (second["type"], second["sequence_number"], second["response"]["status"]) == ("response.queued", 1, "queued")


def test_what_is_said_has_the_responses_name_and_numbers() -> None:
    run = Retold("resp_ours")
    assert run.feed(event("response.created", sequence_number=0, response={"id": "resp_run"})) is None
    begun = run.feed(event("response.in_progress", sequence_number=1, response={"id": "resp_run", "odd": [1.50, 2]}))
    assert begun is not None
    assert read(begun[1])["response"] == {"id": "resp_ours", "odd": [1.5, 2], "background": True}
    said = run.feed(event("response.output_text.delta", sequence_number=7, delta="a", unknown={"x": None}))
    assert said is not None
    assert (begun[0], said[0]) == (2, 3)
    kept = {"type": "response.output_text.delta", "sequence_number": 3, "delta": "a", "unknown": {"x": None}}
    assert read(said[1]) == kept
    assert said[1].startswith(b"event: response.output_text.delta\n")


@pytest.mark.parametrize("odd", [b": ping\n\n", b"data: [DONE]\n\n", b"data: {}\n\n", b'data: {"type":5}\n\n', b"\n\n"])
def test_what_says_nothing_takes_no_number(odd: bytes) -> None:
    run = Retold("resp_1")
    assert run.feed(odd) is None
    said = run.feed(event("response.x"))
    assert said is not None
    assert said[0] == retold.OPENED


@pytest.mark.parametrize("kind", retold.ENDS)
def test_the_end_is_kept_back(kind: str) -> None:
    run = Retold("resp_1")
    assert run.feed(event(kind, response={"id": "resp_run", "error": None})) is None
    assert (run.ended, json.loads(run.response)["id"], run.failure) == (kind, "resp_run", {})
    assert run.feed(event("response.output_text.delta", delta="late")) is None


def test_what_went_wrong_is_kept() -> None:
    run = Retold("resp_1")
    assert run.feed(event("error", code=None, message="no", param=None)) is None
    assert run.failure == {"code": "server_error", "message": "no"}
    run.feed(event("response.failed", response={"error": {"code": "c", "message": "worse"}}))
    assert run.failure == {"code": "c", "message": "worse"}


@pytest.mark.parametrize(
    ("status", "kind"), [("completed", "completed"), ("incomplete", "incomplete"), ("cancelled", "failed")]
)
def test_it_ends_as_its_response_did(status: str, kind: str) -> None:
    said = read(retold.ending(9, {"status": status}))
    assert said == {"type": f"response.{kind}", "sequence_number": 9, "response": {"status": status}}


def test_a_piece_is_told_from_any_event_on() -> None:
    events = [event("response.x", sequence_number=number) for number in range(5, 9)]
    for number in range(10):
        assert retold.after(number, 5, b"".join(events)) == b"".join(events[max(0, number - 4) :])
