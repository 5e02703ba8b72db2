import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.base.usage import MOST_TOKENS
from outrider.gateway.surface.chat import parse_chat, preview


def chat(**fields: Any) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}], **fields}).encode()


def refusal(body: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse_chat(body)
    assert caught.value.status == 400
    return caught.value


def test_known_fields_are_read_and_unknown_ones_pass() -> None:
    request = parse_chat(
        chat(
            stream=True,
            stream_options={"include_usage": True},
            max_completion_tokens=5,
            stop=["a", "b"],
            tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
            tool_choice={"type": "function", "function": {"name": "f"}},
            vendor_field={"deep": [1, 2]},
            temperature=None,
        )
    )
    assert request.include_usage
    assert request.output_limit == 5
    assert request.stop == ["a", "b"]
    assert request.temperature is None


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        (
            chat(messages=[{"role": "user", "content": "a"}, {"role": "boss"}]),
            "messages[1].role",
            "invalid_value",
        ),
        (chat(messages=[{"content": "a"}]), "messages[0].role", "missing_required_parameter"),
        (chat(messages=[{"role": "user"}]), "messages[0].content", "missing_required_parameter"),
        (chat(messages=[{"role": "user", "content": 5}]), "messages[0].content", "invalid_type"),
        (
            chat(messages=[{"role": "user", "content": [{"type": "text"}]}]),
            "messages[0].content[0].text",
            "missing_required_parameter",
        ),
        (
            chat(messages=[{"role": "user", "content": [{"type": "image_url"}]}]),
            "messages[0].content[0].image_url",
            "missing_required_parameter",
        ),
        (
            chat(messages=[{"role": "user", "content": [{"type": "smell"}]}]),
            "messages[0].content[0].type",
            "invalid_value",
        ),
        (chat(messages=[]), "messages", "invalid_value"),
        (b'{"model":"m"}', "messages", "missing_required_parameter"),
        (b'{"messages":[{"role":"user","content":"x"}]}', "model", "missing_required_parameter"),
        (chat(model=1), "model", "invalid_type"),
        (chat(model=""), "model", "invalid_value"),
        (chat(temperature=2.5), "temperature", "invalid_value"),
        (chat(temperature="warm"), "temperature", "invalid_type"),
        (chat(max_tokens=0), "max_tokens", "invalid_value"),
        (chat(n=10**30), "n", "invalid_value"),
        (chat(seed=10**30), "seed", "invalid_value"),
        (chat(stop=7), "stop", "invalid_type"),
        (chat(stream="yes"), "stream", "invalid_type"),
        (chat(stream_options={"include_usage": True}), "stream_options", "invalid_value"),
        (chat(tools=[{"type": "function"}]), "tools[0].function", "missing_required_parameter"),
        (chat(tools=[{"function": {"name": "f"}}]), "tools[0].type", "missing_required_parameter"),
        (chat(tool_choice="maybe"), "tool_choice", "invalid_value"),
        (chat(response_format={"type": "xml"}), "response_format.type", "invalid_value"),
        (
            chat(response_format={"type": "json_schema"}),
            "response_format.json_schema",
            "missing_required_parameter",
        ),
    ],
)
def test_a_wrong_field_is_named(body: bytes, param: str, code: str) -> None:
    error = refusal(body)
    assert (error.param, error.code) == (param, code)
    assert param in error.message


def test_an_unknown_value_lists_what_is_allowed() -> None:
    message = refusal(chat(messages=[{"role": "boss", "content": "x"}])).message
    assert "'boss'" in message
    assert "'assistant'" in message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b'{"model', "line 1 column"),
        (b'{"model":"m",}', "trailing comma"),
        (b'{"model":"\xff"}', "not UTF-8 (byte 10)"),
        (b'{"model":"m","temperature":NaN}', "line 1 column 28"),
        (b'{"model":"m","model":"other"}', 'duplicate key "model"'),
        (b'{"model":"m","x":{"a":1,"a":2}}', 'duplicate key "a"'),
        (b'{"model":"m","mod\\u0065l":"other"}', 'duplicate key "model"'),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"x":1' + b"0" * 10_000 + b"}", "number out of range"),
        (b'{"model":"\\ud800"}', "not valid JSON"),
    ],
)
def test_bad_json_is_a_clear_400(body: bytes, says: str) -> None:
    error = refusal(body)
    assert error.code == "invalid_json"
    assert says in error.message


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b'"text"', b"true"])
def test_only_objects_are_requests(body: bytes) -> None:
    assert "JSON object" in refusal(body).message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
NAMES = st.sampled_from(
    ["model", "messages", "role", "content", "type", "text", "n", "stop", "stream", "tools", "function"]
)
REQUESTS = st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6))


@given(st.binary(max_size=200) | REQUESTS.map(lambda v: json.dumps(v).encode()))
def test_nothing_but_a_request_error_ever_comes_out(body: bytes) -> None:
    try:
        request = parse_chat(body)
    except RequestError as error:
        refused = error
    else:
        preview(request)
        return
    assert refused.status == 400
    assert refused.message


def test_preview_is_the_last_user_text_on_one_line() -> None:
    messages = [
        {"role": "user", "content": "old"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "look\n\n at"}, {"type": "text", "text": "this " * 99}],
        },
        {"role": "assistant", "content": "no"},
    ]
    text = preview(parse_chat(chat(messages=messages)))
    assert text.startswith("look at this")
    assert len(text) <= 200
    assert preview(parse_chat(chat(messages=[{"role": "assistant"}]))) == ""


def test_a_limit_beyond_every_answer_is_one() -> None:
    assert parse_chat(chat(max_tokens=2**63 - 1)).output_limit == MOST_TOKENS
    assert parse_chat(chat(max_tokens=7, max_completion_tokens=5)).output_limit == 7
    assert parse_chat(chat()).output_limit is None
