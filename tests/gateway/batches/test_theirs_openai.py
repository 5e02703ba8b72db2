"""OpenAI's files of results."""

from outrider.gateway.batches.theirs_openai import results
from tests.gateway.batches.conftest import jsonl


def test_what_cannot_be_read_of_an_output_is_left_out() -> None:
    good = b'{"custom_id":"3","response":{"status_code":200,"body":{"a":1}}}'
    bad = [b"", b"no", b'{"custom_id":"x","response":{"status_code":200,"body":1}}', b'{"custom_id":"4"}', jsonl({})]
    assert results(b"\n".join([*bad, good])) == [(3, 200, b'{"a":1}')]
