"""Text that people do not see and a model reads: invisible characters, turned directions, letters of the tag block,
packed bytes, and what a page or a PDF hides by its style, where that addresses a model."""

import base64
import binascii
import itertools
import re
from collections.abc import Iterator

from outrider.knowledge.doors._addressing import addresses, strength
from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.records import Parsed

POLICY = "label"
ENOUGH = 0.5
_SUSPECT = re.compile("[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0001-\U000e01ef]")
_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001-\U000e007f]{2,}")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_ZERO_WIDTH = re.compile(
    "[\u200b\u2060-\u2064\ufeff\u180e]{4,}|(?<=[a-zA-Z])[\u200b-\u200d\u2060-\u2064\ufeff\u00ad](?=[a-zA-Z])"
)
_TURNED = re.compile("[\u202d\u202e]|[\u202a\u202b\u2066-\u2068]{3,}")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")
_LONG = re.compile(r"(?<!\S)\S{32,}")
_PACKED = re.compile(r"(?<![\w+/=])(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2,3}={0,2})?(?![\w+/])")


def check(parsed: Parsed, context: Context) -> Note | None:
    told = [*_characters(parsed.text), *_packed(parsed.text)]
    for name in ("hidden_text",):
        words = str(parsed.meta.get(name, ""))
        if words and strength(list(addresses(words))) >= ENOUGH:
            told.append(f"what its style hides addresses the model ({' '.join(words.split())[:120]!r})")
    return Note(f"It holds text that people do not see: {'; '.join(told[:4])}.") if told else None


def _characters(text: str) -> Iterator[str]:
    if text.isascii() or not _SUSPECT.search(text):
        return
    tags = _TAGS.findall(text)
    if tags:
        words = "".join(chr(ord(c) - 0xE0000) for c in "".join(tags) if 0xE0020 <= ord(c) < 0xE007F)
        yield f"letters of the tag block ({words[:120]!r})"
    if _SELECTORS.search(text):
        yield "runs of variation selectors"
    invisible = sum(len(found) for found in _ZERO_WIDTH.findall(text.replace("\u00ad", "")))
    if invisible >= 8:
        yield f"{invisible:,} characters without width inside of words or in a row"
    if _TURNED.search(text) and not _RIGHT_TO_LEFT.search(text):
        yield "characters that turn the direction of writing"


def _packed(text: str) -> Iterator[str]:
    long = (word[0] for word in _LONG.finditer(text))  # one by one: a list of all words is ten times their text
    for match in itertools.islice(itertools.chain.from_iterable(map(_PACKED.finditer, long)), 200):
        try:
            words = base64.b64decode(match[0][: len(match[0]) // 4 * 4][:8_000]).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
        if strength(list(addresses(words))) >= ENOUGH:
            yield f"packed bytes that address the model ({words[:120]!r})"
            return
