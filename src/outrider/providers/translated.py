"""What dialects that are not chat share: reading the chat request, and dressing a chat answer for the corridor.

A dialect's module is thin: `outrider.dialects` translates, `encode` adds the path, `classify` reads errors.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer
from outrider.base.sse import kind, payload
from outrider.base.usage import Usage
from outrider.dialects import Fields, ToChat, sound, usage

_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, Any])
WHOLE = ("stop", "tool_calls", "function_call")


def asked(body: bytes) -> Fields:
    """A checked chat request, decoded."""
    return _fields.decode(body)


def object_of(body: bytes, *, html: bool = False) -> Fields:
    """A provider's answer, decoded. Raises UpstreamError if it is no JSON object."""
    try:
        return _fields.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "HTML" if html or body.lstrip()[:1] == b"<" else "invalid JSON"
        raise UpstreamError(
            f"the provider answered {what} where JSON was expected ({error})"[:300], code="upstream_invalid_answer"
        ) from None


def answered(chat: Fields) -> Answer:
    """A chat answer, as the corridor takes it."""
    choices = sound(chat).get("choices") or []
    content = (choices[0].get("message") or {}).get("content") if choices else None
    finish = ""
    for choice in choices:
        finish = _worse(finish, choice.get("finish_reason"))
    said = content if isinstance(content, str) else ""
    return Answer(_json.encode(chat), usage(chat.get("usage")), finish, said, _tier(chat))


def _tier(chat: Fields) -> str:
    said = chat.get("service_tier")
    return said if isinstance(said, str) else ""


def _worse(finish: str, other: str | None) -> str:
    """Of several choices' reasons the one that says most: an answer is whole only if all of its choices are."""
    return finish if not other or finish not in ("", *WHOLE) else other


class Reader:
    """A provider's stream, given on as chat. A `StreamReader`."""

    __slots__ = ("_finish", "_stream", "_text", "_tier", "_usage", "_wants_usage", "done")

    def __init__(self, stream: ToChat, *, wants_usage: bool) -> None:
        self._stream, self._wants_usage = stream, wants_usage
        self._text: list[str] = []
        self._finish = self._tier = ""
        self._usage: Any = None
        self.done = False

    def feed(self, event: bytes) -> bytes:
        said = payload(event)
        if not said:
            return event if event.startswith(b":") else b""
        try:
            fields = _fields.decode(said)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamError("the provider's stream carries broken JSON", code="upstream_invalid_answer") from None
        return self.give(kind(event), fields)

    def give(self, kind: str, said: Fields) -> bytes:
        """What one event becomes."""
        out = [b"data: %b\n\n" % _json.encode(chunk) for chunk in self._stream.feed(kind, said) if self._noted(chunk)]
        if self._stream.done and not self.done:
            self.done = True
            out.append(b"data: [DONE]\n\n")
        return b"".join(out)

    def _noted(self, chunk: Fields) -> bool:
        """Keep what the record needs; False: the caller did not ask for it."""
        choices = sound(chunk).get("choices") or ()
        self._tier = _tier(chunk) or self._tier
        if chunk.get("usage"):
            self._usage = chunk["usage"]
            if not choices and not self._wants_usage:
                return False
        for choice in choices:
            self._finish = _worse(self._finish, choice.get("finish_reason"))
            content = choice["delta"].get("content")
            if content and not choice.get("index") and isinstance(content, str):
                self._text.append(content)
        return True

    def told(self, blocks: Sequence[bytes]) -> Usage | None:
        return usage(self._stream.counted)

    def close(self, blocks: Sequence[bytes]) -> Answer:
        if not self.done and not self._finish:
            raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
        return Answer(b"", usage(self._usage), self._finish, "".join(self._text), self._tier)
