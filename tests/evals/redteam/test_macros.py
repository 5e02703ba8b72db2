"""What stands for much in an attack's text."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.evals.redteam import macros


def made(text: str) -> str:
    return macros.written_out(text, random.Random(1))


def test_much_is_made_of_little() -> None:
    assert made("a {{repeat no  3}}!") == "a no no no !"
    assert len(made("{{letters x 30}}")) == 30
    assert set(made("{{chars 41-43 50}}")) == {"A", "B", "C"}
    assert made("{{chars d800-d801 3}}") == "   ", "no halves of characters"
    assert made("{{unknown}} {{chars}} {a}") == "{{unknown}} {{chars}} {a}"


@pytest.mark.parametrize("text", ["{{repeat abc 999999999}}", "{{letters x 999999999}}", "{{repeat  999999999}}"])
def test_nobody_makes_more_than_fits(text: str) -> None:
    assert len(made(text)) <= macros.MOST
    assert len(made(text)) <= macros.size(text)


@pytest.mark.parametrize("range_", ["zz", "5-1", "0-110000", "1-2-3", "-"])
def test_a_range_that_is_none_is_named(range_: str) -> None:
    with pytest.raises(ValueError, match="a range is two code points"):
        macros.check(f"x {{{{chars {range_} 4}}}}")


@given(st.text(alphabet="{} repatchlsx0123456789-af", max_size=60))
def test_what_passes_the_check_can_be_written_out(text: str) -> None:
    try:
        macros.check(text)
    except ValueError:
        return
    assert len(made(text)) <= max(macros.size(text), len(text))
