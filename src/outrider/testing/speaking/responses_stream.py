"""The events of a streamed Responses answer, with the numbers and indexes that OpenAI's servers give them."""

from collections.abc import Iterator
from typing import Any

import msgspec

from outrider.testing.speaking import responses
from outrider.testing.speaking.words import Ask, Reply, pieces

Event = tuple[str, dict[str, Any]]
_EMPTY: dict[str, dict[str, Any]] = {
    "message": {"content": []},
    "reasoning": {"summary": []},
    "function_call": {"arguments": ""},
}


def stream(reply: Reply, ask: Ask, number: int) -> Iterator[bytes]:
    """All events, numbered."""
    for at, (kind, said) in enumerate(_events(reply, ask, number)):
        body = msgspec.json.encode({"type": kind, **said, "sequence_number": at})
        yield b"event: %b\ndata: %b\n\n" % (kind.encode(), body)


def _events(reply: Reply, ask: Ask, number: int) -> Iterator[Event]:
    begun = responses.response(reply, ask, number)
    yield "response.created", {"response": begun}
    yield "response.in_progress", {"response": begun}
    output = responses.items(reply, ask, number)
    for at, item in enumerate(output):
        yield from _item(item, at, reply.piece)
    body = begun | responses.ended(reply, output)
    yield f"response.{body['status']}", {"response": body}


def _item(item: dict[str, Any], at: int, size: int) -> Iterator[Event]:
    place = {"output_index": at, "item_id": item["id"]}
    begun = {**item, **_EMPTY[item["type"]]}
    if item["type"] != "reasoning":
        begun["status"] = "in_progress"
    yield "response.output_item.added", {"output_index": at, "item": begun}
    if item["type"] == "message":
        for index, part in enumerate(item["content"]):
            yield from _part(part, {**place, "content_index": index}, size)
    elif item["type"] == "reasoning":
        for index, part in enumerate(item["summary"]):
            yield from _summary(part, {**place, "summary_index": index}, size)
    else:
        for piece in pieces(item["arguments"], size):
            yield "response.function_call_arguments.delta", {**place, "delta": piece}
        yield "response.function_call_arguments.done", {**place, "arguments": item["arguments"], "name": item["name"]}
    yield "response.output_item.done", {"output_index": at, "item": item}


def _part(part: dict[str, Any], place: dict[str, Any], size: int) -> Iterator[Event]:
    if part["type"] == "refusal":
        yield "response.content_part.added", {**place, "part": {"type": "refusal", "refusal": ""}}
        for piece in pieces(part["refusal"], size):
            yield "response.refusal.delta", {**place, "delta": piece}
        yield "response.refusal.done", {**place, "refusal": part["refusal"]}
    else:
        empty = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
        yield "response.content_part.added", {**place, "part": empty}
        if part["logprobs"]:
            for one in part["logprobs"]:
                yield "response.output_text.delta", {**place, "delta": one["token"], "logprobs": [one]}
        else:
            for piece in pieces(part["text"], size):
                yield "response.output_text.delta", {**place, "delta": piece, "logprobs": [], "obfuscation": "x2Qd"}
        for index, cited in enumerate(part["annotations"]):
            said = {**place, "annotation_index": index, "annotation": cited}
            yield "response.output_text.annotation.added", said
        yield "response.output_text.done", {**place, "text": part["text"], "logprobs": part["logprobs"]}
    yield "response.content_part.done", {**place, "part": part}


def _summary(part: dict[str, Any], place: dict[str, Any], size: int) -> Iterator[Event]:
    yield "response.reasoning_summary_part.added", {**place, "part": {**part, "text": ""}}
    for piece in pieces(part["text"], size):
        yield "response.reasoning_summary_text.delta", {**place, "delta": piece, "obfuscation": "k2"}
    yield "response.reasoning_summary_text.done", {**place, "text": part["text"]}
    yield "response.reasoning_summary_part.done", {**place, "part": part}
