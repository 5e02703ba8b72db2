"""The documented fields of an Anthropic Messages request."""

import re
from typing import Annotated, Any, Literal

from msgspec import Meta

from outrider.testing.speaking.strict import Strict

ToolName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
ToolId = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]+$")]
Filled = Annotated[str, Meta(min_length=1)]


class CacheControl(Strict):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class Marked(Strict, kw_only=True):
    cache_control: CacheControl | None = None


class CitationsConfig(Strict):
    enabled: bool | None = None


class CharLocation(Strict, tag_field="type", tag="char_location"):
    cited_text: str
    document_index: int
    end_char_index: int
    start_char_index: int
    document_title: str | None = None
    file_id: str | None = None


class WebLocation(Strict, tag_field="type", tag="web_search_result_location"):
    cited_text: str
    encrypted_index: str
    url: str
    title: str | None = None


class TextBlock(Marked, tag_field="type", tag="text"):
    text: Filled
    citations: list[CharLocation | WebLocation] | None = None


class Base64Source(Strict, tag_field="type", tag="base64"):
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf"]
    data: str


class UrlSource(Strict, tag_field="type", tag="url"):
    url: Annotated[str, Meta(pattern="^https?://")]


class FileSource(Strict, tag_field="type", tag="file"):
    file_id: str


class TextSource(Strict, tag_field="type", tag="text"):
    data: str
    media_type: Literal["text/plain"]


class ImageBlock(Marked, tag_field="type", tag="image"):
    source: Base64Source | UrlSource | FileSource


class DocumentBlock(Marked, tag_field="type", tag="document"):
    source: Base64Source | UrlSource | FileSource | TextSource
    title: str | None = None
    context: str | None = None
    citations: CitationsConfig | None = None


class Thinking(Strict, tag_field="type", tag="thinking"):
    thinking: str
    signature: str


class RedactedThinking(Strict, tag_field="type", tag="redacted_thinking"):
    data: str


class ToolUse(Marked, tag_field="type", tag="tool_use"):
    id: ToolId
    name: ToolName
    input: dict[str, Any]
    caller: dict[str, Any] | None = None


class ToolResult(Marked, tag_field="type", tag="tool_result"):
    tool_use_id: ToolId
    content: str | list[TextBlock | ImageBlock | DocumentBlock] = ""
    is_error: bool | None = None


class ServerToolUse(Marked, tag_field="type", tag="server_tool_use"):
    id: ToolId
    name: str
    input: Any
    caller: dict[str, Any] | None = None


class ServerResult(Marked):
    """What one of Anthropic's own tools gave."""

    tool_use_id: ToolId
    content: Any
    caller: dict[str, Any] | None = None


class WebSearchResult(ServerResult, tag_field="type", tag="web_search_tool_result"):
    pass


class WebFetchResult(ServerResult, tag_field="type", tag="web_fetch_tool_result"):
    pass


class CodeResult(ServerResult, tag_field="type", tag="code_execution_tool_result"):
    pass


class BashResult(ServerResult, tag_field="type", tag="bash_code_execution_tool_result"):
    pass


class EditorResult(ServerResult, tag_field="type", tag="text_editor_code_execution_tool_result"):
    pass


class ToolSearchResult(ServerResult, tag_field="type", tag="tool_search_tool_result"):
    pass


class SearchResult(Marked, tag_field="type", tag="search_result"):
    source: str
    title: str
    content: list[TextBlock]
    citations: CitationsConfig | None = None


Own = ServerToolUse | WebSearchResult | WebFetchResult | CodeResult | BashResult | EditorResult | ToolSearchResult
Block = TextBlock | ImageBlock | DocumentBlock | Thinking | RedactedThinking | ToolUse | ToolResult | SearchResult | Own


class Message(Strict):
    role: Literal["user", "assistant", "system"]
    content: str | list[Block]


class CustomTool(Marked):
    name: ToolName
    input_schema: dict[str, Any]
    description: str | None = None
    strict: bool | None = None
    type: Literal["custom"] | None = None
    eager_input_streaming: bool | None = None
    input_examples: list[dict[str, Any]] | None = None
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None


SERVER_TOOL = re.compile(
    r"^(web_search|web_fetch|code_execution|bash|text_editor|computer|memory|tool_search_tool)\w*_\d{8}$"
)
"""The types of Anthropic's own tools carry a date."""


class Auto(Strict, tag_field="type", tag="auto"):
    disable_parallel_tool_use: bool | None = None


class AnyTool(Strict, tag_field="type", tag="any"):
    disable_parallel_tool_use: bool | None = None


class OneTool(Strict, tag_field="type", tag="tool"):
    name: ToolName
    disable_parallel_tool_use: bool | None = None


class NoTool(Strict, tag_field="type", tag="none"):
    pass


class Enabled(Strict, tag_field="type", tag="enabled"):
    budget_tokens: Annotated[int, Meta(ge=1024)]
    display: Literal["summarized", "omitted"] | None = None


class Adaptive(Strict, tag_field="type", tag="adaptive"):
    display: Literal["summarized", "omitted"] | None = None


class Disabled(Strict, tag_field="type", tag="disabled"):
    pass


class Format(Strict):
    type: Literal["json_schema"]
    schema: dict[str, Any]


class OutputConfig(Strict):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: Format | None = None


class Metadata(Strict):
    user_id: str | None = None


class Request(Strict):
    model: str
    max_tokens: Annotated[int, Meta(ge=1)]
    messages: Annotated[list[Message], Meta(min_length=1)]
    system: str | list[TextBlock] | None = None
    stream: bool = False
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0)] | None = None
    stop_sequences: list[Annotated[str, Meta(pattern=r"\S")]] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Auto | AnyTool | OneTool | NoTool | None = None
    thinking: Enabled | Adaptive | Disabled | None = None
    output_config: OutputConfig | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    cache_control: CacheControl | None = None
    container: str | dict[str, Any] | None = None
    context_management: dict[str, Any] | None = None
    mcp_servers: list[dict[str, Any]] | None = None
    inference_geo: str | None = None
    speed: Literal["standard", "fast"] | None = None
