"""What translations share: decoded JSON, and the list of what could not be said in the other language."""

from typing import Any, Protocol

import msgspec

from outrider.base.errors import RequestError, UpstreamError
from outrider.base.usage import MOST_TOKENS, Usage

Fields = dict[str, Any]
"""A decoded JSON object."""

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


def odd_request(error: Exception) -> RequestError:
    return RequestError(
        f"the request has a field of a form that cannot be translated ({type(error).__name__}: {error})"[:300],
        code="invalid_value",
    )


def odd_answer(error: Exception) -> UpstreamError:
    return UpstreamError(
        f"the provider's answer has a field of an unknown form ({type(error).__name__}: {error})"[:300],
        code="upstream_invalid_answer",
    )


class ToChat(Protocol):
    """One streamed answer on its way into chat.

    `feed` takes what one event says (`kind` is its SSE event name, "" if it has none) and gives the chunks that it
    becomes: chat's own objects, the first with a role, the last with usage and no choices. It raises UpstreamError for
    an error within the stream. `done` is True once the language's own end went by.
    """

    @property
    def done(self) -> bool: ...
    def feed(self, kind: str, said: Fields) -> list[Fields]: ...


class FromChat(Protocol):
    """One streamed chat answer on its way into a caller's language.

    `feed` takes one chunk and gives the bytes of the events that it becomes, `end` what follows the last one.
    Everything that it sends depends on what it was fed alone, so the same chunks give the same bytes.
    """

    def feed(self, chunk: Fields) -> bytes: ...
    def end(self) -> bytes: ...


def usage(said: Any) -> Usage | None:
    """The counts in a chat answer's `usage`; None if there are none, or such as cannot be."""
    if not isinstance(said, dict):
        return None
    read, written = _object(said, "prompt_tokens_details"), _object(said, "completion_tokens_details")
    input_, output = said.get("prompt_tokens"), said.get("completion_tokens") or 0
    if type(input_) is not int or type(output) is not int:  # True is an int too, and no record could be read with it
        return None
    if not (0 <= input_ <= MOST_TOKENS and 0 <= output <= MOST_TOKENS):
        return None
    return Usage(
        input_,
        output,
        cached=_part(read, "cached_tokens", input_),
        cache_write=_part(read, "cache_write_tokens", input_),
        reasoning=_part(written, "reasoning_tokens", output),
        cache_write_long=min(_part(read, "cache_write_1h_tokens", input_), _part(read, "cache_write_tokens", input_)),
    )


def _object(said: Fields, name: str) -> Fields:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _part(of: Fields, name: str, whole: int) -> int:
    found = of.get(name)
    return min(max(0, found), whole) if type(found) is int else 0
