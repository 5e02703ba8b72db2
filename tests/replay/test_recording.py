"""Trajectories out of the journal, in both stores."""

from pathlib import Path
from typing import Any

import pytest

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.replay.recording import Result, Results, called, follows, read, told
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.replay.conftest import CALLS, CALLS_OTHER, CONFIG, SAYS, House


def test_a_conversation_is_read_back(tmp_path: Path, store_url: str) -> None:
    with scripted_thread(ScriptedProvider()) as url:
        config = CONFIG.format(url=url, calls=CALLS, other=CALLS_OTHER, says=SAYS)
        with running(config, tmp_path / "home", store_url=store_url) as outrider:
            house = House(outrider, ScriptedProvider())
            runs = house.work("s", ["Rome?", "Again?"], lambda tool, arguments: f"{tool} in {arguments['city']}")
            house.work("t", ["Rome?"], lambda tool, arguments: "another session")
            recording = house.recording(runs[1])
            assert [turn.run for turn in recording.turns] == runs[1:]
            assert [turn.run for turn in house.recording(runs[3], step=2).turns] == runs[1:]
            results = house.recording(runs[0]).results()
            found = [results.take("weather", '{"city":"Rome"}') for _ in range(3)]
            assert [one and one.content for one in found] == ["weather in Rome", "weather in Rome", None]
            with pytest.raises(ConfigError, match="there is no step 9"):
                house.recording(runs[0], step=9)
            with pytest.raises(ConfigError, match="no run"):
                read(outrider.store(), ids.new_id())


def test_the_nth_same_call_has_the_nth_result() -> None:
    results = Results()
    for content in ("one", "two"):
        results.add("f", '{"a": 1}', Result(content, "r"))
    taken = [results.take("f", {"a": 1.0}) for _ in range(3)]
    assert [one and one.content for one in taken] == ["one", "two", None]
    assert results.take("g", {}) is None
    assert results.tools() == ["f"]


def test_what_goes_on_and_what_does_not() -> None:
    ask: dict[str, Any] = {"role": "user", "content": "a"}
    say: dict[str, Any] = {"role": "assistant", "content": "b"}
    assert follows([ask], [ask, say, ask])
    assert not follows([ask], [ask])
    assert not follows([ask], [ask, ask])
    assert not follows([say], [ask, say, ask])


def test_calls_and_results_of_a_stretch() -> None:
    call = {"id": "1", "function": {"name": "f", "arguments": "{}"}}
    stretch = [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "x"},
        {"role": "tool", "tool_call_id": "unknown", "content": "y"},
    ]
    assert list(called(stretch)) == [("f", "{}", "x")]


def test_what_a_model_reads_of_a_result() -> None:
    assert (
        told({"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}) == "a\nb"
    )
    assert told({"content": [], "structuredContent": {"a": 1}}) == '{"a":1}'
    assert told({}) == ""
