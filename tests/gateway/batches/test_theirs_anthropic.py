"""Anthropic's results: which lines are ours, and what they say."""

import json

from outrider.gateway.batches.theirs_anthropic import mark, results


def text(name: str, **result: object) -> bytes:
    return json.dumps({"custom_id": name, "result": result}).encode()


def test_lines_go_by_the_parts_mark_and_their_number() -> None:
    ours, other = mark("batch_1/1-9"), mark("batch_2/1-9")
    failed = {"type": "error", "error": {"type": "overloaded_error", "message": "x"}, "request_id": "r"}
    content = [
        text(f"{ours}4", type="succeeded", message={"a": 1}),
        text(f"{ours}5", type="errored", error=failed),
        text(f"{ours}6", type="errored", error={"type": "error", "error": {"type": "new_error"}}),
        text(f"{ours}7", type="expired"),
        text(f"{ours}8", type="canceled"),
        text(f"{ours}x", type="succeeded", message={}),
        text(f"{other}3", type="succeeded", message={"b": 1}),
        text(f"{ours}9", type="errored", error={"no": 1}),
        b"",
        b"no",
        b'{"custom_id":1}',
    ]
    found = results("batch_1/1-9", b"\n".join(content))
    assert [(number, status) for number, status, _ in found] == [(4, 200), (5, 529), (6, 500)]
    assert found[0][2] == b'{"a": 1}'
    assert json.loads(found[1][2]) == failed


def test_names_are_what_anthropic_takes() -> None:
    assert len(mark("batch_" + "0" * 32 + "/49999-50000") + "50000") <= 64
