"""The callers are right themselves: providers understand what they write, and they notice a stream that is not."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from outrider.base.sse import SSESplitter, kind, payload
from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.catalogue.making import CITY, WEATHER, assistant, system, user
from outrider.testing.conformance.catalogue.media import PNG
from outrider.testing.conformance.catalogue.tools import BERN, gave
from outrider.testing.conformance.got import Trouble, Wrong
from outrider.testing.speaking import chat, gemini, messages, responses, responses_stream, seals
from outrider.testing.speaking.words import Ask, Call, Counts, Failure, Reply, Text, Thought

SPOKEN: dict[str, Any] = {"chat": chat, "responses": responses, "messages": messages, "gemini": gemini}
KEYS = {"authorization": "Bearer k", "anthropic-version": "2023-06-01"}
SEALS = {"chat": "chat", "responses": "responses", "messages": "claude", "gemini": "gemini"}


def reply(name: str) -> Reply:
    thought = (Thought("so", seals.seal(SEALS[name], "so")),) if name != "chat" else ()
    said = (*thought, Text("Grüezi, wait."), Call("call_1", "look", {"a": [1, "ü"]}), Call("call_2", "look", {}))
    return Reply(said, "tool_calls", counts=Counts(100, 20, 40, 0, 5), piece=3)


def events(name: str, said: Reply) -> list[tuple[str, Any]]:
    spoken = responses_stream if name == "responses" else SPOKEN[name]
    asked = Ask([], params={"usage": True, "encrypted": True}, model="m")
    return list(read(b"".join(spoken.stream(said, asked, 1))))


def read(stream: bytes) -> Iterator[tuple[str, Any]]:
    for event in SSESplitter().feed(stream):
        text = payload(event)
        yield kind(event), "[DONE]" if text == b"[DONE]" else json.loads(text)


@pytest.mark.parametrize("name", CALLERS)
def test_a_provider_of_the_language_understands_it(name: str) -> None:
    params: dict[str, Any] = {"temperature": 0.5, "max_tokens": 2000, "schema": CITY}
    turns = [
        system("Be brief."),
        user("Look:", PNG),
        assistant("Hm.", BERN),
        user(gave(BERN, "Rain.")),
    ]
    wire = CALLERS[name].write(Ask(turns, [WEATHER], "=get_weather", params, model="m", unknown={"x_new": 1}))
    heard = SPOKEN[name].hear(wire.path, KEYS | wire.headers, wire.raw())
    assert [turn.role for turn in heard.turns] == ["system", "user", "assistant", "user"]
    assert heard.turns[1].parts[1] == PNG
    assert BERN in heard.turns[2].parts
    assert heard.choice == "=get_weather"
    assert {k: heard.params[k] for k in params} == params
    assert heard.unknown == {"x_new": 1}


@pytest.mark.parametrize("name", CALLERS)
def test_a_stream_and_its_twin_are_read_alike(name: str) -> None:
    caller, said = CALLERS[name], reply(name)
    asked = Ask([], params={"encrypted": True}, model="m")
    whole = caller.read(msgspec.json.decode(msgspec.json.encode(SPOKEN[name].whole(said, asked, 1))))
    streamed = caller.read(caller.gather(events(name, said)))
    for got in (whole, streamed):
        assert [p for p in got.parts if isinstance(p, Call)] == [p for p in said.parts if isinstance(p, Call)]
        assert "".join(p.text for p in got.parts if isinstance(p, Text)) == "Grüezi, wait."
        assert "".join(p.text for p in got.parts if isinstance(p, Thought)) == ("so" if name != "chat" else "")
        assert got.finish == "tool_calls"
    assert whole.counts == streamed.counts == said.counts


@pytest.mark.parametrize("name", CALLERS)
def test_a_stream_out_of_order_is_noticed(name: str) -> None:
    """No event of a stream may be missing or come twice."""
    good = events(name, reply(name))
    caller = CALLERS[name]
    before = repr(caller.read(caller.gather(good)))
    for at in range(len(good)):
        for spoilt in (good[:at] + good[at + 1 :], good[: at + 1] + good[at:]):
            try:
                read_ = repr(caller.read(caller.gather(json.loads(json.dumps(spoilt)))))
            except (Wrong, KeyError, ValueError, IndexError):
                continue
            assert read_ != before or good[at][0] == "ping"


@pytest.mark.parametrize("name", CALLERS)
def test_errors_are_read(name: str) -> None:
    failed = Failure("limited", "slow down", 3)
    status, headers, body = SPOKEN[name].failure(failed)
    given = {k.decode(): v.decode() for k, v in headers}
    trouble = CALLERS[name].error(status, given, body)
    assert (trouble.status, trouble.message, trouble.retry_after) == (429, "slow down", "3")
    good = events(name, reply(name))
    with pytest.raises(Trouble, match="slow down"):
        CALLERS[name].gather([*good[: len(good) // 2], *read(SPOKEN[name].failure_event(failed))])
