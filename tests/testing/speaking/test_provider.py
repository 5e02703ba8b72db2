"""Every language hears the same conversation, says the same reply, and refuses what the real provider refuses."""

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from outrider.base.sse import SSESplitter, payload
from outrider.testing.speaking import Ask, Failure, Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Call, Counts, Result, Text, Thought, Turn
from tests.testing.speaking.asking import GOOD, SCHEMA, hear, post, refused

SAID = Reply((Text("hm"), Call("call_1", "look", {"a": "ü"})), "tool_calls", counts=Counts(100, 20, 40, 10, 5))


def script(language: str, ask: Ask) -> Reply | Failure:
    return Failure("limited", "slow down", 3) if ask.model == "limited" else SAID


@pytest.fixture(scope="module")
def provider() -> SpeakingProvider:
    made = SpeakingProvider()
    made.scenes["x"] = script
    made.scenes["late"] = lambda *_: Failure("overloaded", "too much", after=1)
    made.scenes["cut"] = lambda *_: Failure("broken", after=1, cut=True)
    return made


@pytest.fixture(scope="module")
def root(provider: SpeakingProvider) -> Iterator[str]:
    with speaking_thread(provider) as url:
        yield url.removesuffix("/v1")


@pytest.mark.parametrize("language", GOOD)
def test_all_hear_the_same(language: str) -> None:
    ask = hear(language)
    assert ask.turns[0] == Turn("system", (Text("be brief"),))
    assert ask.turns[1] == Turn("user", (Text("scene:x hi"),))
    assert ask.turns[2] == Turn("assistant", (Call("c1", "look", {"city": "Bern"}),))
    (result,) = ask.turns[3].parts
    assert isinstance(result, Result)
    assert (result.id, result.parts) == ("c1", (Text("rain"),))
    assert ask.params["temperature"] == 0.5
    assert ask.params["max_tokens"] == 100
    assert (ask.tools[0].name, ask.tools[0].schema) == ("look", SCHEMA)


@pytest.mark.parametrize("language", GOOD)
def test_an_unknown_field_is_refused_and_a_new_one_noted(language: str) -> None:
    assert "colour" in refused(language, "colour", value=1)
    assert hear(language, "x_new", value=[1]).unknown == {"x_new": [1]}


@pytest.mark.parametrize("language", GOOD)
def test_credentials_are_needed(language: str) -> None:
    assert refused(language, headers={})


def events(language: str, body: bytes) -> list[dict[str, Any]]:
    said = [payload(event) for event in SSESplitter().feed(body)]
    return [json.loads(one) for one in said if one and one != b"[DONE]"]


@pytest.mark.parametrize("language", GOOD)
def test_it_is_served_whole_and_as_a_stream(language: str, root: str, provider: SpeakingProvider) -> None:
    _, path, streamed, good = GOOD[language]
    status, kind, body = post(root, path, good)
    assert (status, kind) == (200, "application/json")
    assert b"call_1" in body
    assert provider.heard[-1].language == language
    body_of_stream = good | {"stream": True} if path == streamed else good
    status, kind, body = post(root, streamed, body_of_stream)
    assert status == 200
    assert kind.startswith("application/vnd.amazon.eventstream" if language == "bedrock" else "text/event-stream")
    assert b"call_1" in body
    assert provider.heard[-1].ask.stream


@pytest.mark.parametrize("language", GOOD)
def test_errors_have_their_own_shape(language: str, root: str) -> None:
    _, path, streamed, good = GOOD[language]
    named = "/model/limited/converse" if language == "bedrock" else path.replace("models/m:", "models/limited:")
    status, _, body = post(root, named, good | {"model": "limited"} if "model" in good else good)
    assert status == 429
    assert b"slow down" in body
    text = json.dumps(good | ({"stream": True} if path == streamed else {}))
    assert b"too much" in post(root, streamed, json.loads(text.replace("scene:x", "scene:late")))[2]
    with pytest.raises(http.client.IncompleteRead):
        post(root, streamed, json.loads(text.replace("scene:x", "scene:cut")))


def test_commands_work_in_every_language(root: str) -> None:
    for language, (_, path, _, good) in GOOD.items():
        text = json.dumps(good).replace("scene:x hi", "scripted:text=Grüezi")
        assert "Grüezi".encode() in post(root, path, json.loads(text))[2], language
        text = json.dumps(good).replace("scene:x hi", f"scripted:status=429,fail-times=1,retry-after=1,key={language}")
        assert [post(root, path, json.loads(text))[0] for _ in range(2)] == [429, 200], language


def test_tokens_are_counted(root: str) -> None:
    assert post(root, "/v1/messages/count_tokens", {"messages": [{"role": "user", "content": "a b c"}]})[2] == (
        b'{"input_tokens":3}'
    )
    counted = post(root, "/v1beta/models/m:countTokens", {"contents": [{"parts": [{"text": "a b"}]}]})[2]
    assert json.loads(counted)["totalTokens"] == 2


def test_without_sse_gemini_streams_an_array(root: str) -> None:
    _, _, streamed, good = GOOD["gemini"]
    _, kind, body = post(root, streamed.removesuffix("?alt=sse"), good)
    assert kind.startswith("application/json")
    assert len(json.loads(body)) > 1


def test_a_thought_is_shown_as_the_language_does() -> None:
    thought = Reply((Thought("so", "c2VhbA=="), Text("hm")))
    for language, (module, *_) in GOOD.items():
        if language != "chat":
            asked = Ask([], params={"encrypted": True})
            assert "c2VhbA==" in json.dumps(module.whole(thought, asked, 1)), language
