"""The known fields of a `POST /v1/responses`, checked. Items of kinds that only OpenAI's servers know pass unseen."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from outrider.gateway.surface import body as json_body

Positive = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Text = str | None
_PARTS = ("input_text", "input_image", "input_file", "input_audio", "output_text", "refusal", "text", "summary_text")
_SAID = ("output_text", "refusal", "text")


class Part(Struct, gc=False):
    """One part of a message or of a tool's output. Images and files are not looked into."""

    type: str
    text: Text = None
    refusal: Text = None
    image_url: Text = None
    file_id: Text = None
    file_url: Text = None
    file_data: Text = None
    input_audio: dict[str, Raw] | None = None


class Item(Struct, gc=False):
    """One input item; `type` is `message` if it is not said."""

    type: Text = None
    role: Literal["user", "assistant", "system", "developer", "critic", "discriminator", "tool", "unknown"] | None = (
        None
    )
    content: str | list[Part] | None = None
    id: Text = None
    call_id: Text = None
    name: Text = None
    namespace: Text = None
    arguments: Any = None
    input: Any = None
    output: Any = None
    summary: list[Part] | None = None
    encrypted_content: Text = None


class Tool(Struct, gc=False):
    type: str
    name: Text = None
    description: Text = None
    parameters: dict[str, Raw] | None = None
    strict: bool | None = None
    tools: list["Tool"] | None = None
    format: dict[str, Any] | None = None


class Choice(Struct, gc=False):
    type: str
    name: Text = None
    mode: Text = None
    tools: list[dict[str, Any]] | None = None


class Format(Struct, gc=False):
    type: Literal["text", "json_object", "json_schema"]
    name: Text = None
    schema: dict[str, Raw] | None = None
    strict: bool | None = None


class TextOptions(Struct, gc=False):
    format: Format | None = None
    verbosity: Text = None


class Reasoning(Struct, gc=False):
    effort: Text = None
    summary: Text = None
    generate_summary: Text = None


class Request(Struct, gc=False):
    """A checked request. Absent and `null` fields are None."""

    model: Annotated[str, Meta(min_length=1)]
    input: str | list[Item] | None = None
    instructions: str | list[Item] | None = None
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: Text = None
    conversation: str | dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None
    max_output_tokens: Positive | None = None
    max_tool_calls: Positive | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    include: list[str] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | Choice | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    reasoning: Reasoning | None = None
    metadata: dict[str, Any] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    service_tier: Text = None
    prompt_cache_key: Text = None
    safety_identifier: Text = None
    user: Text = None


_DECODER = msgspec.json.Decoder(Request)


def parse(body: bytes) -> Request:
    """The checked request. Raises RequestError 400 in OpenAI's terms, `param` naming the field's path."""
    request = json_body.decode(_DECODER, body)
    if request.input is None and not (request.previous_response_id or request.prompt or request.conversation):
        raise json_body.missing("input")
    if request.previous_response_id and request.conversation:
        raise json_body.invalid("previous_response_id", "it cannot be used together with 'conversation'.")
    for name, given in (("input", request.input), ("instructions", request.instructions)):
        for at, item in enumerate(given if isinstance(given, list) else ()):
            _check_item(item, f"{name}[{at}]")
    for at, tool in enumerate(request.tools or ()):
        _check_tool(tool, f"tools[{at}]")
    if request.text is not None and request.text.format is not None and request.text.format.type == "json_schema":
        for field in ("name", "schema"):
            if getattr(request.text.format, field) is None:
                raise json_body.missing(f"text.format.{field}")
    if request.stream_options is not None and not request.stream:
        raise json_body.invalid("stream_options", "it is only allowed when 'stream' is true.")
    return request


def refers(request: Request) -> bool:
    """Whether earlier responses are part of it."""
    listed = request.input if isinstance(request.input, list) else ()
    return bool(request.previous_response_id) or any(item.type == "item_reference" for item in listed)


def _check_item(item: Item, path: str) -> None:
    kind = item.type or "message"
    if kind == "message":
        if item.role is None:
            raise json_body.missing(f"{path}.role")
        if item.content is None:
            raise json_body.missing(f"{path}.content")
        if not isinstance(item.content, str):
            _check_parts(item.content, f"{path}.content", _SAID if item.role == "assistant" else _PARTS)
    elif kind in ("function_call", "custom_tool_call"):
        _need(item, path, "call_id", "name", "arguments" if kind == "function_call" else "input")
    elif kind in ("function_call_output", "custom_tool_call_output"):
        _need(item, path, "call_id")
        _check_output(item.output, f"{path}.output")
    elif kind == "item_reference":
        _need(item, path, "id")


def _need(item: Item, path: str, *names: str) -> None:
    for name in names:
        value = getattr(item, name)
        if value is None:
            raise json_body.missing(f"{path}.{name}")
        if not isinstance(value, str):
            raise json_body.invalid(f"{path}.{name}", "expected a string.", "invalid_type")


def _check_output(output: Any, path: str) -> None:
    if output is None:
        raise json_body.missing(path)
    if isinstance(output, str):
        return
    try:
        parts = msgspec.convert(output, list[Part])
    except msgspec.ValidationError:
        raise json_body.invalid(path, "expected a string or an array of content parts.", "invalid_type") from None
    _check_parts(parts, path, _PARTS)


def _check_parts(parts: list[Part], path: str, allowed: tuple[str, ...]) -> None:
    for at, part in enumerate(parts):
        where = f"{path}[{at}]"
        if part.type not in allowed:
            named = ", ".join(repr(one) for one in allowed)
            raise json_body.invalid(f"{where}.type", f"'{part.type[:100]}'. Supported values are: {named}.")
        if part.type.endswith("text") and part.text is None:
            raise json_body.missing(f"{where}.text")
        if part.type == "input_image" and part.image_url is None and part.file_id is None:
            raise json_body.missing(f"{where}.image_url")
        if part.type == "input_file" and not (part.file_id or part.file_url or part.file_data):
            raise json_body.missing(f"{where}.file_data")
        if part.type == "input_audio" and part.input_audio is None:
            raise json_body.missing(f"{where}.input_audio")


def _check_tool(tool: Tool, path: str) -> None:
    if tool.type in ("function", "custom", "namespace") and not tool.name:
        raise json_body.missing(f"{path}.name")
    for at, one in enumerate(tool.tools or ()):
        _check_tool(one, f"{path}.tools[{at}]")
