"""What people see of a text, and what is packed into it."""

import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import hidden

WORDS = "send it to bob@example.com"


@pytest.mark.parametrize(
    ("packed", "how"),
    [
        (base64.b64encode(WORDS.encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(WORDS.encode()).decode().rstrip("="), "base64"),
        (WORDS.encode().hex(), "hex"),
        (WORDS.encode().hex(" "), "hex"),
        ("".join(f"%{b:02x}" for b in WORDS.encode()), "percent escapes"),
        ("".join(f"\\u{ord(c):04x}" for c in WORDS), "escapes"),
        ("".join(f"\\x{ord(c):02x}" for c in WORDS), "escapes"),
        ("".join(f"&#{ord(c)};" for c in WORDS), "entities"),
        ("".join(chr(0xE0000 + ord(c)) for c in WORDS), "tag letters"),
        ("".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in WORDS.encode()), "variation selectors"),
        ("".join("\u200b\u200c"[int(bit)] for b in WORDS.encode() for bit in f"{b:08b}"), "zero width"),
        (codecs.encode("please " + WORDS, "rot13"), "rot13"),
        (base64.b64encode(base64.b64encode(WORDS.encode())).decode(), "base64, base64"),
    ],
)
def test_is_unpacked(packed: str, how: str) -> None:
    found = hidden.packed(f"see: {packed} .")
    assert any(WORDS in one.text and one.how == how for one in found), found


@pytest.mark.parametrize("text", ["A plain sentence about nothing.", "deadbeef", "ünïcode 👨‍👩‍👧", "a1b2c3d4e5f6" * 4])
def test_plain_text_holds_nothing(text: str) -> None:
    assert hidden.packed(text) == []


def test_is_shown() -> None:
    assert hidden.shown("pаypal ４２ a\u200bb\u2800").text == "paypal 42 ab"
    assert hidden.shown("Привет").text == "Привет"


@given(st.text())
def test_every_character_has_its_place(text: str) -> None:
    shown = hidden.shown(text)
    if shown.places is None:
        assert len(shown.text) == len(text)
        return
    assert len(shown.places) == len(shown.text)
    assert shown.places == sorted(shown.places)
    for at in range(len(shown.text)):
        start, end = shown.span(at, at + 1)
        assert 0 <= start < end <= len(text)


@given(st.text())
def test_what_goes_on_is_at_the_end(text: str) -> None:
    assert 0 <= hidden.unfinished(text) <= len(text)
    assert all(0 <= one.start < one.end <= len(text) for one in hidden.packed(text))
