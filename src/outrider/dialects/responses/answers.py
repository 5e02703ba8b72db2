"""Whole answers, both ways: a provider's response as a chat completion, a completion as a caller's response."""

from typing import Any

import msgspec

from outrider.dialects.pivot import Fields, searched
from outrider.dialects.responses import parts, thoughts
from outrider.dialects.responses.marks import FORMAT, item_id, response_id
from outrider.dialects.responses.tools import Names
from outrider.dialects.responses.turns import in_order

_decode = msgspec.json.decode
_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}
_WHY = {"length": "max_output_tokens", "content_filter": "content_filter"}
_ECHOED: Fields = {
    "background": False, "instructions": None, "max_output_tokens": None, "max_tool_calls": None, "metadata": {},
    "parallel_tool_calls": True, "previous_response_id": None, "prompt_cache_key": None, "safety_identifier": None,
    "service_tier": "auto", "store": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_logprobs": 0,
    "top_p": 1.0, "truncation": "disabled", "user": None,
}  # fmt: skip
"""Fields of a request that its response repeats, with what they are if it does not have them."""


# -- from a provider --------------------------------------------------------------------------------------------------


def to_chat(said: Fields) -> Fields:
    """A chat completion."""
    reader = Output()
    for item in said.get("output") or ():
        reader.add(item)
    choice: Fields = {"index": 0, "message": reader.message(), "logprobs": None}
    if reader.logprobs:
        choice["logprobs"] = {"content": reader.logprobs, "refusal": None}
    choice["finish_reason"], choice["native_finish_reason"] = finish(said, calls=bool(reader.calls))
    chat: Fields = {
        "id": said.get("id") or "",
        "object": "chat.completion",
        "created": int(said.get("created_at") or 0),
        "model": said.get("model") or "",
        "choices": [choice],
    }
    if said.get("service_tier") is not None:
        chat["service_tier"] = said["service_tier"]
    counted = usage_to_chat(said.get("usage"), searches(said.get("output")))
    if counted is not None:
        chat["usage"] = counted
    return chat


def finish(said: Fields, *, calls: bool) -> tuple[str, str]:
    """Why it ended, in chat's word and in the provider's own."""
    if said.get("status") == "incomplete":
        reason = (said.get("incomplete_details") or {}).get("reason") or "incomplete"
        return _REASONS.get(reason, "length"), reason
    return ("tool_calls" if calls else "stop"), said.get("status") or "completed"


def searches(output: Any) -> int:
    """How often the web was searched on the provider's side: opening a page, or looking in one, is no search."""
    kinds = [one for one in output or () if isinstance(one, dict) and one.get("type") == "web_search_call"]
    return sum((one.get("action") or {}).get("type", "search") == "search" for one in kinds)


def usage_to_chat(said: Any, searches: int = 0) -> Fields | None:
    if not isinstance(said, dict) or said.get("input_tokens") is None:
        return None
    read, written = said["input_tokens"], said.get("output_tokens") or 0
    out: Fields = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": said.get("total_tokens")}
    if out["total_tokens"] is None:
        out["total_tokens"] = read + written
    of, by = said.get("input_tokens_details") or {}, said.get("output_tokens_details") or {}
    out["prompt_tokens_details"] = {"cached_tokens": of.get("cached_tokens") or 0}
    out["prompt_tokens_details"] |= {n: of[n] for n in ("cache_write_tokens", "audio_tokens") if of.get(n)}
    out["completion_tokens_details"] = {"reasoning_tokens": by.get("reasoning_tokens") or 0}
    if by.get("audio_tokens"):
        out["completion_tokens_details"]["audio_tokens"] = by["audio_tokens"]
    return out | searched(searches)


