"""A Converse stream as a chat stream, event by event."""

from typing import Any

from outrider.base import clock, ids
from outrider.dialects import Fields
from outrider.dialects.bedrock import answers, citing, errors
from outrider.dialects.bedrock.families import format_of


class ToChat:
    """See `dialects.ToChat`. `model` may be set before the first event: no event names it."""

    __slots__ = (
        "_calls",
        "_cited",
        "_created",
        "_id",
        "_notes",
        "_open",
        "_size",
        "_stop_said",
        "counted",
        "done",
        "model",
    )

    def __init__(self, model: str = "") -> None:
        self.model, self.done = model, False
        self._id, self._created = f"chatcmpl-{ids.token(12)}", clock.now_ns() // 1_000_000_000
        self._calls = self._size = 0
        self._open: dict[int, Fields] = {}  # what a block is, by its index: only blocks that need it
        self._cited = 0  # where the text of the block under way began
        self._notes: list[Fields] = []
        self._stop_said: Fields = {}
        self.counted: Fields | None = None

    def feed(self, kind: str, said: Fields) -> list[Fields]:
        if kind == "contentBlockDelta":
            return self._delta(said.get("delta") or {}, said.get("contentBlockIndex") or 0)
        if kind == "contentBlockStart":
            return self._start(said.get("start") or {}, said.get("contentBlockIndex") or 0)
        if kind == "contentBlockStop":
            return self._stop(said.get("contentBlockIndex") or 0)
        if kind == "messageStart":
            return [self._chunk({"role": said.get("role") or "assistant", "content": ""})]
        if kind == "messageStop":
            self._stop_said = said
            return [self._chunk({}, **answers.finish(said))]
        if kind == "metadata":
            return self._metadata(said)
        if kind.endswith("Exception"):
            raise errors.in_stream(kind, said)
        return []

    def _chunk(self, delta: Fields, **more: Any) -> Fields:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None, **more}
        return self._frame([choice])

    def _frame(self, choices: list[Fields]) -> Fields:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self.model,
            "choices": choices,
        }

    def _start(self, start: Fields, index: int) -> list[Fields]:
        use = start.get("toolUse")
        if use is None or use.get("type") == "server_tool_use":
            self._open[index] = {name: dict(value) for name, value in start.items()}
            return []
        at, self._calls = self._calls, self._calls + 1
        self._open[index] = {"call": at, "said": False}
        function = {"name": use.get("name"), "arguments": ""}
        return [self._chunk({"tool_calls": [_call(at, function, id=use.get("toolUseId"))]})]

    def _delta(self, delta: Fields, index: int) -> list[Fields]:
        text = delta.get("text")
        if text is not None:
            self._size += len(text)
            return [self._chunk({"content": text})] if text else []
        if "toolUse" in delta:
            return self._argument(delta["toolUse"].get("input") or "", index)
        if "reasoningContent" in delta:
            return self._thought(delta["reasoningContent"], index)
        if "citation" in delta:
            self._notes.append(delta["citation"])
            return []
        self._gather(delta, index)
        return []

    def _argument(self, piece: str, index: int) -> list[Fields]:
        block = self._open.get(index)
        if block is None or "call" not in block:
            if block is not None and "toolUse" in block:
                block["toolUse"]["input"] = block["toolUse"].get("input", "") + piece
            return []
        if not piece:
            return []
        block["said"] = True
        return [self._chunk({"tool_calls": [_call(block["call"], {"arguments": piece})]})]

    def _thought(self, said: Fields, index: int) -> list[Fields]:
        detail: Fields = {"type": "reasoning.text", "text": "", "format": format_of(self.model), "index": index}
        if "redactedContent" in said:
            detail["type"] = "reasoning.encrypted"
            del detail["text"]
            detail["data"] = said["redactedContent"]
        elif "signature" in said:
            detail["signature"] = said["signature"]
        else:
            detail["text"] = text = said.get("text") or ""
            return [self._chunk({"reasoning_content": text, "reasoning_details": [detail]})] if text else []
        return [self._chunk({"reasoning_details": [detail]})]

    def _gather(self, delta: Fields, index: int) -> None:
        """What of a block is given on only when it is whole: images, and what tools of Bedrock's own answered."""
        block = self._open.get(index)
        if block is None:
            return
        for name, value in delta.items():
            kept = block.setdefault(name, {})
            if name == "toolResult" and isinstance(value, list):
                kept.setdefault("content", []).extend(value)
            elif isinstance(value, dict):
                kept.update(value)

    def _stop(self, index: int) -> list[Fields]:
        block = self._open.pop(index, None)
        out = []
        if self._notes:
            notes = [citing.annotation(one, self._cited, self._size) for one in self._notes]
            self._notes = []
            out.append(self._chunk({"annotations": notes}))
        self._cited = self._size
        if block is None:
            return out
        if "call" in block:
            if not block["said"]:  # called without arguments, which in JSON are an empty object
                out.append(self._chunk({"tool_calls": [_call(block["call"], {"arguments": "{}"})]}))
        elif "bytes" in ((block.get("image") or {}).get("source") or {}):
            out.append(self._chunk({"images": [answers.image(block["image"])]}))
        elif block:
            out.append(self._chunk({"provider_items": [answers.item(_whole(block), index)]}))
        return out

    def _metadata(self, said: Fields) -> list[Fields]:
        """The last event: what was used, which model a router chose, what a guardrail found."""
        self.done = True
        self.model = answers.routed(said) or self.model
        out = []
        about: Fields = {}
        if guardrail := (said.get("trace") or {}).get("guardrail"):
            about["safety_ratings"] = guardrail
        if told := answers.metadata(self._stop_said, said):
            about["provider_metadata"] = told
        if about:
            out.append(self._chunk({}, **about))
        last = self._frame([])
        if said.get("usage"):
            last["usage"] = self.counted = answers.usage(said["usage"])
        if tier := answers.TIERS.get((said.get("serviceTier") or {}).get("type", "")):
            last["service_tier"] = tier
        return [*out, last] if len(last) > 5 else out


def _call(index: int, function: Fields, **more: Any) -> Fields:
    call: Fields = {"index": index, "function": function}
    return {"index": index, "type": "function", "function": function, **more} if more else call


def _whole(block: Fields) -> Fields:
    """A block that came in pieces; the input of a tool's call is JSON in pieces."""
    use = block.get("toolUse")
    if use is not None and isinstance(use.get("input"), str):
        use["input"] = answers.arguments(use["input"])
    return block
