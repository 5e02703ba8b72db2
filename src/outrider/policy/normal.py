"""The normal form of texts and values, in which two spellings of the same are equal.

Whoever writes a text that an agent reads will try other spellings: what people cannot see is taken out, letters that
look alike become one, case and white space do not count.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

_INVISIBLE = frozenset(("Cf", "Cc", "Co", "Cs", "Cn"))
_TYPED = {
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
    **dict.fromkeys(map(ord, "’‘´`"), "'"),
    **dict.fromkeys(map(ord, "“”„"), '"'),
}
_ALIKE = {
    **dict(zip(map(ord, "аеорсухіјѕԁѵԝɡһ"), "aeopcyxijsdvwgh", strict=True)),  # Cyrillic and Latin letters
    **dict(zip(map(ord, "αοερνικτυωβμ"), "aoepviktuwbu", strict=True)),  # Greek
    **_TYPED,
}
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"(?<![\w.,])[-+]?(?:\d{1,3}(?:[.,' ]\d{3})+|\d+)(?:[.,]\d+)?(?![\w]|[.,]\d)")
_TIMES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_SCALED = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?(k|m|thousand|million)(?!\w)")
_MOST_DIGITS = 20
_MOST_PLACES = 2_000
"""Places of a text at which a value is looked at: one letter stands in a long text a million times."""
_CURRENCY = re.compile(r"^(?:[€$£¥₹]|[A-Za-z]{3}\s)\s*|\s*[€$£¥₹%]$|\s[A-Za-z]{3}$")
_LONGEST_NUMBER = 60
JOINS = "@._-+/#:%&=~?"
"""Characters that join parts to one name, address or path where they stand between two of its characters."""


def plain(text: str) -> str:
    """A text without the differences that mean nothing to anybody: case, white space, typographic quotes and dashes.

    Letters that look alike stay different here: what has been said in one spelling vouches for no other.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).casefold().translate(_TYPED)
        return _SPACE.sub(" ", text).strip()
    return _SPACE.sub(" ", text.lower()).strip()


def fold(text: str) -> str:
    """The normal form of a text, in which what others wrote is found again. One of plain ASCII takes the short way."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)
        text = text.casefold().translate(_ALIKE)
        return _SPACE.sub(" ", text).strip()
    return _SPACE.sub(" ", text.lower()).strip()


def holds(text: str, value: str) -> bool:
    """Whether a folded text says a folded value as a whole: not as a part of a longer word, address, path or number."""
    if not value or (len(value) < 3 and not value.isalnum()):
        return False
    at = text.find(value)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return False
        if _stands_alone(text, at, at + len(value)):
            return True
        at = text.find(value, at + 1)
    return False


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (start and _joins(text, start, start - 1, -1)) and not (
        end < len(text) and _joins(text, end - 1, end, 1)
    )


def _joins(text: str, last: int, at: int, step: int) -> bool:
    """Whether the character beside a value, at `at`, belongs to the same word as its own `last` one."""
    beside, own = text[at], text[last]
    if beside.isalnum() or beside == "_":
        return own.isalnum() or own in JOINS
    if beside not in JOINS:
        return False
    beyond = at + step
    if not 0 <= beyond < len(text):
        return False
    return text[beyond].isalnum() or (beside == "/" and text[beyond] in "./*_~") or own == "/" == beside


_PHONE = re.compile(r"\+?[\d ()./-]{7,}")
_IBAN = re.compile(r"[a-z]{2}\d{2}(?: ?[a-z0-9]{2,4}){3,8}")


def address(text: str) -> str:
    """A recipient as it is compared: account and phone numbers without their spaces, no `mailto:`."""
    bare = plain(text).strip("<>\"' ").removeprefix("mailto:")
    if len(bare) < 60:
        if _IBAN.fullmatch(bare):
            return bare.replace(" ", "")
        if _PHONE.fullmatch(bare):
            return re.sub(r"[^\d+]", "", bare)
    return bare


def spaced_out(text: str, value: str) -> bool:
    """Whether a folded text says an account or phone number as a whole, with what people put between its parts."""
    bare = value.removeprefix("+")
    if len(bare) > _LONGEST_NUMBER or not bare.isalnum() or 2 * sum(map(str.isdigit, bare)) < len(bare):
        return False
    return _spaced(value).search(text) is not None


@lru_cache(4096)
def _spaced(value: str) -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w+])(?<!\d[ ()./-])" + r"[ ()./-]{0,3}".join(map(re.escape, value)) + r"(?![ ()./-]?\d|\w)"
    )


def number(value: str) -> Decimal | None:
    """A number that a text is as a whole: `1,234.50`, `1.234,50`, `€ 50`, `50 USD`; None if it is none."""
    if len(value) > _LONGEST_NUMBER:
        return None
    bare = _CURRENCY.sub("", value.strip())
    scaled = _SCALED.fullmatch(value.strip().lower())
    if scaled:
        return Decimal(scaled[1].replace(",", ".")) * _TIMES[scaled[2]]
    return _decimal(bare) if _NUMBER.fullmatch(bare) else None


def numbers(text: str) -> set[Decimal]:
    """All numbers that a folded text says in figures."""
    return {value for value, _, _ in numbers_at(text)}


def numbers_at(text: str) -> list[tuple[Decimal, int, int]]:
    """The same with where they stand: (number, start, end)."""
    found = [(one, *match.span()) for match in _NUMBER.finditer(text) if (one := _decimal(match[0])) is not None]
    scaled = [(Decimal(m[1].replace(",", ".")) * _TIMES[m[2]], *m.span()) for m in _SCALED.finditer(text)]
    return found + scaled


def _decimal(written: str) -> Decimal | None:
    plain = written.replace(" ", "").replace("'", "")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:  # the later one is the decimal mark
        plain = plain.replace(".", "").replace(",", ".") if comma > point else plain.replace(",", "")
    elif comma >= 0:
        thousands = re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", plain)
        plain = plain.replace(",", "") if thousands else plain.replace(",", ".")
    if len(plain) > _MOST_DIGITS:  # a name made of digits, and more than can be told apart as a number
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


_WITH_A_SIGN = re.compile(r"(?<!\S)\S*[/@.]\S*")
_ROOTED = re.compile(r"[~.]{0,2}/\S")
_LETTER = frozenset("abcdefghijklmnopqrstuvwxyz")
_OPENS, _CLOSES = "\"'`(<", "\"'`)>.,;:!?"


def in_a_path(text: str, at: int) -> bool:
    """Whether a word is a part of a path, a file's name or an address: `/notes/order.txt` asks for no order."""
    paths = _paths(text)
    before = bisect_right(paths, (at, len(text))) - 1
    return before >= 0 and at < paths[before][1]


@lru_cache(256)
def _paths(text: str) -> tuple[tuple[int, int], ...]:
    """Where these stand: each word is looked at once, however long it is and however many verbs it has."""
    return tuple(one.span() for one in _WITH_A_SIGN.finditer(text) if _is_path(one[0]))


def _is_path(word: str) -> bool:
    if _ROOTED.match(word.lstrip(_OPENS)) or "@" in word[1:-1] or "://" in word[1:-1]:
        return True
    name, _, extension = word.rstrip(_CLOSES).rpartition(".")
    return (name[-1:].isalnum() or name[-1:] == "_") and _is_extension(extension)


def _is_extension(text: str) -> bool:
    return text.replace("_", "a").isalnum() and not _LETTER.isdisjoint(text)


def strings(value: Any) -> list[str]:
    """All texts in a value, names of fields included."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    return [text for part in value for text in strings(part)] if isinstance(value, list | tuple) else []
