import pytest

from outrider.guardrails import _phones_home as home


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("31 24 46 96", "DK"),
        ("452 83 444", "NO"),
        ("070 814 14 12", "SE"),
        ("5716 6380", "EE"),
        ("99 149142", "CY"),
        ("2111 4534", "UY"),
        ("8 664 21905", "LT"),
        ("98419 81132", "IN"),
        ("697 143 987", "ES"),
        ("56 53 15", "GL"),
    ],
)
def test_numbers_in_the_groups_of_their_country(number: str, region: str) -> None:
    assert home.fits(number.split(), region) is True


def test_numbers_in_other_groups_are_numbers_all_the_same() -> None:
    assert home.fits(["0664", "341", "48", "39"], "AT") is False
    assert home.whose(["0664", "341", "48", "39"], ["AT"])
    assert not home.whose(["0664", "341", "48", "39"], ["AT"], strictly=True)


@pytest.mark.parametrize(
    ("groups", "region"),
    [(["12", "34", "56", "78"], "DK"), (["664", "3414839"], "AT"), (["123"], "XX"), (["31", "24"], "DK")],
)
def test_what_is_no_number_of_a_country(groups: list[str], region: str) -> None:
    """A number that is dialled with a prefix has it."""
    assert home.fits(groups, region) is None


@pytest.mark.parametrize("said", ["612 345 678", "1.234.567", "12'345'678"])
def test_amounts(said: str) -> None:
    assert home.is_amount(said)


@pytest.mark.parametrize("said", ["31 24 46 96", "0612 345 678", "612 345.678", "1234 567"])
def test_no_amounts(said: str) -> None:
    assert not home.is_amount(said)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Jeg er ikke hjemme, og nøglen ligger her", "DK"),
        ("Ja ta on täna ei tea", "EE"),
        ("We met in Copenhagen", "DK"),
        ("write to eva@example.ee", "EE"),
        ("see shop.example.co.uk/x", "GB"),
        ("his office is +372 650 1234", "EE"),
        ("paid to LV80 BANK 0000 4351 9500 1", "LV"),
    ],
)
def test_whose_a_text_is(text: str, region: str) -> None:
    assert region in home.countries(text)


@pytest.mark.parametrize(
    "text",
    ["We counted the boxes again, and there were more of them than before.", "main.py, lib.rs and run.sh", "v1.is2"],
)
def test_a_text_of_no_country(text: str) -> None:
    assert home.countries(text) == frozenset()
