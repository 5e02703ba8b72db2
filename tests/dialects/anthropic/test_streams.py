"""A provider's stream into chat."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.base.sse import SSESplitter
from outrider.dialects.anthropic import answers
from outrider.dialects.anthropic.streams import FromChat, ToChat
from outrider.providers import translated
from tests.dialects.anthropic.fixtures import ANSWERS, complete, message, said, stream, whole


def chunks(name: str) -> list[dict[str, Any]]:
    reader = ToChat()
    made = [copy.deepcopy(chunk) for kind, event in said(stream(name)) for chunk in reader.feed(kind, event)]
    assert reader.done
    return made


@pytest.mark.parametrize("name", ANSWERS)
def test_the_fixtures_are_twins(name: str) -> None:
    made, plain = message(stream(name)), whole(name)
    made["usage"] = {name: value for name, value in made["usage"].items() if name in plain["usage"]}
    assert made == plain


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_and_its_twin_agree(name: str) -> None:
    streamed, plain = complete(chunks(name)), answers.to_chat(whole(name))
    for made in (streamed, plain):
        del made["created"]
        for call in made["choices"][0]["message"].get("tool_calls") or ():
            call["function"]["arguments"] = call["function"]["arguments"].replace(": ", ":").replace(", ", ",")
        made["choices"][0]["message"]["content"] = made["choices"][0]["message"]["content"] or ""
    assert streamed == plain


def test_the_form_of_chunks() -> None:
    first, *_, end, last = chunks("text")
    assert first["object"] == "chat.completion.chunk"
    assert first["choices"] == [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
    assert end["choices"][0]["finish_reason"] == "stop"
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == 42
    assert last["id"] == first["id"]


def test_text_is_not_held_up() -> None:
    """Each piece of text is one chunk at once; so are thoughts and arguments."""
    reader = ToChat()
    given = {(kind, i): reader.feed(kind, event) for i, (kind, event) in enumerate(said(stream("tools")))}
    pieces = [made for (kind, _), made in given.items() if kind == "content_block_delta" and made]
    assert [len(made) for made in pieces] == [1] * 7


def test_tool_calls_keep_their_index() -> None:
    indexes = [
        call["index"]
        for chunk in chunks("tools")
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls") or ()
    ]
    assert indexes == [0, 0, 0, 1, 1]


def test_an_error_in_the_stream() -> None:
    reader = ToChat()
    *before, last = said(stream("overloaded"))
    assert [bool(reader.feed(*event)) for event in before] == [True, False, True]
    with pytest.raises(UpstreamError, match="Overloaded") as raised:
        reader.feed(*last)
    assert (raised.value.status, raised.value.retryable) == (529, True)


def test_an_event_of_an_unknown_form() -> None:
    with pytest.raises(UpstreamError, match="unknown form"):
        ToChat().feed("content_block_delta", {"type": "content_block_delta", "index": 0})


def test_events_that_are_not_known_are_passed_over() -> None:
    assert ToChat().feed("", {"type": "invented"}) == []
    assert ToChat().feed("", {"type": "content_block_delta", "index": 7, "delta": {"type": "x"}}) == []
    assert ToChat().feed("", {"type": "content_block_stop", "index": 7}) == []


def test_blocks_of_other_kinds_are_carried_whole() -> None:
    reader = ToChat()
    reader.feed("", {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1}}})
    start = {"type": "compaction", "content": None}
    reader.feed("", {"type": "content_block_start", "index": 0, "content_block": start})
    for piece in ("so ", "far"):
        delta = {"type": "compaction_delta", "content": piece}
        reader.feed("", {"type": "content_block_delta", "index": 0, "delta": delta})
    (chunk,) = reader.feed("", {"type": "content_block_stop", "index": 0})
    (item,) = chunk["choices"][0]["delta"]["provider_items"]
    assert item == {"format": "anthropic-claude-v1", "index": 0, "type": "compaction", "content": "so far"}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_survives_chat(name: str) -> None:
    writer = FromChat(id=whole(name)["id"])
    out = b"".join(writer.feed(chunk) for chunk in chunks(name)) + writer.end()
    made, before = message(out), whole(name)
    kinds = [block["type"] for block in made["content"]]
    assert kinds == _texts_joined([block["type"] for block in before["content"]])
    for field in ("stop_reason", "model", "id"):
        assert made[field] == before[field]
    assert made.get("stop_details") == before["stop_details"]
    assert made["usage"]["output_tokens"] == before["usage"]["output_tokens"]
    for mine, theirs in zip(_others(made), _others(before), strict=True):
        assert mine == {k: v for k, v in theirs.items() if k != "caller" or theirs["type"] != "tool_use"}


def _others(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in made["content"] if block["type"] != "text"]


def _texts_joined(kinds: list[str]) -> list[str]:
    return [kind for i, kind in enumerate(kinds) if kind != "text" or i == 0 or kinds[i - 1] != "text"]


def _chat(pieces: list[bytes]) -> list[bytes]:
    """What chat's callers get for a stream that arrives in these pieces, but for the time."""
    splitter, reader = SSESplitter(), translated.Reader(ToChat(), wants_usage=True)
    out = b"".join(reader.feed(event) for piece in pieces for event in splitter.feed(piece))
    return [one.partition(b",")[2] for one in out.split(b'"created":')]


@given(st.sampled_from(ANSWERS), st.lists(st.integers(1, 200), max_size=60))
def test_any_cut_of_the_bytes_gives_the_same(name: str, sizes: list[int]) -> None:
    rest, cut = stream(name), []
    for size in sizes:
        cut.append(rest[:size])
        rest = rest[size:]
    assert _chat([*cut, rest]) == _chat([stream(name)])
