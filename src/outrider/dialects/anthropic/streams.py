"""A provider's stream into chat, event by event. Out of chat it is `writing`."""

from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.dialects.anthropic import FORMAT, answers, citing, counts, errors, turns
from outrider.dialects.anthropic.writing import FromChat
from outrider.dialects.pivot import ODD, Fields, odd_answer

__all__ = ["FromChat", "ToChat", "refused"]

_json = msgspec.json.Encoder()
_object = msgspec.json.Decoder(dict[str, Any])


class ToChat:
    """One streamed message on its way into chat. A `dialects.ToChat`.

    Text, thoughts and arguments go on at once. Citations wait for the end of their text block, whose range they name;
    blocks that chat only carries, until they are whole.
    """

    __slots__ = ("_blocks", "_calls", "_end", "_ended", "_head", "_placed", "_usage", "done")

    def __init__(self) -> None:
        self.done = False
        self._head: Fields = {}
        self._usage: Fields = {}
        self._blocks: dict[int, _Block] = {}
        self._calls = self._placed = self._end = 0
        self._ended = False

    @property
    def counted(self) -> Fields | None:
        """The input is told at the beginning."""
        return counts.to_chat(self._usage)

    def feed(self, kind: str, said: Fields) -> list[Fields]:
        try:
            return self._feed(kind, said)
        except ODD:
            raise odd_answer() from None

    def _feed(self, kind: str, said: Fields) -> list[Fields]:
        match said.get("type") or kind:
            case "content_block_delta":
                return self._delta(said)
            case "content_block_start":
                return self._start(said)
            case "content_block_stop":
                return self._stop(said)
            case "message_start":
                return self._begin(said["message"])
            case "message_delta":
                return self._ending(said)
            case "message_stop":
                self.done = True
                return self._last()
            case "error":
                raise refused(said)
        return []  # a ping, or what will be invented

    def _begin(self, message: Fields) -> list[Fields]:
        self._head = {
            "id": message.get("id", ""),
            "object": "chat.completion.chunk",
            "created": clock.now_ns() // 1_000_000_000,
            "model": message.get("model", ""),
        }
        self._usage = dict(message.get("usage") or {})
        if (tier := counts.tier(self._usage)) is not None:
            self._head["service_tier"] = tier
        chunks = self._chunk({"role": "assistant", "content": ""})
        for index, block in enumerate(message.get("content") or ()):  # some begin with what is there already
            chunks += self._start({"index": index, "content_block": block})
            chunks += self._stop({"index": index})
        return chunks

    def _chunk(self, delta: Fields) -> list[Fields]:
        return [{**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}]

    def _start(self, said: Fields) -> list[Fields]:
        block = said["content_block"]
        index = turns.place(self._placed, self._calls, self._end)
        self._blocks[said["index"]] = opened = _Block(index, block)
        match block["type"]:
            case "text":
                opened.start = self._end
                opened.citations = list(block.get("citations") or ())
                return self._text(block.get("text"))
            case "thinking":
                self._placed += 1
                return self._thought(opened, block.get("thinking"), block.get("signature"))
            case "redacted_thinking":
                self._placed += 1
                return self._chunk({"reasoning_details": [turns.redacted(index, block["data"])]})
            case "tool_use" if "toolset_name" not in block:
                opened.call, self._calls = self._calls, self._calls + 1
                function = {"name": block["name"], "arguments": ""}
                call = {"index": opened.call, "id": block["id"], "type": "function", "function": function}
                if (caller := block.get("caller")) and caller != {"type": "direct"}:
                    call["caller"] = caller
                return self._chunk({"tool_calls": [call]})
        self._placed += 1
        return []

    def _delta(self, said: Fields) -> list[Fields]:
        delta = said["delta"]
        kind = delta["type"]
        if kind == "text_delta":
            return self._text(delta["text"])
        block = self._blocks.get(said["index"])
        if block is None:
            return []
        if kind == "input_json_delta":
            return self._argument(block, delta["partial_json"])
        if kind == "thinking_delta":
            return self._thought(block, delta["thinking"], None)
        if kind == "signature_delta":
            return self._thought(block, None, delta["signature"])
        if kind == "citations_delta":
            block.citations.append(delta["citation"])
        else:
            block.grow(delta)
        return []

    def _text(self, text: str | None) -> list[Fields]:
        if not text:
            return []
        self._end += len(text)
        return self._chunk({"content": text})

    def _thought(self, block: "_Block", text: str | None, signature: str | None) -> list[Fields]:
        detail: Fields = {"type": "reasoning.text"}
        delta: Fields = {}
        if text:
            detail["text"] = delta["reasoning_content"] = text
        if signature:
            detail["signature"] = signature
        if len(detail) == 1:
            return []
        delta["reasoning_details"] = [{**detail, "format": FORMAT, "index": block.index}]
        return self._chunk(delta)

    def _argument(self, block: "_Block", piece: str) -> list[Fields]:
        if not piece:
            return []
        if block.call is None:
            block.input.append(piece)
            return []
        block.argued = True
        return self._chunk({"tool_calls": [{"index": block.call, "function": {"arguments": piece}}]})

    def _stop(self, said: Fields) -> list[Fields]:
        block = self._blocks.pop(said["index"], None)
        if block is None:
            return []
        if block.call is not None:
            whole = _json.encode(block.said.get("input") or {}).decode()
            return [] if block.argued else self._argument(block, whole)
        if block.citations:
            notes = [citing.annotation(one, block.start, self._end) for one in block.citations]
            return self._chunk({"annotations": notes})
        if block.said["type"] in ("text", "thinking", "redacted_thinking"):
            return []
        return self._chunk({"provider_items": [block.whole()]})

    def _ending(self, said: Fields) -> list[Fields]:
        self._usage.update({name: value for name, value in (said.get("usage") or {}).items() if value is not None})
        delta = said.get("delta") or {}
        if self._ended or delta.get("stop_reason") is None:
            return []
        self._ended = True
        chunks = self._chunk({"refusal": why} if (why := answers.explained(delta)) else {})
        answers.ending(chunks[0]["choices"][0], delta)
        return chunks

    def _last(self) -> list[Fields]:
        counted = self.counted
        return [] if counted is None else [{**self._head, "choices": [], "usage": counted}]


