"""Requests and answers in nobody's language: what a provider hears, and what it is to say.

Every language of this package reads its requests into an `Ask` and writes a `Reply` in its own shape. The conformance
suite writes the same two in the callers' languages, so both ends can be compared without knowing either.
"""

from typing import Any

import msgspec
from msgspec import Struct


class Cite(Struct, frozen=True):
    """Where a sentence comes from: a page of the web, or (`document` >= 0) characters of a document of the request."""

    url: str = ""
    title: str = ""
    quote: str = ""
    document: int = -1
    start: int = 0
    end: int = 0


class Text(Struct, frozen=True, tag=True):
    """`mark`: what comes before may be cached."""

    text: str
    cites: tuple[Cite, ...] = ()
    mark: bool = False


class Media(Struct, frozen=True, tag=True):
    """`kind` is image, audio, file or video; it is in base64 (`content`) or at `url`; `cited`: the
    answer may cite it.
    """

    kind: str
    mime: str = ""
    content: str = ""
    url: str = ""
    name: str = ""
    cited: bool = False


class Call(Struct, frozen=True, tag=True):
    """`arguments` is decoded JSON; `seal` a signature on the call itself (Gemini's)."""

    id: str
    name: str
    arguments: dict[str, Any]
    seal: str = ""


class Result(Struct, frozen=True, tag=True):
    """What a tool said. `json` is there instead of parts where the caller's language gives an object."""

    id: str
    parts: tuple[Text | Media, ...] = ()
    error: bool = False
    name: str = ""


class Thought(Struct, frozen=True, tag=True):
    """`seal` is a signature, or the whole thought encrypted; without `text` nothing of it is shown."""

    text: str = ""
    seal: str = ""


class Refusal(Struct, frozen=True, tag=True):
    text: str


class Given(Struct, frozen=True, tag=True):
    """What only one language has: an earlier answer as it came, to be given back; a provider's own items, heard."""

    wire: Any


Part = Text | Media | Call | Result | Thought | Refusal | Given


class Turn(Struct, frozen=True):
    """`role` is system, developer, user or assistant. Tools' results are parts of a user's turn."""

    role: str
    parts: tuple[Part, ...]


class Tool(Struct, frozen=True):
    """`kind` is the type of a tool that is not a function of the caller."""

    name: str
    description: str = ""
    schema: dict[str, Any] = {}
    strict: bool | None = None
    kind: str = ""


class Ask(Struct):
    """A request. `choice` is auto, none, required or `=NAME` ("": not said).

    `params` has only what was said, by these names: temperature, top_p, top_k, max_tokens, stop (list), seed,
    presence_penalty, frequency_penalty, n, logprobs (how many alternatives), effort, budget (thinking tokens),
    schema, json (True: an object without a schema), tier, cache_key, user, metadata, parallel, verbosity, safety; and
    `beside`: fields that no documentation names, where the real provider takes no offence.
    `unknown` are fields that no documentation names.
    """

    turns: list[Turn]
    tools: list[Tool] = []
    choice: str = ""
    params: dict[str, Any] = {}
    marks: int = 0
    unknown: dict[str, Any] = {}
    stream: bool = False
    model: str = ""


class Counts(Struct, frozen=True):
    """Tokens: `input` with those read from and written to a cache, `output` with those of thinking."""

    input: int = 12
    output: int = 7
    cached: int = 0
    written: int = 0
    reasoning: int = 0


class Likely(Struct, frozen=True):
    """A token with its log-probability and the alternatives."""

    token: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


class Reply(Struct, frozen=True):
    """An answer. `finish` is stop, length, tool_calls, filter (cut off by a filter) or refusal; `stopped` the stop
    sequence that ended it. `more` are further choices. `unknown` are fields that no documentation names. `piece` is
    the size of a stream's pieces in characters, `split` (if any) that of
    what is sent at once, in bytes, wherever events and letters end.
    """

    parts: tuple[Part, ...] = (Text("This is an answer."),)
    finish: str = "stop"
    stopped: str = ""
    counts: Counts = Counts()
    likely: tuple[Likely, ...] = ()
    more: tuple[tuple[Part, ...], ...] = ()
    tier: str = ""
    unknown: dict[str, Any] = {}
    piece: int = 7
    split: int = 0


class Failure(Struct, frozen=True):
    """An error instead of an answer; or in a stream: after `reply`'s first `after` pieces of text (-1: at once).

    `kind` is one of refused, key, missing, large, limited, broken, overloaded. `cut`: the connection ends instead.
    """

    kind: str
    message: str = "The scripted reason."
    retry_after: int | None = None
    after: int = -1
    cut: bool = False


class Refused(Exception):
    """A request that the real provider would refuse. `where` is the field's path in its own words."""

    def __init__(self, message: str, kind: str = "refused", where: str = "") -> None:
        super().__init__(message)
        self.message, self.kind, self.where = message, kind, where


STATUS = {
    "refused": 400,
    "key": 401,
    "missing": 404,
    "large": 413,
    "limited": 429,
    "broken": 500,
    "overloaded": 503,
}


def pieces(text: str, size: int) -> list[str]:
    """`text` in pieces of `size` characters."""
    return [text[i : i + size] for i in range(0, len(text), size)]


def dumps(value: Any) -> str:
    """JSON text as the providers write a tool's arguments."""
    return msgspec.json.encode(value).decode()


def text_of(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text))
