"""What comes from outside and has to be written down again: JSON that every part of the house can say.

Halves of surrogate pairs are legal in JSON's escapes and in Python's texts, and no encoding has them; nesting without
an end is legal JSON, too, and no reader takes it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.tools.ports import Needs, ToolResult

MOST_DEEP = 200
"""Levels of a value. The SDK says no more than 255 of them, and a result has a few of its own."""
_encode = msgspec.json.Encoder().encode


def sound(result: ToolResult, tool: str) -> ToolResult:
    """The result, with U+FFFD for what no encoding has. Raises UpstreamError for one that is nested too deep."""
    parts = [result.content, result.structured, result.meta, result.needs]
    try:
        body = _encode(parts)
    except UnicodeEncodeError:
        if not deeper(parts, MOST_DEEP):
            return sound(_mended(result), tool)
    except RecursionError:
        pass
    else:
        if body.count(b"[") + body.count(b"{") <= MOST_DEEP or not deeper(parts, MOST_DEEP):
            return result
    raise UpstreamError(
        f"the answer of {tool} is nested more than {MOST_DEEP} deep",
        code="tool_server_invalid_answer",
        retryable=False,
    )


def check(arguments: Any) -> None:
    """Raises RequestError for what a client sent and nothing here can write down."""
    try:
        body = _encode(arguments)
    except UnicodeEncodeError:
        why = "they have halves of surrogate pairs, which no encoding has"
    except RecursionError:
        why = f"they are nested more than {MOST_DEEP} deep"
    else:
        if body.count(b"[") + body.count(b"{") <= MOST_DEEP or not deeper(arguments, MOST_DEEP):
            return
        why = f"they are nested more than {MOST_DEEP} deep"
    raise RequestError(f"the parameters cannot be used: {why}", code="invalid_arguments")


def deeper(value: Any, most: int) -> bool:
    """Whether a value is nested more than so deep."""
    level = [value]
    for _ in range(most + 1):
        level = [
            part
            for one in level
            if isinstance(one, Mapping | list | tuple)
            for part in (one.values() if isinstance(one, Mapping) else one)
        ]
        if not level:
            return False
    return True


def _mended(result: ToolResult) -> ToolResult:
    return ToolResult(
        content=[plain(block) for block in result.content],
        structured=plain(result.structured),
        is_error=result.is_error,
        meta=plain(result.meta),
        needs=None if result.needs is None else Needs(plain(result.needs.requests), plain(result.needs.state)),
    )


def plain(value: Any) -> Any:
    """The same with U+FFFD for halves of surrogate pairs."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {plain(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
