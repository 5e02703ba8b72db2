"""Two streams as one: the events of a continuation, rewritten so that the caller sees the first stream go on.

A `StreamReader` around the dialect's own. Identity fields are the first stream's, the second head and what the model
repeats are left out, and usage counts both.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import events, payload
from outrider.base.usage import Usage
from outrider.gateway.continuation import THOUGHTS, Continuation, decode
from outrider.gateway.estimating import spoken, tokens

_DONE = b"[DONE]"


class Joiner:
    """Watches and rewrites the second stream. `spent` is what the broken attempts used, for the caller's usage event.

    `close` answers with the whole text, and with the usage of this stream alone: the others were booked before.
    """

    def __init__(self, reader: StreamReader, continuation: Continuation, spent: Usage | None = None) -> None:
        self._reader, self._continuation, self._sent = reader, continuation, continuation.sent
        self._seam = continuation.seam()
        self._spent = spent or Usage()
        self._roles = set(self._sent.roles)
        self._own: list[bytes] = []
        self._text: list[str] = []
        self._head: dict[str, Any] = {}
        self._spoke = self._thought = self._ended = False

    @property
    def done(self) -> bool:
        return self._reader.done

    def feed(self, event: bytes) -> bytes:
        """The bytes to pass on for one event. Raises UpstreamError when the model does not go on but starts anew."""
        return b"".join([self._join(one) for one in events(self._reader.feed(event))])

    def _join(self, event: bytes) -> bytes:
        said = payload(event)
        if not said:
            return event
        self._own.append(event)
        if said == _DONE:
            return self._held_back() + event
        try:
            chunk = decode(said) | self._sent.head
        except msgspec.DecodeError:
            raise UpstreamError("the provider's stream carries broken JSON", code="upstream_invalid_answer") from None
        choices = chunk.get("choices") or []
        self._head = self._head or {k: v for k, v in chunk.items() if k not in ("choices", "usage")}
        kept = [choice for choice in choices if self._keep(choice)]
        if choices and not kept:
            return b""
        if choices:
            chunk["choices"] = kept
        if chunk.get("usage"):
            chunk["usage"] = _added(chunk["usage"], self._spent)
        return _event(chunk)

    def close(self, blocks: Sequence[bytes]) -> Answer:
        """The answer as a whole. Raises UpstreamError if this stream broke as well."""
        own = self._reader.close(self._own)
        usage = own.usage or Usage(
            max(1, spoken(self._continuation.body)), tokens(own.text.encode("utf-8", "replace")), estimated=True
        )
        return Answer(b"", usage, own.finish, self._sent.text + "".join(self._text))

    def _keep(self, choice: dict[str, Any]) -> bool:
        """Rewrite one choice; False: nothing of it is left to say."""
        index, delta = choice.get("index") or 0, choice.get("delta") or {}
        choice["delta"] = delta  # an empty one too: held back text may leave in it
        if index in self._roles:
            delta.pop("role", None)
        elif delta:
            self._roles.add(index)
        if self._sent.text or self._sent.thoughts:
            for name in THOUGHTS:
                self._thought = bool(delta.pop(name, None)) or self._thought
        if index == 0 and not self._ended:
            self._rewrite(choice, delta)
        return bool(choice.get("finish_reason") or any(value not in (None, "", []) for value in delta.values()))

    def _rewrite(self, choice: dict[str, Any], delta: dict[str, Any]) -> None:
        """Leave out of the text what the caller has. What is held back leaves with the end, or with a tool call."""
        content, text = delta.get("content"), ""
        if isinstance(content, str) and content:
            self._spoke = True
            text = self._seam.feed(content)
        if delta.get("tool_calls") or choice.get("finish_reason"):
            text += self._rest(called=bool(delta.get("tool_calls")))
        if text or content:
            delta["content"] = text
        self._text.append(text)

    def _rest(self, *, called: bool) -> str:
        """The text that is still held back, when no more comes."""
        self._ended = True
        if called and not self._spoke:
            return ""  # the text was complete, and a call follows it
        if self._thought and not self._spoke and self._continuation.mode != "again":
            raise UpstreamError(
                "the model that was to continue a broken stream only thought about it", code="upstream_seam_lost"
            )
        return self._seam.end()

    def _held_back(self) -> bytes:
        """The same as an event, for a stream that ends without a reason."""
        text = "" if self._ended else self._rest(called=False)
        self._text.append(text)
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        return _event({**self._head, "choices": [choice]}) if text else b""


def _added(usage: dict[str, Any], spent: Usage) -> dict[str, Any]:
    """A provider's usage object with what was spent before added to its three sums."""
    prompt, completion = _count(usage, "prompt_tokens") + spent.input, _count(usage, "completion_tokens") + spent.output
    return {**usage, "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if type(value) is int else 0


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode(chunk)
