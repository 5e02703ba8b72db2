"""The documented fields of an OpenAI Responses request."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from outrider.testing.speaking.strict import Strict

Name = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
Status = Literal["in_progress", "completed", "incomplete"]


class InputText(Strict, tag_field="type", tag="input_text"):
    text: str
    prompt_cache_breakpoint: dict[str, Any] | None = None


class InputImage(Strict, tag_field="type", tag="input_image"):
    detail: Literal["auto", "low", "high", "original"] | None = None
    image_url: Annotated[str, Meta(pattern="^(https?://|data:image/)")] | None = None
    file_id: str | None = None
    prompt_cache_breakpoint: dict[str, Any] | None = None


class InputFile(Strict, tag_field="type", tag="input_file"):
    file_data: Annotated[str, Meta(pattern="^data:")] | None = None
    file_id: str | None = None
    file_url: Annotated[str, Meta(pattern="^https?://")] | None = None
    filename: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: dict[str, Any] | None = None


class OutputText(Strict, tag_field="type", tag="output_text"):
    text: str
    annotations: list[dict[str, Any]] | None = None
    logprobs: list[dict[str, Any]] | None = None


class OutputRefusal(Strict, tag_field="type", tag="refusal"):
    refusal: str


Said = InputText | InputImage | InputFile | OutputText | OutputRefusal


class Message(Strict, tag_field="type", tag="message"):
    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[Said]
    id: Annotated[str, Meta(pattern="^msg_")] | None = None
    status: Status | None = None
    phase: Literal["commentary", "final_answer"] | None = None


class Summary(Strict):
    text: str
    type: Literal["summary_text"] = "summary_text"


class ReasoningText(Strict):
    text: str
    type: Literal["reasoning_text"] = "reasoning_text"


class Reasoning(Strict, tag_field="type", tag="reasoning"):
    summary: list[Summary]
    id: Annotated[str, Meta(pattern="^rs_")] | None = None
    content: list[ReasoningText] | None = None
    encrypted_content: str | None = None
    status: Status | None = None


class FunctionCall(Strict, tag_field="type", tag="function_call"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Name
    arguments: str
    id: Annotated[str, Meta(pattern="^fc_")] | None = None
    status: Status | None = None
    namespace: str | None = None


class FunctionOutput(Strict, tag_field="type", tag="function_call_output"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    output: str | list[InputText | InputImage | InputFile]
    id: str | None = None
    status: Status | None = None


class ItemReference(Strict, tag_field="type", tag="item_reference"):
    id: str


Item = Message | Reasoning | FunctionCall | FunctionOutput | ItemReference


class FunctionTool(Strict, tag_field="type", tag="function"):
    name: Name
    parameters: dict[str, Any] | None
    strict: bool | None = None
    description: str | None = None


class WebSearch(Strict, tag_field="type", tag="web_search"):
    filters: dict[str, Any] | None = None
    search_context_size: str | None = None
    user_location: dict[str, Any] | None = None


class ChooseFunction(Strict, tag_field="type", tag="function"):
    name: Name


class TextFormat(Strict, tag_field="type", tag="text"):
    pass


class ObjectFormat(Strict, tag_field="type", tag="json_object"):
    pass


class SchemaFormat(Strict, tag_field="type", tag="json_schema"):
    name: Name
    schema: dict[str, Any]
    description: str | None = None
    strict: bool | None = None


class TextConfig(Strict):
    format: TextFormat | ObjectFormat | SchemaFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningConfig(Strict):
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: str | None = None


class StreamOptions(Strict):
    include_obfuscation: bool | None = None


class Request(Strict):
    model: str
    input: str | Annotated[list[Item], Meta(min_length=1)]
    background: bool | None = None
    conversation: Any = None
    include: list[str] | None = None
    instructions: str | None = None
    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    max_tool_calls: int | None = None
    metadata: dict[str, str] | None = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    prompt: dict[str, Any] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: dict[str, Any] | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    reasoning: ReasoningConfig | None = None
    safety_identifier: str | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    text: TextConfig | None = None
    tool_choice: Literal["none", "auto", "required"] | ChooseFunction | None = None
    tools: list[FunctionTool | WebSearch] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    user: str | None = None
