"""The short text in lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.surface.preview import MOST, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [("", ""), ("a b", "a b"), (" a\n\n b\t\tc\r\nd ", "a b c d"), ("a  b", "a b"), ("x" * 900, "x" * MOST)],
)
def test_examples(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text(max_size=3 * MOST))
def test_it_is_short_and_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= MOST
    assert "\n" not in line
    assert line == line.strip()
