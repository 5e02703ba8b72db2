"""How alike answers are, which one is most like the others, and taking that one alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.agreement import agreement, only, only_events, streamed, whole

texts = st.lists(st.text(alphabet="ab c,", max_size=12), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("said", "alike", "best"),
    [
        (["Paris", "paris!", "PARIS"], 1.0, 0),
        (["Lyon", "Paris", "Paris"], 1 / 3, 1),
        (["a b", "a c", "a d"], 0.5, 0),
        (["one"], 1.0, 0),
        (["", ""], 1.0, 0),
    ],
)
def test_words_in_common(said: list[str], alike: float, best: int) -> None:
    found, index = agreement(said)
    assert (found, index) == (pytest.approx(alike), best)


@given(texts)
def test_any_texts(said: list[str]) -> None:
    alike, best = agreement(said)
    assert 0 <= alike <= 1.000001
    assert 0 <= best < len(said)
    assert agreement(said * 2)[0] >= alike - 1e-9


def event(**fields: Any) -> bytes:
    return b"data: %b\n\n" % json.dumps(fields).encode()


def test_one_of_a_whole_answer() -> None:
    call = {"function": {"name": "f", "arguments": '{"x": 1}'}}
    body = {
        "id": "a",
        "choices": [{"index": 0, "message": {"content": "x"}}, {"index": 1, "message": {"tool_calls": [call]}}],
    }
    assert whole(json.dumps(body).encode()) == ["x", 'f {"x": 1}']
    [choice] = json.loads(only(json.dumps(body).encode(), 1))["choices"]
    assert choice == {"index": 0, "message": {"tool_calls": [call]}}


def test_one_of_a_stream() -> None:
    blocks = [
        event(choices=[{"index": 0, "delta": {"content": "a"}}]),
        event(choices=[{"index": 1, "delta": {"content": "b"}}])
        + event(choices=[{"index": 0, "delta": {"content": "c"}}]),
        event(choices=[], usage={"prompt_tokens": 1}),
        b"data: [DONE]\n\n",
    ]
    assert streamed(blocks) == ["ac", "b"]
    kept = only_events(blocks, 1)
    assert streamed(kept) == ["b"]
    assert kept[1:] == blocks[2:]
