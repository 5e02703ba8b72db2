"""Streams: chunk by chunk the same as the whole answer, however the bytes come."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.dialects import usage
from outrider.dialects.gemini import answers
from outrider.dialects.gemini.names import FORMAT
from outrider.dialects.gemini.requests import to_chat as request_to_chat
from outrider.dialects.gemini.streams import END, FromChat, ToChat

FIXTURES = Path(__file__).parents[2] / "fixtures" / "gemini"
STREAMS = ["stream_text", "stream_tools", "stream_signed", "stream_two"]


def events(name: str) -> list[dict[str, Any]]:
    blocks = (FIXTURES / f"{name}.sse").read_bytes().split(b"\r\n\r\n")
    return [json.loads(block.removeprefix(b"data: ")) for block in blocks if block]


def chunks(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    stream = ToChat()
    out = [chunk for event in said for chunk in stream.feed("", json.loads(json.dumps(event)))]
    assert not stream.done
    out += stream.feed(END, {})
    assert stream.done
    return out


def whole(said: list[dict[str, Any]]) -> dict[str, Any]:
    """The non-stream twin of a stream: all parts of a candidate, its last words, the last counts."""
    found: dict[int, dict[str, Any]] = {}
    for event in said:
        for candidate in event["candidates"]:
            one = found.setdefault(candidate["index"], {"content": {"parts": [], "role": "model"}})
            one["content"]["parts"] += candidate["content"]["parts"]
            one |= {name: value for name, value in candidate.items() if name != "content"}
    return {**said[-1], "candidates": list(found.values())}


def joined(said: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """Chunks put together as clients do."""
    found: dict[int, dict[str, Any]] = {}
    for chunk in said:
        for choice in chunk["choices"]:
            one = found.setdefault(choice["index"], {"message": {"content": None}})
            for name, value in choice["delta"].items():
                _join(one["message"], name, value)
            one |= {name: value for name, value in choice.items() if name != "delta" and value is not None}
    for one in found.values():
        one["message"]["content"] = one["message"]["content"] or None
    return found


def _join(message: dict[str, Any], name: str, value: Any) -> None:
    if name in ("content", "reasoning_content", "refusal"):
        message[name] = (message.get(name) or "") + value
    elif name == "reasoning_details":
        have = {detail["index"]: detail for detail in message.setdefault(name, [])}
        for detail in value:
            if detail["index"] in have:
                before = have[detail["index"]]
                before |= {**detail, "text": before.get("text", "") + detail.get("text", "")}
            else:
                message[name].append(dict(detail))
    elif isinstance(value, list):
        message.setdefault(name, []).extend(value)
    else:
        message[name] = value


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_and_its_twin_agree(name: str) -> None:
    said = events(name)
    streamed, twin = joined(chunks(said)), answers.to_chat(whole(said))
    assert list(streamed) == [choice["index"] for choice in twin["choices"]]
    for choice in twin["choices"]:
        one = streamed[choice["index"]]
        for call in one["message"].get("tool_calls") or ():
            del call["index"]
        assert {k: v for k, v in one["message"].items() if v} == {k: v for k, v in choice["message"].items() if v}
        assert one["finish_reason"] == choice["finish_reason"]
    assert chunks(said)[-1]["usage"] == twin["usage"]


def test_the_first_chunk_has_the_role_and_the_last_the_usage() -> None:
    said = chunks(events("stream_text"))
    assert said[0]["choices"][0]["delta"]["role"] == "assistant"
    assert all("role" not in chunk["choices"][0]["delta"] for chunk in said[1:-1])
    assert said[-1]["choices"] == []
    counts = usage(said[-1]["usage"])
    assert counts is not None
    assert (counts.input, counts.output, counts.reasoning) == (9, 65, 55)
    assert {chunk["id"] for chunk in said} == {"tJhraZ2tK6Xe-sAPiJb0kQU"}
    assert {chunk["object"] for chunk in said} == {"chat.completion.chunk"}


def test_what_was_said_is_there_at_once() -> None:
    stream, texts = ToChat(), []
    for event in events("stream_text"):
        for chunk in stream.feed("", event):
            delta = chunk["choices"][0]["delta"]
            texts.append(delta.get("content") or delta.get("reasoning_content"))
    assert texts == [
        "**Planning**\n\nThe coach ",
        "needs a rider.",
        "An outrider ",
        "rides beside — ",
        "the coach.",
    ]


def test_a_blocked_prompt_in_a_stream() -> None:
    said = json.loads((FIXTURES / "blocked.json").read_text())
    first, last = chunks([said])
    assert first["choices"][0]["delta"]["refusal"]
    assert first["choices"][0]["finish_reason"] == "content_filter"
    assert last["usage"]["prompt_tokens"] == 12


def test_a_model_that_fails_at_once() -> None:
    said = json.loads((FIXTURES / "malformed.json").read_text())
    with pytest.raises(UpstreamError, match="MALFORMED_FUNCTION_CALL"):
        ToChat().feed("", said)


def test_one_that_fails_after_some_words_has_said_them() -> None:
    stream = ToChat()
    stream.feed("", {"candidates": [{"content": {"parts": [{"text": "so"}]}}]})
    (chunk,) = stream.feed("", {"candidates": [{"content": {}, "finishReason": "OTHER"}]})
    assert chunk["choices"][0]["finish_reason"] == "stop"


def test_an_error_in_a_stream() -> None:
    error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    with pytest.raises(UpstreamError, match="overloaded") as raised:
        ToChat().feed("", error)
    assert raised.value.retryable
    assert raised.value.status == 503


# -- for Gemini's callers ---------------------------------------------------------------------------------------------


def told(said: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    stream = FromChat("route", "run", **options)
    out = b"".join(stream.feed(json.loads(json.dumps(chunk))) for chunk in said) + stream.end()
    if options.get("array"):
        return list(msgspec.json.decode(out))
    blocks = out.split(b"\r\n\r\n")
    assert blocks[-1] == b""
    return [json.loads(block.removeprefix(b"data: ")) for block in blocks[:-1]]


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("array", [False, True])
def test_a_stream_survives_there_and_back(name: str, array: bool) -> None:
    said = events(name)
    back = told(chunks(said), array=array)
    ours, theirs = merged(whole(back)), merged(whole(said))
    assert ours == theirs
    assert back[-1]["usageMetadata"]["promptTokenCount"] == said[-1]["usageMetadata"]["promptTokenCount"]
    assert all("usageMetadata" not in event for event in back[:-1])
    assert {event["responseId"] for event in back} == {said[0]["responseId"]}


def merged(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Candidates with texts that follow each other joined."""
    out = []
    for candidate in said["candidates"]:
        parts: list[dict[str, Any]] = []
        for part in candidate["content"]["parts"]:
            part.get("functionCall", {}).pop("id", None)
            if part == {"text": ""}:
                continue
            if parts and "text" in part and part.keys() <= {"text", "thought"} and parts[-1].keys() == part.keys():
                parts[-1]["text"] += part["text"]
            else:
                parts.append(part)
        out.append({"parts": parts, "finishReason": candidate["finishReason"], "index": candidate["index"]})
    return out


