"""Thoughts of other languages in the hands of a caller who speaks this one.

Such a caller gives back exactly two things without looking into them: a thinking block's signature and a redacted
block's data. So what another provider wants to see again next turn is written there, behind a mark, and found again
when the caller returns it. A provider of this language must never see it: it would refuse a signature that is not its
own.
"""

import base64
import binascii
from typing import Any

import msgspec

from outrider.dialects.pivot import Fields

MARK = "outrider.v1."
_MARK = b'"' + MARK.encode()
_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, Any])


def wrap(said: Fields) -> str:
    """`said` as a signature or as redacted data."""
    return MARK + base64.b64encode(_json.encode(said)).decode()


def unwrap(text: Any) -> Fields | None:
    """What was wrapped; empty if it cannot be read any more; None if it is somebody else's."""
    if not isinstance(text, str) or not text.startswith(MARK):
        return None
    try:
        return _fields.decode(base64.b64decode(text[len(MARK) :], validate=True))
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def inside(body: bytes) -> bool:
    """Whether a request has something of ours in it."""
    return _MARK in body


def without(messages: list[Fields]) -> list[Fields]:
    """The messages of a request as a provider of this language may see them."""
    kept = []
    for message in messages:
        content = message.get("content")
        if isinstance(content, list):
            content = [_clean(block) for block in content if not _ours(block)]
            if not content:
                continue
            message = {**message, "content": content}
        kept.append(message)
    return kept


def _ours(block: Fields) -> bool:
    kind = block.get("type")
    said = block.get("signature") if kind == "thinking" else block.get("data") if kind == "redacted_thinking" else None
    return isinstance(said, str) and said.startswith(MARK)


def _clean(block: Fields) -> Fields:
    """A text without the citations that only we could have made."""
    citations = block.get("citations")
    if not isinstance(citations, list):
        return block
    kept = [one for one in citations if not str(one.get("encrypted_index", "")).startswith(MARK)]
    return {**block, "citations": kept or None} if len(kept) < len(citations) else block
