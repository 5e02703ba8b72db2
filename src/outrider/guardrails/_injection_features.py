"""What the injection detector sees of a text: hashed runs of words and of letters, each at its place.

Numbers, addresses and links count as such, whichever they are. Letters that digits stand for, and letters that are
spaced out, are read as words. Scripts without spaces are read letter by letter.
"""

import math
import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
else:
    Numbers = Any

BITS = 18
"""Of a place in the table of weights."""
WINDOW, STRIDE = 48, 16
"""Tokens that are judged together, and after how many the next ones begin."""
NEAR, NEAR_STRIDE, HANDICAP = 24, 8, 1.0
"""Smaller windows, for a sentence within another text; they must be surer by so much, as there are more of them."""
_MAIL = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,255}\.\w{1,24}")
_LINK = re.compile(r"(?:https?|ftp)://[^\s<>\"')\]]+|www\.[^\s<>\"')\]]+")
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
_TOKEN_ANY = re.compile(
    r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    r"|[^\W_\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\w\s]|_"
)
_IS_MAIL, _IS_LINK = "\ue000", "\ue001"
"""Stand for an address and a link."""
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]){3,}[^\W\d_](?![^\W_])")
_BETWEEN = re.compile(r"[ .\-_*]")
_MIXED = re.compile(r"(?=[\d@$!|]{0,9}[^\W\d_])(?=[^\W_]{0,30}[\d@$!|])[\w@$!|]{4,40}")
_NEAR_MIXED = re.compile(r"[^\W\d_][013457@$!|][^\W\d_]|[^\W_][@$]\w|[01345$@][^\W\d_]{3}")
_NEAR_SPACED = re.compile(r"\b\w[ .\-_*]\w[ .\-_*]\w[ .\-_*]\w\b")
_LEET = str.maketrans("013457@$!|", "oleastasil")
_OF_NUMBER, _OF_MAIL, _OF_LINK = 0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35


LEAST = 8
"""A text of fewer tokens is judged as one of so many: single words say little."""


class Tokens(NamedTuple):
    """The tokens of a text: their hashes, where each begins and ends, and which are read letter by letter, too."""

    hashes: Numbers
    starts: Any
    ends: Any
    spelled: Any
    folded: str


def tokens(text: str) -> Tokens:
    """Places are those of `text`: folding keeps its length."""
    import numpy as np

    folded = fold(text)
    if "@" in folded:
        folded = _MAIL.sub(lambda m: _IS_MAIL + " " * (len(m[0]) - 1), folded)
    if "://" in folded or "www." in folded:
        folded = _LINK.sub(lambda m: _IS_LINK + " " * (len(m[0]) - 1), folded)
    known = {_IS_MAIL: _OF_MAIL, _IS_LINK: _OF_LINK}
    hashes, starts, ends = [], [], []
    for match in (_TOKEN if folded.isascii() else _TOKEN_ANY).finditer(folded):
        word = match[0]
        told = known.get(word)
        if told is None:
            told = known[word] = _OF_NUMBER if word.isdecimal() else zlib.crc32(word.encode("utf-8", "surrogatepass"))
        hashes.append(told)
        starts.append(match.start())
        ends.append(match.end())
    made = np.array(hashes, np.uint32)
    places = np.array(starts, np.int64), np.array(ends, np.int64)
    return Tokens(made, *places, (made != _OF_MAIL) & (made != _OF_LINK), folded)


def fold(text: str) -> str:
    """Small letters, of the same length as the text: what leads elsewhere stays as it is."""
    small = text.lower()
    if len(small) != len(text):
        small = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    if _NEAR_MIXED.search(small):
        small = _MIXED.sub(_unleet, small)
    if _NEAR_SPACED.search(small):
        small = _SPACED.sub(_joined, small)
    return small


def _unleet(match: re.Match[str]) -> str:
    word = match[0]
    letters = sum(c.isalpha() for c in word)
    return word.translate(_LEET) if letters * 2 >= len(word) and word.isascii() else word


def _joined(match: re.Match[str]) -> str:
    word = _BETWEEN.sub("", match[0])
    return word + " " * (len(match[0]) - len(word))


def features(found: Tokens) -> tuple[Any, Any]:
    """Places in the table, and the token that each begins at, in no order: runs of one to four words, pairs with words
    between, and runs of five letters. What was said already within a window counts once."""
    import numpy as np

    h = found.hashes
    n = len(h)
    at = np.arange(n)
    pairs = _mixed(h[:-1], h[1:], 0x27D4EB2F)
    runs = [h * np.uint32(0x9E3779B1), pairs]
    places = [at, at[:-1]]
    if n > 2:
        triples = _mixed(pairs[:-1], h[2:], 0x165667B1)
        runs += [triples, _mixed(h[:-2], h[2:], 0x2C1B3C6D)]
        places += [at[:-2], at[:-2]]
    if n > 3:
        runs += [_mixed(triples[:-1], h[3:], 0x297A2D39), _mixed(h[:-3], h[3:], 0x5851F42D)]
        places += [at[:-3], at[:-3]]
    letters = np.frombuffer(found.folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(letters) > 5 and n:
        of = np.clip(np.searchsorted(found.starts, np.arange(len(letters) - 4), "right") - 1, 0, n - 1)
        read = found.spelled[of]
        runs.append(_letters(letters)[read])
        places.append(of[read])
    every = np.concatenate(runs)
    every = every ^ (every >> np.uint32(15))
    every = every * np.uint32(0x2C1B3C6D)
    return _once(every >> np.uint32(32 - BITS), np.concatenate(places))


def weight(tokens: int) -> float:
    """What each run counts in a window of so many tokens."""
    return float(1 / math.sqrt(max(tokens, LEAST)))


def _once(columns: Numbers, places: Any) -> tuple[Any, Any]:
    import numpy as np

    keys = np.sort(columns.astype(np.int64) << 24 | places)
    column, place = keys >> 24, keys & 0xFFFFFF
    again = np.zeros(len(keys), bool)
    again[1:] = (column[1:] == column[:-1]) & (place[1:] - place[:-1] < WINDOW)
    return column[~again], place[~again]


def windows(n: int, size: int = WINDOW, step: int = STRIDE) -> list[tuple[int, int]]:
    """Spans of tokens that cover a text of `n`."""
    return [(0, n)] if n <= size else [(at, min(at + size, n)) for at in range(0, n - size + step, step)]


def _mixed(a: Numbers, b: Numbers, salt: int) -> Numbers:
    import numpy as np

    mixed: Numbers = (a * np.uint32(0x85EBCA77)) ^ ((b + np.uint32(salt)) * np.uint32(0xC2B2AE3D))
    return mixed


def _letters(letters: Numbers) -> Numbers:
    import numpy as np

    made = letters[:-4].copy()
    for step in range(1, 5):
        made = made * np.uint32(0x01000193) + letters[step : len(letters) - 4 + step]
    made *= np.uint32(0x85EBCA6B)
    return made
