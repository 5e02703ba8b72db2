"""A response in the background as the events of one stream: how it opens, what its run says under its own name and
numbers, and how it ends. Pure.

The stream opens with two events that nobody had to say (`response.created`, `response.queued`), and ends with one that
is made from the response as it ended. So it has one end, whatever became of the run.
"""

from typing import Any

import msgspec

from outrider.base.sse import events as blocks
from outrider.base.sse import payload
from outrider.dialects.pivot import Fields

OPENED = 2
"""Events that open a stream: what a run says begins with this number."""
ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled")
_OPENS = ("response.created", "response.queued")
_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder(dict[str, Any])
_text = msgspec.json.Decoder(str)


def opening(queued: Fields) -> list[bytes]:
    """The events before anything is said; `queued` is the response at its begin."""
    return [_event(kind, number, response=queued) for number, kind in enumerate(_OPENS)]


def ending(number: int, response: Fields) -> bytes:
    """The last event. A response that was cancelled ends as one that failed, with its own status in it."""
    status = response.get("status")
    kind = f"response.{status}" if status in ("completed", "incomplete") else "response.failed"
    return _event(kind, number, response=response)


def after(number: int, first: int, body: bytes) -> bytes:
    """Of events that begin with number `first`, those behind `number`."""
    return body if number < first else b"".join(blocks(body)[number - first + 1 :])


class Retold:
    """One run's events. When it has ended, `ended` is the kind of its end, `response` the response in it, and `failure`
    what went wrong, if it did."""

    def __init__(self, id_: str) -> None:
        self._ours = {"id": msgspec.Raw(_json.encode(id_)), "background": msgspec.Raw(b"true")}
        self._number = OPENED
        self.ended, self.response = "", b""
        self.failure: Fields = {}

    def feed(self, event: bytes) -> tuple[int, bytes] | None:
        """An event as it is sent, with its number; None: it is not sent, since it opens, ends, or says nothing."""
        try:
            said = _fields.decode(payload(event))
            kind = _text.decode(said["type"])
            response = said.get("response")
            whole = _fields.decode(response) if response is not None else {}
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError):  # a comment, or nothing that is documented
            return None
        if self.ended or kind in _OPENS:
            return None
        if kind == "error":
            self.failure = _failure(_any.decode(payload(event)))
            return None
        if kind in ENDS:
            self.ended, self.response = kind, bytes(response or b"")
            told = _any.decode(self.response or b"{}").get("error")
            self.failure = _failure(told) if isinstance(told, dict) else self.failure
            return None
        if response is not None:
            said["response"] = msgspec.Raw(_json.encode({**whole, **self._ours}))
        number, self._number = self._number, self._number + 1
        said["sequence_number"] = msgspec.Raw(b"%d" % number)
        return number, b"event: %b\ndata: %b\n\n" % (kind.encode(), _json.encode(said))


def _failure(said: Fields) -> Fields:
    return {"code": said.get("code") or "server_error", "message": said.get("message") or "it failed"}


def _event(kind: str, number: int, **said: Any) -> bytes:
    body = _json.encode({"type": kind, "sequence_number": number, **said})
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), body)
