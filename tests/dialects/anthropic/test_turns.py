"""One turn of the assistant."""

from typing import Any

import pytest

from outrider.dialects.anthropic import carried, turns

FORMAT = "anthropic-claude-v1"
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
USE = {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}
TEXT = {"type": "text", "text": "so"}


def blocks(message: dict[str, Any], *, answer: bool = False) -> list[dict[str, Any]]:
    lost: list[str] = []
    made = turns.blocks(message, "m", lost, answer=answer)
    assert lost == []
    return made


def signed(text: str, index: int | None = 0, **more: Any) -> dict[str, Any]:
    entry = {"type": "reasoning.text", "text": text, "signature": "sig", "format": FORMAT, "index": index, **more}
    return {name: value for name, value in entry.items() if value is not None}


THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "sig"}


def test_thoughts_come_first() -> None:
    for index in (0, None):
        message = {"content": "so", "tool_calls": [CALL], "reasoning_details": [signed("hm", index)]}
        assert blocks(message) == [THOUGHT, TEXT, USE]


def test_thoughts_between_keep_their_place() -> None:
    details = [signed("hm"), signed("then", 2)]
    made = blocks({"content": "so", "tool_calls": [CALL], "reasoning_details": details})
    assert made == [THOUGHT, TEXT, {**THOUGHT, "thinking": "then"}, USE]


def test_pieces_of_a_stream_that_were_kept_apart_are_one_thought() -> None:
    pieces = [
        {"type": "reasoning.text", "text": "h", "format": FORMAT, "index": 0},
        {"type": "reasoning.text", "text": "m", "format": FORMAT, "index": 0},
        {"type": "reasoning.text", "signature": "sig", "format": FORMAT, "index": 0},
    ]
    assert blocks({"content": "so", "reasoning_details": pieces}) == [THOUGHT, TEXT]


def test_a_thought_without_its_signature_is_not_sent() -> None:
    assert blocks({"content": "so", "reasoning_details": [signed("hm", signature="")]}) == [TEXT]


def test_a_signature_without_a_format_is_taken_for_our_own() -> None:
    entry = {"type": "reasoning.text", "text": "hm", "signature": "sig"}
    assert blocks({"content": "so", "reasoning_details": [entry, "?"]}) == [THOUGHT, TEXT]


FOREIGN = [
    {"type": "reasoning.summary", "summary": "s", "format": "openai-responses-v1", "index": 0, "id": "rs_1"},
    {"type": "reasoning.encrypted", "data": "gAAA", "format": "openai-responses-v1", "index": 0, "id": "rs_1"},
    {"type": "reasoning.text", "text": "t", "signature": "CiQB", "format": "google-gemini-v1"},
]


def test_thoughts_of_others_are_not_sent() -> None:
    assert blocks({"content": "so", "reasoning_details": FOREIGN, "reasoning_content": "s"}) == [TEXT]


def test_thoughts_of_others_come_back_through_a_caller() -> None:
    made = blocks({"content": "so", "reasoning_details": FOREIGN}, answer=True)
    assert [block["type"] for block in made] == ["thinking", "redacted_thinking", "thinking", "text"]
    assert [block.get("thinking") for block in made] == ["s", None, "t", None]
    assert turns.message(made, answer=False)["reasoning_details"] == FOREIGN


def test_plain_thoughts_come_back_through_a_caller() -> None:
    made = blocks({"content": "so", "reasoning_content": "hm"}, answer=True)
    assert made == [{"type": "thinking", "thinking": "hm", "signature": carried.wrap({})}, TEXT]
    assert turns.message(made, answer=False) == {"role": "assistant", "content": "so", "reasoning_content": "hm"}


def test_signatures_of_calls_come_back_through_a_caller() -> None:
    made = blocks({"content": "so", "tool_calls": [{**CALL, "thought_signature": "CiQ"}]}, answer=True)
    assert [block["type"] for block in made] == ["text", "redacted_thinking", "tool_use"]
    (call,) = turns.message(made, answer=False)["tool_calls"]
    assert call == {**CALL, "thought_signature": "CiQ"}


def test_items_of_others_come_back_through_a_caller() -> None:
    item = {"format": "openai-responses-v1", "type": "web_search_call", "id": "ws_1"}
    made = blocks({"content": "so", "provider_items": [item]}, answer=True)
    assert turns.message(made, answer=False)["provider_items"] == [item]
    lost: list[str] = []
    turns.blocks({"content": "so", "provider_items": [item]}, "m", lost, answer=False)
    assert lost == ["m.provider_items[0]"]


def test_calls_of_no_function_are_named() -> None:
    lost: list[str] = []
    assert turns.blocks({"tool_calls": [{"id": "a", "type": "custom", "custom": {}}]}, "m", lost, answer=False) == []
    assert lost == ["m.tool_calls[0] (custom)"]


@pytest.mark.parametrize(
    ("said", "object_"),
    [
        ("", {}),
        (None, {}),
        ('{"a":1}', {"a": 1}),
        ("[1]", {"invalid_json": "[1]"}),
        ("{", {"invalid_json": "{"}),
        ({}, {}),
    ],
)
def test_arguments_are_an_object(said: Any, object_: dict[str, Any]) -> None:
    assert turns.arguments(said) == object_


@pytest.mark.parametrize(("id_", "made"), [("toolu_1-a", "toolu_1-a"), ("functions.f:0", "functions_f_0"), ("é", "_")])
def test_ids_in_allowed_letters(id_: str, made: str) -> None:
    assert turns.tool_id(id_) == made


def test_who_called_a_tool_is_kept() -> None:
    caller = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
    message = turns.message([{**USE, "caller": caller}], answer=True)
    assert message["content"] is None
    assert blocks(message) == [{**USE, "caller": caller}]


def test_pictures_that_were_made() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
    made = blocks({"content": "so", "images": [picture]}, answer=True)
    assert made[-1]["source"]["data"] == "iVBO"
    assert turns.message(made, answer=False)["images"] == [picture]
    lost: list[str] = []
    turns.blocks({"content": "so", "images": [picture], "audio": {"id": "a"}}, "m", lost, answer=False)
    assert lost == ["m.audio", "m.images"]


def test_citations_of_texts_that_stayed_apart() -> None:
    cite = {"type": "char_location", "cited_text": "c", "document_index": 0, "start_char_index": 0, "end_char_index": 1}
    before = [{**TEXT, "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "then", "citations": [cite]}]
    assert blocks(turns.message(before, answer=False)) == before


def test_parts_and_a_refusal() -> None:
    message = {"content": [{"type": "text", "text": "so"}, {"type": "text", "text": " "}], "refusal": "no"}
    assert blocks(message) == [TEXT, {"type": "text", "text": "no"}]
    assert blocks({"content": " "}) == []
    assert blocks({"content": " "}, answer=True) == [{"type": "text", "text": " "}]
