"""Money is exact: integers in, integers out, no float between."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.money import nano, usd


@given(st.integers(-(10**18), 10**18))
def test_text_and_back(amount: int) -> None:
    assert nano(usd(amount)) == amount
    assert "." not in usd(amount) or not usd(amount).endswith(("0", "."))


@pytest.mark.parametrize(
    ("dollars", "amount"),
    [("0.15", 150_000_000), (3, 3_000_000_000), ("-0.000000001", -1), (Decimal("0.0000000005"), 0), ("1e-9", 1)],
)
def test_dollars(dollars: Decimal | str | int, amount: int) -> None:
    assert nano(dollars) == amount


def test_as_text() -> None:
    assert [usd(n) for n in (0, 1_500_000, -2_000_000_000, 1)] == ["0", "0.0015", "-2", "0.000000001"]
