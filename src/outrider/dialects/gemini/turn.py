"""What a model said, part by part, as a chat message or as its deltas: the same for history, answer and stream."""

from typing import Any

import msgspec

from outrider.dialects import Fields
from outrider.dialects.gemini.names import FORMAT, base64_of, camel, made_id, unwrapped

_json = msgspec.json.Encoder()


class Turn:
    """One turn of the model. `take` puts what a part says into a message, or into a delta of one.

    `answer` is the answer's own id and `first` the number of calls before: both make ids for calls that have none.
    """

    __slots__ = ("_answer", "_details", "_first", "_thinking", "calls", "length", "text")

    def __init__(self, answer: str = "", first: int = 0) -> None:
        self._answer, self._first = answer, first
        self._details = 0  # entries of `reasoning_details` so far
        self._thinking = False  # the last entry is a thought that may go on
        self.calls: list[tuple[str, str]] = []
        self.length = 0
        self.text: list[str] = []

    def take(self, part: Fields, into: Fields) -> None:
        text, signature = part.get("text"), part.get("thoughtSignature")
        if signature:
            signature = base64_of(signature)
        if text is not None and part.get("thought"):
            self._thought(text, signature, into)
        elif text is not None:
            self._said(text, signature, into)
        elif "functionCall" in part:
            self._call(camel(part["functionCall"]), signature, into)
        elif "inlineData" in part:
            self._made(camel(part["inlineData"]), part, signature, into)
        elif signature and len(part) == 1:
            self._signed(signature, into)
        elif part:  # code that ran, tools on the provider's side
            self._thinking = False
            into.setdefault("provider_items", []).append({"format": FORMAT, "after": self.length, "part": part})

    def _thought(self, text: str, signature: str | None, into: Fields) -> None:
        if not text and not signature:
            return
        other = unwrapped(signature) if signature else None
        if other is not None and other.get("type") == "reasoning.encrypted":
            self._detail(other, into)
            return
        if text:
            into["reasoning_content"] = into.get("reasoning_content", "") + text
        details = into.setdefault("reasoning_details", [])
        if not self._thinking:
            self._details += 1
        if not (self._thinking and details):
            details.append({"type": "reasoning.text", "text": "", "format": FORMAT, "index": self._details - 1})
        details[-1]["text"] += text
        self._thinking = not signature
        if other is not None:
            _sign(details[-1], other)
        elif signature:
            details[-1]["signature"] = signature

    def _said(self, text: str, signature: str | None, into: Fields) -> None:
        if text:
            into["content"] = (into.get("content") or "") + text
            self.length += len(text)
            self.text.append(text)
            self._thinking = False
        if signature:
            self._signed(signature, into)

    def _signed(self, signature: str, into: Fields, call: str | None = None) -> None:
        """A signature that belongs to the text before, or to a call."""
        detail: Fields = {"type": "reasoning.encrypted", "data": signature, "format": FORMAT}
        self._detail(detail if call is None else {**detail, "id": call}, into)

    def _detail(self, detail: Fields, into: Fields) -> None:
        self._thinking = False
        into.setdefault("reasoning_details", []).append({**detail, "index": self._details})
        self._details += 1

    def _call(self, call: Fields, signature: str | None, into: Fields) -> None:
        self._thinking = False
        index, name = len(self.calls), call.get("name") or ""
        id_ = call.get("id") or made_id(self._first + index, self._answer)
        self.calls.append((id_, name))
        said: Fields = {
            "index": index,
            "id": id_,
            "type": "function",
            "function": {"name": name, "arguments": _json.encode(call.get("args") or {}).decode()},
        }
        if signature:
            said["thought_signature"] = signature
            self._signed(signature, into, id_)
        into.setdefault("tool_calls", []).append(said)

    def _made(self, blob: Fields, part: Fields, signature: str | None, into: Fields) -> None:
        """Pictures and speech that the model made."""
        self._thinking = False
        media, data = blob.get("mimeType") or "", base64_of(blob.get("data") or "")
        if media.startswith("audio/"):
            before = into.get("audio")
            joined = before["data"] + data if before else data
            into["audio"] = {"id": "", "data": joined, "transcript": "", "expires_at": 0, "mime_type": media}
            return
        image: dict[str, Any] = {"type": "image_url", "image_url": {"url": f"data:{media};base64,{data}"}}
        if part.get("thought"):
            image["thought"] = True
        if signature:
            image["thought_signature"] = signature
        into.setdefault("images", []).append(image)


def _sign(detail: Fields, other: Fields) -> None:
    """It was another model's thought all along: what was wrapped says which, and how it is signed."""
    if other.get("type") == "reasoning.summary":
        detail["summary"] = detail.pop("text")
    detail.update(other)


def unindexed(message: Fields) -> Fields:
    """A whole message: calls have an index in streams alone."""
    for call in message.get("tool_calls") or ():
        call.pop("index", None)
    return message
