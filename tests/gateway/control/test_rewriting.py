"""Answers in chat with calls taken out."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.control.calls import Judged
from outrider.gateway.control.rewriting import (
    ITEMS,
    Place,
    calls_in,
    chunk_of,
    event_of,
    gone,
    in_answer,
    notes_in,
    split,
    stream_without,
    without,
)
from outrider.policy.turns import Proposal


def judged(calls: list[tuple[Place, Proposal]], *denied: Place) -> Mapping[Place, Judged]:
    return {at: Judged(at, one, "deny" if at in denied else "allow", ("no: because",)) for at, one in calls}


def answer(*choices: list[dict[str, Any]]) -> dict[str, Any]:
    made = []
    for at, calls in enumerate(choices):
        said = {"role": "assistant", "content": f"text {at}", "tool_calls": calls}
        made.append({"index": at, "message": said, "finish_reason": "tool_calls"})
    return {"id": "x", "choices": made, "usage": {"total_tokens": 3}}


def call(name: str, id_: str = "") -> dict[str, Any]:
    return {"id": id_ or f"id_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}


def delta(at: int = 0, finish: str | None = None, **said: Any) -> bytes:
    return event_of({"id": "x", "choices": [{"index": at, "delta": said, "finish_reason": finish}]})


def piece(index: int, name: str = "", arguments: str = "", id_: str = "") -> dict[str, Any]:
    said: dict[str, Any] = {"index": index, "function": {"arguments": arguments}}
    if name:
        said |= {"id": id_ or f"id_{name}", "type": "function"}
        said["function"]["name"] = name
    return said


def test_of_parallel_calls_the_others_stay() -> None:
    chat = answer([call("a"), call("b"), call("c")], [call("b")])
    calls = in_answer(chat)
    assert [(at, one.tool) for at, one in calls] == [((0, 0), "a"), ((0, 1), "b"), ((0, 2), "c"), ((1, 0), "b")]
    made = without(chat, judged(calls, (0, 1), (1, 0)))
    first, second = made["choices"]
    assert [one["function"]["name"] for one in first["message"]["tool_calls"]] == ["a", "c"]
    assert first["finish_reason"] == "tool_calls"
    assert "`b` is refused" in first["message"]["content"]
    assert "tool_calls" not in second["message"]
    assert second["finish_reason"] == "stop"
    assert second["message"]["outrider"]["withheld"][0]["tool"] == "b"


def test_the_old_single_call_and_items_of_a_provider() -> None:
    message = {
        "content": None,
        "function_call": {"name": "old", "arguments": "{}"},
        "provider_items": [
            {"type": "web_search_call", "id": "1"},
            {"type": "computer_call", "call_id": "c", "action": {"type": "click"}},
        ],
    }
    chat = {"choices": [{"index": 0, "message": message, "finish_reason": "function_call"}]}
    calls = in_answer(chat)
    assert [(at, one.tool) for at, one in calls] == [((0, 0), "old"), ((0, ITEMS), "computer")]
    made = without(chat, judged(calls, (0, 0), (0, ITEMS)))["choices"][0]
    assert made["message"]["function_call"] is None
    assert made["message"]["provider_items"] == [{"type": "web_search_call", "id": "1"}]
    assert made["finish_reason"] == "stop"


STREAM = [
    delta(tool_calls=[piece(0, "a", '{"x":')]),
    delta(tool_calls=[piece(0, arguments="1}"), piece(1, "b")]),
    delta(tool_calls=[piece(1, arguments='{"y"')]),
    delta(tool_calls=[piece(1, arguments=":2}")]),
    delta(finish="tool_calls"),
    event_of({"id": "x", "choices": [], "usage": {"total_tokens": 3}}),
    b"data: [DONE]\n\n",
]


def test_a_stream_is_put_together() -> None:
    assert calls_in(STREAM) == [
        ((0, 0), Proposal("id_a", "a", '{"x":1}')),
        ((0, 1), Proposal("id_b", "b", '{"y":2}')),
    ]


def test_a_stream_without_one_of_two() -> None:
    made = stream_without(STREAM, judged(calls_in(STREAM), (0, 0)))
    assert calls_in(made) == [((0, 0), Proposal("id_b", "b", '{"y":2}'))]
    chunks = [chunk_of(one) for one in made]
    indices = {p["index"] for c in chunks for ch in c.get("choices", ()) for p in ch["delta"].get("tool_calls", ())}
    assert indices == {0}, "calls are counted anew"
    last = next(c for c in chunks if c.get("choices") and c["choices"][0].get("finish_reason"))
    assert last["choices"][0]["finish_reason"] == "tool_calls"
    assert "`a` is refused" in last["choices"][0]["delta"]["content"]
    assert made[-2:] == STREAM[-2:]


def test_a_stream_without_any() -> None:
    made = stream_without(STREAM, judged(calls_in(STREAM), (0, 0), (0, 1)))
    assert calls_in(made) == []
    assert b"tool_calls" not in b"".join(made)
    assert b'"finish_reason":"stop"' in b"".join(made)


def test_a_stream_that_ends_without_saying_why() -> None:
    cut = [*STREAM[:4], b"data: [DONE]\n\n"]
    made = stream_without(cut, judged(calls_in(cut), (0, 0), (0, 1)))
    assert made[-1] == b"data: [DONE]\n\n"
    assert b"is refused" in made[-2]


def test_other_ids_at_one_index_are_other_calls() -> None:
    some = [delta(tool_calls=[piece(0, "a", "{}")]), delta(tool_calls=[piece(0, "b", "{}")])]
    assert [one.tool for _, one in calls_in(some)] == ["a", "b"]


def test_custom_tools_and_the_old_call_in_a_stream() -> None:
    some = [
        delta(tool_calls=[{"index": 0, "id": "i", "type": "custom", "custom": {"name": "run", "input": "rm "}}]),
        delta(tool_calls=[{"index": 0, "custom": {"input": "-rf"}}]),
        delta(1, function_call={"name": "old", "arguments": "{"}),
        delta(1, function_call={"arguments": "}"}),
    ]
    assert calls_in(some) == [
        ((0, 0), Proposal("i", "run", '{"input":"rm -rf"}')),
        ((1, 0), Proposal("", "old", "{}")),
    ]
    made = stream_without(some, judged(calls_in(some), (1, 0)))
    assert [one.tool for _, one in calls_in(made)] == ["run"]


def test_notes() -> None:
    some = [delta(annotations=[{"a": 1}]), delta(content="x"), delta(provider_items=[{"type": "t"}])]
    assert notes_in(some) == [{"annotations": [{"a": 1}], "provider_items": [{"type": "t"}]}]
    assert split(b"".join(some)) == some


@given(
    st.lists(st.tuples(st.integers(0, 2), st.text(max_size=20)), min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
    st.integers(1, 9),
)
def test_whatever_is_withheld_is_gone_and_the_rest_is_whole(
    made: list[tuple[int, str]], out: set[int], size: int
) -> None:
    stream, numbers, wanted = [], dict[int, int](), []
    for at, (choice, said) in enumerate(made):
        number = numbers[choice] = numbers.get(choice, -1) + 1
        arguments = json.dumps({"said": said})
        stream.append(delta(choice, tool_calls=[piece(number, "tool", id_=f"id{at}")]))
        stream += [
            delta(choice, tool_calls=[piece(number, arguments=arguments[n : n + size])])
            for n in range(0, len(arguments), size)
        ]
        wanted.append(((choice, number), Proposal(f"id{at}", "tool", arguments)))
    stream += [delta(choice, finish="tool_calls") for choice in numbers]
    assert sorted(calls_in(stream)) == sorted(wanted)
    denied = [place for at, (place, _) in enumerate(wanted) if at in out]
    left = calls_in(stream_without(stream, judged(wanted, *denied)))
    assert sorted(one.id for _, one in left) == sorted(one.id for place, one in wanted if place not in denied)
    assert all(one in [other for _, other in wanted] for _, one in left)
    assert set(gone(judged(wanted, *denied)).held) == {choice for choice, _ in denied}
