"""Text as people see it, and the texts that are hidden in it: what cannot be seen, letters that look alike, encodings.

`shown` keeps the place of every character, so that what is found in the text that is seen can be pointed at in the text
that came. `packed` gives what decodes to text: base64, hex, percent and character escapes, rot13, letters of the tag
block, bits of zero width, bytes as variation selectors.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

MOST_PACKED = 64
"""Encoded parts of one text that are decoded."""
LONGEST_PACKED = 20_000
"""Characters of an encoded part that are decoded."""
_INVISIBLE = frozenset(("Cf", "Cc", "Co", "Cs", "Cn"))
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)
_SEEN = frozenset("\n\t\r")
ALIKE = dict(
    zip(
        "аАеЕоОрРсСуУхХіІјЈѕЅԁѵԝɡһВКМНТ" + "αΑοΟεΕρΡνΝιΙκΚτΤυΥωβΒΗΜΖΧ",
        "aAeEoOpPcCyYxXiIjJsSdvwghBKMHT" + "aAoOeEpPvNiIkKtTuYwbBHMZX",
        strict=True,
    )
)
"""Cyrillic and Greek letters that look like Latin ones."""
_WORD = re.compile(r"[^\W\d_]+")
_ORDINARY = re.compile(r"[\n\r\t -~]*+")


class Shown(NamedTuple):
    """`places` are the places of the characters in the text that came; None: they are the same."""

    text: str
    places: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that came for one of the text that is seen."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[max(start, end - 1)] + 1


class Packed(NamedTuple):
    """A part of a text that decodes to another text, and by what."""

    start: int
    end: int
    text: str
    how: str


def is_hidden(char: str) -> bool:
    """Whether nobody sees this character."""
    return char in _BLANK or (char not in _SEEN and unicodedata.category(char) in _INVISIBLE)


@lru_cache(maxsize=8192)
def _seen(char: str) -> str:
    return "" if is_hidden(char) else unicodedata.normalize("NFKC", char)


def shown(text: str) -> Shown:
    """The text without what cannot be seen, wide and ornamental letters as plain ones, and words that mix alphabets
    in the one they look like."""
    if _ORDINARY.fullmatch(text):
        return Shown(text, None)
    chars, places = list[str](), list[int]()
    same = True
    for at, char in enumerate(text):
        made = char if char in _SEEN or " " <= char <= "~" else _seen(char)
        same = same and made == char
        chars += made
        places += [at] * len(made)
    said = _unmixed("".join(chars))
    return Shown(text if same and said == text else said, None if same else places)


def _unmixed(text: str) -> str:
    """Every letter stays one letter."""
    return text if text.isascii() else _WORD.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii() or not any(c in ALIKE for c in word) or not any("a" <= c.lower() <= "z" for c in word):
        return word
    return "".join(ALIKE.get(c, c) for c in word)


# -- encodings --------------------------------------------------------------------------------------------------------

_BASE64 = re.compile(r"(?<![\w+/=-])(?:[A-Za-z0-9+/_-]{16,})={0,2}(?![\w+/=-])")
_BROKEN64 = re.compile(r"(?<![\w+/=-])(?:[A-Za-z0-9+/]{20,}\r?\n){1,200}[A-Za-z0-9+/]{2,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:(?:\\x)?[0-9A-Fa-f]{2}[ :,]?){8,}(?![0-9A-Za-z])")
# It starts where a word does: tried at every letter of a long word, it would read its rest each time.
_PERCENT = re.compile(r"(?<![\w.~+!*'()-])(?:[\w.~+!*'()-]*+%[0-9A-Fa-f]{2}){3,}[\w.~+!*'()-]*+")
_ESCAPES = re.compile(r"(?:[ -\[\]-~]{0,3}\\(?:u\{?[0-9A-Fa-f]{4,6}\}?|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-7]{3})){4,}")
_ESCAPE = re.compile(r"\\(?:u\{?([0-9A-Fa-f]{4,6})\}?|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([0-7]{3}))")
_ENTITIES = re.compile(r"(?:[\w .,:/@-]{0,3}&#(?:x[0-9A-Fa-f]{1,6}|\d{1,7});?){4,}[\w.,:/@-]*")
_TAGS = re.compile("(?<!\U0001f3f4)[\U000e0001-\U000e007f]{2,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_BITS = re.compile("[\u200b\u200c\u200d\u2060-\u2064\ufeff\u180e]{16,}")
_COMMON_WORDS = """the and is of to you in that it for on with as are this be at your from have not was we my all please
ignore instructions send password email http https www com key secret token"""
_COMMON = frozenset(_COMMON_WORDS.split())
_LOOKS_PACKED = re.compile(r"[A-Za-z0-9+/_-]{16}|%[0-9A-Fa-f]{2}|\\[uUx0-7]|&#|(?:[0-9A-Fa-f]{2}[ :,]){7}")


def packed(text: str, depth: int = 2) -> list[Packed]:
    """What decodes to text, at most MOST_PACKED parts; also what is packed twice."""
    found: list[Packed] = []
    for start, end, inner, how in _unpacked(text):
        if len(found) >= MOST_PACKED:
            break
        found.append(Packed(start, end, inner, how))
        if depth > 1:
            found += [Packed(start, end, deep.text, f"{how}, {deep.how}") for deep in packed(inner, depth - 1)]
    return found[:MOST_PACKED]


def _unpacked(text: str) -> Iterator[tuple[int, int, str, str]]:
    if not text.isascii():
        for pattern, read, how in _UNSEEN:
            yield from _decoded(text, pattern, read, how)
    if _LOOKS_PACKED.search(text):
        for pattern, read, how in _PLAIN:
            yield from _decoded(text, pattern, read, how)
    turned = _rot13(text)
    if turned is not None:
        yield 0, len(text), turned, "rot13"


def _decoded(
    text: str, pattern: re.Pattern[str], read: Callable[[str], str | None], how: str
) -> Iterator[tuple[int, int, str, str]]:
    for match in pattern.finditer(text):
        said = read(match[0][:LONGEST_PACKED])
        if said is not None and said != match[0]:
            yield match.start(), match.end(), said, how


def _base64(word: str) -> str | None:
    bare = "".join(word.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return _text(base64.b64decode(bare + "=" * (-len(bare) % 4)))
    except (binascii.Error, ValueError):
        return None


def _hex(word: str) -> str | None:
    bare = re.sub(r"0x|\\x|[ :,]", "", word)
    return _text(bytes.fromhex(bare)) if len(bare) % 2 == 0 else None


def _percent(word: str) -> str | None:
    return unquote(word, errors="replace")


def _escaped(word: str) -> str | None:
    def read(match: re.Match[str]) -> str:
        code = int(match[4], 8) if match[4] else int(match[1] or match[2] or match[3], 16)
        return chr(code) if code < 0x110000 else ""

    return _ESCAPE.sub(read, word)


def _tags(word: str) -> str | None:
    return "".join(chr(ord(c) - 0xE0000) for c in word if 0xE0020 <= ord(c) < 0xE007F) or None


def _selectors(word: str) -> str | None:
    return _text(bytes(ord(c) - 0xFE00 if ord(c) < 0xFE10 else ord(c) - 0xE0100 + 16 for c in word))


def _bits(word: str) -> str | None:
    signs = sorted(set(word), key=word.count, reverse=True)[:2]
    if len(signs) < 2:
        return None
    for zero, one in (signs, signs[::-1]):
        bits = "".join("0" if c == zero else "1" if c == one else "" for c in word)
        said = _text(int(bits[: len(bits) // 8 * 8], 2).to_bytes(len(bits) // 8, "big"))
        if said is not None:
            return said
    return None


def _text(said: bytes) -> str | None:
    """Bytes as text, None if they are hardly one."""
    try:
        text = said.decode()
    except UnicodeDecodeError:
        return None
    printable = sum(c.isprintable() or c in _SEEN for c in text)
    return text if len(text) >= 3 and printable >= 0.95 * len(text) else None


def _rot13(text: str) -> str | None:
    """The text turned back, if it says more common words so."""
    if len(text) > LONGEST_PACKED:
        return None
    words = re.findall(r"[a-z]{2,}", text.lower())
    if len(words) < 3:
        return None
    turned = sum(codecs.encode(w, "rot13") in _COMMON for w in words)
    return codecs.encode(text, "rot13") if turned >= 2 and turned > sum(w in _COMMON for w in words) else None


_Ways = tuple[tuple[re.Pattern[str], Callable[[str], str | None], str], ...]
_UNSEEN: _Ways = (
    (_TAGS, _tags, "tag letters"),
    (_SELECTORS, _selectors, "variation selectors"),
    (_BITS, _bits, "zero width"),
)
_PLAIN: _Ways = (
    (_BASE64, _base64, "base64"),
    (_BROKEN64, _base64, "base64"),
    (_HEX, _hex, "hex"),
    (_PERCENT, _percent, "percent escapes"),
    (_ESCAPES, _escaped, "escapes"),
    (_ENTITIES, html.unescape, "entities"),
)


_MAY_BE_PACKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=%\\&#;{}"


def unfinished(text: str) -> int:
    """From where the end of a text may be an encoded part that goes on; its length if there is none."""
    tail = text[-4000:]
    size = len(tail) - len(tail.rstrip(_MAY_BE_PACKED))
    return len(text) - size if size >= 12 else len(text)