class Output:
    """Output items, gathered into one chat message."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.refusal: list[str] = []
        self.calls: list[Fields] = []
        self.logprobs: list[Fields] = []
        self._cited: list[Fields] = []
        self._thoughts: list[Fields] = []
        self._others: list[Fields] = []
        self._images: list[Fields] = []
        self._spoke = 0

    @property
    def _place(self) -> int:
        return self._spoke + len(self.calls) + len(self._others)

    def add(self, item: Fields) -> None:
        kind = item.get("type")
        if kind == "message":
            self._message(item)
        elif kind == "reasoning":
            self._thoughts += thoughts.details(item, len(self._thoughts), self._place)
        elif kind in ("function_call", "custom_tool_call"):
            self.calls.append(call_to_chat(item))
        else:
            made = parts.picture_to_chat(item)
            self._images += [made] if made is not None else []
            self._others.append(own_item(item, self._place))

    def _message(self, item: Fields) -> None:
        before = sum(map(len, self.text))
        for part in item.get("content") or ():
            if part.get("type") == "refusal":
                self.refusal.append(part.get("refusal") or "")
                continue
            for one in part.get("annotations") or ():
                self._cited.append(parts.annotation_to_chat(moved(one, before)))
            self.text.append(part.get("text") or "")
            before += len(self.text[-1])
            self.logprobs += part.get("logprobs") or ()
        self._spoke = 1

    def message(self) -> Fields:
        said: Fields = {"role": "assistant", "content": "".join(self.text) if self.text else None, "refusal": None}
        if self.refusal:
            said["refusal"] = "".join(self.refusal)
        if self.calls:
            said["tool_calls"] = self.calls
        if self._cited:
            said["annotations"] = self._cited
        if self._thoughts:
            said["reasoning_details"] = self._thoughts
            told = [t.get("summary") or t.get("text") or "" for t in self._thoughts]
            shown = "\n\n".join(one for one in told if one)
            if shown:
                said["reasoning_content"] = shown
        if self._others:
            said["provider_items"] = self._others
        if self._images:
            said["images"] = self._images
        return said


def moved(cited: Fields, by: int) -> Fields:
    """A citation's place in all of the text."""
    if not by or "start_index" not in cited:
        return cited
    return {**cited, "start_index": cited["start_index"] + by, "end_index": cited["end_index"] + by}


def call_to_chat(item: Fields) -> Fields:
    id_, name = item.get("call_id") or "", item.get("name") or ""
    if item.get("type") == "custom_tool_call":
        return {"id": id_, "type": "custom", "custom": {"name": name, "input": item.get("input") or ""}}
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": item.get("arguments") or ""}}


def own_item(item: Fields, at: int) -> Fields:
    """An item that only this language has, as one of `provider_items`."""
    return {**item, "format": FORMAT, "at": at} if at else {**item, "format": FORMAT}


# -- to a caller ------------------------------------------------------------------------------------------------------


class Shell:
    """What a response says beside its output: from the caller's request, and the run's id as text."""

    def __init__(self, asked: Fields, run: str) -> None:
        self.run, self.names = run, Names(asked.get("tools"))
        self.summed = bool((asked.get("reasoning") or {}).get("summary"))
        self._asked = asked

    def response(self, status: str, *, created: int, model: str, output: list[Fields]) -> Fields:
        asked = self._asked
        echoed = {n: v if asked.get(n) is None else asked[n] for n, v in _ECHOED.items()}
        thinking, text = asked.get("reasoning") or {}, asked.get("text") or {}
        return {
            "id": response_id(self.run),
            "object": "response",
            "created_at": created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": model or asked.get("model") or "",
            "output": output,
            **echoed,
            "reasoning": {"effort": thinking.get("effort"), "summary": thinking.get("summary")},
            "text": {"format": {"type": "text"}, "verbosity": "medium", **text},
            "usage": None,
        }

    def id(self, kind: str, number: int, own: str = "") -> str:
        return item_id(own or f"{kind}_{number}", self.run)


def from_chat(chat: Fields, shell: Shell) -> Fields:
    """A caller's response for a chat completion (its first choice)."""
    choice = (chat.get("choices") or [{}])[0]
    message = choice.get("message") or {}
    ended, why = status(choice.get("finish_reason"))
    output = output_of(message, choice, shell, ended)
    created = int(chat.get("created") or 0)
    said = shell.response(ended, created=created, model=chat.get("model") or "", output=output)
    said["incomplete_details"] = why
    if chat.get("service_tier"):
        said["service_tier"] = chat["service_tier"]
    said["usage"] = usage_from_chat(chat.get("usage"))
    return said


def status(finish: Any) -> tuple[str, Fields | None]:
    """A response's status and `incomplete_details` for chat's reason to end."""
    if finish in _WHY:
        return "incomplete", {"reason": _WHY[finish]}
    return "completed", None


def usage_from_chat(said: Any) -> Fields | None:
    if not isinstance(said, dict) or said.get("prompt_tokens") is None:
        return None
    read, written = said["prompt_tokens"], said.get("completion_tokens") or 0
    of, by = said.get("prompt_tokens_details") or {}, said.get("completion_tokens_details") or {}
    out: Fields = {
        "input_tokens": read,
        "input_tokens_details": {
            "cached_tokens": of.get("cached_tokens") or 0,
            "cache_write_tokens": of.get("cache_write_tokens") or 0,
        },
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": by.get("reasoning_tokens") or 0},
        "total_tokens": read + written,
    }
    for name, details_ in (("input_tokens_details", of), ("output_tokens_details", by)):
        if details_.get("audio_tokens"):
            out[name]["audio_tokens"] = details_["audio_tokens"]
    return out


