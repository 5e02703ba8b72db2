"""`POST /v1/messages`: the request's known fields, checked, and what its callers get.

What is not named here passes unseen where the deployment speaks the same language.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.dialects import ODD, Fields, odd_answer, understood
from outrider.dialects.anthropic import answers, carried, requests
from outrider.dialects.anthropic import errors as refusals
from outrider.dialects.anthropic.streams import FromChat
from outrider.dialects.anthropic.thinking import thought_lost
from outrider.dialects.anthropic.writing import event
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface import errors
from outrider.gateway.surface.contract import Asked

_json = msgspec.json.Encoder()
_fields = msgspec.json.Decoder(dict[str, Any])
_STREAM = b"text/event-stream; charset=utf-8"

Text = Annotated[str, Meta(min_length=1)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class Block(Struct, gc=False):
    """One content block: the fields of those kinds that are translated. Other kinds have their own of the same name."""

    type: str
    text: Any = None
    source: Any = None
    thinking: Any = None
    data_: Any = msgspec.field(default=None, name="data")
    id: Any = None
    name: Any = None
    input: Any = None
    tool_use_id: Any = None
    content: Any = None
    citations: Any = None


class Message(Struct, gc=False):
    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class Tool(Struct, gc=False):
    """`type` is there when the tool is one of Anthropic's own."""

    name: str | None = None
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    strict: bool | None = None


class ToolChoice(Struct, gc=False):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool | None = None


class Thinking(Struct, gc=False):
    type: str
    budget_tokens: Annotated[int, Meta(ge=1)] | None = None
    display: str | None = None


class Form(Struct, gc=False):
    schema: dict[str, Any]
    type: Literal["json_schema"] = "json_schema"


class OutputConfig(Struct, gc=False):
    effort: str | None = None
    format: Form | None = None


class Metadata(Struct, gc=False):
    user_id: str | None = None


class Counted(Struct, gc=False):
    """What is sent to have its tokens counted."""

    model: Text
    messages: Annotated[list[Message], Meta(min_length=1)]
    system: str | list[Block] | None = None
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: Form | None = None


class Request(Counted, kw_only=True, gc=False):
    """A checked request. Absent and `null` fields are None."""

    max_tokens: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    stream: bool | None = None
    temperature: Fraction | None = None
    top_p: Fraction | None = None
    top_k: Annotated[int, Meta(ge=0)] | None = None
    stop_sequences: list[str] | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None


_request = msgspec.json.Decoder(Request)
_counted = msgspec.json.Decoder(Counted)
_NEEDED: dict[str, tuple[tuple[str, type], ...]] = {
    "text": (("text", str),),
    "image": (("source", dict),),
    "document": (("source", dict),),
    "thinking": (("thinking", str),),
    "redacted_thinking": (("data_", str),),
    "tool_use": (("id", str), ("name", str), ("input", dict)),
    "tool_result": (("tool_use_id", str),),
}
_SOURCES = {"base64": ("media_type", "data"), "text": ("data",), "url": ("url",), "file": ("file_id",)}
_KINDS: dict[type, str] = {str: "a string", dict: "an object"}


def check(request: Counted) -> None:
    """What the types do not say. Raises RequestError 400, `param` naming the field's path."""
    for number, message in enumerate(request.messages):
        if not isinstance(message.content, str):
            _check_blocks(message.content, f"messages[{number}].content")
    if request.system and not isinstance(request.system, str):
        for number, block in enumerate(request.system):
            if block.type != "text":
                raise json_body.invalid(f"system[{number}].type", f"{block.type!r}. Supported values are: 'text'.")
        _check_blocks(request.system, "system")
    for number, tool in enumerate(request.tools or ()):
        if (tool.type or "custom") == "custom":
            for name in ("name", "input_schema"):
                if getattr(tool, name) is None:
                    raise json_body.missing(f"tools[{number}].{name}")
    choice, thinking = request.tool_choice, request.thinking
    if choice is not None and choice.type == "tool" and not choice.name:
        raise json_body.missing("tool_choice.name")
    if thinking is not None and thinking.type == "enabled" and thinking.budget_tokens is None:
        raise json_body.missing("thinking.budget_tokens")


