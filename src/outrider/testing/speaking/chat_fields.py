"""The documented fields of an OpenAI chat completions request."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from outrider.testing.speaking.strict import Strict

Name = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class TextPart(Strict, tag_field="type", tag="text"):
    text: str
    prompt_cache_breakpoint: dict[str, Any] | None = None


class ImageUrl(Strict):
    url: Annotated[str, Meta(pattern="^(https?://|data:image/)")]
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Strict, tag_field="type", tag="image_url"):
    image_url: ImageUrl
    prompt_cache_breakpoint: dict[str, Any] | None = None


class InputAudio(Strict):
    data: str
    format: Literal["wav", "mp3"]


class AudioPart(Strict, tag_field="type", tag="input_audio"):
    input_audio: InputAudio
    prompt_cache_breakpoint: dict[str, Any] | None = None


class FileFile(Strict):
    file_data: Annotated[str, Meta(pattern="^data:")] | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(Strict, tag_field="type", tag="file"):
    file: FileFile
    prompt_cache_breakpoint: dict[str, Any] | None = None


class RefusalPart(Strict, tag_field="type", tag="refusal"):
    refusal: str


class System(Strict, tag_field="role", tag="system"):
    content: str | list[TextPart]
    name: str | None = None


class Developer(Strict, tag_field="role", tag="developer"):
    content: str | list[TextPart]
    name: str | None = None


class User(Strict, tag_field="role", tag="user"):
    content: str | list[TextPart | ImagePart | AudioPart | FilePart]
    name: str | None = None


class CalledFunction(Strict):
    name: Name
    arguments: str


class CalledTool(Strict):
    id: str
    type: Literal["function"]
    function: CalledFunction


class Assistant(Strict, tag_field="role", tag="assistant"):
    content: str | list[TextPart | RefusalPart] | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: Annotated[list[CalledTool], Meta(min_length=1)] | None = None
    audio: dict[str, Any] | None = None
    annotations: list[Any] | None = None


class ToolMessage(Strict, tag_field="role", tag="tool"):
    content: str | list[TextPart]
    tool_call_id: str


Message = System | Developer | User | Assistant | ToolMessage


class Function(Strict):
    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Strict):
    type: Literal["function"]
    function: Function


class OneFunction(Strict):
    name: Name


class OneTool(Strict):
    type: Literal["function"]
    function: OneFunction


class TextFormat(Strict, tag_field="type", tag="text"):
    pass


class ObjectFormat(Strict, tag_field="type", tag="json_object"):
    pass


class JsonSchema(Strict):
    name: Name
    schema: dict[str, Any] | None = None
    description: str | None = None
    strict: bool | None = None


class SchemaFormat(Strict, tag_field="type", tag="json_schema"):
    json_schema: JsonSchema


class StreamOptions(Strict):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Request(Strict):
    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    audio: dict[str, Any] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    metadata: dict[str, str] | None = None
    modalities: list[str] | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    parallel_tool_calls: bool | None = None
    prediction: dict[str, Any] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    response_format: TextFormat | ObjectFormat | SchemaFormat | None = None
    safety_identifier: str | None = None
    seed: int | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    stop: str | Annotated[list[str], Meta(max_length=4)] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    tool_choice: Literal["none", "auto", "required"] | OneTool | None = None
    tools: Annotated[list[Tool], Meta(min_length=1)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    user: str | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    web_search_options: dict[str, Any] | None = None
