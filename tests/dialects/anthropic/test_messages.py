"""Conversations. Those that callers have are generated in the tests of requests."""

from typing import Any

from outrider.dialects.anthropic import messages
from outrider.dialects.anthropic.models import model

OLD, NEW = "claude-sonnet-4-5", "claude-opus-4-8"
MARK = {"type": "ephemeral"}


def out(*said: dict[str, Any], name: str = OLD) -> tuple[Any, Any, list[str]]:
    lost: list[str] = []
    system, turns = messages.from_chat(list(said), model(name), lost)
    return [block["text"] for block in system], turns, lost


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def system(text: str) -> dict[str, Any]:
    return {"role": "system", "content": text}


def test_turns_of_the_same_speaker_are_one() -> None:
    _, turns, _ = out(user("a"), user("b"), says("c"), says("d"), user("e"))
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert [block["text"] for block in turns[0]["content"]] == ["a", "b"]


def test_results_of_tools_come_first() -> None:
    calls = [{"id": id_, "function": {"name": "f", "arguments": "{}"}} for id_ in ("a", "b")]
    result = {"role": "tool", "content": ""}
    _, turns, _ = out(
        user("q"),
        {"role": "assistant", "content": None, "tool_calls": calls},
        {**result, "tool_call_id": "a", "content": "1"},
        user("hurry"),
        {**result, "tool_call_id": "b", "is_error": True},
    )
    assert turns[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": "1"},
        {"type": "tool_result", "tool_use_id": "b", "is_error": True},
        {"type": "text", "text": "hurry"},
    ]


def test_instructions_stand_in_front() -> None:
    found = out(system("a"), {"role": "developer", "content": "b"}, user("q"), system("c"), says("d"))
    assert found == (["a", "b", "c"], [user("q"), says("d")], [])


def test_later_instructions_keep_their_place_where_the_model_takes_them() -> None:
    said = (system("a"), user("q"), system("b"), says("c"), system("d"), user("r"))
    assert out(*said, name=NEW) == (
        ["a"],
        [user("q"), system("b"), says("c"), user("r"), system("d")],
        [],
    )
    assert out(user("q"), says("c"), system("d"), name=NEW) == (["d"], [user("q"), says("c")], [])


def test_somebody_must_ask() -> None:
    assert out(system("a")) == ([], [user("a")], [])


def test_no_text_is_no_turn() -> None:
    assert out(user("q"), says(""), user(" "), says("a \n")) == ([], [user("q"), says("a")], [])


def test_what_cannot_be_said_is_named() -> None:
    lost = out({**user("q"), "name": "Ann"}, {"role": "function", "name": "f", "content": "x"})[2]
    assert lost == ["messages[0].name", "messages[1].name", "messages[1] (function)"]
    assert out(user("q"), {"role": "user", "content": [{"type": "input_audio"}]})[2] == [
        "messages[1].content[0] (input_audio)"
    ]


def test_a_mark_on_a_message_is_on_its_last_block() -> None:
    _, turns, _ = out({**user("q"), "cache_control": MARK}, {**says("a"), "cache_control": MARK}, user("r"))
    assert [turn["content"][-1].get("cache_control") for turn in turns[:2]] == [MARK, MARK]


def test_instructions_of_callers_between_turns() -> None:
    chat = messages.to_chat(None, [user("q"), {"role": "system", "content": [{"type": "text", "text": "b"}]}])
    assert chat == [user("q"), system("b")]
