"""A finished response as the events of a stream, for who wants to see it again as one."""

from typing import Any

import msgspec

from outrider.dialects.pivot import Fields

_encode = msgspec.json.Encoder().encode
_WHOLE = {
    "output_text": ("response.output_text", "text", ("logprobs",)),
    "refusal": ("response.refusal", "refusal", ()),
    "reasoning_text": ("response.reasoning_text", "text", ()),
}
_CALLS = {
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}


def events(response: Fields) -> list[bytes]:
    """Its events in order; each text comes in one piece."""
    out: list[bytes] = []

    def send(type_: str, /, **said: Any) -> None:
        event = _encode({"type": type_, "sequence_number": len(out), **said})
        out.append(b"event: %b\ndata: %b\n\n" % (type_.encode(), event))

    begun = {**response, "status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    send("response.created", response=begun)
    send("response.in_progress", response=begun)
    for at, item in enumerate(response.get("output") or ()):
        _item(item, at, send)
    send(f"response.{response.get('status') or 'completed'}", response=response)
    return out


def _item(item: Fields, at: int, send: Any) -> None:
    kind, where = item.get("type"), {"item_id": item.get("id"), "output_index": at}
    fields = {"message": ("content",), "reasoning": ("summary", "content")}.get(kind or "", ())
    empty: Fields = {name: [] for name in fields if name in item}
    if kind in _CALLS:
        empty[_CALLS[kind][1]] = ""
    if "status" in item and empty:
        empty["status"] = "in_progress"
    send("response.output_item.added", output_index=at, item={**item, **empty})
    for index, part in enumerate(item.get("summary") or () if kind == "reasoning" else ()):
        _summary(part, {**where, "summary_index": index}, send)
    for index, part in enumerate(item.get("content") or () if fields else ()):
        _part(part, {**where, "content_index": index}, send)
    if kind in _CALLS:
        name, field = _CALLS[kind]
        send(f"{name}.delta", **where, delta=item.get(field) or "")
        send(f"{name}.done", **where, **{field: item.get(field) or ""})
    send("response.output_item.done", output_index=at, item=item)


def _summary(part: Fields, where: Fields, send: Any) -> None:
    send("response.reasoning_summary_part.added", **where, part={**part, "text": ""})
    send("response.reasoning_summary_text.delta", **where, delta=part.get("text") or "")
    send("response.reasoning_summary_text.done", **where, text=part.get("text") or "")
    send("response.reasoning_summary_part.done", **where, part=part)


def _part(part: Fields, where: Fields, send: Any) -> None:
    name, field, more = _WHOLE.get(part.get("type") or "", ("", "", ()))
    if not name:
        return
    beside = {one: part.get(one) or [] for one in more}
    empty: Fields = {one: [] for one in ("annotations", "logprobs") if one in part}
    send("response.content_part.added", **where, part={**part, **empty, field: ""})
    send(f"{name}.delta", **where, delta=part.get(field) or "", **beside)
    for index, one in enumerate(part.get("annotations") or ()):
        send("response.output_text.annotation.added", **where, annotation_index=index, annotation=one)
    send(f"{name}.done", **where, **{field: part.get(field) or ""}, **beside)
    send("response.content_part.done", **where, part=part)
