"""`parallel_tool_calls: false` for providers that cannot be told it: what they call after the first tool is left out.

The caller gets one call, answers it, and the model then asks for the next. What the others cost is counted all the
same.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import SSESplitter, payload

_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()
_NAME = b'"tool_calls"'
_DONE = b"[DONE]"


def only_one(body: bytes) -> bytes:
    """A whole chat answer with at most one tool call in each choice."""
    if _NAME not in body:
        return body
    chat = _fields.decode(body)
    for choice in chat["choices"]:
        calls = choice["message"].get("tool_calls")
        if calls:
            choice["message"]["tool_calls"] = calls[:1]
    return _json.encode(chat)


class OneCall:
    """Around the reader of a stream: gives on no other tool call than the first of each choice. A `StreamReader`."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader

    @property
    def done(self) -> bool:
        return self._reader.done

    def feed(self, event: bytes) -> bytes:
        out = self._reader.feed(event)
        if _NAME not in out:
            return out
        return b"".join([_first_alone(one) for one in SSESplitter().feed(out)])

    def close(self, blocks: Sequence[bytes]) -> Answer:
        return self._reader.close(blocks)


def _first_alone(event: bytes) -> bytes:
    said = payload(event)
    if _NAME not in said or said == _DONE:
        return event
    chunk = _fields.decode(said)
    choices = [choice for choice in chunk.get("choices") or () if _says_more(choice)]
    if not choices:
        return b""
    chunk["choices"] = choices
    return b"data: %b\n\n" % _json.encode(chunk)


def _says_more(choice: dict[str, Any]) -> bool:
    """Leave out later calls; False if nothing is left of the choice."""
    delta = choice.get("delta") or {}
    calls = delta.get("tool_calls")
    if not calls:
        return True
    kept = [call for call in calls if not call.get("index")]
    if kept:
        delta["tool_calls"] = kept
        return True
    del delta["tool_calls"]
    return bool(delta) or bool(choice.get("finish_reason"))
