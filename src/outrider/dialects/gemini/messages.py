"""A conversation in chat's words as Gemini's `systemInstruction` and `contents`."""

from typing import Any

import msgspec

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.media import parts_of
from outrider.dialects.gemini.names import is_made, major
from outrider.dialects.gemini.speech import for_provider

_object = msgspec.json.Decoder(dict[str, Any])


def to_contents(messages: list[Fields], model: str, lost: Lost) -> Fields:
    """`systemInstruction` and `contents`; what cannot be said is named in `lost`."""
    talk = _Talk(model, lost)
    for at, message in enumerate(messages):
        role, path = message.get("role"), f"messages[{at}]"
        if role in ("system", "developer"):
            talk.system += parts_of(message.get("content"), model, f"{path}.content", lost)
        elif role == "assistant":
            talk.assistant(message, path)
        elif role in ("tool", "function"):
            talk.result(message, path)
        else:
            talk.user(parts_of(message.get("content"), model, f"{path}.content", lost))
    talk.close()
    if not talk.contents:  # a conversation cannot be empty
        return {"contents": [{"role": "user", "parts": talk.system}]}
    fields: Fields = {"contents": talk.contents}
    if talk.system:
        fields["systemInstruction"] = {"parts": talk.system}
    return fields


class _Talk:
    def __init__(self, model: str, lost: Lost) -> None:
        self.system: list[Fields] = []
        self.contents: list[Fields] = []
        self._model, self._lost = model, lost
        self._newer = (major(model) or 0) >= 3
        self._names: dict[str, str] = {}  # of the calls, by id
        self._order: dict[str, int] = {}  # of the last message's calls
        self._results: list[tuple[int, Fields, list[Fields]]] = []

    def user(self, parts: list[Fields]) -> None:
        self.close()
        if parts:
            self.contents.append({"role": "user", "parts": parts})

    def assistant(self, message: Fields, path: str) -> None:
        self.close()
        self._order = {}
        for at, call in enumerate(message.get("tool_calls") or ()):
            id_ = call.get("id") or ""
            self._order[id_] = at
            self._names[id_] = (call.get("function") or {}).get("name") or ""
        parts = for_provider(message, self._model, path, self._lost)
        if parts:
            self.contents.append({"role": "model", "parts": parts})

    def result(self, message: Fields, path: str) -> None:
        id_ = message.get("tool_call_id") or ""
        content = message.get("content")
        text = content if isinstance(content, str) else ""
        media: list[Fields] = []
        if isinstance(content, list):
            parts = parts_of(content, self._model, f"{path}.content", self._lost)
            text = "".join(part["text"] for part in parts if "text" in part)
            media = [part for part in parts if "text" not in part]
        name = message.get("name") or self._names.get(id_) or id_
        said: Fields = {"name": name, "response": response_of(text, bool(message.get("is_error")))}
        if id_ and not is_made(id_):
            said["id"] = id_
        if media and self._newer:
            said["parts"], media = media, []
        self._results.append((self._order.get(id_, len(self._order)), {"functionResponse": said}, media))

    def close(self) -> None:
        """The results of one message's calls are one content, in the order of the calls: Gemini counts them."""
        if not self._results:
            return
        results = sorted(self._results, key=lambda result: result[0])
        parts = [part for _, part, _ in results]
        for _, _, media in results:
            parts += media
        self.contents.append({"role": "user", "parts": parts})
        self._results = []


def response_of(text: str, failed: bool) -> Fields:
    """A result's text as the object that Gemini wants; `contents.result_text` is its other way."""
    said: Any = text
    if text[:1] == "{" or text.lstrip()[:1] == "{":
        try:
            said = _object.decode(text)
        except (msgspec.DecodeError, RecursionError):
            said = text
    if failed:
        return {"error": said}
    return said if isinstance(said, dict) else {"output": text}
