"""What stands for much in an attack's text: `{{repeat TEXT n}}`, `{{chars RANGE n}}` (two code points in hexadecimal
with `-` between), `{{letters x n}}`."""

import random
import re

MOST = 200_000
"""Characters that one of them makes at most."""
_MACRO = re.compile(r"\{\{(\w+) (.*?) ?(\d{1,9})\}\}", re.DOTALL)
_RANGE = re.compile(r"([0-9a-fA-F]{1,6})-([0-9a-fA-F]{1,6})")
_LAST = 0x10FFFF


def check(text: str) -> None:
    """Raises ValueError for a range of characters that is none."""
    for found in _MACRO.finditer(text):
        if found[1] == "chars":
            _range(found[2])


def size(text: str) -> int:
    """How many characters the text has when it is written out."""
    made = 0
    for found in _MACRO.finditer(text):
        times = int(found[3])
        made += min(MOST, times * len(found[2]) if found[1] == "repeat" else times) - len(found[0])
    return len(text) + made


def written_out(text: str, rng: random.Random) -> str:
    """The text with its macros written out."""
    return _MACRO.sub(lambda found: _made(found[1], found[2], int(found[3]), rng), text)


def _made(kind: str, of: str, times: int, rng: random.Random) -> str:
    if kind == "repeat":
        return (of * min(times, MOST // max(1, len(of)) + 1))[:MOST]
    if kind == "chars":
        low, high = _range(of)
        return "".join(_char(rng.randint(low, high)) for _ in range(min(times, MOST)))
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(min(times, MOST)))


def _range(said: str) -> tuple[int, int]:
    found = _RANGE.fullmatch(said)
    low, high = (int(found[1], 16), int(found[2], 16)) if found else (1, 0)
    if not low <= high <= _LAST:
        raise ValueError(f"`{{{{chars {said[:40]} …}}}}`: a range is two code points in hexadecimal, such as 41-5a")
    return low, high


def _char(code: int) -> str:
    return " " if 0xD800 <= code < 0xE000 else chr(code)