def _check_blocks(blocks: list[Block], path: str) -> None:
    for number, block in enumerate(blocks):
        for name, kind in _NEEDED.get(block.type, ()):
            value = getattr(block, name)
            if not isinstance(value, kind):
                raise _wrong(f"{path}[{number}].{name.rstrip('_')}", value, kind, block.type)
        if block.type == "text":
            if block.citations is not None and not _are_objects(block.citations):
                raise json_body.invalid(f"{path}[{number}].citations", "it is a list of objects.")
        elif block.type in ("image", "document"):
            _check_source(block.source, f"{path}[{number}].source")
        elif block.type == "tool_result" and block.content is not None and not isinstance(block.content, str):
            _check_result(block.content, f"{path}[{number}].content")


def _wrong(path: str, value: Any, kind: type, block: str) -> RequestError:
    if value is None:
        return json_body.missing(path, f"A block of type '{block}' has it.")
    return json_body.invalid(path, f"it is {_KINDS[kind]}.", "invalid_type")


def _check_source(source: dict[str, Any], path: str) -> None:
    kind = source.get("type")
    for name in ("type", *(_SOURCES.get(kind, ()) if isinstance(kind, str) else ())):
        if not isinstance(value := source.get(name), str):
            raise _wrong(f"{path}.{name}", value, str, "source")


def _check_result(content: Any, path: str) -> None:
    try:
        blocks = msgspec.convert(content, list[Block])
    except msgspec.ValidationError as error:
        raise json_body.invalid(path, f"it is a text or a list of blocks ({error}).") from None
    _check_blocks(blocks, path)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


class Messages:
    """Callers who speak Anthropic's Messages. A `Surface`."""

    name = "anthropic"
    run = "messages"

    def read(self, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> Asked:
        request = json_body.decode(_request, body)
        check(request)
        fields = _fields.decode(body)
        made = understood(requests.to_chat, fields)
        native = body
        if carried.inside(body):
            native = _json.encode(_without_others(fields))
        return Asked(_json.encode(made.fields), request.model, native, bool(request.stream), made.lost)

    def answer(self, asked: Asked, chat: Fields, run: str) -> bytes:
        try:
            return _json.encode(answers.from_chat(chat, id=_id(run)))
        except ODD:
            raise odd_answer() from None

    def stream_type(self, asked: Asked) -> bytes:
        return _STREAM

    def writer(self, asked: Asked, run: str) -> FromChat:
        return FromChat(id=_id(run))

    def error(self, error: OutriderError) -> errors.Answer:
        status, headers, body = errors.answer(error)
        if isinstance(error, UpstreamError):
            if error.status == 529:
                status = 529
            if error.language == self.name and error.body is not None and 400 <= status < 500:
                return status, headers, error.body
        return status, headers, _json.encode(_told(body, status))

    def error_event(self, asked: Asked | None, error: OutriderError) -> bytes:
        _, _, body = self.error(error)
        said = msgspec.json.decode(body)
        return event("error", **{name: value for name, value in said.items() if name != "type"})


def _without_others(fields: Fields) -> Fields:
    """The request without thoughts of other languages, which providers of this one refuse. They also refuse a model
    that thinks by a budget and goes on with tools without its thoughts."""
    kept = {**fields, "messages": carried.without(fields["messages"])}
    if (fields.get("thinking") or {}).get("type") == "enabled" and thought_lost(kept["messages"]):
        kept["thinking"] = {"type": "disabled"}
    return kept


def read_counted(body: bytes) -> Fields:
    """The fields of a request whose tokens are to be counted. Raises RequestError 400."""
    check(json_body.decode(_counted, body))
    return _fields.decode(body)


def _id(run: str) -> str:
    return f"msg_{run.replace('-', '')}"


def _told(body: bytes, status: int) -> Fields:
    said = msgspec.json.decode(body)["error"]
    return refusals.from_chat(said if isinstance(said, dict) else {"message": str(said)}, status)


SURFACE = Messages()
