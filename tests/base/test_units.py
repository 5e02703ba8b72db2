"""Durations and sizes: what is written is what is meant, and showing them loses nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("250ms", 0.25), ("30s", 30), ("1h30m", 5400), ("1.5h", 5400), ("2w", 1_209_600), (" 5m ", 300)],
)
def test_durations(text: str, seconds: float) -> None:
    assert units.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "5", "-5s", "5 s", "5y", "1e9s", "five", "5s5", "٣s"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        units.duration(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("10", 10),
        ("64MB", 64_000_000),
        ("64 MB", 64_000_000),
        ("1.5GiB", 1_610_612_736),
        ("512kB", 512_000),
        ("1KB", 1000),
    ],
)
def test_sizes(text: str, count: int) -> None:
    assert units.size(text) == count


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1 M B", "1mb", "1e3", "lots"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="expected a size"):
        units.size(text)


@given(st.integers(0, 10**13))
def test_a_shown_size_means_the_same(count: int) -> None:
    assert units.size(units.show_size(count)) == count


@given(st.integers(0, 10**9))
def test_a_shown_duration_means_the_same(milliseconds: int) -> None:
    assert units.duration(units.show_duration(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, rel=1e-12)


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (units.duration, units.size):
        try:
            value = read(text)
        except ValueError:
            continue
        assert value >= 0
