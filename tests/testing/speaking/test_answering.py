"""What is answered without a scene."""

from typing import Any

import pytest

from outrider.testing.conformance.catalogue.making import CITY, WEATHER, user
from outrider.testing.conformance.catalogue.media import PNG
from outrider.testing.speaking import answering
from outrider.testing.speaking.words import Ask, Call, Failure, Result, Text


def ask(*parts: Any, **fields: Any) -> Ask:
    return Ask([user(*parts)], **fields)


def test_a_tool_is_called_where_it_is_wanted() -> None:
    for asked, command in (
        (ask("hi", tools=[WEATHER], choice="required"), {}),
        (ask("hi", tools=[WEATHER], choice="=get_weather"), {}),
        (ask("hi", tools=[WEATHER]), {"tool": "get_weather"}),
    ):
        said = answering.reply(asked, command, 3)
        assert said.parts == (Call("call_3", "get_weather", {"city": "text", "days": 0}),)
        assert said.finish == "tool_calls"
    assert answering.reply(ask("hi", tools=[WEATHER]), {}, 3).finish == "stop"


@pytest.mark.parametrize(
    ("asked", "command", "text"),
    [
        (ask("hi"), {}, "This is a scripted answer."),
        (ask("hi"), {"text": "so"}, "so"),
        (ask("hi"), {"chunks": "2"}, "word0 word1"),
        (ask(Result("c", (Text("rain"),))), {"tool": "x"}, "The tool said: rain"),
        (ask("hi", params={"schema": CITY}), {}, '{"city":"text","days":0}'),
        (ask("hi", params={"schema": {"properties": {"city": True, "no": None}}}), {}, '{"city":"text","no":"text"}'),
        (ask("hi", params={"schema": {"properties": [{"type": None}]}}), {}, "{}"),
        (ask("hi", params={"json": True}), {}, "{}"),
        (ask("hi", PNG), {}, "I see 1: image image/png."),
    ],
)
def test_the_text_is_what_was_asked_for(asked: Ask, command: dict[str, str], text: str) -> None:
    assert answering.reply(asked, command, 1).parts == (Text(text),)


def test_stops_and_limits_hold() -> None:
    said = answering.reply(ask("hi", params={"stop": [" scripted"]}), {}, 1)
    assert (said.parts, said.stopped) == ((Text("This is a"),), " scripted")
    said = answering.reply(ask("hi", params={"max_tokens": 2}), {}, 1)
    assert (said.parts, said.finish) == ((Text("This is"),), "length")


def test_failures_are_commanded() -> None:
    assert answering.failure({"status": "429", "retry-after": "2"}) == Failure("limited", "scripted: status 429", 2)
    assert answering.failure({"error-in-200": ""}) == Failure(
        "overloaded", "scripted: an error inside a stream", None, 2
    )
    assert answering.failure({"cut": "3"}) == Failure("broken", "", None, 3, cut=True)
    assert answering.failure({"text": "x"}) is None
