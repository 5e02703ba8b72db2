"""Numbers and dates that a word before them names."""

import pytest

from outrider.guardrails import Context, pii


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in pii.check(text, Context(options=pii.Options()))]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Passport No. C01X00T47.", "passport", "C01X00T47"),
        ("my driver's license number is D1234567", "driver_licence", "D1234567"),
        ("Steuernummer: 93815/08152", "tax_id", "93815/08152"),
        ("SWIFT code DEUTDEFF500", "swift", "DEUTDEFF500"),
        ("account number 000123456789", "bank_account", "000123456789"),
        ("CVV 123", "card_code", "123"),
        ("MRN: 00847362", "medical_id", "00847362"),
        ("born on 3 May 1984", "birth_date", "3 May 1984"),
        ("DOB: 1984-05-03", "birth_date", "1984-05-03"),
        ("geboren am 03.05.1984", "birth_date", "03.05.1984"),
    ],
)
def test_what_a_word_names(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text", ["sin 12345 times", "we run 100200 tests", "the account was opened in 2024", "pin it to 3.11", "PAN AM 747"]
)
def test_other_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["TIN CAN BAY 4580", "SIN CITY 2005", "RUN DMC 1986", "TIN BAY 4580"])
def test_places_and_titles_in_capitals(text: str) -> None:
    """`TIN` and `SIN` are words, too."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("number plate M AB 1234", "vehicle", "M AB 1234"),
        ("RFC GODE 561231 GR8", "tax_id", "GODE 561231 GR8"),
        ("TIN: 987654321", "tax_id", "987654321"),
        ("IBAN GB 29 NWBK 6016", "bank_account", "GB 29 NWBK 6016"),
    ],
)
def test_numbers_that_begin_with_letters(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]


def test_a_place_in_capitals_is_a_part_of_its_address() -> None:
    text = "14 Spencer Street, TIN CAN BAY 4580"
    assert found(text) == [("address", text)]
