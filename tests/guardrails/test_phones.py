import pytest

from outrider.guardrails import _phones


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in _phones.phones(text)]


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 901820",
        "+1-555-010-9999",
        "(202) 555-0143",
        "202-555-0143 x12",
        "0049 30 901820",
        "+44 20 7946 0018",
        "01 42 68 53 00",
    ],
)
def test_forms(number: str) -> None:
    assert found(f"You get me under {number} any time") == [number]


def test_a_word_makes_a_number_one() -> None:
    assert found("call 5550143 now") == ["5550143"]
    assert found("there are 5550143 rows") == []


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03",
        "12.05.2024 14:30",
        "order 202-555-0143",
        "10.0.0.1",
        "ISBN 978-3-16-148410-0",
        "1,234,567",
        "1 000 000 people",
    ],
)
def test_other_numbers(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["439 0137-Office, 439 0138-Fax", "469 4744 (mobile)", "415 1211, home"])
def test_a_word_after_a_number_makes_it_one(text: str) -> None:
    assert found(text)[0] == text[:8]


@pytest.mark.parametrize(
    "text", ["commit 1234567, work in progress", "7500000, home", "123 4567 - home page", "123 4567 (office 365)"]
)
def test_a_word_of_something_else_after_a_number_makes_it_none(text: str) -> None:
    assert found(text) == []
