"""Signatures on thoughts: made from what they seal, so that a missing, altered or foreign one is seen."""

import base64
import hashlib

from outrider.testing.speaking.words import Refused


def seal(language: str, text: str) -> str:
    """The signature that a provider puts on a thought (or, where `text` is hidden, the thought itself, encrypted)."""
    mark = hashlib.blake2b(f"{language}\0{text}".encode(), digest_size=24).digest()
    return base64.b64encode(language[:2].encode() + mark + text.encode()).decode()


def hidden(language: str, sealed: str) -> str:
    """The thought in a seal. Raises Refused for a seal that this provider did not make."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        text = raw[26:].decode()
    except ValueError:
        raise Refused("the signature is not one") from None
    if seal(language, text) != sealed:
        raise Refused("the signature does not fit")
    return text


def check(language: str, text: str, sealed: str, where: str) -> None:
    """Raises Refused unless `sealed` is this provider's seal on `text`."""
    try:
        good = hidden(language, sealed) == text
    except Refused:
        good = False
    if not good:
        raise Refused("Invalid `signature` in `thinking` block", where=where)
