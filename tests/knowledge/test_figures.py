"""Figures: what is written in different ways is equal, with its unit and its place."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge.figures import figures


def said(text: str) -> list[tuple[str, str]]:
    """What each figure says: its first reading without needless zeros, and its unit."""
    return [(format(f.values[0].normalize(), "f") if f.values else str(f.date), f.unit) for f in figures(text)]


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("1.2 million", "1,200,000"),
        ("1.2M", "1 200 000"),
        ("$1.2M", "1.2 million dollars"),
        ("€5.5bn", "5.5 billion euros"),
        ("US$ 40", "USD 40"),
        ("1,5 Mio. Euro", "1,500,000 EUR"),
        ("50 cents", "$0.50"),
        ("3x", "3-fold"),
        ("2×", "doubled"),
        ("12 %", "twelve percent"),
        ("25 bps", "0.25 percentage points"),
        ("90 min", "1.5 hours"),
        ("250 ms", "0.25 seconds"),
        ("two years", "24 months"),
        ("2 GB", "2,000 MB"),
        ("twenty-five", "25"),
        ("two dozen", "24"),
        ("a million", "1,000,000"),
        ("one hour", "60 minutes"),
        ("15-minute", "15 minutes"),
        ("100+", "100"),
        ("1.234.567", "1234567"),
        ("March 5, 2024", "2024-03-05"),
        ("5 March 2024", "5th of Mar 2024"),
        ("10-20%", "10 to 20 percent"),
        ("between 10 and 20 minutes", "10–20 min"),
        ("$3-5 million", "$3 million to $5 million"),
    ],
)
def test_alike(text: str, alike: str) -> None:
    assert said(text) == said(alike) != []


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("5 %", "5 percentage points"),
        ("5 %", "5"),
        ("$5", "€5"),
        ("5 ms", "5 s"),
        ("3.5", "35"),
        ("1 month", "30 days"),
        ("March 2024", "March 2023"),
        ("3 million", "3 billion"),
        ("0.125", "125"),
    ],
)
def test_unlike(text: str, other: str) -> None:
    assert said(text) != said(other)


@pytest.mark.parametrize("text", ["GPT-4", "p95", "v2.1", "H100", "24/7", "one of them", "a person", "3D", "the 10th"])
def test_parts_of_names_are_no_figures(text: str) -> None:
    assert said(text) == []


def test_a_full_stop_between_three_digits_may_be_either() -> None:
    assert set(figures("1.000")[0].values) == {Decimal(1), Decimal(1000)}
    assert figures("0.125")[0].values == (Decimal("0.125"),)
    assert len(figures("3.125 km")[0].values) == 1
    assert len(figures("3.125 km", european=True)[0].values) == 2


@given(st.integers(0, 10**12))
def test_any_grouping_of_a_whole_number(number: int) -> None:
    for form in (f"{number}", f"{number:,}", f"{number:,}".replace(",", "\u202f")):
        assert Decimal(number) in figures(f"It is {form} there.")[0].values


@given(st.decimals(0, 10**9, places=2), st.sampled_from(["%", " ms", " million", " users", "x", " GB", " days"]))
def test_decimals_are_exact(number: Decimal, unit: str) -> None:
    (figure,) = figures(f"about {number}{unit}.")
    assert figures(f"about {number}{unit}.") == figures(f"about {number:,}{unit}.") or number >= 1000
    assert figure.values[0] % 1 == 0 or figure.values


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    for figure in figures(text, european=True):
        assert 0 <= figure.start < figure.end <= len(text)
