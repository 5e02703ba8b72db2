"""Replays through a whole Outrider: what is live is asked, everything else answers from the recording."""

import itertools
import json
from typing import Any

from outrider.replay.asking import Said
from outrider.replay.recording import Recording
from outrider.replay.replayer import Replayed, Way, replay
from tests.replay.conftest import CALLS_OTHER, SAYS, House


def weather(_: str, arguments: Any) -> str:
    return f"sun in {arguments['city']}"


async def replayed(house: House, recording: Recording, **way: Any) -> Replayed:
    asks = house.gateway()
    try:
        return await replay(recording, Way(**way), asks)
    finally:
        await asks.close()


def kinds(done: Replayed) -> list[tuple[str, str]]:
    return [(step.kind, step.by) for step in done.steps]


async def test_an_unchanged_trajectory_is_the_same_to_the_byte(house: House) -> None:
    runs = house.work("s", ["Rome?", "And tomorrow?"], weather)
    asked = house.provider.counts["chat"]
    done = await replayed(house, house.recording(runs[0]))
    assert (done.status, done.same, done.diverged) == ("done", True, 0)
    assert done.text == done.before == "The tool said: sun in Rome"
    assert kinds(done) == [
        ("model", "live"), ("tool", "recording"), ("model", "live"), ("human", "recording"),
        ("model", "live"), ("tool", "recording"), ("model", "live"),
    ]  # fmt: skip
    assert house.provider.counts["chat"] == asked + 4
    new = [house.recording(step.run).turns[0] for step in done.steps if step.kind == "model"]
    old = [house.recording(run).turns[0] for run in runs]
    assert [turn.body for turn in new] == [turn.body for turn in old]


async def test_a_later_step_is_where_it_begins(house: House) -> None:
    runs = house.work("s", ["Rome?", "And tomorrow?"], weather)
    from_third = await replayed(house, house.recording(runs[0], step=3))
    assert len(from_third.steps) == 3
    assert [step.was for step in from_third.steps if step.kind == "model"] == runs[2:]
    assert len((await replayed(house, house.recording(runs[3]))).steps) == 1


async def test_the_nth_same_call_gets_the_nth_result(house: House) -> None:
    numbers = itertools.count(1)
    runs = house.work("s", ["Rome?", "Again?"], lambda tool, arguments: f"reading {next(numbers)}")
    done = await replayed(house, house.recording(runs[0]), prompt="Be brief.", set={"temperature": 0})
    assert [step.after for step in done.steps if step.kind == "tool"] == ["reading 1", "reading 2"]
    assert done.same


async def test_what_was_not_recorded_holds_and_says_where(house: House) -> None:
    runs = house.work("s", ["Rome?"], weather)
    model = {"model": f"scripted/{CALLS_OTHER}"}
    done = await replayed(house, house.recording(runs[0]), set=model)
    assert (done.status, done.diverged) == ("hold", 1)
    assert done.why.startswith("HOLD at step 2: news(")
    assert "has results of: weather" in done.why
    helped = await replayed(house, house.recording(runs[0]), set=model, stand_ins={"news": lambda _: "none"})
    assert (helped.status, helped.text) == ("done", "The tool said: none")
    assert [step.by for step in helped.steps] == ["live", "stand-in", "live"]


async def test_a_model_that_answers_at_once_hears_the_next_question(house: House) -> None:
    runs = house.work("s", ["Rome?", "And tomorrow?"], weather)
    done = await replayed(house, house.recording(runs[0]), set={"model": f"scripted/{SAYS}"})
    assert [(step.kind, step.same) for step in done.steps] == [("model", False), ("human", True), ("model", False)]
    assert (done.status, done.text, done.diverged) == ("done", "It rains", 1)


async def test_without_anything_live_nobody_is_asked(house: House) -> None:
    runs = house.work("s", ["Rome?"], weather)
    asked = house.provider.counts["chat"]
    done = await replayed(house, house.recording(runs[0]), live=frozenset())
    assert (done.same, done.cost, house.provider.counts["chat"]) == (True, 0, asked)


async def test_other_messages_and_refusals(house: House) -> None:
    runs = house.work("s", ["Rome?"], weather)
    other = [{"role": "user", "content": "scripted:text=else"}]
    done = await replayed(house, house.recording(runs[0]), set={"messages": other, "model": "scripted/plain"})
    assert (done.status, done.text, done.diverged) == ("done", "else", 1)
    refused = await replayed(house, house.recording(runs[0]), set={"temperature": 9})
    assert refused.status == "error"
    assert "temperature" in refused.why


class Caller:
    """A model that calls a tool for ever."""

    async def ask(self, path: str, body: bytes, *, again: str = "", user: str = "", more: Any = None) -> Said:
        call = {"id": "c", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        return Said(200, json.dumps({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).encode())

    async def tool(self, name: str, arguments: Any) -> str:
        return "?"


async def test_a_model_that_never_ends_is_held(house: House) -> None:
    run, _ = house.ask([{"role": "user", "content": "scripted:text=x"}], model="scripted/plain")
    done = await replay(house.recording(run), Way(stand_ins={"weather": lambda _: "?"}), Caller())
    assert done.status == "hold"
    assert "on and on" in done.why


async def test_other_conversations_of_the_session_are_left_alone(house: House) -> None:
    runs = house.work("s", ["Rome?"], weather)
    house.ask([{"role": "user", "content": "A title, please"}], session="s")
    recording = house.recording(runs[0])
    assert (len(recording.turns), recording.others) == (2, 1)
    assert house.recording(runs[1]).others == 1
