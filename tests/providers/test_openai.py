"""What an OpenAI-compatible provider says it counted."""

import json
from typing import Any

import pytest

from outrider.base.usage import Usage
from outrider.providers import openai


def told(usage: Any) -> Usage | None:
    """What is made of an answer with this `usage`; the same is made of a stream's."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}
    plain = openai.decode("chat", 200, [], json.dumps({"choices": [choice], "usage": usage}).encode()).usage
    reader = openai.reader(wants_usage=True)
    last = {"choices": [], "usage": usage}
    blocks = [f"data: {json.dumps(last)}\n\n".encode(), b"data: [DONE]\n\n"]
    assert reader.close([reader.feed(block) for block in blocks]).usage == plain
    return plain


def test_counts_are_taken_as_they_are() -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 2}}
    found = told({"prompt_tokens": 10, "completion_tokens": 5, **details})
    assert found == Usage(10, 5, cached=4, reasoning=2)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": -1_000_000},
        {"prompt_tokens": 10**30, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": 2**62},
        {"prompt_tokens": 1.5, "completion_tokens": "7"},
        {"prompt_tokens": True},
        [],
        "none",
    ],
)
def test_counts_that_cannot_be_are_none(usage: Any) -> None:
    """Budgets are charged with them: a negative one would give money back. The answer itself is good."""
    assert told(usage) is None


@pytest.mark.parametrize(("part", "kept"), [(-50, 0), (10**30, 10)])
def test_a_part_is_no_more_than_the_whole(part: int, kept: int) -> None:
    found = told({"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": part}})
    assert found == Usage(10, 5, cached=kept)
