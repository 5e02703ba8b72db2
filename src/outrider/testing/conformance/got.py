"""What a caller got, in nobody's language, and how it is said that it is not what it should be."""

from typing import Any

import msgspec
from msgspec import Struct

from outrider.testing.speaking.words import Counts, Likely, Part


class Got(Struct):
    """An answer as the caller's own reader understood it. `stopped` and `tier` are "" where it says none."""

    parts: list[Part]
    finish: str = ""
    stopped: str = ""
    counts: Counts | None = None
    likely: list[Likely] = []
    more: list[list[Part]] = []
    tier: str = ""
    unknown: dict[str, Any] = {}


class Trouble(Exception):
    """An error in the caller's own shape. `kind` is its word for the class, `lost` what could not be said."""

    def __init__(self, status: int, kind: str, message: str, retry_after: str = "", *, begun: bool = False) -> None:
        super().__init__(f"{status} {kind}: {message}")
        self.status, self.kind, self.message, self.retry_after, self.begun = status, kind, message, retry_after, begun


class Wrong(Exception):
    """Something that the caller's language does not allow, or that is not what it should be."""


def must(good: bool, what: str) -> None:
    """Raises Wrong unless `good`."""
    if not good:
        raise Wrong(what)


def same(what: str, found: object, wanted: object) -> None:
    """Raises Wrong unless the two are equal."""
    if found != wanted:
        raise Wrong(f"{what}: {_short(found)} instead of {_short(wanted)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 300 else f"{text[:200]} … {text[-60:]}"


class Wire(Struct):
    """One HTTP request of a caller."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = {}

    def raw(self) -> bytes:
        return msgspec.json.encode(self.body)
