"""What of a result the model reads, as policy labels it: nothing that it reads may be missing."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.tools.ports import ToolResult

_decode = msgspec.json.Decoder().decode


def values(result: ToolResult) -> list[Any]:
    """Its structured part by fields, then what its content says beyond that. A text that is JSON is read as JSON."""
    found: list[Any] = []
    if result.structured is not None:
        found.append(result.structured)
    texts = [said for block in result.content for said in _said(block)]
    rest = [one for one in texts if result.structured is None or _json_of(one) != result.structured]
    if len(rest) == 1:
        found.append(_json_of(rest[0]))
    elif rest:
        found.append([_json_of(one) for one in rest])
    return found or [""]


def _said(block: Mapping[str, Any]) -> list[str]:
    """The texts of a content block. An image or a sound says something, too: what, nobody here knows."""
    kind = block.get("type")
    if kind == "text":
        return [str(block.get("text", ""))]
    if kind in ("image", "audio"):
        return [f"[{kind} {block.get('mimeType', '')}]"]
    inner = block.get("resource") if kind == "resource" else block
    return _strings(
        {key: part for key, part in inner.items() if key != "blob"} if isinstance(inner, Mapping) else inner
    )


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts: Sequence[Any] = (
        list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else []
    )
    return [text for part in parts for text in _strings(part)]


def _json_of(text: str) -> Any:
    """What a text says that is JSON; else the text."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
