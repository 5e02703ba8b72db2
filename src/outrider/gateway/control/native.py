"""Answers in a provider's own language, which pass as bytes, with some of their calls taken out. Pure.

Calls are counted as they come, so the n-th here is the n-th of the same answer in chat.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.sse import payload
from outrider.gateway.control.reading import acts_here
from outrider.gateway.control.rewriting import ITEMS, Gone

Fields = dict[str, Any]
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()
_CALLS = ("function_call", "custom_tool_call")


def whole(language: str, body: bytes, gone: Gone) -> bytes:
    """A whole answer."""
    return _json.encode(_WHOLE[language](_fields.decode(body), gone))


def ending(language: str, events: Sequence[bytes], gone: Gone) -> list[bytes]:
    """The end of a stream, from its first call on."""
    return list(_ENDING[language](events, gone))


# -- Anthropic's Messages ----------------------------------------------------------------------------------------------


def _message(answer: Fields, gone: Gone) -> Fields:
    kept, number = [], 0
    for block in answer.get("content") or ():
        if block.get("type") == "tool_use":
            number += 1
            if gone.takes(0, number - 1):
                continue
        kept.append(block)
    answer["content"] = [*kept, {"type": "text", "text": gone.said[0]}]
    if not gone.left[0]:
        answer["stop_reason"] = "end_turn"
    return answer


def _message_events(events: Sequence[bytes], gone: Gone) -> Iterator[bytes]:
    dropped: set[int] = set()
    number, next_, told = 0, -1, False
    for event in events:
        said = _said(event)
        kind, index = said.get("type"), said.get("index")
        if isinstance(index, int):
            next_ = index if next_ < 0 else next_
            if kind == "content_block_start" and (said.get("content_block") or {}).get("type") == "tool_use":
                number += 1
                if gone.takes(0, number - 1):
                    dropped.add(index)
            if index in dropped:
                continue
            next_ = max(next_, index - sum(one < index for one in dropped) + 1)
            yield _event(event, {**said, "index": index - sum(one < index for one in dropped)}) if dropped else event
            continue
        if kind in ("message_delta", "message_stop") and not told:
            told = True
            yield from _text_block(max(0, next_), gone.said[0])
        if kind == "message_delta" and not gone.left[0]:
            said["delta"] = {**(said.get("delta") or {}), "stop_reason": "end_turn"}
            event = _event(event, said)
        yield event


def _text_block(index: int, text: str) -> Iterator[bytes]:
    for said in (
        {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": index},
    ):
        yield _named(said)


# -- OpenAI's Responses ------------------------------------------------------------------------------------------------


class _Items:
    """Which items of a response go: functions and what a client is to act on are counted apart."""

    def __init__(self, gone: Gone, first_item: int) -> None:
        self._gone, self._function, self._item = gone, 0, first_item

    def goes(self, item: Fields) -> bool:
        if item.get("type") in _CALLS:
            self._function += 1
            return self._gone.takes(0, self._function - 1)
        if acts_here(item):
            self._item += 1
            return self._gone.takes(0, self._item - 1)
        return False


def _response(answer: Fields, gone: Gone, message: Fields | None = None) -> Fields:
    items = _Items(gone, ITEMS)
    kept = [item for item in answer.get("output") or () if not items.goes(item)]
    answer["output"] = [*kept, message or _own_message(gone.said[0])]
    return answer


def _own_message(text: str) -> Fields:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {
        "id": f"msg_{ids.token(24)}",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }


def _response_events(events: Sequence[bytes], gone: Gone) -> Iterator[bytes]:
    items = _Items(gone, ITEMS)
    dropped: set[int] = set()
    message = _own_message(gone.said[0])
    sequence, next_, told = -1, 0, False
    for event in events:
        said = _said(event)
        if not said:
            yield event
            continue
        sequence = said.get("sequence_number", 0) if sequence < 0 else sequence
        at = said.get("output_index")
        if said.get("type") == "response.output_item.added" and items.goes(said.get("item") or {}):
            dropped.add(at if isinstance(at, int) else -1)
        if at in dropped:
            next_ = next_ or at or 0
            continue
        if isinstance(at, int):
            said["output_index"] = at - sum(one < at for one in dropped)
            next_ = said["output_index"] + 1
        elif isinstance(said.get("response"), dict) and not told:
            told = True
            for one in _message_item(message, next_):
                yield _numbered(one, sequence)
                sequence += 1
            _response(said["response"], gone, message)
        yield _numbered(said, sequence)
        sequence += 1


def _message_item(message: Fields, at: int) -> Iterator[Fields]:
    part, place = message["content"][0], {"item_id": message["id"], "output_index": at, "content_index": 0}
    begun = {**message, "status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "output_index": at, "item": begun}
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    yield {"type": "response.output_text.delta", **place, "delta": part["text"], "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
    yield {"type": "response.output_item.done", "output_index": at, "item": message}


def _numbered(said: Fields, sequence: int) -> bytes:
    return _named({**said, "sequence_number": sequence})


# -- Gemini ------------------------------------------------------------------------------------------------------------


class _Candidates:
    """Takes calls out of candidates, counted over all that is given."""

    def __init__(self, gone: Gone) -> None:
        self._gone = gone
        self._numbers: dict[int, int] = {}
        self.told: set[int] = set()

    def cut(self, candidate: Fields, *, last: bool) -> Fields:
        at = candidate.get("index") or 0
        content = candidate.get("content") or {}
        kept = [part for part in content.get("parts") or () if not self._goes(at, part)]
        if last and at in self._gone.said and at not in self.told:
            self.told.add(at)
            kept.append({"text": self._gone.said[at]})
        return {**candidate, "content": {"role": "model", **content, "parts": kept or [{"text": ""}]}}

    def _goes(self, at: int, part: Fields) -> bool:
        if "functionCall" not in part and "function_call" not in part:
            return False
        self._numbers[at] = number = self._numbers.get(at, -1) + 1
        return self._gone.takes(at, number)


def _generated(answer: Fields, gone: Gone) -> Fields:
    cutting = _Candidates(gone)
    answer["candidates"] = [cutting.cut(one, last=True) for one in answer.get("candidates") or ()]
    return answer


def _generated_events(events: Sequence[bytes], gone: Gone) -> Iterator[bytes]:
    cutting = _Candidates(gone)
    said = [_said(event) for event in events]
    final = max((n for n, one in enumerate(said) if one.get("candidates")), default=-1)
    for number, (event, one) in enumerate(zip(events, said, strict=True)):
        candidates = one.get("candidates")
        if not candidates:
            yield event
            continue
        last = number == final
        one["candidates"] = [cutting.cut(c, last=last or bool(c.get("finishReason"))) for c in candidates]
        yield _event(event, one)


_WHOLE: Mapping[str, Callable[[Fields, Gone], Fields]] = {
    "anthropic": _message,
    "responses": _response,
    "gemini": _generated,
}
_ENDING: Mapping[str, Callable[[Sequence[bytes], Gone], Iterator[bytes]]] = {
    "anthropic": _message_events,
    "responses": _response_events,
    "gemini": _generated_events,
}


def _said(event: bytes) -> Fields:
    said = payload(event)
    return _fields.decode(said) if said[:1] == b"{" else {}


def _event(like: bytes, said: Fields) -> bytes:
    """An event in the form of another: with its name, and its ends of lines."""
    end = b"\r\n" if like.endswith(b"\r\n\r\n") else b"\n"
    name = like[: like.find(b"\n") + 1] if like.startswith(b"event:") else b""
    return b"%bdata: %b%b%b" % (name, _json.encode(said), end, end)


def _named(said: Fields) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (str(said["type"]).encode(), _json.encode(said))
