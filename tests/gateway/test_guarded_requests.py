"""The texts of requests, and bodies without values."""

import json

from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.guarded_requests import hidden, parts, put_back

CHAT = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "rules"},
        {"role": "user", "content": [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": {"url": "u"}}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "look", "arguments": '{"a":1}'}}]},
        {"role": "tool", "tool_call_id": "c", "content": "found"},
    ],
}


def test_every_text_has_its_role_and_tool() -> None:
    assert [(one.role, one.text, one.tool) for one in parts("chat", CHAT)] == [
        ("system", "rules", ""),
        ("user", "hi", ""),
        ("assistant", '{"a":1}', ""),
        ("tool", "found", "look"),
    ]


def test_changed_texts_go_back_to_their_places() -> None:
    said = parts("chat", json.loads(json.dumps(CHAT)))
    for one in said:
        one.told = one.text.upper()
    made = put_back(json.loads(json.dumps(CHAT)), said)
    assert made["messages"][1]["content"][0]["text"] == "HI"
    assert made["messages"][3]["content"] == "FOUND"
    assert [one.text for one in parts("rerank", {"query": "q", "documents": ["a", {"text": "b"}]})] == ["q", "a", "b"]


def test_a_body_is_told_without_values() -> None:
    values = {'Bob "B"': "<PERSON_1>", "b@x.y": "<EMAIL_1>"}
    body = json.dumps({"messages": [{"content": 'I am Bob "B", b@x.y', "args": json.dumps({"to": 'Bob "B"'})}]})
    told = hidden(body.encode(), values).decode()
    assert "Bob" not in told
    assert "b@x.y" not in told
    stream = b'event: delta\ndata: {"text": "to b@x.y"}\n\ndata: [DONE]\n\n'
    assert hidden(stream, values) == b'event: delta\ndata: {"text":"to <EMAIL_1>"}\n\ndata: [DONE]\n\n'
    assert hidden(b"broken {b@x.y", values) == b"broken {<EMAIL_1>"


@given(st.binary(max_size=60))
def test_no_body_is_too_odd(body: bytes) -> None:
    assert b"secret-value" not in hidden(b'["secret-value"]' + body, {"secret-value": "*"})
