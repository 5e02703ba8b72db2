"""The known fields of a `generateContent` request, checked. Others pass unseen."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote

import msgspec
from msgspec import Meta, Struct

from outrider.base.errors import RequestError
from outrider.dialects import Fields
from outrider.dialects.gemini.names import normal
from outrider.gateway.surface import body as json_body

Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1, le=2**31 - 1)]
_object: Any = msgspec.json.Decoder(dict[str, Any])
_PATH = re.compile(r"/(?:publishers/([^/]+)/)?(models|tunedModels)/(.+?)(?::([A-Za-z]+))?$")
_KINDS = ("text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
          "toolCall", "toolResponse")  # fmt: skip


class Blob(Struct, gc=False):
    mimeType: Text
    data_: str = msgspec.field(name="data")


class FileData(Struct, gc=False):
    fileUri: Text
    mimeType: str | None = None


class FunctionCall(Struct, gc=False):
    name: Text
    args: dict[str, Any] | None = None
    id: str | None = None


class FunctionResponse(Struct, gc=False):
    name: Text
    response: dict[str, Any] | None = None
    id: str | None = None
    parts: list[dict[str, Any]] | None = None


class Part(Struct, gc=False):
    text: str | None = None
    inlineData: Blob | None = None
    fileData: FileData | None = None
    functionCall: FunctionCall | None = None
    functionResponse: FunctionResponse | None = None
    thought: bool | None = None
    thoughtSignature: str | None = None


class Content(Struct, gc=False):
    parts: list[Part] | None = None
    role: Literal["user", "model", "function"] | None = None


class Declaration(Struct, gc=False):
    name: Text
    description: str | None = None
    parameters: dict[str, Any] | None = None
    parametersJsonSchema: Any = None


class Tool(Struct, gc=False):
    functionDeclarations: list[Declaration] | None = None


class Calling(Struct, gc=False):
    mode: Literal["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"] | None = None
    allowedFunctionNames: list[str] | None = None


class ToolConfig(Struct, gc=False):
    functionCallingConfig: Calling | None = None


class Thinking(Struct, gc=False):
    includeThoughts: bool | None = None
    thinkingBudget: Annotated[int, Meta(ge=-1, le=2**31 - 1)] | None = None
    thinkingLevel: str | None = None


class Config(Struct, gc=False):
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    topP: Annotated[float, Meta(ge=0, le=1)] | None = None
    topK: Annotated[float, Meta(ge=0)] | None = None
    candidateCount: Annotated[int, Meta(ge=1, le=128)] | None = None
    maxOutputTokens: Count | None = None
    stopSequences: list[str] | None = None
    seed: int | None = None
    presencePenalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequencyPenalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    responseLogprobs: bool | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    responseMimeType: str | None = None
    responseSchema: dict[str, Any] | None = None
    responseModalities: list[str] | None = None
    thinkingConfig: Thinking | None = None
    speechConfig: dict[str, Any] | None = None


class Request(Struct, gc=False):
    """A checked request. Absent and `null` fields are None."""

    contents: Annotated[list[Content], Meta(min_length=1)]
    systemInstruction: Content | None = None
    tools: list[Tool] | None = None
    toolConfig: ToolConfig | None = None
    safetySettings: list[dict[str, Any]] | None = None
    generationConfig: Config | None = None
    cachedContent: str | None = None
    labels: dict[str, str] | None = None
    serviceTier: str | None = None


def read(body: bytes) -> Fields:
    """The fields of a request, its names in camelCase. Raises RequestError 400, `param` naming the field's path."""
    return check(json_body.decode(_object, body))


def check(fields: Fields) -> Fields:
    """The same for a request that is decoded."""
    try:
        request = msgspec.convert(normal(fields), Request)
    except msgspec.ValidationError as error:
        raise json_body.explain(str(error), Request) from None
    for at, content in enumerate(request.contents):
        if not content.parts:
            raise json_body.missing(f"contents[{at}].parts", "It has at least one part.")
        for number, part in enumerate(fields["contents"][at]["parts"]):
            kinds = [kind for kind in _KINDS if part.get(kind) is not None]
            if len(kinds) > 1 or not (kinds or part.get("thoughtSignature") is not None):
                found = " and ".join(kinds) or "none"
                raise json_body.invalid(
                    f"contents[{at}].parts[{number}]", f"a part has exactly one of {', '.join(_KINDS)}; it has {found}."
                )
    return fields


def target(path: bytes) -> tuple[str, str]:
    """(model, method) of a path such as `/v1beta/models/{model}:generateContent`. Raises RequestError 404."""
    found = _PATH.search(unquote(path.decode("latin-1")))
    if found is None:
        raise RequestError("There is no model in this path; it ends in `models/{model}:{method}`.", status=404)
    publisher, kind, model, method = found.groups()
    if publisher not in (None, "google", "-"):
        model = f"{publisher}/{model}"
    return (model if kind == "models" else f"{kind}/{model}"), method or ""


def wants_events(query: bytes) -> bool:
    """Whether a stream is asked for as Server-Sent Events. Without that it is one JSON array that grows."""
    asked = parse_qs(query.decode("latin-1"))
    return "sse" in (*asked.get("alt", ()), *asked.get("$alt", ()))
