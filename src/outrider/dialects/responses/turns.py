"""A caller's input items as chat messages: what the model said between two turns of others becomes one message.

Chat has no order between a message's text, its calls, and what a thought or a server's item stood before; where that
is not the usual one (thoughts, text, calls), an entry has `at`: how many other items than thoughts precede it.
"""

from typing import Any

import msgspec

from outrider.dialects.pivot import Fields, Lost
from outrider.dialects.responses import parts, thoughts
from outrider.dialects.responses.marks import FORMAT, GEMINI, is_made_up, split_id
from outrider.dialects.responses.tools import flat_name

_encode = msgspec.json.Encoder().encode
_OUTPUTS = ("function_call_output", "custom_tool_call_output")


def to_chat(items: Any, lost: Lost) -> list[Fields]:
    """The messages of an `input`."""
    if isinstance(items, str):
        return [{"role": "user", "content": items}]
    turns = _Turns(lost)
    for at, item in enumerate(items):
        turns.add(item, f"input[{at}]")
    turns.close()
    return turns.messages


class _Turns:
    def __init__(self, lost: Lost) -> None:
        self.messages: list[Fields] = []
        self._lost = lost
        self._open: Fields | None = None  # the model's present message
        self._place = 0  # its text, calls and servers' items so far
        self._thoughts: list[Fields] = []  # that belong to what comes next

    def add(self, item: Fields, path: str) -> None:
        kind = item.get("type") or "message"
        if kind == "message":
            self._message(item, path)
        elif kind == "reasoning":
            self._thoughts += thoughts.given_back(item)
        elif kind in ("function_call", "custom_tool_call"):
            self._call(item, custom=kind == "custom_tool_call")
        elif kind in _OUTPUTS:
            self.close()
            content = parts.to_chat(item.get("output"), f"{path}.output", self._lost)
            self.messages.append({"role": "tool", "tool_call_id": item.get("call_id") or "", "content": content})
        else:
            self._provider_item(item)

    def close(self) -> None:
        """Somebody else speaks, or nobody does. Thoughts that led to nothing are nobody's."""
        if self._open is not None:
            self._think(self._open)
        self._open, self._thoughts = None, []

    def _message(self, item: Fields, path: str) -> None:
        content = parts.to_chat(item.get("content"), f"{path}.content", self._lost)
        if item.get("role") != "assistant":
            self.close()
            self.messages.append({"role": item.get("role") or "user", "content": content})
            return
        thoughts = self._thoughts
        if self._open is not None and self._open["content"] is not None and "tool_calls" not in self._open:
            self._thoughts = []
            self.close()
        self._thoughts = thoughts
        said = self._model()
        self._place += said["content"] is None
        said["content"] = content if said["content"] is None else [*_listed(said["content"]), *_listed(content)]
        cited = _citations(item.get("content"))
        if cited:
            said["annotations"] = said.get("annotations", []) + cited

    def _call(self, item: Fields, *, custom: bool) -> None:
        said = self._model()
        name = item.get("name") or ""
        if item.get("namespace"):
            name = flat_name(item["namespace"], name)
        arguments = _encode({"input": item.get("input") or ""}).decode() if custom else item.get("arguments") or ""
        call: Fields = {"id": item.get("call_id") or item.get("id") or "", "type": "function"}
        call["function"] = {"name": name, "arguments": arguments}
        for thought in said.get("reasoning_details") or ():
            if thought.get("format") == GEMINI and thought.get("id") == call["id"] and thought.get("data"):
                call["thought_signature"] = thought["data"]
        said.setdefault("tool_calls", []).append(call)
        self._place += 1

    def _provider_item(self, item: Fields) -> None:
        said = self._model()
        made = parts.picture_to_chat(item)
        if made is not None:
            images = said.setdefault("images", [])
            thoughts.take_signature(said, f"image_{len(images)}", made)
            images.append(made)
            if is_made_up(split_id(item.get("id") or "")[0]):
                return  # no provider of this language knows it
        entry = {**item, "format": FORMAT}
        if self._place:
            entry["at"] = self._place
        said.setdefault("provider_items", []).append(entry)
        self._place += 1

    def _model(self) -> Fields:
        """The model's present message, with the thoughts that came before what is added now."""
        if self._open is None:
            self._open, self._place = {"role": "assistant", "content": None}, 0
            self.messages.append(self._open)
        self._think(self._open)
        return self._open

    def _think(self, said: Fields) -> None:
        for thought in self._thoughts:
            if "format" not in thought:
                said["reasoning_content"] = said.get("reasoning_content", "") + thought["text"]
                continue
            if self._place and thought["format"] == FORMAT:
                thought["at"] = self._place
            said.setdefault("reasoning_details", []).append(thought)
        self._thoughts = []


def _listed(content: Any) -> list[Fields]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _citations(content: Any) -> list[Fields]:
    if not isinstance(content, list):
        return []
    return [parts.annotation_to_chat(one) for part in content for one in part.get("annotations") or ()]


def in_order(plain: list[Fields], thoughts: list[tuple[int, Fields]], others: list[tuple[int, Fields]]) -> list[Fields]:
    """The items of one message as they followed each other; thoughts and servers' items come with their `at`."""
    if not thoughts and not others:
        return plain
    out: list[Fields] = []
    rest, place = iter(plain), 0
    while True:
        out += [one for at, one in thoughts if at == place]
        here = [one for at, one in others if at == place]
        item = None if here else next(rest, None)
        if not here and item is None and place >= max((at for at, _ in (*thoughts, *others)), default=0):
            return out
        out += here if item is None else [item]
        place += 1
