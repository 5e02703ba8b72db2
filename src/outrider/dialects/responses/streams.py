"""A provider's streamed response as chat chunks, event by event."""

from typing import Any

from outrider.dialects.pivot import ODD, Fields, odd_answer
from outrider.dialects.responses import answers, errors, parts
from outrider.dialects.responses.events import FromChat
from outrider.dialects.responses.marks import FORMAT

__all__ = ["FromChat", "ToChat"]


class ToChat:
    """One stream. Nothing is said before the model says something: until then another deployment could answer."""

    def __init__(self) -> None:
        self.done = False
        self._head: Fields = {"id": "", "object": "chat.completion.chunk", "created": 0, "model": ""}
        self._begun = False
        self._calls: dict[int, int] = {}  # output_index → index of its call
        self._told: set[int] = set()  # output indexes of items that came in pieces
        self._spoke = self._others = 0
        self._length = self._before = 0  # characters of text in all, and before the present part
        self._thoughts: dict[tuple[int, str, int], int] = {}  # part of a reasoning item → its index
        self._thinking: int | None = None  # the index of the thought that was shown last
        self._at: dict[int, int] = {}
        self._searches = 0
        self.counted: Fields | None = None

    def feed(self, kind: str, said: Fields) -> list[Fields]:
        try:
            known = _EVENTS.get(said.get("type") or kind)
            return known(self, said) if known is not None else []
        except ODD:
            raise odd_answer() from None

    @property
    def _place(self) -> int:
        return self._spoke + len(self._calls) + self._others

    # -- pieces

    def _chunk(self, delta: Fields, finish: str | None = None, **more: Any) -> Fields:
        if not self._begun:
            self._begun = True
            delta = {"role": "assistant", **delta}
        choice = {"index": 0, "delta": delta, "finish_reason": finish, **more}
        return {**self._head, "choices": [choice]}

    def _created(self, said: Fields) -> list[Fields]:
        response = said.get("response") or {}
        self._head["id"], self._head["model"] = response.get("id") or "", response.get("model") or ""
        self._head["created"] = int(response.get("created_at") or 0)
        self.counted = answers.usage_to_chat(response.get("usage"), self._searches)
        return []

    def _item(self, said: Fields) -> list[Fields]:
        item, place = said.get("item") or {}, said.get("output_index") or 0
        kind = item.get("type")
        if kind == "message":
            self._spoke = 1
        elif kind in ("function_call", "custom_tool_call"):
            return [self._call(item, place)]
        elif kind == "reasoning":
            self._at[place] = self._place
        return []

    def _call(self, item: Fields, place: int) -> Fields:
        index = self._calls[place] = len(self._calls)
        call = answers.call_to_chat(item)
        if call[call["type"]].get("arguments") or call[call["type"]].get("input"):
            self._told.add(place)
        return self._chunk({"tool_calls": [{"index": index, **call}]})

    def _part(self, said: Fields) -> list[Fields]:
        self._before = self._length
        return []

    def _text(self, said: Fields) -> list[Fields]:
        self._told.add(said.get("output_index") or 0)
        return self._said(said.get("delta") or "", said.get("logprobs"))

    def _said(self, text: str, logprobs: Any) -> list[Fields]:
        self._spoke = 1
        self._length += len(text)
        if logprobs:
            return [self._chunk({"content": text}, logprobs={"content": logprobs, "refusal": None})]
        return [self._chunk({"content": text})] if text else []

    def _refusal(self, said: Fields) -> list[Fields]:
        self._told.add(said.get("output_index") or 0)
        self._spoke = 1
        return [self._chunk({"refusal": said.get("delta") or ""})]

    def _cited(self, said: Fields) -> list[Fields]:
        one = said.get("annotation")
        if not one:
            return []
        return [self._chunk({"annotations": [parts.annotation_to_chat(answers.moved(one, self._before))]})]

    def _arguments(self, said: Fields) -> list[Fields]:
        place = said.get("output_index") or 0
        self._told.add(place)
        call = {"function": {"arguments": said.get("delta") or ""}}
        return [self._chunk({"tool_calls": [{"index": self._calls.get(place, 0), **call}]})]

    def _input(self, said: Fields) -> list[Fields]:
        place = said.get("output_index") or 0
        self._told.add(place)
        call = {"type": "custom", "custom": {"input": said.get("delta") or ""}}
        return [self._chunk({"tool_calls": [{"index": self._calls.get(place, 0), **call}]})]

    # -- thoughts

    def _summary(self, said: Fields) -> list[Fields]:
        return [self._thought("summary", said, said.get("summary_index") or 0, said.get("delta") or "")]

    def _reasoning(self, said: Fields) -> list[Fields]:
        return [self._thought("text", said, said.get("content_index") or 0, said.get("delta") or "")]

    def _thought(self, kind: str, said: Fields, part: int, text: str) -> Fields:
        place = said.get("output_index") or 0
        self._told.add(place)
        index = self._thoughts.setdefault((place, kind, part), len(self._thoughts))
        apart = "\n\n" if self._thinking not in (None, index) and text else ""
        if text:
            self._thinking = index
        one = {"type": f"reasoning.{kind}", kind: text, **self._origin(said.get("item_id"), place), "index": index}
        return self._chunk({"reasoning_content": apart + text, "reasoning_details": [one]})

    def _origin(self, id_: Any, place: int) -> Fields:
        at = self._at.get(place, 0)
        return {"format": FORMAT, "id": id_, "at": at} if at else {"format": FORMAT, "id": id_}

    # -- ends

    def _item_done(self, said: Fields) -> list[Fields]:
        item, place = said.get("item") or {}, said.get("output_index") or 0
        kind, told = item.get("type"), place in self._told
        self._searches += answers.searches([item])
        if kind == "reasoning":
            self._at.setdefault(place, self._place)
            return self._thought_done(item, place, told)
        if kind == "message":
            return [] if told else self._whole_message(item)
        if kind in ("function_call", "custom_tool_call"):
            if place not in self._calls:
                return [self._call(item, place)]
            if told:
                return []
            return self._arguments({**said, "delta": item.get("arguments")}) if kind == "function_call" else (
                self._input({**said, "delta": item.get("input")})
            )  # fmt: skip
        own = answers.own_item(item, self._place)
        self._others += 1
        made = parts.picture_to_chat(item)
        return [self._chunk({"provider_items": [own], **({"images": [made]} if made is not None else {})})]

    def _thought_done(self, item: Fields, place: int, told: bool) -> list[Fields]:
        out: list[Fields] = []
        if not told:
            for kind, listed in (("summary", item.get("summary")), ("text", item.get("content"))):
                for part, one in enumerate(listed or ()):
                    said = {"output_index": place, "item_id": item.get("id")}
                    out.append(self._thought(kind, said, part, one.get("text") or ""))
        sealed = item.get("encrypted_content")
        if sealed:
            index = self._thoughts.setdefault((place, "data", 0), len(self._thoughts))
            one = {"type": "reasoning.encrypted", "data": sealed, **self._origin(item.get("id"), place), "index": index}
            out.append(self._chunk({"reasoning_details": [one]}))
        return out

    def _whole_message(self, item: Fields) -> list[Fields]:
        """A message that came without pieces."""
        out: list[Fields] = []
        for part in item.get("content") or ():
            if part.get("type") == "refusal":
                out += self._refusal({"delta": part.get("refusal")})
            else:
                self._before = self._length
                out += self._said(part.get("text") or "", part.get("logprobs"))
                out += [one for cited in part.get("annotations") or () for one in self._cited({"annotation": cited})]
        return out

    def _finished(self, said: Fields) -> list[Fields]:
        response = said.get("response") or {}
        if not self._head["id"]:
            self._created(said)
        out: list[Fields] = []
        if not self._begun and response.get("output"):  # a server that sends nothing but this
            for place, item in enumerate(response["output"]):
                out += self._item_done({"item": item, "output_index": place})
        word, native = answers.finish(response, calls=bool(self._calls))
        out.append(self._chunk({}, word, native_finish_reason=native))
        if response.get("service_tier") is not None:
            self._head["service_tier"] = response["service_tier"]
        self.counted = answers.usage_to_chat(response.get("usage"), self._searches)
        if self.counted is not None:
            out.append({**self._head, "choices": [], "usage": self.counted})
        self.done = True
        return out

    def _failed(self, said: Fields) -> list[Fields]:
        response = said.get("response") or {}
        self.counted = answers.usage_to_chat(response.get("usage"), self._searches) or self.counted
        raise errors.failed(response.get("error"))

    def _error(self, said: Fields) -> list[Fields]:
        raise errors.failed(said.get("error") or said)


_EVENTS = {
    "response.created": ToChat._created,
    "response.in_progress": ToChat._created,
    "response.output_item.added": ToChat._item,
    "response.output_item.done": ToChat._item_done,
    "response.content_part.added": ToChat._part,
    "response.output_text.delta": ToChat._text,
    "response.output_text.annotation.added": ToChat._cited,
    "response.refusal.delta": ToChat._refusal,
    "response.function_call_arguments.delta": ToChat._arguments,
    "response.custom_tool_call_input.delta": ToChat._input,
    "response.reasoning_summary_text.delta": ToChat._summary,
    "response.reasoning_text.delta": ToChat._reasoning,
    "response.completed": ToChat._finished,
    "response.incomplete": ToChat._finished,
    "response.failed": ToChat._failed,
    "response.cancelled": ToChat._failed,
    "error": ToChat._error,
}
