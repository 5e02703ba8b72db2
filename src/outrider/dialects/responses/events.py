"""A streamed chat answer as the events of a response, in the order in which OpenAI sends them."""

from typing import Any

import msgspec

from outrider.dialects.pivot import ODD, Fields, odd_answer
from outrider.dialects.responses import answers, parts, thoughts
from outrider.dialects.responses.answers import KINDS, Shell
from outrider.dialects.responses.errors import told
from outrider.dialects.responses.marks import FORMAT, seal, split_id

_encode = msgspec.json.Encoder().encode
_WHERE = b'"item_id":%b,"output_index":%d,"content_index":%d'
_TEXT = (
    b"event: response.output_text.delta\n"
    b'data: {"type":"response.output_text.delta","sequence_number":%d,%b,"delta":%b,"logprobs":[]}\n\n'
)


class FromChat:
    """One stream. An item ends before the next begins, but for calls whose pieces come in turn."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._number = 0
        self._begun = False
        self._created, self._model = 0, ""
        self._finish: Any = None
        self._usage: Any = None
        self._tier: Any = None
        self._output: list[Fields] = []
        self._message: _Message | None = None
        self._thinking: _Thinking | None = None
        self._calls: dict[int, _Call] = {}
        self._pictures = 0

    def feed(self, chunk: Fields) -> bytes:
        out: list[bytes] = []
        try:
            self._hear(chunk, out)
        except ODD:
            raise odd_answer() from None
        return b"".join(out)

    def _hear(self, chunk: Fields, out: list[bytes]) -> None:
        if not self._begun:
            self._created, self._model = int(chunk.get("created") or 0), chunk.get("model") or ""
            self._begin(out)
        if chunk.get("usage"):
            self._usage = chunk["usage"]
        if chunk.get("service_tier"):
            self._tier = chunk["service_tier"]
        for choice in chunk.get("choices") or ():
            if not choice.get("index"):
                self._say(choice.get("delta") or {}, choice.get("logprobs"), out)
                self._finish = choice.get("finish_reason") or self._finish

    def end(self) -> bytes:
        out: list[bytes] = []
        try:
            self._finish_with(out)
        except ODD:
            raise odd_answer() from None
        return b"".join(out)

    def _finish_with(self, out: list[bytes]) -> None:
        if not self._begun:
            self._begin(out)
        status, why = answers.status(self._finish)
        self._close(out, "completed" if status == "completed" else "incomplete")
        said = self._response(status)
        said["incomplete_details"], said["usage"] = why, answers.usage_from_chat(self._usage)
        self.send(out, f"response.{status}", response=said)

    def failed(self, code: str, message: str) -> bytes:
        """What ends a stream that broke."""
        out: list[bytes] = []
        self.send(out, "error", code=code, message=message, param=None)
        if self._begun:
            said = self._response("failed")
            said["error"] = told(code, message)
            self.send(out, "response.failed", response=said)
        return b"".join(out)

    def send(self, out: list[bytes], type_: str, /, **said: Any) -> None:
        event = _encode({"type": type_, "sequence_number": self._number, **said})
        out.append(b"event: %b\ndata: %b\n\n" % (type_.encode(), event))
        self._number += 1

    def send_text(self, out: list[bytes], where: bytes, text: str) -> None:
        """What most events are: `where` is what they have in common."""
        out.append(_TEXT % (self._number, where, _encode(text)))
        self._number += 1

    def _begin(self, out: list[bytes]) -> None:
        self._begun = True
        self.send(out, "response.created", response=self._response("in_progress"))
        self.send(out, "response.in_progress", response=self._response("in_progress"))

    def _response(self, status: str) -> Fields:
        said = self._shell.response(
            status, created=self._created, model=self._model, output=[one for one in self._output if one]
        )
        if self._tier is not None:
            said["service_tier"] = self._tier
        return said

    # -- what is said

    def _say(self, delta: Fields, logprobs: Any, out: list[bytes]) -> None:
        pieces = delta.get("reasoning_details")
        if not pieces and delta.get("reasoning_content"):
            pieces = [{"type": "reasoning.text", "text": delta["reasoning_content"], "index": None}]
        for piece in pieces or ():
            self._think(piece, out)
        if delta.get("content"):
            self._speak(out).text(delta["content"], (logprobs or {}).get("content") or [], out)
        if delta.get("refusal"):
            self._speak(out).refuse(delta["refusal"], out)
        for one in delta.get("annotations") or ():
            cited = parts.annotation_from_chat(one)
            if cited is not None:
                self._speak(out).cite(cited, out)
        for call in delta.get("tool_calls") or ():
            self._call(call, out)
        own = [answers.as_own(item) for item in delta.get("provider_items") or () if item.get("format") == FORMAT]
        for item in own:
            self._own(item, out)
        for item, signature in [] if own else answers.pictures(delta):
            if signature:
                self._think(thoughts.signed(f"image_{self._pictures}", signature), out)
            self._pictures += 1
            self._own(item, out)

    def _speak(self, out: list[bytes]) -> "_Message":
        if self._message is None:
            self._close(out)
            self._message = _Message(self, self.place("message"), out)
        return self._message

    def _think(self, piece: Fields, out: list[bytes]) -> None:
        own = piece.get("format") == FORMAT
        id_ = split_id(piece.get("id") or "")[0] if own else ""
        if self._thinking is None or not self._thinking.takes(id_, own=own):
            self._close(out)
            self._thinking = _Thinking(self, self.place("reasoning", id_), own, out, summed=self._shell.summed)
        self._thinking.add(piece, out)

    def _call(self, call: Fields, out: list[bytes]) -> None:
        index = call.get("index") or 0
        present = self._calls.get(index)
        if present is None:
            signature = call.get("thought_signature")
            if signature and not (self._thinking is not None and self._thinking.signs(call.get("id"))):
                self._think(thoughts.signed(call.get("id"), signature), out)
            self._close(out, calls=False)
            for other in self._calls.values():
                if other.whole:
                    other.close(out, "completed")
            item = answers.call_from_chat({**call, "type": call.get("type") or "function"}, self._shell.names)
            present = self._calls[index] = _Call(self, self.place(item["type"]), item, call.get("type"), out)
        said = call.get("custom") or call.get("function") or {}
        present.add(said.get("input") or said.get("arguments") or "", out)

    def _own(self, item: Fields, out: list[bytes]) -> None:
        self._close(out)
        place = self.place(item.get("type") or "", item.get("id") or "")
        item["id"] = place[1]
        self.send(out, "response.output_item.added", output_index=place[0], item=item)
        self.done(place[0], item, out)

    # -- items

    def place(self, kind: str, own: str = "") -> tuple[int, str]:
        """The next output index, and the id of the item there."""
        at = len(self._output)
        self._output.append({})
        return at, self._shell.id(KINDS.get(kind, "item"), at, own)

    def done(self, at: int, item: Fields, out: list[bytes]) -> None:
        self._output[at] = item
        self.send(out, "response.output_item.done", output_index=at, item=item)

    def _close(self, out: list[bytes], status: str = "completed", *, calls: bool = True) -> None:
        """Whatever is open ends. `status` is that of the last item, which may have been cut."""
        if self._thinking is not None:
            self._thinking.close(out)
        if self._message is not None:
            self._message.close(out, status)
        called = list(self._calls.values()) if calls else []
        for call in called:
            call.close(out, status if call is called[-1] else "completed")
        self._thinking = self._message = None
        if calls:
            self._calls = {}


class _Message:
    """A message item that is being said."""

    def __init__(self, to: FromChat, place: tuple[int, str], out: list[bytes]) -> None:
        self._to, (self._at, self._id) = to, place
        self._content: list[Fields] = []
        self._pieces: list[str] = []
        self._where = b""
        to.send(out, "response.output_item.added", output_index=self._at, item=self._item("in_progress"))

    def _item(self, status: str) -> Fields:
        return {"id": self._id, "type": "message", "status": status, "role": "assistant", "content": self._content}

    def _part(self, kind: str, out: list[bytes]) -> Fields:
        part = self._content[-1] if self._content else None
        if part is None or part["type"] != kind:
            self._end_part(out)
            text: Fields = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            part = text if kind == "output_text" else {"type": "refusal", "refusal": ""}
            self._content.append(part)
            self._where = _WHERE % (_encode(self._id), self._at, len(self._content) - 1)
            self._send(out, "response.content_part.added", part=part)
        return part

    def _send(self, out: list[bytes], type_: str, /, **said: Any) -> None:
        where = {"item_id": self._id, "output_index": self._at, "content_index": len(self._content) - 1}
        self._to.send(out, type_, **where, **said)

    def text(self, text: str, logprobs: list[Fields], out: list[bytes]) -> None:
        part = self._part("output_text", out)
        self._pieces.append(text)
        if logprobs:
            part["logprobs"] += logprobs
            self._send(out, "response.output_text.delta", delta=text, logprobs=logprobs)
        else:
            self._to.send_text(out, self._where, text)

    def refuse(self, text: str, out: list[bytes]) -> None:
        self._part("refusal", out)
        self._pieces.append(text)
        self._send(out, "response.refusal.delta", delta=text)

    def cite(self, cited: Fields, out: list[bytes]) -> None:
        part = self._part("output_text", out)
        part["annotations"].append(cited)
        at = len(part["annotations"]) - 1
        self._send(out, "response.output_text.annotation.added", annotation_index=at, annotation=cited)

    def _end_part(self, out: list[bytes]) -> None:
        if not self._content:
            return
        part, text = self._content[-1], "".join(self._pieces)
        self._pieces = []
        if part["type"] == "refusal":
            part["refusal"] = text
            self._send(out, "response.refusal.done", refusal=text)
        else:
            part["text"] = text
            self._send(out, "response.output_text.done", text=text, logprobs=part["logprobs"])
        self._send(out, "response.content_part.done", part=part)

    def close(self, out: list[bytes], status: str) -> None:
        self._end_part(out)
        self._to.done(self._at, self._item(status), out)


class _Call:
    """A call that is being made. Of a custom tool that was offered as a function the text is in the arguments, and goes
    out when they are whole."""

    def __init__(self, to: FromChat, place: tuple[int, str], item: Fields, kind: Any, out: list[bytes]) -> None:
        self._to, (self._at, id_) = to, place
        self._custom = item["type"] == "custom_tool_call"
        self._packed = self._custom and kind != "custom"
        self._field = "input" if self._custom else "arguments"
        self._item = {"id": id_, **item, self._field: ""}
        if not self._custom:
            self._item["status"] = "in_progress"
        self._pieces: list[str] = []
        self._closed = False
        to.send(out, "response.output_item.added", output_index=self._at, item=self._item)

    @property
    def whole(self) -> bool:
        """Whether it looks as if nothing more would come: pieces of several calls may come in turn."""
        return not self._closed and ((self._custom and not self._packed) or answers.is_json("".join(self._pieces)))

    def add(self, text: str, out: list[bytes]) -> None:
        if text:
            self._closed = False
            self._pieces.append(text)
            if not self._packed:
                kind = "custom_tool_call_input" if self._custom else "function_call_arguments"
                self._send(out, f"response.{kind}.delta", delta=text)

    def _send(self, out: list[bytes], type_: str, /, **said: Any) -> None:
        self._to.send(out, type_, item_id=self._item["id"], output_index=self._at, **said)

    def close(self, out: list[bytes], status: str) -> None:
        if self._closed:
            return
        self._closed, text = True, "".join(self._pieces)
        if self._packed:
            text = answers.input_of(text)
            self._send(out, "response.custom_tool_call_input.delta", delta=text)
        if self._custom:
            self._send(out, "response.custom_tool_call_input.done", input=text)
        else:
            self._send(out, "response.function_call_arguments.done", arguments=text)
            self._item["status"] = status
        self._item[self._field] = text
        self._to.done(self._at, self._item, out)


class _Thinking:
    """A reasoning item that is being thought. `own`: OpenAI's, kept as it is; others are sealed when it closes."""

    def __init__(self, to: FromChat, place: tuple[int, str], own: bool, out: list[bytes], *, summed: bool) -> None:
        self._to, self._own, self._summed = to, own, summed
        self._at, self._id = place
        self._own_id = split_id(place[1])[0]
        self._entries: dict[Any, Fields] = {}
        self._shown: Fields | None = None  # the part that is being shown
        self._pieces: list[str] = []
        self._item: Fields = {"id": self._id, "type": "reasoning", "summary": []}
        to.send(out, "response.output_item.added", output_index=self._at, item=self._item)

    def takes(self, id_: str, *, own: bool) -> bool:
        """Whether a piece belongs here: of OpenAI's, an item is complete with what is sealed in it."""
        if own and self._own:
            return (not id_ or id_ == self._own_id) and "encrypted_content" not in self._item
        return own == self._own

    def signs(self, id_: Any) -> bool:
        return any(one.get("id") == id_ and one.get("data") for one in self._entries.values())

    def add(self, piece: Fields, out: list[bytes]) -> None:
        text = piece.get("text") or piece.get("summary") or ""
        entry = self._entry(piece)
        if piece.get("type") == "reasoning.encrypted" and self._own:
            self._item["encrypted_content"] = piece.get("data")
        elif text:
            self._show(entry, text, out)

    def _entry(self, piece: Fields) -> Fields:
        """The thought that a piece belongs to: its texts are joined, the rest is set."""
        key = piece.get("index", len(self._entries))
        entry = self._entries.get(key)
        if entry is None or entry["type"] != piece.get("type"):
            key = key if entry is None else (key, len(self._entries))
            entry = self._entries[key] = {k: v for k, v in piece.items() if v is not None}
            return entry
        for name, value in piece.items():
            if name in ("text", "summary") and value:
                entry[name] = entry.get(name, "") + value
            elif value is not None and name not in ("text", "summary"):
                entry[name] = value
        return entry

    def _show(self, entry: Fields, text: str, out: list[bytes]) -> None:
        if entry is not self._shown:
            self._end_part(out)
            self._shown = entry
            listed, kind = self._part_of(entry)
            self._item.setdefault(listed, []).append({"type": kind, "text": ""})
            self._send(out, "part.added", part={"type": kind, "text": ""})
        self._pieces.append(text)
        self._send(out, "text.delta", delta=text)

    def _part_of(self, entry: Fields) -> tuple[str, str]:
        """Summaries and what others show of their thoughts are a summary; thoughts themselves are content."""
        raw = entry.get("type") == "reasoning.text" if self._own else not (self._summed or entry.get("format"))
        return ("content", "reasoning_text") if raw else ("summary", "summary_text")

    def _send(self, out: list[bytes], what: str, /, **said: Any) -> None:
        assert self._shown is not None
        listed = self._part_of(self._shown)[0]
        at = len(self._item[listed]) - 1
        if listed == "summary":
            type_, where = f"response.reasoning_summary_{what}", {"summary_index": at}
        else:
            type_ = f"response.reasoning_{what}" if what.startswith("text") else f"response.content_{what}"
            where = {"content_index": at}
        self._to.send(out, type_, item_id=self._id, output_index=self._at, **where, **said)

    def _end_part(self, out: list[bytes]) -> None:
        if self._shown is None:
            return
        text, self._pieces = "".join(self._pieces), []
        part = self._item[self._part_of(self._shown)[0]][-1]
        part["text"] = text
        self._send(out, "text.done", text=text)
        self._send(out, "part.done", part=part)
        self._shown = None

    def close(self, out: list[bytes]) -> None:
        self._end_part(out)
        if not self._own and self._entries:
            self._item["encrypted_content"] = seal(list(self._entries.values()))
        self._to.done(self._at, self._item, out)
