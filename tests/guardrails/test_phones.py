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


@pytest.mark.parametrize(
    "number",
    ["612 34 56 78", "21 234 4249", "12 345 74 68", "08-15 70 76", "012 31 50 20", "131 2343 3633", "074104 76888"],
)
def test_as_people_of_a_country_write_it(number: str) -> None:
    assert found(f"Thanks, Anna\n{number}\n") == [number]


@pytest.mark.parametrize("text", ["Mobile: 94 51 71\n", "Fax: 94 51 71", "> Desk: 945 171"])
def test_a_line_says_what_its_short_number_is(text: str) -> None:
    assert [len(said) for said in found(text)] == [len(text.strip()) - text.index(":") - 2]


def test_pairs_of_digits_are_no_date() -> None:
    assert found("05.14.56.71.73-Office, 01.02.2024 and 01.02.24") == ["05.14.56.71.73"]


@pytest.mark.parametrize("text", ["212 345 616", "12 34 56 78", "Total: 945 171", "room 94 51 71"])
def test_amounts_and_rows_are_none(text: str) -> None:
    assert found(f"We counted {text} in all.") == []
