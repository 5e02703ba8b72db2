"""A session moment by moment, in both stores."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal.append import blob
from outrider.journal.events import FeedbackGiven, RunRecorded, Step
from outrider.journal.imports.loading import load
from outrider.replay.session import moments
from tests.journal.imports import exported
from tests.journal.place import Place

ASKS = {"role": "user", "content": "Where is it?"}
CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOLD = {"role": "tool", "tool_call_id": "c", "content": "in Rome"}
SAYS = {"role": "assistant", "content": "It is in Rome."}


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def chat(place: Place, at: int, messages: list[object], answer: object, *steps: Step, **more: object) -> RunRecorded:
    bodies = [json.dumps({"model": "m", "messages": messages}).encode(),
              json.dumps({"choices": [{"message": answer, "finish_reason": "stop"}]}).encode(),
              json.dumps({"kept": [{"text": "passage one"}, {"text": "passage two"}]}).encode()]  # fmt: skip
    refs = [blob(one) for one in bodies]
    for step in steps:
        step.response = refs[2]
    run = RunRecorded(ids.new_id(), "p", at, "chat.completions", 5, session="s", request=refs[0], response=refs[1],
                      steps=list(steps), **more)  # type: ignore[arg-type] # fmt: skip
    place.journal.append_now(run, list(zip(refs, bodies, strict=True)), "p")
    place.indexer.drain()
    return run


def test_what_was_said_and_found_is_in_order_and_once(place: Place) -> None:
    chat(place, 10, [ASKS], CALLS, Step(1, "retrieval", "docs", start=1, duration=1))
    last = chat(place, 20, [ASKS, CALLS, TOLD], SAYS)
    chat(place, 30, [ASKS, CALLS, TOLD, SAYS, ASKS], SAYS)
    chat(place, 40, [{"role": "user", "content": "apart"}], SAYS, tags=["replay:x"])
    place.journal.append_now(FeedbackGiven(ids.new_id(), "p", 25, run=last.id, outcome="found"))
    place.journal.append_now(FeedbackGiven(ids.new_id(), "p", 50, session="s", outcome="closed"))
    place.journal.append_now(FeedbackGiven(ids.new_id(), "p", 51, session="s", thumb="up"))
    place.indexer.drain()
    found = [(one.at, one.kind, one.text) for one in moments(place.store, "p", "s")]
    assert found == [
        (10, "human", "Where is it?"),
        (12, "retrieval", "passage one\npassage two"),
        (15, "model", '[{"tool":"look","arguments":"{}"}]'),
        (20, "tool", "in Rome"),
        (25, "model", "It is in Rome."),
        (25, "feedback", "found"),
        (30, "human", "Where is it?"),
        (35, "model", "It is in Rome."),
        (50, "feedback", "closed"),
    ]


def test_an_imported_session(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(json.dumps(exported.langfuse()))
    load(path, "auto", "p", place.store, lambda one: place.journal.append_now(*one), place.indexer.drain)
    assert [one.kind for one in moments(place.store, "p", "s1")] == ["human", "model", "tool", "model"]
    with pytest.raises(ConfigError, match="no session 'none'"):
        moments(place.store, "p", "none")
    with pytest.raises(ConfigError, match="no session"):
        moments(place.store, "q", "s1")
