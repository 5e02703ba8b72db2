"""Two spellings of the same are equal; a part of a word is not the word."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.normal import fold, holds, number, numbers, spaced_out


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("Bob@Corp.com", "bob@corp.com"),
        ("bob\u200b@corp.com", "bob@corp.com"),
        ("b\u043eb@corp.com", "bob@corp.com"),
        ("\uff42\uff4f\uff42", "bob"),
        ("a\u00a0 b\n c", "a b c"),
        ("x\U000e0041y", "xy"),
        ("GB29\u202eNWBK", "gb29nwbk"),
        ("caf\u00e9", "caf\u00e9"),
    ],
)
def test_other_spellings(written: str, same: str) -> None:
    assert fold(written) == same


@given(st.text(max_size=50))
def test_the_normal_form_is_its_own(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("mail bob@corp.com now", "bob@corp.com", True),
        ("mail bob@corp.com.", "bob@corp.com", True),
        ("mail bob@corp.com.evil.io", "bob@corp.com", False),
        ("mail bob@corp.com now", "bob", False),
        ("mail bob, please", "bob", True),
        ("bobby", "bob", False),
        ("pay 1200 now", "200", False),
        ("see /home/me/a.txt", "a.txt", False),
        ("see 'a.txt'", "a.txt", True),
        ("a-b", "", False),
    ],
)
def test_a_whole_value_or_none(text: str, value: str, found: bool) -> None:
    assert holds(text, value) is found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.50", "1234.5"),
        ("1.234,50", "1234.5"),
        ("1'234", "1234"),
        ("€ 50", "50"),
        ("50 USD", "50"),
        ("-3", "-3"),
        ("1,234", "1234"),
        ("3,5", "3.5"),
        ("2k", "2000"),
        ("1.2 million", "1200000"),
        ("12 monkeys", None),
        ("a1", None),
        ("1.2.3", None),
    ],
)
def test_numbers_in_all_spellings(written: str, value: str | None) -> None:
    found = number(written)
    assert found == (None if value is None else Decimal(value))


def test_the_numbers_of_a_text() -> None:
    said = numbers("pay 50.00 or 1,200 to account gb29x3 by 2026, at most 2k; not v1.2.3")
    assert said == {Decimal("50"), Decimal("1200"), Decimal("2026"), Decimal("2000")}


@given(st.text(max_size=30))
def test_anything_is_read_as_a_number_or_not(text: str) -> None:
    found = number(text)
    assert found is None or found == found.normalize()
    numbers(fold(text))


@pytest.mark.parametrize(
    ("text", "value", "there"),
    [
        ("call +49 151 222-3344 now", "+491512223344", True),
        ("pay to de89 3704 0044 0532 0130 00.", "de89370400440532013000", True),
        ("call +49 151 2223344", "+4915122233", False),
        ("call +49 151 2223344", "1512223344", False),
        ("from lindenweg/notes.txt into a list", "lindenweg", False),
        ("it is on the way", "isontheway", False),
    ],
)
def test_long_numbers_are_said_with_spaces_and_as_a_whole(text: str, value: str, there: bool) -> None:
    assert spaced_out(text, value) is there
