"""A stream whose calls wait until they are judged: text goes on at once, calls and what ends the answer do not.

A `StreamReader` around another. What it holds is given on, or rewritten, by `gateway.control.stage` once the stream is
at its end; a stream that breaks off before takes what is held with it.
"""

import re
from collections.abc import Sequence
from typing import Any

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import events
from outrider.gateway.control.rewriting import chunk_of, event_of

MOST_HELD = 32 << 20
"""Bytes of calls in one answer."""
_IN_CHAT = (b'"tool_calls"', b'"function_call"', b'"provider_items"', b"\\u00")
_NATIVE = re.compile(rb'"type"\s*:\s*"tool_use"|"call_id"\s*:|"function_?[cC]all"\s*:|\\u00(?:5[fF]|[46])')
"""Where a call begins in the languages of providers: what a provider's own tools do has no `call_id`. A name that is
written with escapes counts as one."""
_FLOWS = ("content", "role", "reasoning_content", "reasoning", "refusal")


def begins(said: bytes, *, native: bool) -> bool:
    """Whether a call can begin in this part of an answer."""
    if native:
        return _NATIVE.search(said) is not None
    return any(said.find(mark) >= 0 for mark in _IN_CHAT)


class Holding:
    """`held` are the events that wait. `native`: they are the provider's own, which are not taken apart: all that
    follows the first call waits. `again`: the answer goes on after another one, whose head the caller has."""

    def __init__(self, reader: StreamReader, *, native: bool = False, again: bool = False) -> None:
        self._reader, self.native, self._again = reader, native, again
        self.held: list[bytes] = []
        self._size = 0
        self._close = self._see_native if native else self._see

    @property
    def done(self) -> bool:
        return self._reader.done

    def feed(self, event: bytes) -> bytes:
        """What may go on of an event. Raises UpstreamError when more is to be held than can be."""
        out = self._reader.feed(event)
        if not self.held and not self._again and not begins(out, native=self.native):
            return out
        return self._close(out)

    def close(self, blocks: Sequence[bytes]) -> Answer:
        return self._reader.close([*blocks, *self.held])

    def _see_native(self, out: bytes) -> bytes:
        return self._hold(out)

    def _see(self, out: bytes) -> bytes:
        return b"".join([self._one(one) for one in events(out)])

    def _one(self, event: bytes) -> bytes:
        chunk = chunk_of(event)
        choices = chunk.get("choices") or ()
        if any(choice.pop("message", None) for choice in choices):  # it has no place in a stream: some clients read it
            event = event_of(chunk)
        if self._again:
            _headless(choices)
            event = event_of(chunk) if chunk else event
        calls = any(_calls(choice) for choice in choices)
        if not calls and not self.held:
            return event
        if not choices and not chunk.get("usage") and event.startswith(b":"):
            return event
        flowing = [one for one in (_flowing(choice) for choice in choices) if one is not None]
        if not flowing:
            return self._hold(event)
        rest = [choice for choice in choices if _says(choice)]
        if rest or chunk.get("usage"):
            self._hold(event_of({**chunk, "choices": rest}))
        return event_of({**{k: v for k, v in chunk.items() if k != "usage"}, "choices": flowing})

    def _hold(self, event: bytes) -> bytes:
        self._size += len(event)
        if self._size > MOST_HELD:
            raise UpstreamError(
                f"the calls of the answer are longer than {MOST_HELD} bytes, so they cannot be judged",
                code="upstream_answer_too_large",
                retryable=False,
            )
        if event:
            self.held.append(event)
        return b""


def _calls(choice: dict[str, Any]) -> bool:
    delta = choice.get("delta") or {}
    return bool(delta.get("tool_calls") or delta.get("function_call") or delta.get("provider_items"))


def _flowing(choice: dict[str, Any]) -> dict[str, Any] | None:
    """Take what need not wait out of a choice; None: there is nothing. Text of a choice goes on."""
    delta = choice.get("delta")
    if not isinstance(delta, dict) or not any(delta.get(name) for name in _FLOWS if name != "role"):
        return None
    made = {name: delta.pop(name) for name in _FLOWS if name in delta}
    return {"index": choice.get("index") or 0, "delta": made, "finish_reason": None}


def _says(choice: dict[str, Any]) -> bool:
    return bool(
        choice.get("finish_reason") or any(v not in (None, "", []) for v in (choice.get("delta") or {}).values())
    )


def _headless(choices: Sequence[dict[str, Any]]) -> None:
    for choice in choices:
        if isinstance(choice.get("delta"), dict):
            choice["delta"].pop("role", None)
