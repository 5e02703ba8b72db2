"""The documented fields of Gemini's generateContent request, by their JSON names."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from outrider.testing.speaking.strict import Strict

Name = Annotated[str, Meta(pattern=r"^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$")]


Level = Literal["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH", "minimal", "low", "medium", "high", "xhigh"]


class Camel(Strict, rename="camel"):
    pass


class Blob(Camel):
    mime_type: str
    data: str
    display_name: str | None = None


class FileAt(Camel):
    file_uri: str
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCall(Camel):
    name: Name
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    id: str | None = None


class ResponsePart(Camel):
    inline_data: Blob | None = None
    file_data: FileAt | None = None


class FunctionResponse(Camel):
    name: Name
    response: dict[str, Any]
    id: str | None = None
    parts: list[ResponsePart] | None = None
    will_continue: bool | None = None
    scheduling: str | None = None


class Part(Camel):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    inline_data: Blob | None = None
    file_data: FileAt | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    executable_code: dict[str, Any] | None = None
    code_execution_result: dict[str, Any] | None = None
    video_metadata: dict[str, Any] | None = None
    media_resolution: dict[str, Any] | None = None


class Content(Camel):
    parts: Annotated[list[Part], Meta(min_length=1)]
    role: Literal["user", "model"] | None = None


class System(Camel):
    parts: Annotated[list[Part], Meta(min_length=1)]
    role: str | None = None


class Declaration(Camel):
    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    parameters_json_schema: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    response_json_schema: dict[str, Any] | None = None
    behavior: str | None = None


class Tool(Camel):
    function_declarations: list[Declaration] | None = None
    google_search: dict[str, Any] | None = None
    code_execution: dict[str, Any] | None = None
    url_context: dict[str, Any] | None = None


class CallingConfig(Camel):
    mode: Literal["AUTO", "ANY", "NONE", "VALIDATED", "MODE_UNSPECIFIED"] | None = None
    allowed_function_names: list[str] | None = None


class ToolConfig(Camel):
    function_calling_config: CallingConfig | None = None
    retrieval_config: dict[str, Any] | None = None


class ThinkingConfig(Camel):
    include_thoughts: bool | None = None
    thinking_budget: Annotated[int, Meta(ge=-1)] | None = None
    thinking_level: Level | None = None


class GenerationConfig(Camel):
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[float, Meta(ge=1)] | None = None
    candidate_count: Annotated[int, Meta(ge=1, le=8)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1)] | None = None
    stop_sequences: Annotated[list[str], Meta(max_length=5)] | None = None
    response_mime_type: Literal["text/plain", "application/json", "text/x.enum"] | None = None
    response_schema: dict[str, Any] | None = None
    response_json_schema: dict[str, Any] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, lt=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, lt=2)] | None = None
    seed: Annotated[int, Meta(ge=-(2**31), lt=2**31)] | None = None
    response_logprobs: bool | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    thinking_config: ThinkingConfig | None = None
    media_resolution: str | None = None
    response_modalities: list[str] | None = None
    speech_config: dict[str, Any] | None = None
    audio_timestamp: bool | None = None


class Safety(Camel):
    category: str
    threshold: str
    method: str | None = None


class Request(Camel):
    contents: Annotated[list[Content], Meta(min_length=1)]
    system_instruction: System | None = None
    tools: list[Tool] | None = None
    tool_config: ToolConfig | None = None
    safety_settings: list[Safety] | None = None
    generation_config: GenerationConfig | None = None
    cached_content: str | None = None
    labels: dict[str, str] | None = None
    service_tier: Literal["unspecified", "flex", "standard", "priority"] | None = None
    store: bool | None = None
