"""Requests: a caller's items as chat messages, chat messages as a provider's items."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.responses import items, parts, requests, tools, turns
from outrider.dialects.responses.marks import FORMAT

FIXTURES = Path(__file__).parents[2] / "fixtures" / "responses"
RUN = "0199f0a2-6e3b-7c11-9a77-2f8e5d1c4b3a"


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / name).read_text())
    return found


def chat_of(**fields: Any) -> dict[str, Any]:
    said = requests.to_chat({"model": "m", "input": "hi", **fields})
    assert said.lost == []
    return said.fields


def asked_of(**fields: Any) -> dict[str, Any]:
    said = requests.from_chat({"messages": [{"role": "user", "content": "hi"}], **fields}, "gpt-5")
    assert said.lost == []
    return said.fields


def messages_of(*given: dict[str, Any]) -> list[dict[str, Any]]:
    lost: list[str] = []
    found = turns.to_chat(list(given), lost)
    assert lost == []
    return found


def items_of(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    lost: list[str] = []
    found = items.from_chat(list(messages), lost)
    assert lost == []
    return found


# -- a caller's -------------------------------------------------------------------------------------------------------


def test_a_coding_agents_request() -> None:
    said = requests.to_chat(fixture("codex_request.json"))
    assert said.lost == []
    chat = said.fields
    assert [m["role"] for m in chat["messages"]] == [
        "system", "developer", "user", "user", "assistant", "tool", "tool", "assistant", "user",
    ]  # fmt: skip
    agent = chat["messages"][4]
    assert agent["reasoning_details"] == [
        {"type": "reasoning.summary", "summary": "**Looking**", "format": FORMAT},
        {"type": "reasoning.encrypted", "data": "gAAAAABo4fGzUdY1-first", "format": FORMAT},
    ]
    assert [call["id"] for call in agent["tool_calls"]] == ["call_1", "call_2"]
    patch = agent["tool_calls"][1]["function"]
    assert json.loads(patch["arguments"]) == {"input": "*** Begin Patch\n*** End Patch"}
    tool = chat["tools"][1]["function"]
    assert tool["parameters"]["required"] == ["input"]
    assert "start: begin_patch hunk+ end_patch" in tool["description"]
    assert chat["tools"][2] == {
        "type": "provider", "provider": {"format": FORMAT, "type": "web_search", "external_web_access": True},
    }  # fmt: skip
    assert chat["reasoning_effort"] == "medium"
    assert chat["reasoning"] == {"summary": "auto"}
    assert chat["prompt_cache_key"] == "0199f0a2-6e3b-7c11-9a77-2f8e5d1c4b3a"
    assert chat["stream_options"] == {"include_usage": True}
    assert "client_metadata" not in chat


def test_an_input_of_one_text() -> None:
    assert chat_of(instructions="Be brief.")["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]


def test_every_kind_of_part() -> None:
    (message,) = messages_of(
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "look", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}},
                {"type": "input_image", "image_url": "data:image/png;base64,aGk=", "detail": "low"},
                {"type": "input_image", "file_id": "file-1", "detail": "auto"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="},
                {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
            ],
        }
    )
    assert message["content"] == [
        {"type": "text", "text": "look", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk=", "detail": "low"}},
        {"type": "file", "file": {"file_id": "file-1"}, "mime_type": "image/*"},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}},
        {"type": "file", "file": {"file_url": "https://example.com/a.pdf"}},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
    ]


def test_parts_go_back_as_they_came() -> None:
    lost: list[str] = []
    given = [
        {"type": "input_text", "text": "look", "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "input_image", "file_id": "file-1", "detail": "auto"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
    ]
    there = parts.to_chat(given, "x", lost)
    assert parts.from_chat(there, "x", lost) == [{"type": "input_text", "text": "look"}, *given[1:]]
    unnamed = [{"type": "file", "file": {"file_data": "data:application/pdf;base64,aGk="}, "title": "a.pdf"}]
    assert parts.from_chat(unnamed, "x", lost) == [
        {"type": "input_file", "file_data": "data:application/pdf;base64,aGk=", "filename": "a.pdf"}
    ]
    assert lost == []
    asked = [{"type": "text", "text": "x", "citations": {"enabled": True}}, {"type": "video_url", "video_url": {}}]
    parts.from_chat(asked, "x", lost)
    assert lost == ["x[0].citations", "x[1] (video_url)"]


def test_names_of_tools_that_have_other_names_in_chat() -> None:
    names = tools.Names(
        [
            {"type": "custom", "name": "a"},
            {"type": "namespace", "name": "n", "tools": [{"type": "custom", "name": "b"}]},
        ]
    )
    assert (names.custom, names.spaces) == ({"a", "n__b"}, {"n__b": ("n", "b")})


def test_a_tools_result_with_a_picture() -> None:
    output = [{"type": "input_text", "text": "here"}, {"type": "input_image", "image_url": "https://example.com/a.png"}]
    found = messages_of(
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": output},
    )
    assert found[1] == {
        "role": "tool",
        "tool_call_id": "c",
        "content": [
            {"type": "text", "text": "here"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        ],
    }


def test_fields_that_both_have_and_those_with_other_names() -> None:
    chat = chat_of(
        temperature=0.5, top_p=0.9, max_output_tokens=100, parallel_tool_calls=False, metadata={"a": "b"}, user="u",
        service_tier="flex", safety_identifier="s", store=True, truncation="disabled", background=False, top_logprobs=2,
        include=["message.output_text.logprobs", "reasoning.encrypted_content"], max_tool_calls=3,
        text={"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True},
              "verbosity": "low"},
    )  # fmt: skip
    assert chat["max_completion_tokens"] == 100
    assert chat["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
    }
    assert (chat["verbosity"], chat["logprobs"], chat["top_logprobs"]) == ("low", True, 2)
    same = {"temperature": 0.5, "top_p": 0.9, "parallel_tool_calls": False, "metadata": {"a": "b"}, "user": "u"}
    assert chat.items() >= (same | {"service_tier": "flex", "safety_identifier": "s"}).items()


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({"reasoning": {"effort": "low", "mode": "pro"}}, ["reasoning.mode"]),
        ({"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}, ["tool_choice (web_search)"]),
        ({"tools": [{"type": "function", "name": "f", "defer_loading": True}]}, ["tools[0].defer_loading"]),
        ({"input": [{"role": "user", "content": [{"type": "new_kind"}]}]}, ["input[0].content[0] (new_kind)"]),
    ],
)
def test_what_chat_cannot_say_is_named(fields: dict[str, Any], lost: list[str]) -> None:
    assert requests.to_chat({"model": "m", "input": "hi", **fields}).lost == lost


@pytest.mark.parametrize(
    "fields",
    [
        {"truncation": "auto"},
        {"conversation": "conv_1"},
        {"prompt": {"id": "pmpt_1"}},
        {"context_management": [{"type": "compaction"}], "something_new": 1},
        {"max_tool_calls": 1, "tools": [{"type": "web_search"}]},
    ],
)
def test_what_only_this_language_has_is_there_again_for_its_providers(fields: dict[str, Any]) -> None:
    chat = chat_of(**fields)
    assert chat["provider_options"].items() >= {n: v for n, v in fields.items() if n != "tools"}.items()
    asked = requests.from_chat(chat, "gpt-5")
    assert asked.lost == []
    assert asked.fields.items() >= fields.items()


def test_options_do_not_say_what_the_request_says() -> None:
    options = {"format": FORMAT, "store": True, "model": "dear", "truncation": "auto"}
    asked = requests.from_chat({"messages": [], "provider_options": options}, "gpt-5")
    assert (asked.fields["store"], asked.fields["model"], asked.fields["truncation"]) == (False, "gpt-5", "auto")
    assert asked.lost == ["provider_options.store", "provider_options.model"]


def test_tools_and_the_choice_among_them() -> None:
    chat = chat_of(
        tools=[
            {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True},
            {"type": "function", "name": "g", "parameters": None, "strict": None},
            {"type": "namespace", "name": "mcp", "description": "d", "tools": [{"type": "function", "name": "h"}]},
        ],
        tool_choice={"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "f"}]},
    )
    assert [tool["function"] for tool in chat["tools"]] == [
        {"name": "f", "parameters": {"type": "object"}, "strict": True},
        {"name": "g"},
        {"name": "mcp__h"},
    ]
    named = [{"type": "function", "function": {"name": "f"}}]
    assert chat["tool_choice"] == {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": named}}
    chosen = chat_of(tools=[{"type": "custom", "name": "c"}], tool_choice={"type": "custom", "name": "c"})
    assert chosen["tool_choice"] == {"type": "function", "function": {"name": "c"}}


def test_thoughts_stand_before_what_they_led_to() -> None:
    """One turn of the model stays one message, and goes back in its order."""
    (message,) = messages_of(*fixture("interleaved.json")["output"])
    assert [(d["type"], d.get("at", 0)) for d in message["reasoning_details"]] == [
        ("reasoning.encrypted", 0),
        ("reasoning.summary", 1),
        ("reasoning.encrypted", 1),
    ]
    back = items_of(message)
    assert [item["type"] for item in back] == [
        "reasoning", "message", "reasoning", "function_call", "function_call"
    ]  # fmt: skip
    assert [item.get("encrypted_content") for item in back][::2] == ["gAAAAABo4fLEone-", "gAAAAABo4fLFtwo-", None]
    assert [item.get("id") for item in back][::2] == ["rs_68e1f2c4aa01", "rs_68e1f2c5aa02", None]


def test_what_only_servers_of_this_language_run_goes_back_as_it_was() -> None:
    said = fixture("web_search.json")["output"]
    (message,) = messages_of(*said)
    back = items_of(message)
    assert [item["type"] for item in back] == ["reasoning", "web_search_call", "reasoning", "message"]
    assert back[1] == said[1]
    assert back[3]["content"][0]["annotations"] == said[3]["content"][0]["annotations"]


def test_thoughts_that_led_to_nothing_are_left_out() -> None:
    said = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
    assert messages_of({"role": "user", "content": "a"}, said, {"role": "user", "content": "b"}) == [
        {"role": "user", "content": "a"},
        {"role": "user", "content": "b"},
    ]


def test_two_messages_of_the_model_stay_two() -> None:
    first = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "one"}]}
    second = {"role": "assistant", "content": "two"}
    assert messages_of(first, second) == [
        {"role": "assistant", "content": "one"},
        {"role": "assistant", "content": "two"},
    ]


# -- a provider's -----------------------------------------------------------------------------------------------------


def test_nothing_is_kept_there_and_thoughts_are_asked_for() -> None:
    asked = asked_of(reasoning_effort="low", reasoning={"summary": "auto"})
    assert asked["store"] is False
    assert asked["include"] == ["reasoning.encrypted_content"]
    assert asked["reasoning"] == {"effort": "low", "summary": "auto"}
    assert asked["input"] == [{"type": "message", "role": "user", "content": "hi"}]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1-mini", "chatgpt-4o-latest", "gpt-5-chat-latest", "gpt-3.5-turbo"])
def test_models_that_never_think_are_not_asked_for_thoughts(model: str) -> None:
    assert "include" not in requests.from_chat({"messages": []}, model).fields


@pytest.mark.parametrize(
    ("reasoning", "said"),
    [
        ({"max_tokens": 1024, "enabled": True}, {"effort": "low", "summary": "auto"}),
        ({"max_tokens": 5000, "display": "omitted"}, {"effort": "medium"}),
        ({"max_tokens": 30000}, {"effort": "high", "summary": "auto"}),
        ({"enabled": False}, {"effort": "none"}),
        ({"effort": "xhigh"}, {"effort": "xhigh"}),
    ],
)
def test_how_much_to_think(reasoning: dict[str, Any], said: dict[str, Any]) -> None:
    assert asked_of(reasoning=reasoning)["reasoning"] == said


def test_a_label_that_is_too_long_is_left_out() -> None:
    assert asked_of(user="u" * 64)["user"] == "u" * 64
    assert "user" not in asked_of(user="u" * 65)


def test_fields_of_chat_in_other_words() -> None:
    asked = asked_of(
        max_tokens=50, n=1, stop=[], logprobs=True, top_logprobs=3, verbosity="high", frequency_penalty=0, seed=None,
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
        web_search_options={"search_context_size": "low", "user_location": {"approximate": {"city": "Bern"}}},
        tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}},
               {"type": "custom", "custom": {"name": "c", "format": {"type": "grammar", "grammar": {
                   "syntax": "lark", "definition": "start: x"}}}}],
        tool_choice={"type": "function", "function": {"name": "f"}}, modalities=["text"],
        prediction={"type": "content"},
    )  # fmt: skip
    assert asked["max_output_tokens"] == 50
    assert asked["text"] == {
        "format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}},
        "verbosity": "high",
    }
    assert asked["tools"] == [
        {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False},
        {"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}},
        {"type": "web_search", "search_context_size": "low", "user_location": {"type": "approximate", "city": "Bern"}},
    ]
    assert asked["tool_choice"] == {"type": "function", "name": "f"}
    assert asked["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert asked["top_logprobs"] == 3


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({"stop": ["x"]}, ["stop"]),
        ({"n": 2}, ["n"]),
        ({"provider_options": {"format": "x", "brand_new": 1}}, ["provider_options.brand_new"]),
        ({"seed": 7}, ["seed"]),
        ({"top_k": 4}, ["top_k"]),
        ({"logit_bias": {"1": 2}}, ["logit_bias"]),
        ({"presence_penalty": 0.5}, ["presence_penalty"]),
        ({"modalities": ["text", "audio"]}, ["modalities"]),
        ({"response_format": {"type": "grammar"}}, ["response_format (grammar)"]),
        ({"tools": [{"type": "provider", "provider": {"format": "x", "type": "bash"}}]}, ["tools[0] (bash)"]),
        ({"messages": [{"role": "user", "name": "bob", "content": "hi"}]}, ["messages[0].name"]),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
            ["messages[0].content[0] (input_audio)"],
        ),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, ["messages[0].audio"]),
        (
            {"messages": [{"role": "assistant", "content": "x", "provider_items": [{"format": "x", "type": "y"}]}]},
            ["messages[0].provider_items[0] (y)"],
        ),
    ],
)
def test_what_this_language_cannot_say_is_named(fields: dict[str, Any], lost: list[str]) -> None:
    assert requests.from_chat({"messages": [], **fields}, "gpt-5").lost == lost


def test_a_result_that_is_an_error_says_so() -> None:
    called = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = items_of(
        {"role": "assistant", "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "c", "content": "no such city", "is_error": True},
    )
    assert asked[1] == {"type": "function_call_output", "call_id": "c", "output": "Error: no such city"}


def test_results_of_custom_tools_and_functions_of_old() -> None:
    asked = items_of(
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "t", "input": "x"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "y"},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "z"},
    )
    assert [item["type"] for item in asked] == [
        "custom_tool_call", "custom_tool_call_output", "function_call", "function_call_output",
    ]  # fmt: skip
    assert asked[2]["call_id"] == asked[3]["call_id"]


def test_foreign_thoughts_are_not_sent() -> None:
    thought = {"type": "reasoning.text", "text": "t", "signature": "s", "format": "anthropic-claude-v1", "index": 0}
    said = {"role": "assistant", "content": "hello", "reasoning_content": "t", "reasoning_details": [thought]}
    assert [item["type"] for item in items_of(said)] == ["message"]


# -- there and back ---------------------------------------------------------------------------------------------------

texts = st.text(min_size=1, max_size=20)
names = st.sampled_from(["look", "shell", "find_it"])
users = st.builds(
    lambda said, picture: {
        "role": "user",
        "content": [
            {"type": "text", "text": said},
            {"type": "image_url", "image_url": {"url": picture, "detail": "auto"}},
        ]
        if picture
        else said,
    },
    texts,
    st.sampled_from(["", "https://example.com/a.png", "data:image/png;base64,aGk="]),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"role": "system", "content": draw(texts)}]
    for turn in range(draw(st.integers(1, 4))):
        found.append(draw(users))
        said: dict[str, Any] = {"role": "assistant", "content": draw(st.none() | texts)}
        ids = [f"call_{turn}_{n}" for n in range(draw(st.integers(0 if said["content"] else 1, 3)))]
        if draw(st.booleans()):
            of = {"format": FORMAT, "id": f"rs_{turn}a"}
            said["reasoning_details"] = [
                *[{"type": "reasoning.summary", "summary": text, **of} for text in draw(st.lists(texts, max_size=2))],
                {"type": "reasoning.encrypted", "data": draw(texts), **of},
            ]
        if ids:
            call = {"type": "function", "function": {"name": draw(names), "arguments": '{"a": 1}'}}
            said["tool_calls"] = [{"id": id_, **call} for id_ in ids]
        found.append(said)
        found += [{"role": "tool", "tool_call_id": id_, "content": draw(texts)} for id_ in ids]
    return found


@given(conversations())
def test_a_conversation_survives_there_and_back(messages: list[dict[str, Any]]) -> None:
    there = requests.from_chat({"messages": messages}, "gpt-5")
    assert there.lost == []
    back = requests.to_chat(there.fields)
    assert back.lost == []
    assert back.fields["messages"] == messages
