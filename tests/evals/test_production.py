"""Runs as they are recorded become cases that can be asked again, in both stores."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals.production import case, chosen, find, labelled
from outrider.journal.append import blob
from outrider.journal.events import BlobRef, FeedbackGiven, RunRecorded, Step
from outrider.store import Store
from tests.journal.conftest import Bench

USER = {"role": "user", "content": "Where is my parcel?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "track", "arguments": '{"id": 7}'}}


class Past(Bench):
    """What was recorded."""

    made = 0

    def chat(self, messages: Any, answer: Any, steps: list[Step] | None = None, **fields: Any) -> str:
        """A run; `answer` is a message, or the body as it was."""
        name = fields.pop("name", "chat.completions")
        request = {"model": "support", "stream": False, **fields.pop("request", {"messages": messages})}
        said = {"choices": [{"index": 0, "message": answer, "finish_reason": "stop"}]} if name[0] == "c" else answer
        self.made += 1
        at = clock.now_ns() - 10**12 + self.made * 10**9
        run = RunRecorded(ids.new_id(), "p", at, name, model="support", route="support", steps=steps or [], **fields)
        run.request, bodies = blob(json.dumps(request).encode()), [json.dumps(request).encode()]
        run.response = blob(json.dumps(said).encode())
        bodies += [json.dumps(said).encode(), *self.evidence]
        self.evidence = ()
        self.journals = self.journals or [self.journal()]
        self.journals[0].append_now(run, [(blob(body), body) for body in bodies], "p")
        self.indexer.drain()
        return ids.text(run.id)

    evidence: tuple[bytes, ...] = ()

    def kept(self, value: Any) -> BlobRef:
        """A body that goes with the next run."""
        body = json.dumps(value).encode()
        self.evidence = (*self.evidence, body)
        return blob(body)


@pytest.fixture
def past(tmp_path: Path, store: Store) -> Iterator[Past]:
    made = Past(tmp_path / "spool", store)
    yield made
    for journal in made.journals:
        journal.close()


def of(past: Past, run: str, step: int = 0, **how: Any) -> Any:
    return case(past.store, find(past.store, "p", run), step, **how)


def test_a_question_is_its_text_and_the_answer_is_not_expected(past: Past) -> None:
    run = past.chat([USER], {"role": "assistant", "content": "On its way."}, tags=["vip"])
    found = of(past, run)
    assert (found.id, found.input, found.expected, found.tags) == (f"run:{run}", USER["content"], None, ("vip",))
    assert found.recorded["answer"] == {"text": "On its way."}
    assert (found.recorded["run"]["route"], found.source) == ("support", f"run:{run}")
    accepted = of(past, run, accept=True)
    assert (accepted.expected, accepted.labelled) == ("On its way.", "model")
    assert labelled(found, "Lost.", "person").labelled == "person"


def test_the_results_of_its_tools_go_with_it(past: Past) -> None:
    tools = [{"type": "function", "function": {"name": "track"}}]
    asks = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    result = {"role": "tool", "tool_call_id": "c1", "content": "in Bremen"}
    first = past.chat(None, asks, session="s", request={"messages": [USER], "tools": tools, "temperature": 0})
    past.chat([USER, asks, result], {"role": "assistant", "content": "In Bremen."}, session="s")
    found = of(past, first)
    assert found.input == {"messages": [USER], "tools": tools, "temperature": 0}
    (track,) = found.recorded["tools"]["track"]
    assert (track["arguments"], track["result"]) == ({"id": 7}, "in Bremen")
    assert of(past, first, accept=True).expected == [{"tool": "track", "arguments": {"id": 7}}]


def test_passages_go_with_it_and_a_search_is_a_case(past: Past) -> None:
    row = {"source": "faq.md", "text": "Parcels take 2 days.", "score": 0.9, "parts": {"bm25": 1}}
    told = past.kept({"query": "parcel", "kept": [row]})
    run = past.chat([USER], {"role": "assistant", "content": "2 days."}, [Step(5, "retrieval", "faq", response=told)])
    passage = {"source": "faq.md", "text": "Parcels take 2 days.", "score": 0.9}
    assert of(past, run).recorded["retrieval"] == [{"collection": "faq", "query": "parcel", "passages": [passage]}]
    search = of(past, run, 5)
    assert (search.id, search.input, search.context) == (f"run:{run}#5", "parcel", {"collection": "faq"})


def test_a_step_of_a_model_is_a_case(past: Past) -> None:
    asked, said = past.kept({"messages": [USER], "model": "m"}), past.kept(
        {"choices": [{"message": {"role": "assistant", "content": "Soon."}, "finish_reason": "stop"}]}
    )  # fmt: skip
    steps = [Step(1, "model", "m", request=asked, response=said), Step(2, "code", "x")]
    run = past.chat([USER], {"role": "assistant", "content": "x"}, steps, name="agent", source="otlp")
    found = of(past, run, 1)
    assert (found.input, found.recorded["answer"]) == (USER["content"], {"text": "Soon."})
    for step, why in ((2, "asks nothing that was recorded"), (9, "has no step 9")):
        with pytest.raises(RequestError, match=why):
            of(past, run, step)
    with pytest.raises(RequestError, match="neither a chat nor a search"):
        of(past, run)


def test_other_languages_are_understood(past: Past) -> None:
    request = {"system": "Be kind.", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    answer = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hello"}],
              "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}  # fmt: skip
    found = of(past, past.chat(None, answer, name="messages", request=request))
    assert [one["role"] for one in found.input["messages"]] == ["system", "user"]
    assert found.recorded["answer"] == {"text": "Hello"}


def test_runs_are_chosen_by_a_query(past: Past) -> None:
    cheap = past.chat([USER], {"role": "assistant", "content": "1"}, cost=1_000)
    dear = past.chat([USER], {"role": "assistant", "content": "2"}, cost=90_000_000)
    assert [ids.text(run.id) for run in chosen(past.store, "p", "route=support", 10)] == [dear, cheap]
    assert [ids.text(run.id) for run in chosen(past.store, "p", "cost>0.05 since=7d", 10)] == [dear]
    assert [ids.text(run.id) for run in chosen(past.store, "p", "", 1)] == [dear]
    assert list(chosen(past.store, "other", "", 10)) == []
    past.put(FeedbackGiven(ids.new_id(), "p", 1, ids.parse(cheap), thumb="down"))
    assert [ids.text(run.id) for run in chosen(past.store, "p", "feedback=bad route=support", 10)] == [cheap]
    for wrong in ("colour=red", "route=", "cost=3", "'", "cost>much"):
        with pytest.raises(RequestError):
            list(chosen(past.store, "p", wrong, 1))


def test_what_cannot_be_a_case_says_why(past: Past) -> None:
    run = past.chat([USER], {"role": "assistant", "content": ""})
    with pytest.raises(RequestError, match="no answer that could be the expected one"):
        of(past, run, accept=True)
    for wrong, why in (("x", "is not a run's id"), (ids.text(ids.new_id()), "no run")):
        with pytest.raises(RequestError, match=why):
            find(past.store, "p", wrong)
    with pytest.raises(RequestError, match="no run"):
        find(past.store, "other", run)
