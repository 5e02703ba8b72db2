"""Text in any encoding, whatever was declared."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.encoding import decode

GERMAN = "Größe und Übermut: die Straße führt über die Brücke, und alle hören zu. " * 8
RUSSIAN = "Быстрая коричневая лиса прыгает через ленивую собаку, а потом отдыхает. " * 8


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, "日本語のテキスト"])
def test_unicode_by_its_marks(name: str, text: str) -> None:
    assert decode(text.encode(name)) == text


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [GERMAN, "This is a test document, as some systems write it.\n" * 4, RUSSIAN])
def test_unicode_in_pairs_of_bytes_without_a_mark(name: str, text: str) -> None:
    assert decode(text.encode(name)) == text


def test_what_is_no_text_in_pairs_is_refused() -> None:
    with pytest.raises(Unreadable, match="binary"):
        decode(bytes(range(256)) * 8)
    with pytest.raises(Unreadable, match="binary"):
        decode(b"\0\1" * 400)


@pytest.mark.parametrize(("name", "text"), [("cp1252", GERMAN), ("iso-8859-1", GERMAN), ("cp1251", RUSSIAN)])
@pytest.mark.parametrize("declared", ["", "utf-8", "no-such-thing", "base64", "\0"])
def test_old_encodings_even_when_the_declaration_is_wrong(name: str, text: str, declared: str) -> None:
    assert decode(text.encode(name), declared) == text


def test_what_is_declared_is_used_where_it_fits() -> None:
    assert decode("Größe".encode("cp1252"), "cp1252") == "Größe"
    assert decode("смотри".encode("koi8-r"), "koi8-r") == "смотри"


def test_one_broken_byte_spoils_nothing() -> None:
    body = GERMAN.encode()
    assert decode(body[:100] + b"\xff" + body[100:]).replace("\ufffd", "") == GERMAN


def test_lines_end_in_one_way() -> None:
    assert decode(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(st.binary(max_size=400))
def test_any_bytes(body: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(decode(body), str)
