"""Addresses that words announce, where their own form says little."""

import pytest

from outrider.guardrails import _addresses_told


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in _addresses_told.told(text)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("She lives at 14 Hollow Elms, Kilbride.", "14 Hollow Elms, Kilbride"),
        ("Address: Eyri 22, Húsavík 640\nThanks", "Eyri 22, Húsavík 640"),
        ("Our office is at Trg revolucije 95, Kranj 4000", "Trg revolucije 95, Kranj 4000"),
        ("Ship to: Bem rakpart 12\nSzeged 6720\nHungary", "Bem rakpart 12\nSzeged 6720\nHungary"),
        ("Please return to 4 Kalamaki, Volos 38221 in case of an issue.", "4 Kalamaki, Volos 38221"),
        ("My zip code is 8352.", "8352"),
        ("Postcode: SW1A 1AA", "SW1A 1AA"),
        ("Anna\n> Norway 8003\n", "8003"),
    ],
)
def test_announced(text: str, address: str) -> None:
    assert found(text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "He lives in Paris since 2019.",
        "The address is wrong.",
        "The IP address is 10 Net 5.",
        "We arrived at Gate 12 in Terminal 5.",
        "She lives on Floor 3.",
        "Return to Step 4 of Chapter 7.",
        "I moved the zip of 5000 files.",
        "The corner of Room 12 is cold.",
        "Delivered to Node 7, Port 8080",
        "Norway 8003 visitors came",
        "Ship to Anna on May 5",
    ],
)
def test_other_text(text: str) -> None:
    assert found(text) == []
