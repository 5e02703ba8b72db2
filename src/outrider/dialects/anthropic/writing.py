"""Chat's stream into this language, chunk by chunk.

Blocks follow one another here: one is closed before the next begins. Chat may speak of several tool calls at once; then
one is told as it comes, and the others as soon as it is whole.
"""

from typing import Any

import msgspec

from outrider.dialects.anthropic import carried, citing, content, counts, turns
from outrider.dialects.pivot import ODD, Fields, odd_answer

_json = msgspec.json.Encoder()
_object = msgspec.json.Decoder(dict[str, Any])


_TEXT = (
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":%d,"delta":{"type":"text_delta","text":%b}}\n\n'
)


def event(kind: str, **said: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _json.encode({"type": kind, **said}))


class _Call:
    __slots__ = ("arguments", "id", "name", "signature", "told")

    def __init__(self) -> None:
        self.id = self.name = self.signature = ""
        self.arguments: list[str] = []
        self.told = 0

    def whole(self) -> bool:
        try:
            _object.decode("".join(self.arguments))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return True


class FromChat:
    """One streamed chat answer on its way to a caller. A `dialects.FromChat`; `id` is the message's."""

    __slots__ = (
        *("_aside", "_calls", "_choice", "_closed", "_current", "_id", "_index", "_key", "_out", "_refused", "_rest"),
        *("_signature", "_started", "_tier", "_usage"),
    )

    def __init__(self, *, id: str) -> None:
        self._id = id
        self._out: list[bytes] = []
        self._index = -1
        self._key: Any = None  # what the open block is: "text", ("thinking", ...) or a call's number
        self._signature = ""
        self._rest: Fields | None = None  # of a foreign thought: all but its text
        self._aside: list[Fields] = []
        self._calls: dict[int, _Call] = {}
        self._current: int | None = None
        self._closed: set[int] = set()
        self._choice: Fields = {}
        self._usage: Any = None
        self._tier: Any = None
        self._started = self._refused = False

    def feed(self, chunk: Fields) -> bytes:
        try:
            return self._feed(chunk)
        except ODD:
            raise odd_answer() from None

    def _feed(self, chunk: Fields) -> bytes:
        if self._key == "text" and (text := _more_text(chunk)):
            return _TEXT % (self._index, _json.encode(text))
        if not self._started:
            self._begin(chunk)
        if chunk.get("usage"):
            self._usage = chunk["usage"]
        if chunk.get("service_tier"):
            self._tier = chunk["service_tier"]
        for choice in chunk.get("choices") or ():
            if not choice.get("index"):
                self._said(choice)
        return self._sent()

    def _begin(self, chunk: Fields) -> None:
        self._started = True
        message = {"id": self._id, "type": "message", "role": "assistant", "model": chunk.get("model", "")}
        message |= {"content": [], "stop_reason": None, "stop_sequence": None}
        message["usage"] = counts.from_chat(chunk.get("usage"), chunk.get("service_tier"))
        self._out.append(event("message_start", message=message))

    def _sent(self) -> bytes:
        out = b"".join(self._out)
        self._out.clear()
        return out

    def _said(self, choice: Fields) -> None:
        delta = choice.get("delta") or {}
        if details := delta.get("reasoning_details"):
            for entry in details:
                self._thought(entry)
        elif text := delta.get("reasoning_content") or delta.get("reasoning"):
            self._open(("thinking", None), {"type": "thinking", "thinking": "", "signature": ""})
            self._rest = {}
            self._delta({"type": "thinking_delta", "thinking": text})
        if text := delta.get("content"):
            self._text(text)
        if (refusal := delta.get("refusal")) and not choice.get("stop_details"):
            self._text(refusal)
        self._refused = self._refused or bool(refusal)
        for note in delta.get("annotations") or ():
            self._cite(note)
        for item in delta.get("provider_items") or ():
            if (block := content.own(item)) is not None:
                self._whole(block)
            else:
                self._carry(turns.item_carried(item))
        for block in turns.pictures(delta):
            self._whole(block)
        for call in delta.get("tool_calls") or ():
            self._call(call)
        if choice.get("finish_reason"):
            self._choice = choice

    # -- blocks ------------------------------------------------------------------------------------------------------

    def _open(self, key: Any, block: Fields) -> None:
        """A block of its own for `key`, unless it is the one that is open."""
        if self._key == key and key is not None:
            return
        self._close()
        self._key = key
        self._index += 1
        self._out.append(event("content_block_start", index=self._index, content_block=block))

    def _delta(self, delta: Fields) -> None:
        self._out.append(event("content_block_delta", index=self._index, delta=delta))

    def _close(self) -> None:
        if self._key is None:
            return
        if isinstance(self._key, tuple):
            signature = self._signature or carried.wrap(self._rest or {})
            self._delta({"type": "signature_delta", "signature": signature})
            self._signature, self._rest = "", None
        elif self._key == self._current:
            self._finish(self._key)
        self._key = None
        self._out.append(event("content_block_stop", index=self._index))
        aside, self._aside = self._aside, []
        for block in aside:
            self._whole(block)

    def _carry(self, block: Fields) -> None:
        """A block that only comes back to us: it cuts no text in two."""
        if self._key == "text":
            self._aside.append(block)
        else:
            self._whole(block)

    def _whole(self, block: Fields) -> None:
        """A block that comes in one piece."""
        self._open(None, block)
        self._out.append(event("content_block_stop", index=self._index))

    def _text(self, text: str) -> None:
        if self._key != "text":
            self._open("text", {"type": "text", "text": ""})
        self._delta({"type": "text_delta", "text": text})

    def _cite(self, note: Any) -> None:
        """Citations belong to a text that is being told; afterwards there is no place for them."""
        made = citing.citation(note) if isinstance(note, dict) else None
        if made is not None and self._key == "text":
            self._delta({"type": "citations_delta", "citation": made})

    def _thought(self, entry: Any) -> None:
        if not isinstance(entry, dict):
            return
        kind, own = entry.get("type"), turns.is_own(entry)
        text = entry.get("summary") if kind == "reasoning.summary" else entry.get("text")
        if kind == "reasoning.encrypted" or (text is None and not entry.get("signature")):
            if own:
                self._whole({"type": "redacted_thinking", "data": entry.get("data") or ""})
            else:
                self._carry(turns.foreign(entry))
            return
        self._open(_thinking(entry), {"type": "thinking", "thinking": "", "signature": ""})
        if own:
            self._signature = entry.get("signature") or self._signature
        else:
            rest = {name: value for name, value in entry.items() if name not in ("text", "summary")}
            self._rest = {**(self._rest or {}), **rest}
        if text:
            self._delta({"type": "thinking_delta", "thinking": text})

    # -- tool calls --------------------------------------------------------------------------------------------------

    def _call(self, said: Fields) -> None:
        number = said.get("index") or 0
        call = self._calls.get(number)
        if call is None:
            call = self._calls[number] = _Call()
        function = said.get("function") or {}
        call.id = call.id or said.get("id") or ""
        call.name = call.name or function.get("name") or ""
        call.signature = said.get("thought_signature") or call.signature
        if piece := function.get("arguments"):
            call.arguments.append(piece)
        if self._current not in (None, number) and self._calls[self._current].whole():
            self._finish(self._current)
        if self._current in (None, number) and number not in self._closed:
            self._tell(number)

    def _tell(self, number: int) -> None:
        """What is known of a call that is not told yet."""
        call = self._calls[number]
        if not call.name:
            return
        if self._current is None:
            self._current = number
            id_ = call.id or f"toolu_{self._id}_{number}"
            if call.signature:
                self._whole({"type": "redacted_thinking", "data": turns.signed(id_, call.signature)})
            self._open(number, {"type": "tool_use", "id": id_, "name": call.name, "input": {}})
        piece = "".join(call.arguments[call.told :])
        call.told = len(call.arguments)
        if piece:
            self._delta({"type": "input_json_delta", "partial_json": piece})

    def _finish(self, number: int) -> None:
        self._closed.add(number)
        self._current = None

    def end(self) -> bytes:
        try:
            return self._ended()
        except ODD:
            raise odd_answer() from None

    def _ended(self) -> bytes:
        if not self._started:
            self._begin({})
        if self._current is not None:
            self._finish(self._current)
        for number in sorted(self._calls):
            if number not in self._closed:
                self._tell(number)
                self._finish(number)
        self._close()
        usage = counts.from_chat(self._usage)
        reason = counts.reason(self._choice, calls=bool(self._calls), refused=self._refused)
        delta: Fields = {"stop_reason": reason, "stop_sequence": self._choice.get("stop_sequence")}
        if details := self._choice.get("stop_details"):
            delta["stop_details"] = details
        self._out += event("message_delta", delta=delta, usage=usage), event("message_stop")
        return self._sent()


def _more_text(chunk: Fields) -> Any:
    """The text of a chunk that has nothing else to say: nearly all of a stream is such chunks."""
    choices = chunk.get("choices")
    if not choices or len(choices) > 1 or chunk.get("usage"):
        return None
    choice = choices[0]
    delta = choice.get("delta")
    if not delta or len(delta) > 1 or choice.get("finish_reason") or choice.get("index"):
        return None
    return delta.get("content")


def _thinking(entry: Fields) -> Any:
    """Pieces with the same key are one thought."""
    index = entry.get("index")
    return ("thinking", index, entry.get("id") if index is None else None, entry.get("type"))
