"""The documented fields of Amazon Bedrock's Converse request."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from outrider.testing.speaking.strict import Strict

ToolName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
ToolId = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


AudioFormat = Literal[
    "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga", "pcm", "webm"
]  # fmt: skip


class Camel(Strict, rename="camel"):
    pass


class S3(Camel):
    uri: Annotated[str, Meta(pattern="^s3://")]
    bucket_owner: str | None = None


class Source(Camel):
    bytes: str | None = None
    s3_location: S3 | None = None
    text: str | None = None
    content: list[dict[str, Any]] | None = None


class Image(Camel):
    format: Literal["png", "jpeg", "gif", "webp"]
    source: Source


class CitationsConfig(Camel):
    enabled: bool


class Document(Camel):
    name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9()\[\]-]+( [a-zA-Z0-9()\[\]-]+)*$", max_length=200)]
    source: Source
    format: Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"] | None = None
    context: str | None = None
    citations: CitationsConfig | None = None


class Video(Camel):
    format: Literal["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"]
    source: Source


class Audio(Camel):
    format: AudioFormat
    source: Source


class ToolUse(Camel):
    tool_use_id: ToolId
    name: ToolName
    input: Any
    type: Literal["server_tool_use"] | None = None


class ResultContent(Camel):
    json: Any = None
    text: str | None = None
    image: Image | None = None
    document: Document | None = None
    video: Video | None = None


class ToolResult(Camel):
    tool_use_id: ToolId
    content: list[ResultContent]
    status: Literal["success", "error"] | None = None
    type: str | None = None


class CachePoint(Camel):
    type: Literal["default"]
    ttl: Literal["5m", "1h"] | None = None


class ReasoningText(Camel):
    text: str
    signature: str | None = None


class Reasoning(Camel):
    reasoning_text: ReasoningText | None = None
    redacted_content: str | None = None


class GeneratedContent(Camel):
    text: str | None = None


class CitationsContent(Camel):
    content: list[GeneratedContent] | None = None
    citations: list[dict[str, Any]] | None = None


class Block(Camel):
    text: str | None = None
    image: Image | None = None
    document: Document | None = None
    video: Video | None = None
    audio: Audio | None = None
    tool_use: ToolUse | None = None
    tool_result: ToolResult | None = None
    guard_content: dict[str, Any] | None = None
    cache_point: CachePoint | None = None
    reasoning_content: Reasoning | None = None
    citations_content: CitationsContent | None = None


class Message(Camel):
    role: Literal["user", "assistant", "system"]
    content: list[Block]


class SystemBlock(Camel):
    text: Annotated[str, Meta(min_length=1)] | None = None
    guard_content: dict[str, Any] | None = None
    cache_point: CachePoint | None = None


class Inference(Camel):
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    stop_sequences: list[Annotated[str, Meta(min_length=1)]] | None = None


class InputSchema(Camel):
    json: dict[str, Any]


class Spec(Camel):
    name: ToolName
    input_schema: InputSchema
    description: Annotated[str, Meta(min_length=1)] | None = None
    strict: bool | None = None


class Tool(Camel):
    tool_spec: Spec | None = None
    system_tool: dict[str, Any] | None = None
    cache_point: CachePoint | None = None


class Empty(Camel):
    pass


class OneTool(Camel):
    name: ToolName


class Choice(Camel):
    auto: Empty | None = None
    any: Empty | None = None
    tool: OneTool | None = None


class ToolConfig(Camel):
    tools: Annotated[list[Tool], Meta(min_length=1)]
    tool_choice: Choice | None = None


class JsonSchema(Camel):
    schema: str
    name: str | None = None
    description: str | None = None


class Structure(Camel):
    json_schema: JsonSchema


class TextFormat(Camel):
    type: Literal["json_schema"]
    structure: Structure


class OutputConfig(Camel):
    text_format: TextFormat | None = None
    effort: str | None = None


class Thinking(Strict):
    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: Annotated[int, Meta(ge=1024)] | None = None
    display: Literal["summarized", "omitted"] | None = None


class OutputEffort(Strict):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None


class ModelFields(Strict):
    """What Claude takes beside Converse's own fields."""

    thinking: Thinking | None = None
    top_k: Annotated[int, Meta(ge=0)] | None = None
    anthropic_beta: list[str] | None = None
    output_config: OutputEffort | None = None
    tool_choice: dict[str, Any] | None = None


class Tier(Camel):
    type: Literal["priority", "default", "flex", "reserved"]


class Performance(Camel):
    latency: Literal["standard", "optimized"]


class Request(Camel):
    messages: Annotated[list[Message], Meta(min_length=1)]
    system: list[SystemBlock] | None = None
    inference_config: Inference | None = None
    tool_config: ToolConfig | None = None
    guardrail_config: dict[str, Any] | None = None
    additional_model_request_fields: ModelFields | None = None
    additional_model_response_field_paths: list[str] | None = None
    prompt_variables: dict[str, Any] | None = None
    request_metadata: dict[str, str] | None = None
    performance_config: Performance | None = None
    service_tier: Tier | None = None
    output_config: OutputConfig | None = None
