"""Units: equal amounts are equal, different ones are not."""

from decimal import Decimal

import pytest

from outrider.knowledge.units import NAMES, measure


@pytest.mark.parametrize(
    ("one", "other"),
    [((90, "min"), ("1.5", "h")), ((1, "y"), (12, "mo")), ((250, "ms"), ("0.25", "s")), ((1, "GB"), (1000, "MB"))],
)
def test_equal_measures(one: tuple[int, str], other: tuple[str | int, str]) -> None:
    assert measure(Decimal(one[0]), one[1]) == measure(Decimal(other[0]), other[1])


def test_others_stay_apart() -> None:
    assert measure(Decimal(1), "mo") != measure(Decimal(30), "d")
    assert measure(Decimal(1), "%") != measure(Decimal(1), "pp")
    assert measure(Decimal(5), "usd") == (Decimal(5), "usd")
    assert NAMES["percent"] == NAMES["%"]
