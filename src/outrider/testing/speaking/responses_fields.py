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


class CustomCall(Strict, tag_field="type", tag="custom_tool_call"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Name
    input: str
    id: Annotated[str, Meta(pattern="^ctc_")] | None = None
    status: Status | None = None
    namespace: str | None = None


class CustomOutput(Strict, tag_field="type", tag="custom_tool_call_output"):
    call_id: Annotated[str, Meta(min_length=1, max_length=64)]
    output: str | list[InputText | InputImage | InputFile]
    id: str | None = None


Item = Message | Reasoning | FunctionCall | FunctionOutput | CustomCall | CustomOutput | ItemReference
OWN_ITEMS = frozenset(
    {
        "web_search_call",
        "file_search_call",
        "computer_call",
        "computer_call_output",
        "code_interpreter_call",
        "image_generation_call",
        "local_shell_call",
        "local_shell_call_output",
        "shell_call",
        "shell_call_output",
        "apply_patch_call",
        "apply_patch_call_output",
        "mcp_list_tools",
        "mcp_call",
        "mcp_approval_request",
        "mcp_approval_response",
        "tool_search_call",
        "tool_search_output",
        "compaction",
    }
)
"""Items of OpenAI's own tools, which nobody here looks into."""
OWN_TOOLS = frozenset(
    {
        "web_search",
        "web_search_preview",
        "file_search",
        "computer",
        "computer_use_preview",
        "mcp",
        "code_interpreter",
        "image_generation",
        "local_shell",
        "shell",
        "apply_patch",
        "custom",
        "namespace",
        "tool_search",
    }
)


class FunctionTool(Strict, tag_field="type", tag="function"):
    name: Name
    parameters: dict[str, Any] | None
    strict: bool | None = None
    description: str | None = None
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None


class ChooseFunction(Strict, tag_field="type", tag="function"):
    name: Name


class ChooseCustom(Strict, tag_field="type", tag="custom"):
    name: Name


class ChooseAllowed(Strict, tag_field="type", tag="allowed_tools"):
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


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
    input: str | Annotated[list[dict[str, Any]], Meta(min_length=1)]
    client_metadata: dict[str, Any] | None = None
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
    tool_choice: Literal["none", "auto", "required"] | ChooseFunction | ChooseCustom | ChooseAllowed | None = None
    tools: list[dict[str, Any]] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    user: str | None = None
