"""What translations share: decoded JSON, and the list of what could not be said in the other language."""

from collections.abc import Callable
from typing import Any, Protocol, TypeGuard, TypeVar

import msgspec

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.usage import MOST_TOKENS, Usage

Fields = dict[str, Any]
"""A decoded JSON object."""

T = TypeVar("T")

Lost = list[str]
"""What a translation had to leave out, each by its path in the text that was translated, with what it was in brackets
where the path does not say: `logit_bias`, `messages[2].content[1] (input_audio)`, `tools[0] (web_search)`."""


class Translated(msgspec.Struct):
    """`fields` is a new object in the other language; `lost` names what is not in it."""

    fields: Fields
    lost: Lost = []


ODD = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What a translation meets where a list or a number stands in the place of an object: nobody checks every field of a
vendor's answer, nor those of a request that only another language has."""


def odd_request(where: str = "") -> RequestError:
    """`where` is the field's path, if it is known."""
    named = f"'{where}'" if where else "a field of the request"
    return RequestError(
        f"{named} has a form that cannot be translated; compare it with the reference of the API that you call",
        code="invalid_value",
        param=where or None,
    )


def odd_answer() -> UpstreamError:
    return UpstreamError(
        "the provider's answer has a field of an unknown form; the run keeps the answer",
        code="upstream_invalid_answer",
    )


def understood(translate: Callable[[Fields], T], fields: Fields) -> T:
    """`translate(fields)`. Raises RequestError, which names the field, for one that has a form nobody foresees."""
    try:
        return translate(fields)
    except ODD:
        raise odd_request(_odd_field(translate, fields)) from None


_MOST_TRIED = 65_536
"""Bytes of a request that is tried again to find its odd field: a long one would take its caller's share of time."""


def _odd_field(translate: Callable[[Fields], object], fields: Fields) -> str:
    """The path of the one field, or item of a list, without which the request can be translated; "" if none is."""
    said = msgspec.json.encode(fields)
    if len(said) > _MOST_TRIED:
        return ""
    for name, value in fields.items():
        if _is_odd(translate, said, name, [] if isinstance(value, list) else ...):
            continue
        for at in range(len(value)) if isinstance(value, list) else ():
            if not _is_odd(translate, said, name, value[:at] + value[at + 1 :]):
                return f"{name}[{at}]"
        return name
    return ""


def _is_odd(translate: Callable[[Fields], object], said: bytes, name: str, value: Any) -> bool:
    tried = msgspec.json.decode(said, type=dict[str, Any])  # translations may change what they are given
    tried[name] = value
    if value is ...:
        del tried[name]
    try:
        translate(tried)
    except ODD:
        return True
    except OutriderError:
        return False
    return False


class ToChat(Protocol):
    """One streamed answer on its way into chat.

    `feed` takes what one event says (`kind` is its SSE event name, "" if it has none) and gives the chunks that it
    becomes: chat's own objects, the first with a role, the last with usage and no choices. It raises UpstreamError for
    an error within the stream. `done` is True once the language's own end went by. `counted` is chat's usage as far as
    the stream told it by now, for one that breaks off; None: nothing yet.
    """

    @property
    def done(self) -> bool: ...
    @property
    def counted(self) -> Fields | None: ...
    def feed(self, kind: str, said: Fields) -> list[Fields]: ...


class FromChat(Protocol):
    """One streamed chat answer on its way into a caller's language.

    `feed` takes one chunk and gives the bytes of the events that it becomes, `end` what follows the last one.
    Everything that it sends depends on what it was fed alone, so the same chunks give the same bytes.
    """

    def feed(self, chunk: Fields) -> bytes: ...
    def end(self) -> bytes: ...


SEARCHED = "server_tool_use"
MOST_SEARCHES = 10_000


def usage(said: Any) -> Usage | None:
    """The counts in a chat answer's `usage`; None if there are none, or such as cannot be."""
    if not isinstance(said, dict):
        return None
    read, written = _object(said, "prompt_tokens_details"), _object(said, "completion_tokens_details")
    input_, output = said.get("prompt_tokens"), said.get("completion_tokens")
    output = 0 if output is None else output
    if not is_count(input_) or not is_count(output):
        return None
    return Usage(
        input_,
        output,
        cached=_part(read, "cached_tokens", input_),
        cache_write=_part(read, "cache_write_tokens", input_),
        reasoning=_part(written, "reasoning_tokens", output),
        cache_write_long=min(_part(read, "cache_write_1h_tokens", input_), _part(read, "cache_write_tokens", input_)),
        searches=_part(_object(said, SEARCHED), "web_search_requests", MOST_SEARCHES),
    )


def searched(count: int) -> Fields:
    """What chat's usage says of so many web searches that the provider made itself."""
    return {SEARCHED: {"web_search_requests": count}} if count else {}


_DETAILS = ("prompt_tokens_details", "completion_tokens_details")


def sound(chat: Fields) -> Fields:
    """A chat answer or chunk, itself, without what its next reader could not take: counts that cannot be, names that
    are no text. A good answer with a strange count is a good answer."""
    for name in ("id", "model"):
        if name in chat and not isinstance(chat[name], str):
            chat[name] = ""
    if (said := chat.get("usage")) is not None:
        chat["usage"] = _sound_counts(said)
        if chat["usage"] is None:
            del chat["usage"]
    if not isinstance(chat.get("service_tier", ""), str):
        del chat["service_tier"]
    return chat


def _sound_counts(said: Any) -> Fields | None:
    if (counted := usage(said)) is None:
        return None
    made = {name: value for name, value in said.items() if name not in _DETAILS}
    if not is_count(made.get("total_tokens", 0)):
        made["total_tokens"] = counted.input + counted.output
    for name in _DETAILS:
        if isinstance(parts := said.get(name), dict):
            made[name] = {part: count for part, count in parts.items() if is_count(count)}
    return made


def is_count(said: Any) -> TypeGuard[int]:
    """Whether it can be a number of tokens. True is an int too, and no record could be read with it."""
    return type(said) is int and 0 <= said <= MOST_TOKENS


def _object(said: Fields, name: str) -> Fields:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _part(of: Fields, name: str, whole: int) -> int:
    found = of.get(name)
    return min(max(0, found), whole) if type(found) is int else 0
