"""What is asked of another deployment when a stream breaks: decided from what the caller has received."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment, Transport
from outrider.base.sse import SSESplitter
from outrider.base.usage import Usage
from outrider.gateway.continuation import Continuation, obstacle, plan, read
from outrider.gateway.joiner import Joiner
from outrider.providers import openai
from outrider.providers.embedded import CHAT_DEFAULT, EmbeddedTransport
from outrider.testing import ScriptedProvider
from tests.gateway.calls import PATHS, deployment
from tests.gateway.streams import DONE, body, event, events, planned, prefilling, said, telling

SENT = events("one", ["The sea ", "is "])[:-2]
SCHEMA = {"type": "object", "properties": {"sea": {"type": "string"}}}
FORM = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}


def asked(made: Continuation) -> Any:
    return json.loads(made.body)


def last(made: Continuation) -> Any:
    return asked(made)["messages"][-1]


# -- reading ------------------------------------------------------------------------------------------------------


def test_what_was_sent_is_read_from_its_bytes() -> None:
    sent = read(SENT)
    assert (sent.text, sent.pieces, sent.roles, sent.whole) == ("The sea is ", 2, {0}, False)
    assert sent.head == {"id": "one", "object": "chat.completion.chunk", "created": 3, "model": "model-one"}


def test_blocks_may_hold_several_events_and_comments() -> None:
    assert read([b": alive\n\n" + b"".join(SENT[:2]), b"".join(SENT[2:])]).text == "The sea is "


def test_nothing_was_sent() -> None:
    sent = read([])
    assert sent.blank
    assert sent.head == {}


def test_an_answer_that_lacks_only_its_end_is_given_it() -> None:
    sent = read(events("one", ["Hi"])[:-1])
    assert sent.whole
    assert plan(body(), sent, prefilling()) is None
    assert sent.ending(wants_usage=False, usage=Usage(5, 1)) == DONE
    usage, end = sent.ending(wants_usage=True, usage=Usage(5, 1, cached=2)).split(b"\n\n")[:2]
    assert end + b"\n\n" == DONE
    chunk = json.loads(usage.removeprefix(b"data: "))
    assert (chunk["id"], chunk["choices"], chunk["usage"]["total_tokens"]) == ("one", [], 6)


def test_what_is_there_already_is_not_sent_again() -> None:
    usage = event("one", {}, usage={"prompt_tokens": 5, "completion_tokens": 1})
    sent = read([*events("one", ["Hi"])[:-1], usage, DONE])
    assert sent.ending(wants_usage=True, usage=Usage(5, 1)) == b""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("id", "choices", "index", "delta", "content", "role", "finish_reason", "usage", "tool_calls", "prompt_tokens")
ODD = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4)
CHUNKS = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"index": JSON, "delta": ODD | JSON}) | ODD, max_size=2) | JSON},
    optional={"usage": ODD, "id": JSON},
)


@given(st.lists((CHUNKS | ODD | JSON).map(lambda c: f"data: {json.dumps(c)}\n\n".encode()) | st.binary(max_size=9)))
def test_whatever_providers_send_is_read_or_refused(blocks: list[bytes]) -> None:
    sent = read(blocks)
    assert isinstance(sent.text, str)
    with contextlib.suppress(UpstreamError):
        joiner = Joiner(openai.reader(wants_usage=True), planned(SENT, prefilling()), Usage(1, 1))
        for block in blocks:
            joiner.feed(block)
        joiner.close(blocks)


def test_a_broken_event_is_in_the_way() -> None:
    for bad in (b'{"choices":[{"index":0}', b'{"id":"\xff"}', b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"):
        assert obstacle(body(), read([*SENT, b"data: " + bad + b"\n\n"])) == "an event was broken"


# -- what cannot be continued -------------------------------------------------------------------------------------

TOOL = {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}]}


@pytest.mark.parametrize(
    ("delta", "more", "words"),
    [
        (TOOL, {}, "a tool call was under way"),
        ({"function_call": {"name": "f"}}, {}, "a tool call was under way"),
        ({"refusal": "I ca"}, {}, "a refusal was under way"),
        ({"audio": {"id": "a"}}, {}, "more than text was sent"),
        ({"content": [{"type": "text"}]}, {}, "more than text was sent"),
        ({"content": "b"}, {"index": 1}, "several answers were under way"),
    ],
)
def test_more_than_text_cannot_be_continued(delta: dict[str, Any], more: dict[str, Any], words: str) -> None:
    sent = read([*SENT, event("one", delta, **more)])
    assert obstacle(body(), sent) == words
    assert plan(body(), sent, prefilling()) is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n": 2}, "several answers were asked for"),
        ({"logprobs": True}, "log probabilities were asked for"),
        ({"response_format": {"type": "regex", "pattern": "a"}}, "its form is constrained by a grammar"),
        ({"guided_choice": ["a"]}, "its form is constrained by a grammar"),
    ],
)
def test_what_was_asked_for_may_stand_in_the_way(fields: dict[str, Any], words: str) -> None:
    assert obstacle(body(**fields), read(SENT)) == words
    assert plan(body(**fields), read(SENT), telling()) is None
    assert obstacle(body(**fields), read(SENT[:1])) == ""


@pytest.mark.parametrize("fields", [{"n": 1}, {"n": None}, {"logprobs": False}, {"tools": []}, {"guided_json": None}])
def test_defaults_stand_in_nobody_s_way(fields: dict[str, Any]) -> None:
    assert obstacle(body(**fields), read(SENT)) == ""


# -- the request ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "mark", "top"),
    [
        (
            "continue_final_message",
            {},
            {"continue_final_message": True, "add_generation_prompt": False, "echo": False},
        ),
        ("prefix", {"prefix": True}, {}),
        ("prefix_echoed", {"prefix": True}, {}),
        ("partial", {"partial": True}, {}),
        ("trailing", {}, {}),
    ],
)
def test_each_provider_is_told_in_its_own_way(way: str, mark: dict[str, Any], top: dict[str, Any]) -> None:
    made = planned(SENT, prefilling(way), temperature=0.5, x_vendor=[1])
    assert made.mode == "prefill"
    assert asked(made)["messages"][0] == {"role": "user", "content": "go"}
    assert last(made) == {"role": "assistant", "content": "The sea is", **mark}  # no white space at its end
    rest = {k: v for k, v in asked(made).items() if k != "messages"}
    assert rest == {"model": "r", "stream": True, "temperature": 0.5, "x_vendor": [1], **top}
    assert made.attrs == {"mode": "prefill", "characters": 11}
    assert made.why == "continued by prefill after 11 characters"


def test_a_provider_may_have_another_place_for_it() -> None:
    made = planned(SENT, prefilling("prefix", **{"continue": "/beta/chat/completions"}))
    wire = openai.encode(made.deployment, "chat", made.body, "r", stream=True, wants_usage=False)
    assert wire.path == "/beta/chat/completions"
    again = planned(SENT[:1], prefilling("prefix", **{"continue": "/beta/chat/completions"}))
    assert again.deployment.paths["chat"] == PATHS["chat"]


def test_others_are_told_in_words() -> None:
    made = planned(SENT, telling())
    assert made.mode == "instruction"
    assert asked(made)["messages"][-2] == {"role": "assistant", "content": "The sea is"}
    assert last(made)["role"] == "user"
    assert "which are:\nThe sea is\nThen" in last(made)["content"]


def test_a_deployment_that_refused_a_prefill_is_told_in_words() -> None:
    made = plan(body(), read(SENT), prefilling(), instruct=True)
    assert made is not None
    assert made.mode == "instruction"


def test_the_caller_s_own_prefill_comes_first() -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "go"}, {"role": "assistant", "content": "Well: "}]
    assert last(planned(SENT, prefilling(), messages=messages))["content"] == "Well: The sea is"
    messages[-1]["content"] = [{"type": "text", "text": "Well: "}]
    assert last(planned(SENT, prefilling(), messages=messages))["content"][-1] == {"type": "text", "text": "The sea is"}
    messages[-1] |= {"content": None, "tool_calls": [{"id": "c"}]}
    assert len(asked(planned(SENT, prefilling(), messages=messages))["messages"]) == 3


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize(("limit", "left"), [(100, 98), (2, 1), (None, None)])
def test_what_was_sent_counts_against_the_limit(name: str, limit: int | None, left: int | None) -> None:
    assert asked(planned(SENT, prefilling(), **{name: limit})).get(name) == left


def test_pieces_that_are_no_tokens_count_by_their_length() -> None:
    letters = planned(events("one", "x" * 40)[:-2], telling(), max_tokens=50)
    assert asked(letters)["max_tokens"] == 40
    made = planned(events("one", ["x" * 400])[:-2], telling(), max_tokens=500, min_tokens=50)
    assert (asked(made)["max_tokens"], asked(made)["min_tokens"]) == (400, 0)


def test_a_form_is_not_asked_for_again() -> None:
    made = planned(SENT, prefilling(), response_format={"type": "json_object"})
    assert made.mode == "prefill"
    assert "response_format" not in asked(made)
    made = planned(SENT, prefilling(), response_format=FORM)
    assert made.mode == "instruction"
    assert "response_format" not in asked(made)
    assert json.dumps(SCHEMA, separators=(",", ":")) in last(made)["content"]


def test_nothing_is_changed_when_no_text_was_sent() -> None:
    given = body(n=3, response_format=FORM, max_tokens=7)
    made = plan(given, read(SENT[:1]), prefilling())
    assert made is not None
    assert (made.mode, made.body) == ("again", given)


# -- over the wire ----------------------------------------------------------------------------------------------------


async def stream(to: Deployment, asked_: bytes, joiner: Joiner | None = None) -> list[bytes]:
    """The events of an answer, through the joiner if there is one."""
    wire = openai.encode(to, "chat", asked_, "r", stream=True, wants_usage=False)
    response = await to.transport.send(wire)
    assert response.status == 200
    splitter, reader = SSESplitter(), joiner or openai.reader(wants_usage=False)
    out: list[bytes] = []

    def sink(chunk: bytes) -> bool:
        out.extend(filter(None, [reader.feed(e) for e in splitter.feed(chunk)]))
        return True

    await response.pass_to(sink)
    reader.close(out)
    return out


@pytest.mark.parametrize("prefill", ["continue_final_message", "partial", ""])
@pytest.mark.parametrize("cut", [2, 3, 5, 9])
async def test_a_scripted_provider_goes_on(prefill: str, cut: int) -> None:
    text = "one two three four five six seven eight nine ten"
    given = body(messages=[{"role": "user", "content": f"scripted:text={text}"}])
    to = msgspec.structs.replace(deployment("b", ScriptedProvider()), prefill=prefill)
    first = (await stream(to, given))[:cut]
    made = plan(given, read(first), to)
    assert made is not None
    assert made.mode == ("prefill" if prefill else "instruction")
    rest = await stream(made.deployment, made.body, Joiner(openai.reader(wants_usage=False), made))
    assert said([*first, *rest]) == text
    assert {json.loads(e[6:])["id"] for e in [*first, *rest] if e != DONE} == {json.loads(first[0][6:])["id"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def embedded(chat_models: Path) -> AsyncIterator[Transport]:
    made = EmbeddedTransport(chat_models, threads=1)
    yield made
    await made.close()


ASKED = body(messages=[{"role": "user", "content": "Write two sentences about the sea."}], temperature=0, max_tokens=30)


def embedded_model(embedded: Transport) -> Deployment:
    return Deployment("e/m", "e", CHAT_DEFAULT, "openai", embedded, PATHS, prefill="continue_final_message")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(embedded: Transport) -> list[bytes]:
    """The model's answer when nothing is cut."""
    return await stream(embedded_model(embedded), ASKED)


@pytest.mark.model
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("cut", [2, 5, 11, 17, 23])
async def test_the_embedded_model_goes_on_with_its_own_text(embedded: Transport, whole: list[bytes], cut: int) -> None:
    first = whole[:cut]
    made = plan(ASKED, read(first), embedded_model(embedded))
    assert made is not None
    assert made.mode == "prefill"
    rest = await stream(made.deployment, made.body, Joiner(openai.reader(wants_usage=False), made))
    assert said([*first, *rest]) == said(whole)
