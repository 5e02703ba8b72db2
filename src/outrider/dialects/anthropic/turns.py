"""One turn of the assistant: blocks in an order here; text, thoughts and tool calls side by side in chat.

Thoughts and what chat only carries remember their place (`index`); texts and tool calls take the places between, in
their order. So a turn that comes back is put together as it was, also by a client that keeps but some of it.
"""

from typing import Any

import msgspec

from outrider.dialects.anthropic import FORMAT, carried, citing, content
from outrider.dialects.pivot import Fields, Lost

_json = msgspec.json.Encoder()
_object = msgspec.json.Decoder(dict[str, Any])
_TEXT = "reasoning.text"
_SECRET = "reasoning.encrypted"


def message(blocks: list[Fields], *, answer: bool) -> Fields:
    """Chat's assistant message. Of an answer the text is one string and thoughts are shown in plain text as well; of a
    request texts stay apart, and thoughts are only what must be given back."""
    turn = _Turn(answer)
    for index, block in enumerate(blocks):
        turn.take(index, block)
    return turn.said()


class _Turn:
    __slots__ = (
        "annotations",
        "answer",
        "calls",
        "details",
        "end",
        "images",
        "items",
        "parts",
        "placed",
        "signatures",
        "thoughts",
    )

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.parts: list[Fields] = []
        self.calls: list[Fields] = []
        self.details: list[Fields] = []
        self.items: list[Fields] = []
        self.images: list[Fields] = []
        self.annotations: list[Fields] = []
        self.thoughts: list[str] = []
        self.signatures: dict[str, str] = {}
        self.end = self.placed = 0

    def take(self, index: int, block: Fields) -> None:
        kind = block["type"]
        if self.answer:  # whose texts become one
            index = place(self.placed, len(self.calls), self.end)
        if kind == "text":
            self._text(block)
        elif kind == "tool_use" and "toolset_name" not in block:
            self.calls.append(call(block))
        elif kind == "thinking":
            self.placed += 1
            self._thought(index, block)
        elif kind == "image" and (part := content.to_part(block))["type"] == "image_url":
            self.images.append(part)
        elif kind == "redacted_thinking":
            self.placed += 1
            self._redacted(index, block["data"])
        else:
            self.placed += 1
            self.items.append({"format": FORMAT, "index": index, **block})

    def _text(self, block: Fields) -> None:
        text = block["text"]
        start, self.end = self.end, self.end + len(text)
        for one in block.get("citations") or ():
            self.annotations.append(citing.annotation(one, start, self.end))
        part: Fields = {"type": "text", "text": text}
        if mark := block.get("cache_control"):
            part["cache_control"] = mark
        self.parts.append(part)

    def _thought(self, index: int, block: Fields) -> None:
        text, signature = block["thinking"], block.get("signature")
        ours = carried.unwrap(signature)
        if ours is None:
            self.details.append(thought(index, text, signature))
            if self.answer:
                self.thoughts.append(text)
        elif ours:
            self.details.append({**ours, "summary" if ours.get("type") == "reasoning.summary" else "text": text})
        else:
            self.thoughts.append(text)

    def _redacted(self, index: int, secret: str) -> None:
        ours = carried.unwrap(secret)
        if ours is None:
            self.details.append(redacted(index, secret))
        elif "call" in ours:
            self.signatures[ours["call"]] = ours["thought_signature"]
        elif "item" in ours:
            self.items.append(ours["item"])
        elif ours:
            self.details.append(ours)

    def said(self) -> Fields:
        message: Fields = {"role": "assistant", "content": self._content()}
        if self.thoughts:
            message["reasoning_content"] = "".join(self.thoughts)
        if self.details:
            message["reasoning_details"] = self.details
        if self.calls:
            for one in self.calls:
                if signature := self.signatures.get(one["id"]):
                    one["thought_signature"] = signature
            message["tool_calls"] = self.calls
        if self.annotations:
            message["annotations"] = self.annotations
        if self.items:
            message["provider_items"] = self.items
        if self.images:
            message["images"] = self.images
        return message

    def _content(self) -> str | list[Fields] | None:
        parts = self.parts
        if not parts:
            return None if self.calls or not self.answer else ""
        if self.answer:
            return "".join(part["text"] for part in parts)
        return parts[0]["text"] if len(parts) == 1 and len(parts[0]) == 2 else parts


