import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.console import words


@pytest.mark.parametrize(
    ("nano", "text"),
    [(0, "$0"), (999, "<$0.000001"), (87_450, "$0.0000874"), (453_000, "$0.000453"), (40_000_000, "$0.04"),
     (600_000_000, "$0.60"), (1_234_500_000, "$1.23"), (12_345_678_000_000_000, "$12,345,678.00")],
)  # fmt: skip
def test_money(nano: int, text: str) -> None:
    assert words.usd(nano) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "–"), (420_000, "0.42 ms"), (412_000_000, "412 ms"), (999_700_000, "1.00 s"), (3_420_000_000, "3.42 s"),
     (125_000_000_000, "2 m 05 s"), (4_320_000_000_000, "1 h 12 m")],
)  # fmt: skip
def test_spans(ns: int, text: str) -> None:
    assert words.span(ns) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (99_999, "99,999"), (123_400, "123k"), (4_560_000, "4.56M")])
def test_counts(number: int, text: str) -> None:
    assert words.count(number) == text


@pytest.mark.parametrize(("number", "text"), [(812, "812 B"), (20_400, "20.4 kB"), (3_100_000, "3.1 MB")])
def test_sizes(number: int, text: str) -> None:
    assert words.size(number) == text


def test_shares() -> None:
    assert (words.percent(1, 0), words.percent(1, 30), words.percent(1, 2)) == ("–", "3.3 %", "50 %")


@given(st.integers(0, 2**63 - 1))
def test_every_number_has_a_form(number: int) -> None:
    assert all(f(number) for f in (words.usd, words.span, words.count, words.size))
