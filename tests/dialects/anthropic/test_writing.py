"""Chat's stream into this language. What began in it is tested with `streams`."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.anthropic import answers, carried, turns
from outrider.dialects.anthropic.writing import FromChat
from tests.dialects.anthropic.fixtures import message, said


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def call(index: int, arguments: str = "", **more: Any) -> dict[str, Any]:
    name = {"name": more.pop("name")} if "name" in more else {}
    return chunk(tool_calls=[{"index": index, "function": {"arguments": arguments, **name}, **more}])


def spoken(*chunks: dict[str, Any], usage: dict[str, Any] | None = None) -> dict[str, Any]:
    writer = FromChat(id="msg_1")
    last = [{"choices": [], "usage": usage}] if usage else []
    return message(b"".join(writer.feed(one) for one in [*chunks, *last]) + writer.end())


USAGE = {
    "prompt_tokens": 10,
    "completion_tokens": 4,
    "prompt_tokens_details": {"cached_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def test_a_plain_answer() -> None:
    made = spoken(
        chunk(role="assistant", content=""), chunk(content="He"), chunk(content="y"), chunk("stop"), usage=USAGE
    )
    assert made == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Hey"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 7,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 3,
            "output_tokens": 4,
            "output_tokens_details": {"thinking_tokens": 2},
        },
    }


def test_the_first_piece_goes_at_once() -> None:
    writer = FromChat(id="msg_1")
    assert [name for name, _ in said(writer.feed(chunk(role="assistant", content="")))] == ["message_start"]
    names = [name for name, _ in said(writer.feed(chunk(content="a")))]
    assert names == ["content_block_start", "content_block_delta"]
    assert [name for name, _ in said(writer.feed(chunk(content="b")))] == ["content_block_delta"]


def test_a_stream_without_a_piece() -> None:
    made = spoken()
    assert (made["content"], made["stop_reason"]) == ([], "end_turn")


def test_plain_thoughts() -> None:
    made = spoken(chunk(reasoning_content="h"), chunk(reasoning="m"), chunk(content="so"), chunk("stop"))
    thought, text = made["content"]
    assert thought == {"type": "thinking", "thinking": "hm", "signature": carried.wrap({})}
    assert text["text"] == "so"


def test_thoughts_of_others_come_back() -> None:
    entry = {"format": "openai-responses-v1", "index": 0, "id": "rs_1"}
    summary, secret = {"type": "reasoning.summary", **entry}, {"type": "reasoning.encrypted", "data": "gA", **entry}
    made = spoken(
        chunk(reasoning_details=[{**summary, "summary": "a"}], reasoning_content="a"),
        chunk(reasoning_details=[{**summary, "summary": "b"}], reasoning_content="b"),
        chunk(reasoning_details=[secret]),
        chunk("stop", content="so"),
    )
    assert [block["type"] for block in made["content"]] == ["thinking", "redacted_thinking", "text"]
    assert turns.message(made["content"], answer=False)["reasoning_details"] == [{**summary, "summary": "ab"}, secret]


def test_signatures_of_calls() -> None:
    made = spoken(call(0, "{}", id="a", name="f", thought_signature="CiQ"), chunk("tool_calls"))
    assert [block["type"] for block in made["content"]] == ["redacted_thinking", "tool_use"]
    assert turns.message(made["content"], answer=False)["tool_calls"][0]["thought_signature"] == "CiQ"
    assert made["stop_reason"] == "tool_use"


def test_calls_one_after_another() -> None:
    made = spoken(
        chunk(content="I look."),
        call(0, id="a", name="f"),
        call(0, '{"x"'),
        call(0, ":1}"),
        call(1, id="b", name="g"),
        call(1, "{}"),
        chunk("stop"),
    )
    assert [(one["id"], one["name"], one["input"]) for one in made["content"][1:]] == [
        ("a", "f", {"x": 1}),
        ("b", "g", {}),
    ]
    assert made["stop_reason"] == "tool_use"


def test_calls_at_the_same_time() -> None:
    made = spoken(
        call(0, id="a", name="f"),
        call(1, id="b", name="g"),
        call(1, '{"y":'),
        call(0, '{"x":1}'),
        call(1, "2}"),
        call(2, id="c", name="h"),
    )
    assert [(one["id"], one["input"]) for one in made["content"]] == [("a", {"x": 1}), ("b", {"y": 2}), ("c", {})]


def test_a_call_whose_name_comes_late_and_which_has_no_id() -> None:
    made = spoken(call(0, '{"x":'), call(0, "1}", name="f"))
    (use,) = made["content"]
    assert (use["name"], use["input"]) == ("f", {"x": 1})
    assert use["id"] == "toolu_msg_1_0"


def test_a_call_without_a_name_is_none() -> None:
    assert spoken(call(0, "{}", id="a"))["content"] == []


def test_refusals_citations_items_and_pictures() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "u", "title": "t"}}
    item = {"format": "openai-responses-v1", "type": "web_search_call"}
    picture = {"type": "image_url", "image_url": {"url": "https://a/b.png"}}
    made = spoken(
        chunk(provider_items=[item]),
        chunk(content="so"),
        chunk(annotations=[note, {"type": "?"}]),
        chunk(images=[picture]),
        chunk(annotations=[note]),
        chunk("stop", refusal="no"),
    )
    carried_item, text, image, refusal = made["content"]
    assert carried.unwrap(carried_item["data"]) == {"item": item}
    assert [one["url"] for one in text["citations"]] == ["u"]
    assert image["source"]["url"] == "https://a/b.png"
    assert (refusal["text"], made["stop_reason"]) == ("no", "refusal")


def test_what_is_only_carried_cuts_no_text() -> None:
    secret = {"type": "reasoning.encrypted", "data": "gA", "format": "google-gemini-v1", "index": 0}
    made = spoken(chunk(content="so"), chunk(reasoning_details=[secret]), chunk(content="on"), call(0, "{}", name="f"))
    assert [block["type"] for block in made["content"]] == ["text", "redacted_thinking", "tool_use"]
    assert made["content"][0]["text"] == "soon"


def test_other_choices_are_not_heard() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "x"}, "finish_reason": None}]}
    assert spoken(chunk(content="a"), other)["content"] == [{"type": "text", "text": "a"}]


WORDS = st.text("ab é", min_size=1, max_size=4)
PIECES = st.one_of(
    WORDS.map(lambda text: ("content", text)),
    WORDS.map(lambda text: ("reasoning_content", text)),
)


@given(st.lists(PIECES, max_size=8), st.lists(st.dictionaries(WORDS, WORDS, max_size=2), max_size=3), st.data())
def test_a_stream_and_its_twin_agree(pieces: list[tuple[str, str]], inputs: list[Any], data: st.DataObject) -> None:
    """Thoughts, then text, then calls: as chat, which has no order of its own, says it in one piece."""
    pieces = sorted(pieces, key=lambda piece: piece[0], reverse=True)
    chunks = [chunk(**{name: text}) for name, text in pieces]
    calls = []
    for index, said_ in enumerate(inputs):
        arguments = json.dumps(said_)
        cut = data.draw(st.integers(0, len(arguments)))
        chunks += [call(index, arguments[:cut], id=f"id{index}", name="f"), call(index, arguments[cut:])]
        calls.append({"id": f"id{index}", "function": {"name": "f", "arguments": arguments}})
    whole = {name: "".join(text for kind, text in pieces if kind == name) for name in ("content", "reasoning_content")}
    choice = {"index": 0, "message": {**whole, "tool_calls": calls}, "finish_reason": "stop"}
    plain = answers.from_chat({"model": "m", "choices": [choice], "usage": USAGE}, id="msg_1")
    assert spoken(*chunks, chunk("stop"), usage=USAGE) == plain