def delta(index: int = 0, finish: str | None = None, **said: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": index, "delta": said, "finish_reason": finish}]}


def test_calls_in_pieces_become_whole() -> None:
    def call(index: int, arguments: str, **more: Any) -> dict[str, Any]:
        return delta(tool_calls=[{"index": index, "function": {"arguments": arguments, **more.pop("fn", {})}, **more}])

    said = told([
        delta(role="assistant", content=""),
        call(0, '{"a"', id="c0", type="function", fn={"name": "f"}),
        call(0, ": 1}"),
        call(1, "", id="c1", type="function", fn={"name": "g"}),
        delta(finish="tool_calls"),
        {"id": "c", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    ])  # fmt: skip
    assert [event["candidates"][0]["content"]["parts"] for event in said] == [
        [{"functionCall": {"id": "c0", "name": "f", "args": {"a": 1}}}],
        [{"functionCall": {"id": "c1", "name": "g", "args": {}}}],
    ]
    assert said[-1]["candidates"][0]["finishReason"] == "STOP"
    assert said[-1]["usageMetadata"]["totalTokenCount"] == 3


def test_a_stream_without_usage_ends_too() -> None:
    (event,) = told([delta(role="assistant", content="Hi", finish="length")])
    assert event["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert "usageMetadata" not in event


def test_a_stream_that_never_says_why_it_ended_was_cut() -> None:
    stream = ToChat()
    stream.feed("", {"candidates": [{"content": {"parts": [{"text": "Half an ans"}]}, "index": 0}]})
    with pytest.raises(UpstreamError, match="without an end mark"):
        stream.feed(END, {})
    assert not stream.done


def test_an_empty_stream() -> None:
    assert told([]) == []
    assert told([], array=True) == []


FOREIGN = [
    [{"type": "reasoning.text", "text": "Let me ", "format": "anthropic-claude-v1", "index": 0}],
    [{"type": "reasoning.text", "text": "see.", "format": "anthropic-claude-v1", "index": 0}],
    [{"type": "reasoning.text", "text": "", "signature": "ab+/cd==", "format": "anthropic-claude-v1", "index": 0}],
    [{"type": "reasoning.encrypted", "data": "secret", "format": "anthropic-claude-v1", "index": 1}],
    [{"type": "reasoning.summary", "summary": "Sum", "format": "openai-responses-v1", "id": "rs_1", "index": 2}],
    [{"type": "reasoning.encrypted", "data": "more", "format": "openai-responses-v1", "id": "rs_1", "index": 3}],
]


def test_thoughts_of_others_come_back_as_they_were() -> None:
    said = told([delta(reasoning_details=one) for one in FOREIGN] + [delta(content="So."), delta(finish="stop")])
    parts = [part for event in said for part in event["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts if part.get("thought")) == "Let me see.Sum"
    (message,) = request_to_chat({"contents": [{"role": "model", "parts": parts}]}).fields["messages"]
    assert message["content"] == "So."
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "text": "Let me see.", "signature": "ab+/cd==", "format": "anthropic-claude-v1",
         "index": 0},
        {"type": "reasoning.encrypted", "data": "secret", "format": "anthropic-claude-v1", "index": 1},
        {"type": "reasoning.summary", "summary": "Sum", "format": "openai-responses-v1", "id": "rs_1", "index": 2},
        {"type": "reasoning.encrypted", "data": "more", "format": "openai-responses-v1", "id": "rs_1", "index": 3},
    ]  # fmt: skip


def test_a_refusal_is_seen() -> None:
    said = told([delta(refusal="I can"), delta(refusal="not."), delta(finish="stop")])
    assert [texts_of(event) for event in said] == ["I can", "not.", ""]
    assert said[-1]["candidates"][0]["finishReason"] == "SAFETY"


def texts_of(event: dict[str, Any]) -> str:
    return "".join(part["text"] for part in event["candidates"][0]["content"]["parts"])


def test_plain_thoughts_are_told() -> None:
    said = told([delta(reasoning_content="Hm"), delta(content="Yes", finish="stop")])
    assert said[0]["candidates"][0]["content"]["parts"] == [{"text": "Hm", "thought": True}]


def test_code_that_ran_comes_in_order() -> None:
    item = {"format": FORMAT, "after": 2, "part": {"executableCode": {"code": "1"}}}
    said = told([delta(content="ab"), delta(content="cd", provider_items=[item]), delta(finish="stop")])
    parts = [part for event in said for part in event["candidates"][0]["content"]["parts"]]
    assert parts == [{"text": "ab"}, item["part"], {"text": "cd"}, {"text": ""}]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(STREAMS), st.data())
def test_however_text_is_cut_it_is_the_same(name: str, data: st.DataObject) -> None:
    """Google cuts where it likes."""
    said = events(name)
    cut: list[dict[str, Any]] = []
    for event in said:
        text = event["candidates"][0]["content"]["parts"][0].get("text")
        if text and len(event["candidates"][0]["content"]["parts"]) == 1 and "finishReason" not in str(event):
            at = data.draw(st.integers(0, len(text)))
            for piece in (text[:at], text[at:]):
                copy = json.loads(json.dumps(event))
                copy["candidates"][0]["content"]["parts"][0]["text"] = piece
                cut.append(copy)
        else:
            cut.append(event)
    ours, theirs = joined(chunks(cut)), joined(chunks(said))
    assert ours == theirs
