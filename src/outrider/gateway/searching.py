"""How many web searches a request lets its provider make: what their fees may come to is held before it is asked."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from outrider.base.usage import Fee
from outrider.dialects.pivot import MOST_SEARCHES

UNKNOWN_SEARCHES = 10
"""Searches of an answer where the request sets no limit: such a call may exceed its hold."""
_MENTIONED, _ESCAPED = b"earch", (b"\\u006", b"\\u007")
"""In every request that offers a search: `web_search…`, `googleSearch`, also where its letters are escaped, which no
honest client does."""
_TOTAL, _EACH = {"responses": "max_tool_calls"}, {"anthropic": "max_uses"}
"""The fields by which those who speak a language are told how often they may search, in all and with a tool. Others do
not get them, or do not heed them."""
_SEARCHES = re.compile(
    r"(enterprise_?)?(web|google)_?search(_?retrieval|_preview)?(_\d{8}|_\d{4}_\d\d_\d\d)?", re.IGNORECASE
)
_fields = msgspec.json.Decoder(dict[str, Any])


def mentions(body: bytes) -> bool:
    """Whether a request may offer a search: says no of nearly all, and parses nothing."""
    return _MENTIONED in body or _ESCAPED[0] in body or _ESCAPED[1] in body


def fees(body: bytes, fee: Fee | None, n: int, dialect: str) -> int:
    """Nano-dollars that searches may cost at most, for `n` answers to a request in any caller's language, by a provider
    that speaks `dialect`."""
    if fee is None:
        return 0
    if fee.per == "answer":
        return fee.amount
    if not mentions(body):
        return 0
    try:
        allowed = _allowed(_fields.decode(body), dialect)
    except msgspec.DecodeError:
        return 0  # it goes to nobody
    return fee.amount * fee.times(allowed * max(1, n))


def _allowed(request: Mapping[str, Any], dialect: str) -> int:
    """0: it offers no search."""
    tools = [found for tool in request.get("tools") or () if isinstance(tool, dict) for found in _searching(tool)]
    if request.get("web_search_options") is not None:
        tools.append({})
    if not tools:
        return 0
    options = request.get("provider_options")
    if total := _TOTAL.get(dialect):
        for said in (request, options if isinstance(options, dict) else {}):
            if (most := _count(said.get(total))) is not None:
                return min(MOST_SEARCHES, most)
    each = _EACH.get(dialect)
    limits = [_count(tool.get(each)) if each else None for tool in tools]
    return min(MOST_SEARCHES, sum([UNKNOWN_SEARCHES if limit is None else limit for limit in limits]))


def _searching(tool: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The tool as the provider gets it, if it searches: named by its type, or (Gemini's) by the one field it has."""
    inner = tool.get("provider")
    tool = inner if isinstance(inner, dict) else tool
    inner = tool.get("tool")
    tool = inner if isinstance(inner, dict) else tool
    kind = tool.get("type")
    if any(_SEARCHES.fullmatch(name) for name in ([kind] if isinstance(kind, str) else tool)):
        yield tool


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
