"""Identifiers that prove themselves, and numbers that a word names. Values are examples of issuers and standards."""

import pytest

from outrider.guardrails import Context, pii


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in pii.check(text, Context(options=pii.Options()))]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "jane.doe+x@mail.example.co.uk"),
        ("email", "jane [at] example [dot] org"),
        ("email", "jürgen@müller.de"),
        ("iban", "DE89 3704 0044 0532 0130 00"),
        ("iban", "gb29nwbk60161331926819"),
        ("card", "4111 1111 1111 1111"),
        ("card", "378282246310005"),
        ("us_ssn", "219-09-9999"),
        ("us_itin", "912-70-1234"),
        ("national_id", "12345678Z"),
        ("national_id", "RSSMRA85T10A562S"),
        ("national_id", "111.444.777-35"),
        ("national_id", "2 55 08 14 168 025 38"),
        ("national_id", "756.9217.0769.85"),
        ("tax_id", "ABCPE1234F"),
        ("vat", "DE136695976"),
        ("vat", "ATU13585627"),
        ("ip", "2001:db8::ff00:42:8329"),
        ("ip", "203.0.113.9"),
        ("mac", "00:1B:44:11:3A:B7"),
        ("crypto", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        ("crypto", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ("crypto", "0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe"),
        ("vin", "1HGCM82633A004352"),
        ("mrz", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    ],
)
def test_wherever_they_stand(kind: str, value: str) -> None:
    assert found(f"It is {value}, they said.") == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112 is late.",
        "Version 10.4.2.1 of 2024-05-03 at 12:30:45.",
        "The meeting is on 12/05/2024, room 1204.",
        "sha256 9d6e5a5b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f",
        "run 018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f took 12,345.67 ms",
        "DOCUMENT CUSTOMER BUSINESS",
        "127.0.0.1 and ::1",
        "Fig. 3 shows 1.234.567 rows, 99.95 % of them",
        "icon@2x.png",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert found(text) == []