def output_of(message: Fields, choice: Fields, shell: Shell, ended: str) -> list[Fields]:
    """The output items of a chat message, in their order: see `turns` for `at`."""
    plain: list[Fields] = []
    said = _message(message, choice)
    if said is not None:
        plain.append(said)
    thought = [(t.get("at", 0), t) for t in thoughts.thoughts_in(message)]
    for call in message.get("tool_calls") or ():
        signature = call.get("thought_signature")
        if signature and not any(t.get("id") == call.get("id") for _, t in thought):
            thought.append((len(plain), thoughts.signed(call.get("id"), signature)))
        plain.append(call_from_chat(call, shell.names))
    others = [(i.get("at", 0), as_own(i)) for i in message.get("provider_items") or () if i.get("format") == FORMAT]
    if not any(item["type"] == parts.PICTURE for _, item in others):
        for number, (picture, signature) in enumerate(pictures(message)):
            if signature:
                thought.append((len(plain), thoughts.signed(f"image_{number}", signature)))
            plain.append(picture)
    out = in_order(plain, thoughts.placed(thought, summed=shell.summed), others)
    for number, item in enumerate(out):
        item["id"] = shell.id(KINDS.get(item["type"], "item"), number, item.get("id") or "")
        if item["type"] not in ("reasoning", "custom_tool_call"):
            item.setdefault("status", "completed")
    if ended == "incomplete" and out and out[-1]["type"] in ("message", "function_call"):
        out[-1]["status"] = "incomplete"
    return [_ordered(item) for item in out]


KINDS = {"message": "msg", "reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc", parts.PICTURE: "ig"}


def pictures(message: Fields) -> list[tuple[Fields, str | None]]:
    """What a message or delta has of pictures as output items, each with its signature."""
    made = [(parts.picture_from_chat(image), image.get("thought_signature")) for image in message.get("images") or ()]
    return [(item, signature) for item, signature in made if item is not None]


def _ordered(item: Fields) -> Fields:
    return {"id": item["id"], "type": item["type"], **item}


def as_own(item: Fields) -> Fields:
    """One of `provider_items` as the item that it was."""
    return {k: v for k, v in item.items() if k not in ("format", "at")}


def _message(message: Fields, choice: Fields) -> Fields | None:
    content: list[Fields] = []
    text = message.get("content")
    if isinstance(text, list):
        text = "".join(part.get("text") or "" for part in text if part.get("type") == "text")
    if text:
        cited = [c for one in message.get("annotations") or () if (c := parts.annotation_from_chat(one)) is not None]
        logprobs = (choice.get("logprobs") or {}).get("content") or []
        content.append({"type": "output_text", "text": text, "annotations": cited, "logprobs": logprobs})
    if message.get("refusal"):
        content.append({"type": "refusal", "refusal": message["refusal"]})
    return {"type": "message", "role": "assistant", "content": content} if content else None


def call_from_chat(call: Fields, names: Names) -> Fields:
    """A call as an output item: of a custom tool as such, whatever the model took it for."""
    if call.get("type") == "custom":
        said = call.get("custom") or {}
        return custom_call(call.get("id"), said.get("name") or "", said.get("input") or "", names)
    said = call.get("function") or {}
    name, arguments = said.get("name") or "", said.get("arguments") or ""
    if name in names.custom:
        return custom_call(call.get("id"), name, input_of(arguments), names)
    return {"type": "function_call", "call_id": call.get("id") or "", **named(name, names), "arguments": arguments}


def custom_call(id_: Any, name: str, text: str, names: Names) -> Fields:
    return {"type": "custom_tool_call", "call_id": id_ or "", **named(name, names), "input": text}


def named(name: str, names: Names) -> Fields:
    """A tool's name, and its namespace if it has one."""
    space = names.spaces.get(name)
    return {"name": name} if space is None else {"name": space[1], "namespace": space[0]}


def is_json(text: str) -> bool:
    try:
        _decode(text)
    except msgspec.DecodeError:
        return False
    return True


def input_of(arguments: str) -> str:
    """The text for a custom tool in the arguments of the function that stood for it."""
    try:
        said = _decode(arguments)
    except msgspec.DecodeError:
        return arguments
    return said["input"] if isinstance(said, dict) and isinstance(said.get("input"), str) else arguments