class _Block:
    """A content block that is not closed yet."""

    __slots__ = ("argued", "call", "citations", "index", "input", "said", "start")

    def __init__(self, index: int, said: Fields) -> None:
        self.index, self.said = index, said
        self.call: int | None = None
        self.argued = False
        self.citations: list[Fields] = []
        self.input: list[str] = []
        self.start = 0

    def grow(self, delta: Fields) -> None:
        """A piece of a kind that is only carried: texts go on, all else is the newest."""
        for name, value in delta.items():
            if name != "type":
                before = self.said.get(name)
                self.said[name] = before + value if isinstance(before, str) and isinstance(value, str) else value

    def whole(self) -> Fields:
        if self.input:
            try:
                self.said["input"] = _object.decode("".join(self.input))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self.said["input"] = {"invalid_json": "".join(self.input)}
        return {"format": FORMAT, "index": self.index, **self.said}


def refused(said: Fields) -> UpstreamError:
    """The error that an `error` event, or a body of that type, tells."""
    error = said.get("error")
    error = error if isinstance(error, dict) else {}
    kind, message = str(error.get("type", "")), str(error.get("message", ""))
    status = errors.STATUSES.get(kind, 500)
    return UpstreamError(
        f"the provider sent an error inside a 200 answer: {message[:500] or kind}",
        code="provider_rate_limited" if status == 429 else "upstream_error_in_200",
        status=status if status != 500 else 0,
        retryable=status in (429, 500, 504, 529),
    )
