"""`POST /v1/chat/completions`: the request's known fields, checked.

Everything is optional that OpenAI's API makes optional, `null` counts as absent, and fields that are not
named here pass unseen: vendors have many of their own.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from outrider.base.errors import RequestError
from outrider.base.usage import MOST_TOKENS
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.preview import one_line

Role = Literal["developer", "system", "user", "assistant", "tool", "function"]
PartType = Literal[
    "text",
    "image_url",
    "input_audio",
    "file",
    "refusal",
    "audio_url",
    "provider",
    "video_url",
    "image",
    "document",
    "document_url",
    "thinking",
    "redacted_thinking",
    "reference",
]
Positive = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
ABSENT = Raw(b"")


class Part(Struct, gc=False):
    """One content part. Images, audio and files are not looked into."""

    type: PartType
    text: str | None = None
    image_url: Raw = ABSENT


class ToolCall(Struct, gc=False):
    id: str | None = None
    function: Raw = ABSENT


class Message(Struct, gc=False):
    role: Role
    content: str | list[Part] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class Function(Struct, gc=False):
    name: Annotated[str, Meta(min_length=1)]
    description: str | None = None
    parameters: dict[str, Raw] | None = None
    strict: bool | None = None


class Tool(Struct, gc=False):
    """`function` is there when `type` is `function`; other types belong to vendors."""

    type: str
    function: Function | None = None


class Named(Struct, gc=False):
    name: str


class ToolChoice(Struct, gc=False):
    type: str
    function: Named | None = None


class JsonSchema(Struct, gc=False):
    """`schema` is what the caller wrote, an object."""

    name: str | None = None
    schema: Raw = ABSENT
    strict: bool | None = None


class ResponseFormat(Struct, gc=False):
    type: Literal["text", "json_object", "json_schema", "grammar", "regex", "structural_tag"]
    json_schema: JsonSchema | None = None


class StreamOptions(Struct, gc=False):
    include_usage: bool | None = None


class ChatRequest(Struct, gc=False):
    """A checked request. Absent and `null` fields are None."""

    model: Annotated[str, Meta(min_length=1)]
    messages: Annotated[list[Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stop: str | list[str] | None = None
    max_tokens: Positive | None = None
    max_completion_tokens: Positive | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    seed: Int64 | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=1000)] | None = None
    logit_bias: dict[str, float] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required", "any"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    prompt_cache_key: str | None = None
    service_tier: str | None = None
    cache: dict[str, Any] | None = None

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    @property
    def output_limit(self) -> int | None:
        """The most tokens that the caller wants in an answer. Of two limits the larger: a provider may know but one."""
        given = [limit for limit in (self.max_completion_tokens, self.max_tokens) if limit is not None]
        return min(max(given), MOST_TOKENS) if given else None


_DECODER = msgspec.json.Decoder(ChatRequest)


def parse_chat(body: bytes) -> ChatRequest:
    """The checked request. Raises RequestError 400 in OpenAI's terms, `param` naming the field's path."""
    request = json_body.decode(_DECODER, body)
    for index, message in enumerate(request.messages):
        content = message.content
        if content.__class__ is str:
            continue
        if content is None:
            _check_without_content(index, message)
        else:
            _check_parts(index, content)  # type: ignore[arg-type]
    if request.tools:
        _check_tools(request.tools)
    if request.response_format is not None:
        _check_format(request.response_format)
    if request.stream_options is not None and not request.stream:
        raise json_body.invalid("stream_options", "it is only allowed when 'stream' is true.")
    return request


def preview(request: ChatRequest) -> str:
    """The first characters of the last user text, on one line."""
    for message in reversed(request.messages):
        if message.role == "user" and message.content:
            content = message.content
            text = content if isinstance(content, str) else " ".join(p.text for p in content if p.text)
            return one_line(text)
    return ""


def _check_without_content(index: int, message: Message) -> None:
    if message.role not in ("assistant", "function"):
        raise json_body.missing(f"messages[{index}].content", f"A message of role '{message.role}' has content.")


def _check_parts(index: int, parts: list[Part]) -> None:
    for at, part in enumerate(parts):
        path = f"messages[{index}].content[{at}]"
        if part.type == "text" and part.text is None:
            raise json_body.missing(f"{path}.text")
        if part.type == "image_url" and not bytes(part.image_url):
            raise json_body.missing(f"{path}.image_url")


def _check_tools(tools: list[Tool]) -> None:
    for index, tool in enumerate(tools):
        if tool.type == "function" and tool.function is None:
            raise json_body.missing(f"tools[{index}].function")


def _check_format(form: ResponseFormat) -> None:
    if form.type != "json_schema":
        return
    if form.json_schema is None:
        raise json_body.missing("response_format.json_schema")
    schema = bytes(form.json_schema.schema)
    if schema[:1] not in (b"", b"{", b"n"):
        kind = {b'"': "a string", b"[": "an array", b"t": "a boolean", b"f": "a boolean"}.get(schema[:1], "a number")
        raise RequestError(
            f"Invalid type for 'response_format.json_schema.schema': expected an object, but got {kind} instead.",
            code="invalid_type",
            param="response_format.json_schema.schema",
        )
