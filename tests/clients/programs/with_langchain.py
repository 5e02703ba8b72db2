"""LangChain: `langchain-openai` (chat, responses) and `langchain-anthropic`, by the first argument."""

import sys
from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool as as_tool
from langchain_openai import ChatOpenAI
from loop import TIMEOUT, Asked, Trip, failure, serve

LANGUAGE = sys.argv[1]


@as_tool
def look(q: str) -> str:
    """Look something up."""
    return "42"


def model(asked: Asked) -> Any:
    known: Any = {"model": asked.model, "api_key": asked.key, "max_retries": asked.retries, "timeout": TIMEOUT}
    if LANGUAGE == "anthropic":
        return ChatAnthropic(base_url=asked.url, **known)
    more: Any = {"use_responses_api": True, "output_version": "responses/v1"} if LANGUAGE == "responses" else {}
    return ChatOpenAI(base_url=f"{asked.url}/v1", stream_usage=True, **known, **more)


def says(asked: Asked) -> list[Any]:
    return [SystemMessage("Be brief."), HumanMessage(asked.says)]


def used(message: Any) -> list[Any]:
    return [message.usage_metadata["input_tokens"], message.usage_metadata["output_tokens"]]


def called(message: Any) -> Any:
    return [[call["name"], call["args"]] for call in message.tool_calls]


def plain(asked: Asked) -> Any:
    answer = model(asked).invoke(says(asked))
    return {"text": answer.text, "usage": used(answer)}


def streamed(asked: Asked) -> Any:
    whole: Any = None
    pieces = 0
    for piece in model(asked).stream(says(asked)):
        pieces += bool(piece.text)
        whole = piece if whole is None else whole + piece
    return {"text": whole.text, "pieces": pieces, "usage": used(whole)}


def tool(asked: Asked) -> Any:
    bound = model(asked).bind_tools([look])
    first = bound.invoke(says(asked))
    results = [ToolMessage(look.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]
    last = bound.invoke([*says(asked), first, *results])
    return {"called": called(first), "text": last.text}


def streamed_tool(asked: Asked) -> Any:
    whole: Any = None
    for piece in model(asked).bind_tools([look]).stream(says(asked)):
        whole = piece if whole is None else whole + piece
    return {"called": called(whole)}


def structured(asked: Asked) -> Any:
    asking = model(asked).with_structured_output(Trip, method="json_schema")
    return asking.invoke(says(asked)).model_dump()


def image(asked: Asked) -> Any:
    picture = {"type": "image", "base64": asked.image, "mime_type": "image/png"}
    answer = model(asked).invoke([HumanMessage([{"type": "text", "text": asked.says}, picture])])
    return {"text": answer.text}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    stream = model(asked).stream(says(asked))
    for piece in stream:
        if piece.text:
            stream.close()
            return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
