"""Bytes to characters, whatever was declared."""

import codecs
import re

from outrider.base.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 1 << 16
LEAST_ZEROS = 8
"""Fewer zero bytes are a mistake in a text of single bytes."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NEWLINE = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")


def decode(body: bytes, declared: str = "") -> str:
    """The text, with `\\n` at the end of lines. A byte order mark decides, then UTF-8 if it fits, then what was
    declared, then what it looks like."""
    text = _NEWLINE.sub("\n", _decoded(body, declared))
    if len(_CONTROL.findall(text[:SAMPLE])) > 8 + len(text[:SAMPLE]) // 100:
        raise Unreadable("The file is binary, not text. Convert it to a kind that is read (PDF, DOCX, HTML, text …).")
    return text


def _decoded(body: bytes, declared: str) -> str:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if text := _in_pairs(body):
        return text
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 5 <= sum(c > "\x7f" for c in text) - broken:
        return text
    return _as(body, declared) or _as(body, _guess(body)) or body.decode("cp1252", "replace")


def _in_pairs(body: bytes) -> str:
    """UTF-16 that has no mark: spaces and Latin letters have a zero in every pair, always on the same side. "" if it is
    not that."""
    sample = body[:SAMPLE] if len(body) > SAMPLE else body[: len(body) & ~1]
    first, second = sample[::2].count(0), sample[1::2].count(0)
    most = max(first, second)
    if most < LEAST_ZEROS or most * 25 < len(sample) // 2 or min(first, second) * 20 > most:
        return ""
    name = "utf-16-le" if second > first else "utf-16-be"
    text = sample.decode(name, "replace")
    odd = sum(not (c.isprintable() or c.isspace()) or c == "\ufffd" for c in text)
    return body.decode(name, "replace") if text and odd * 100 <= len(text) else ""


def _as(body: bytes, name: str) -> str:
    """Decoded as `name`, or "" where that is no encoding of text or does not fit."""
    try:
        codec = codecs.lookup(name.strip() or "?")
        return body.decode(codec.name) if codec._is_text_encoding else ""
    except (LookupError, UnicodeError, ValueError):
        return ""


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(body[:SAMPLE]).best()
    return best.encoding if best else ""
