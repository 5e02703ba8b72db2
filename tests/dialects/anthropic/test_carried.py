"""Thoughts of other languages, in signatures."""

from outrider.dialects.anthropic import carried


def test_what_is_wrapped_comes_out() -> None:
    said = {"type": "reasoning.encrypted", "data": "gAAAA", "format": "openai-responses-v1", "id": "rs_1"}
    assert carried.unwrap(carried.wrap(said)) == said


def test_somebody_elses() -> None:
    assert carried.unwrap("EqoBCkgIARABGAI=") is None
    assert carried.unwrap(None) is None


def test_what_cannot_be_read_is_empty() -> None:
    assert carried.unwrap(carried.MARK + "%") == {}
    assert carried.unwrap(carried.MARK + "W10=") == {}


def test_providers_do_not_see_them() -> None:
    ours = carried.wrap({})
    kept = {"type": "text", "text": "a"}
    cite = {"type": "web_search_result_location", "url": "u", "encrypted_index": ours}
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": ours}, kept]},
        {"role": "assistant", "content": [{"type": "redacted_thinking", "data": ours}]},
        {"role": "assistant", "content": [{"type": "text", "text": "b", "citations": [cite]}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm", "signature": "theirs"}]},
    ]
    assert carried.without(messages) == [
        messages[0],
        {"role": "assistant", "content": [kept]},
        {"role": "assistant", "content": [{"type": "text", "text": "b", "citations": None}]},
        messages[4],
    ]


def test_a_body_is_looked_at_quickly() -> None:
    assert carried.inside(b'{"signature":"' + carried.wrap({}).encode() + b'"}')
    assert not carried.inside(b'{"text":"about outrider.v1."}')
