"""A line of the output: JSON on one line, whatever the answer looked like; usage in every language."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.usage import Usage
from outrider.gateway.batches import results

WHYS: list[results.Missing] = ["expired", "cancelled", "failed"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
    ),
    st.text(min_size=1),
    st.sampled_from([None, 2]),
)
def test_an_answer_is_one_line(answer: object, custom_id: str, indent: int | None) -> None:
    body = json.dumps(answer, indent=indent, ensure_ascii=False).encode("utf-8", "replace").replace(b"\n", b"\r\n")
    custom_id = custom_id.encode("utf-8", "replace").decode()
    said = results.done("openai", "batch_1", custom_id, 200, "run", body)
    assert said.count(b"\n") == 1
    found = json.loads(said)
    assert (found["custom_id"], found["error"]) == (custom_id, None)
    assert found["response"] == {"status_code": 200, "request_id": "run", "body": json.loads(body)}


def test_what_is_no_json_becomes_text() -> None:
    found = json.loads(results.done("openai", "b", "c", 502, "", b"<html>\n\xff"))
    assert found["response"]["body"] == "<html>\n\ufffd"


@pytest.mark.parametrize("why", WHYS)
def test_a_line_that_was_not_executed(why: results.Missing) -> None:
    found = json.loads(results.missing("openai", "b", "c", why))
    assert (found["response"], found["error"]["code"], found["custom_id"]) == (None, f"batch_{why}", "c")
    assert found["id"] == json.loads(results.done("openai", "b", "c", 200, "", b"{}"))["id"]


def test_the_words_of_anthropic() -> None:
    good = json.loads(results.done("anthropic", "b", "c", 200, "", b'{"type":"message"}'))
    assert good == {"custom_id": "c", "result": {"type": "succeeded", "message": {"type": "message"}}}
    bad = json.loads(results.done("anthropic", "b", "c", 400, "", b'{"type":"error"}'))
    assert bad["result"] == {"type": "errored", "error": {"type": "error"}}
    kinds = [json.loads(results.missing("anthropic", "b", "c", why))["result"]["type"] for why in WHYS]
    assert kinds == ["expired", "canceled", "errored"]


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        (
            {"prompt_tokens": 9, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 3},
             "completion_tokens_details": {"reasoning_tokens": 2}},
            Usage(9, 4, 3, reasoning=2),
        ),
        (
            {"input_tokens": 9, "output_tokens": 4, "input_tokens_details": {"cached_tokens": 3},
             "output_tokens_details": {"reasoning_tokens": 2}},
            Usage(9, 4, 3, reasoning=2),
        ),
        (
            {"input_tokens": 2, "output_tokens": 4, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4},
            Usage(9, 4, 3, 4),
        ),
        ({"prompt_tokens": -5, "completion_tokens": None}, Usage()),
        ("many", Usage()),
        (None, Usage()),
    ],
)  # fmt: skip
def test_usage(usage: object, read: Usage) -> None:
    assert results.used(json.dumps({"usage": usage}).encode()) == read


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error":{"code":"a","type":"b"}}', "a"),
        (b'{"type":"error","error":{"type":"b"}}', "b"),
        (b'{"error":"x"}', ""),
        (b"no", ""),
        (b"{}", ""),
    ],
)
def test_an_error_has_a_code(body: bytes, code: str) -> None:
    assert results.error_code(body) == code