def place(placed: int, calls: int, end: int) -> int:
    """The index of what comes after so many placed blocks, calls and characters of an answer: its text is one block."""
    return placed + calls + (1 if end else 0)


def call(block: Fields) -> Fields:
    """Chat's tool call for a `tool_use` block."""
    said: Fields = {
        "id": block["id"],
        "type": "function",
        "function": {"name": block["name"], "arguments": _json.encode(block["input"]).decode()},
    }
    for name in ("cache_control", "caller"):
        if (value := block.get(name)) and value != {"type": "direct"}:
            said[name] = value
    return said


def thought(index: int, text: str, signature: Any) -> Fields:
    return {"type": _TEXT, "text": text, "signature": signature or "", "format": FORMAT, "index": index}


def redacted(index: int, secret: str) -> Fields:
    return {"type": _SECRET, "data": secret, "format": FORMAT, "index": index}


# -- out of chat ----------------------------------------------------------------------------------------------------


def blocks(message: Fields, path: str, lost: Lost, *, answer: bool) -> list[Fields]:
    """The blocks of chat's assistant message. In an answer, thoughts of other languages are put where the caller gives
    them back; in a request, whose reader is a provider of this language, they are left out."""
    placed: dict[int, Fields] = {}
    free = _thoughts(message, placed, answer=answer)
    _items(message, path, lost, placed, free, answer=answer)
    free += _texts(message, path, lost, answer=answer)
    for number, said in enumerate(message.get("tool_calls") or ()):
        if (block := tool_use(said, number)) is None:
            lost.append(f"{path}.tool_calls[{number}] ({said.get('type')})")
            continue
        if answer and (signature := said.get("thought_signature")):
            free.append({"type": "redacted_thinking", "data": signed(block["id"], signature)})
        free.append(block)
    if answer:
        free += pictures(message)
    else:
        lost += [f"{path}.{name}" for name in ("audio", "images") if message.get(name)]
    return _in_order(placed, free)


def _in_order(placed: dict[int, Fields], free: list[Fields]) -> list[Fields]:
    if not placed:
        return free
    ordered: list[Fields] = []
    rest = iter(free)
    left = len(free)
    for index in sorted(placed):
        while len(ordered) < index and left:
            ordered.append(next(rest))
            left -= 1
        ordered.append(placed[index])
    return ordered + list(rest)


def _thoughts(message: Fields, placed: dict[int, Fields], *, answer: bool) -> list[Fields]:
    details = message.get("reasoning_details")
    free: list[Fields] = []
    for entry in details if isinstance(details, list) else ():
        if not isinstance(entry, dict):
            continue
        index = entry.get("index")
        if is_own(entry):
            before = placed.get(index) if isinstance(index, int) else None
            if before is not None and before["type"] == "thinking" and entry.get("type") == _TEXT:
                before["thinking"] += entry.get("text") or ""  # pieces of a stream that the client kept apart
                before["signature"] = entry.get("signature") or before["signature"]
            elif isinstance(index, int) and before is None and index >= 0:
                placed[index] = _own_thought(entry)
            else:
                free.append(_own_thought(entry))
        elif answer:
            free.append(foreign(entry))
    if not details and answer and (text := message.get("reasoning_content") or message.get("reasoning")):
        free.append({"type": "thinking", "thinking": text, "signature": carried.wrap({})})
    for index in [index for index, block in placed.items() if block.get("signature") == "" and not answer]:
        del placed[index]  # a thought that lost its signature is one that no provider takes
    return free


def is_own(entry: Fields) -> bool:
    """Whether a provider of this language said so, and will know it again."""
    format = entry.get("format")
    return format == FORMAT or (format is None and bool(entry.get("signature")))


def _own_thought(entry: Fields) -> Fields:
    if entry.get("type") == _SECRET:
        return {"type": "redacted_thinking", "data": entry.get("data") or ""}
    return {"type": "thinking", "thinking": entry.get("text") or "", "signature": entry.get("signature") or ""}


