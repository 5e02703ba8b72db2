import pytest

from outrider.guardrails import _addresses


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in _addresses.addresses(text)]


@pytest.mark.parametrize(
    "address",
    [
        "1600 Pennsylvania Avenue NW, Washington, DC 20500",
        "221B Baker Street, London NW1 6XE",
        "Hauptstraße 12a, 10115 Berlin",
        "12 rue de la Paix, 75002 Paris",
        "Calle Mayor 3, 28013 Madrid",
        "Via Garibaldi 10, 20121 Milano",
        "Kerkstraat 5, 1017 GA Amsterdam",
        "P.O. Box 1234",
        "Finnestadgeilen 24, STAVANGER 4029",
        "Rue du Commerce 429, Wondelgem 9032",
        "Petőfi utca 67., Nemesvámos 8248",
        "Nordre Banegate 103, Mandal 4515",
        "Karl Johans gate 22",
        "Kirkegate 5",
        "Ostring 12",
        "Kaiserring 5",
        "Mannerheimintie 5",
        "12 44 Castle Road",
        "P.O. Box 194, Upernavik 3962",
        "Rua do Forno 76, 4700-312 Braga",
        "Király u. 23., Tiszabög 6062",
        "104 route Raymond Apt. 974, Charette, ON G5K 2S1",
        "96/712, Mall Nagar",
    ],
)
def test_forms(address: str) -> None:
    assert address in found(f"Send it to {address}.")


@pytest.mark.parametrize(
    "text",
    [
        "It took 12 seconds on the way.",
        "Chapter 3, The Long Road",
        "In 2024 we went to Paris.",
        "see page 12",
        "We meet on May 5, Berlin 2024 is the motto.",
        "Version 7, Build 4029 is out.",
        "Section 12, Rule 1203 says no.",
        "aggregate 5 rows, then navigate 404",
        "During 2020 we saw monitoring 4 hosts, scoring 12 of them.",
        "An iPad 10, a keypad 3, withdrawal 5, string 5",
        "Worker 3, Shard 1024; Player 2, Score 4500",
        "Error 5, Worker Pool 8080: retry",
    ],
)
def test_other_text(text: str) -> None:
    assert found(text) == []
