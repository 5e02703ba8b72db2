"""Amounts and days in the user's words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.normal import plain
from outrider.policy.quantities import amounts, before_share, contradicts, durations, less, quantities, shares


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Send Anna fifty euros", {50}),
        ("Pay 1.250,50 € for invoice 4711", {Decimal("1250.50")}),
        ("Pay Bob 50 for invoice 4711 of 2026-01-02", {50}),
        ("two thousand five hundred dollars for room 12", {2500}),
        ("Überweise fünfundzwanzig Euro", {25}),
        ("On June 1st at 10:30 pay 92", {92}),
        ("a hundred and twenty", {120}),
        ("Pay the bill", set()),
        ("Bill her 640, review in 6 months at half past nine, after a 3-day break", {640}),
    ],
)
def test_amounts(text: str, found: set[Decimal]) -> None:
    assert amounts([plain(text)]) == found


@pytest.mark.parametrize(
    ("asked", "date", "other"),
    [
        ("Book July 1st to July 3rd", "2026-07-01", False),
        ("Book July 1st to July 3rd", "2031-03-09", True),
        ("Move it to the twentieth of May at noon, 20 May", "2026-05-20 12:00", False),
        ("Book it for tomorrow, not June 1st", "2031-03-09", False),
        ("Book it", "2031-03-09", False),
        ("Book July 1st", "whenever", False),
    ],
)
def test_days_that_the_user_did_not_mean(asked: str, date: str, other: bool) -> None:
    assert contradicts([plain(asked)], date) is other


@given(st.text())
def test_any_text_has_quantities(text: str) -> None:
    assert all(one.amount or not one.marked for one in quantities(plain(text)))


def test_so_many_percent_more() -> None:
    assert shares("raise the price by 10 %") == [Decimal("1.1")]
    assert shares("senke den preis um 12,5 prozent") == [Decimal("0.875")]
    assert shares("raise it by 10 euros") == shares("10 % of the people raise it") == []
    assert before_share(Decimal("26.40"), Decimal("1.1")) == [Decimal(24)]
    assert Decimal("9.99") in before_share(Decimal("10.99"), Decimal("1.1"))
    assert before_share(Decimal("10.989"), Decimal("1.1")) == before_share(Decimal("1e30"), Decimal("1.1")) == []


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("an hour and a half on brandt", {90}),
        ("20 mins today, half an hour tomorrow", {20, 30}),
        ("for forty minutes", {40}),
        ("2.5 h and two hours and a quarter", {150, 135}),
        ("three quarters of an hour", {45}),
        ("the opening hours, and how many minutes", set()),
    ],
)
def test_how_long_something_is_to_last(text: str, minutes: set[int]) -> None:
    assert durations(text) == {Decimal(one) for one in minutes}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("six pairs went to the workshop, take them out of stock", {6}),
        ("write off 4 boxes", {4}),
        ("take 6 boxes and add 2", set()),
        ("6 boxes came back", set()),
        ("6 broken in a box of 24", set()),
        ("order 40 pads", set()),
    ],
)
def test_what_is_taken_away(text: str, numbers: set[int]) -> None:
    assert less(text) == {Decimal(one) for one in numbers}
