"""Messages in the spellings of other tools."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.journal.imports.chat import answer_of, messages_of

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
ASKS = [{"role": "user", "content": "Rome?"}]
SAYS = [{"role": "assistant", "content": None, "tool_calls": [CALL]}]


def lc(name: str, **kwargs: Any) -> dict[str, Any]:
    return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name], "kwargs": kwargs}


@pytest.mark.parametrize(
    "said",
    [
        "Rome?",
        [{"role": "user", "content": "Rome?"}],
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Rome?"}]}]},
        json.dumps({"messages": [{"role": "human", "content": "Rome?"}], "model": "m"}),
        {"messages": [[lc("HumanMessage", content="Rome?")]]},
        {"messages": [[{"type": "human", "data": {"content": "Rome?"}}]]},
        {"messages": [["human", "Rome?"]]},
        {"prompts": ["Rome?"]},
        {"input": [{"role": "user", "content": "Rome?"}]},
    ],
)
def test_what_was_asked(said: Any) -> None:
    assert messages_of(said) == ASKS


@pytest.mark.parametrize(
    "said",
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": [CALL]}}]},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Rome"}}]},
        {"generations": [[{"message": lc("AIMessage", content=None, additional_kwargs={"tool_calls": [CALL]},
                                         tool_calls=[{"id": "c1", "name": "weather", "args": {"city": "Rome"}}])}]]},
        [lc("AIMessageChunk", content=None, tool_calls=[{"id": "c1", "name": "weather", "args": {"city": "Rome"}}])],
        {"output": {"role": "assistant", "content": None, "tool_calls": [CALL]}},
    ],
)  # fmt: skip
def test_what_was_answered(said: Any) -> None:
    assert answer_of(said) == SAYS


def test_texts_and_results() -> None:
    assert answer_of("It rains.") == [{"role": "assistant", "content": "It rains."}]
    assert answer_of({"generations": [[{"text": "It rains."}]]}) == [{"role": "assistant", "content": "It rains."}]
    assert answer_of({"completion": "It rains."}) == [{"role": "assistant", "content": "It rains."}]
    told = [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "sun"},
                                         {"type": "text", "text": "and?"}]}]  # fmt: skip
    assert messages_of(told) == [
        {"role": "tool", "tool_call_id": "c1", "content": "sun"}, {"role": "user", "content": "and?"},
    ]  # fmt: skip
    assert messages_of({"system": "Be brief.", "messages": ASKS}) == [
        {"role": "system", "content": "Be brief."}, *ASKS,
    ]  # fmt: skip
    image = [{"type": "image_url", "image_url": {"url": "x"}}]
    assert messages_of([{"role": "user", "content": image}])[0]["content"] == image
    assert messages_of([lc("ToolMessage", content="sun", tool_call_id="c1")]) == [
        {"role": "tool", "content": "sun", "tool_call_id": "c1"}
    ]


_ANY: Any = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["role", "content", "messages", "type", "tool_calls", "function", "generations", "message",
                         "choices", "lc", "id", "kwargs", "data", "output"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(_ANY)
def test_nothing_is_too_odd(said: Any) -> None:
    for one in (*messages_of(said), *answer_of(said)):
        assert isinstance(one["role"], str)
