"""Runs that came in any language of callers are replayed in it, where they came."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.journal.read import get_run
from outrider.replay.replayer import Replayed, Way, replay
from outrider.replay.tongues import TONGUES, bare
from outrider.replay.verifying import verify
from tests.replay import talks
from tests.replay.conftest import CALLS_OTHER, SAYS, House

TALKS: dict[str, Callable[[House], list[str]]] = {
    "messages": talks.messages, "responses": talks.responses, "chained": talks.chained, "gemini": talks.gemini,
}  # fmt: skip


async def replayed(house: House, run: str, **way: Any) -> Replayed:
    asks = house.gateway()
    try:
        return await replay(house.recording(run), Way(**way), asks)
    finally:
        await asks.close()


@pytest.mark.parametrize("name", TALKS)
async def test_an_unchanged_conversation_is_the_same_in_its_own_language(house: House, name: str) -> None:
    runs = TALKS[name](house)
    recording = house.recording(runs[0])
    assert [turn.run for turn in recording.turns] == runs
    assert {turn.tongue.name for turn in recording.turns} == {name.replace("chained", "responses")}
    done = await replayed(house, runs[0])
    assert (done.status, done.same, done.text) == ("done", True, "The tool said: sun in Rome")
    assert [(step.kind, step.by) for step in done.steps] == [
        ("model", "live"), ("tool", "recording"), ("model", "live"), ("human", "recording"),
        ("model", "live"), ("tool", "recording"), ("model", "live"),
    ]  # fmt: skip
    for step, turn in zip([one for one in done.steps if one.kind == "model"], recording.turns, strict=True):
        again = get_run(house.outrider.store(), ids.parse(step.run))
        assert again is not None
        assert (again.name, again.request) == (turn.tongue.name, turn.request)


@pytest.mark.parametrize("name", TALKS)
async def test_a_changed_one_is_written_in_it(house: House, name: str) -> None:
    run = TALKS[name](house)[0]
    brief = await replayed(house, run, prompt="Be brief.")
    assert (brief.status, brief.text) == ("done", "The tool said: sun in Rome")
    other = await replayed(house, run, set={"model": f"scripted/{SAYS}"})
    assert [(step.kind, step.same) for step in other.steps] == [("model", False), ("human", True), ("model", False)]
    assert other.text == "It rains"
    held = await replayed(house, run, set={"model": f"scripted/{CALLS_OTHER}"})
    assert held.why.startswith("HOLD at step 2: news(")
    last = get_run(house.outrider.store(), ids.parse(brief.steps[0].run))
    assert last is not None
    assert last.name == name.replace("chained", "responses")


@pytest.mark.parametrize("name", TALKS)
async def test_it_is_verified(house: House, name: str) -> None:
    asks = house.gateway()
    found = await verify(house.outrider.store(), house.recording(TALKS[name](house)[0]), asks)
    await asks.close()
    assert [(one.stored, one.follows, one.same, one.why) for one in found] == [
        (True, True, True, ""), (True, True, True, ""), (True, True, True, ""), (True, None, True, ""),
    ]  # fmt: skip
    assert {one.bytes for one in found} == {"identical but for ids, times, caches"}


STREAMS = {
    "messages": ("/v1/messages", {"max_tokens": 9, "stream": True,
                                  "messages": [{"role": "user", "content": "scripted:words=4"}]}),
    "responses": ("/v1/responses", {"stream": True, "input": "scripted:words=4"}),
    "gemini": ("/v1beta/models/scripted/plain:streamGenerateContent?alt=sse",
               {"contents": [{"role": "user", "parts": [{"text": "scripted:words=4"}]}]}),
    "gemini array": ("/v1beta/models/scripted/plain:streamGenerateContent",
                     {"contents": [{"role": "user", "parts": [{"text": "scripted:words=4"}]}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
async def test_streams_are_compared_event_for_event(house: House, name: str) -> None:
    path, fields = STREAMS[name]
    run, said = house.post(path, {"model": "scripted/plain", **fields} if "gemini" not in name else fields)
    asks = house.gateway()
    (one,) = await verify(house.outrider.store(), house.recording(run), asks)
    await asks.close()
    assert (one.same, one.bytes, one.why) == (True, "identical but for ids, times, caches", "")
    assert (one.events is None) == (name == "gemini array")
    assert one.events is None or one.events == (said.count(b"data:"), said.count(b"data:"))
    done = await replayed(house, run)
    assert done.same
    assert len(done.text.split()) == 4
    asked = get_run(house.outrider.store(), ids.parse(done.steps[0].run))
    assert asked is not None
    assert done.cost == asked.cost > 0, "though a stream's head cannot say what it costs"


def test_fields_within_fields_can_be_changed() -> None:
    own = {"contents": [], "generationConfig": {"topK": 3, "temperature": 1}}
    says = [{"role": "user", "content": "x"}]
    told = TONGUES["gemini"].write(own, says, "m", {"generationConfig.temperature": 0, "model": "m", "a.b": 1})
    assert told["generationConfig"] == {"topK": 3, "temperature": 0}
    assert told["a"] == {"b": 1}
    assert "model" not in told
    assert "stream" not in told


def test_what_is_no_answer_is_refused() -> None:
    for name in ("messages", "responses", "gemini"):
        for body in (b"", b"{}", b"[1]", b"data: {", b'{"error": {}}', b"nonsense"):
            with pytest.raises(RequestError):
                TONGUES[name].read(body)


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(["messages", "responses", "gemini"]),
    fields=st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["messages", "input", "contents", "role", "content", "parts", "type", "output", "candidates"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    ),
)
def test_odd_requests_and_answers_are_refused_or_understood(name: str, fields: Any) -> None:
    tongue = TONGUES[name]
    if isinstance(fields, dict):
        with contextlib.suppress(RequestError):
            assert isinstance(tongue.chat(fields), dict)
    for body in (json.dumps(fields).encode(), b"data: " + json.dumps(fields).encode() + b"\n\n"):
        with contextlib.suppress(RequestError):
            assert tongue.read(body).messages


def test_marks_of_caches_make_no_other_conversation() -> None:
    marked = [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]}]
    assert bare(marked) == bare([{"role": "user", "content": "a"}])
    assert bare([{"role": "user", "content": [], "cache_control": {}}]) == [{"role": "user", "content": []}]