def foreign(entry: Fields) -> Fields:
    """Another language's thought as a block that its caller gives back."""
    name = "summary" if entry.get("type") == "reasoning.summary" else "text"
    text = entry.get(name)
    if not isinstance(text, str):
        return {"type": "redacted_thinking", "data": carried.wrap(entry)}
    rest = {key: value for key, value in entry.items() if key != name}
    return {"type": "thinking", "thinking": text, "signature": carried.wrap(rest)}


def _items(
    message: Fields, path: str, lost: Lost, placed: dict[int, Fields], free: list[Fields], *, answer: bool
) -> None:
    items = message.get("provider_items")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if (block := content.own(item)) is None:
            if answer:
                free.append(item_carried(item))
            else:
                lost.append(f"{path}.provider_items[{number}]")
        elif isinstance(index := item.get("index"), int) and index >= 0 and index not in placed:
            placed[index] = block
        else:
            free.append(block)


def pictures(message: Fields) -> list[Fields]:
    """Pictures that a model made, in the form in which this language is shown some."""
    made = [content.to_block(part, "", []) for part in message.get("images") or ()]
    return [block for block in made if block is not None]


def item_carried(item: Fields) -> Fields:
    return {"type": "redacted_thinking", "data": carried.wrap({"item": item})}


def signed(call: str, signature: str) -> str:
    """What redacted data says of a tool call whose provider wants its signature back."""
    return carried.wrap({"call": call, "thought_signature": signature})


def _texts(message: Fields, path: str, lost: Lost, *, answer: bool) -> list[Fields]:
    said = message.get("content")
    found: list[Fields] = []
    annotations = message.get("annotations")
    if isinstance(said, str):
        if said and (answer or not said.isspace()):  # a provider refuses text without a word
            found += citing.cited(said, annotations, foreign=answer)
    elif said and annotations and all(part.get("type") == "text" for part in said):
        found += _cited_parts(said, annotations, answer=answer)
    else:
        for number, part in enumerate(said or ()):
            if (block := content.to_block(part, f"{path}.content[{number}]", lost)) is not None:
                found.append(block)
    if isinstance(refusal := message.get("refusal"), str) and refusal:
        found.append({"type": "text", "text": refusal})
    return found


def _cited_parts(parts: list[Fields], annotations: Any, *, answer: bool) -> list[Fields]:
    """Texts that stayed apart get their own citations back; a range never goes over a part's end."""
    found: list[Fields] = []
    start = 0
    for part in parts:
        text = part.get("text") or ""
        within = [moved for one in annotations if (moved := _moved(one, start, len(text))) is not None]
        start += len(text)
        if not text or text.isspace():
            continue
        made = citing.cited(text, within, foreign=answer)
        if mark := part.get("cache_control"):
            made[-1]["cache_control"] = mark
        found += made
    return found


def _moved(annotation: Any, start: int, length: int) -> Fields | None:
    """The annotation as seen from a part that begins at `start`, if it is about that part."""
    if not isinstance(annotation, dict):
        return None
    name = "citation" if "citation" in annotation else "url_citation"
    said = annotation.get(name)
    if not isinstance(said, dict) or not isinstance(at := said.get("start_index"), int):
        return None
    if not start <= at < start + length:
        return None
    return {**annotation, name: {**said, "start_index": at - start, "end_index": said.get("end_index", 0) - start}}


def tool_use(said: Fields, number: int) -> Fields | None:
    """The `tool_use` block for chat's tool call; None if it calls no function."""
    function = said.get("function")
    if not isinstance(function, dict):
        return None
    block: Fields = {
        "type": "tool_use",
        "id": tool_id(said.get("id") or f"call_{number}"),
        "name": function.get("name") or "",
        "input": arguments(function.get("arguments")),
    }
    for name in ("cache_control", "caller"):
        if value := said.get(name):
            block[name] = value
    return block


def arguments(said: Any) -> Fields:
    """A tool call's arguments as an object. Models do say what is none: then the text is kept within one."""
    if isinstance(said, dict):
        return said
    if not said or said.isspace():
        return {}
    try:
        return _object.decode(said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"invalid_json": said}


def tool_id(id_: str) -> str:
    """An id in the letters that this language allows: others have dots and colons in theirs."""
    if id_.isascii() and id_.replace("_", "a").replace("-", "a").isalnum():
        return id_
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in id_)
