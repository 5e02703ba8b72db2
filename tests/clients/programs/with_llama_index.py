"""LlamaIndex: `llama-index-llms-openai`, chat or responses by the first argument."""

import gc
import sys
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI, OpenAIResponses
from loop import TIMEOUT, Asked, Trip, failure, serve

LANGUAGE = sys.argv[1]


def look(q: str) -> str:
    """Look something up."""
    return "42"


LOOK = FunctionTool.from_defaults(look)


def model(asked: Asked) -> Any:
    known: Any = {"api_base": f"{asked.url}/v1", "api_key": asked.key, "timeout": TIMEOUT}
    if LANGUAGE == "responses":
        return OpenAIResponses(model=asked.model, max_retries=asked.retries, **known)
    return OpenAI(model=asked.model, max_retries=asked.retries, **known)


def says(asked: Asked) -> list[ChatMessage]:
    return [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=asked.says)]


def called(llm: Any, answer: Any) -> Any:
    calls = llm.get_tool_calls_from_response(answer, error_on_no_tool_call=False)
    return [[call.tool_name, call.tool_kwargs] for call in calls]


def plain(asked: Asked) -> Any:
    answer = model(asked).chat(says(asked))
    return {"text": answer.message.content}


def streamed(asked: Asked) -> Any:
    text = [piece.delta or "" for piece in model(asked).stream_chat(says(asked))]
    return {"text": "".join(text), "pieces": len([piece for piece in text if piece])}


def tool(asked: Asked) -> Any:
    llm = model(asked)
    first = llm.chat_with_tools([LOOK], chat_history=says(asked), allow_parallel_tool_calls=True)
    calls = llm.get_tool_calls_from_response(first)
    results = [
        ChatMessage(
            role="tool", content=str(LOOK(**call.tool_kwargs)), additional_kwargs={"tool_call_id": call.tool_id}
        )
        for call in calls
    ]
    last = llm.chat_with_tools([LOOK], chat_history=[*says(asked), first.message, *results])
    return {"called": called(llm, first), "text": last.message.content}


def streamed_tool(asked: Asked) -> Any:
    llm = model(asked)
    last = list(llm.stream_chat_with_tools([LOOK], chat_history=says(asked), allow_parallel_tool_calls=True))[-1]
    return {"called": called(llm, last)}


def structured(asked: Asked) -> Any:
    return model(asked).structured_predict(Trip, PromptTemplate("{says}"), says=asked.says).model_dump()


def image(asked: Asked) -> Any:
    blocks = [TextBlock(text=asked.says), ImageBlock(image=asked.image_bytes, image_mimetype="image/png")]
    return {"text": model(asked).chat([ChatMessage(role="user", blocks=blocks)]).message.content}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    stream = model(asked).stream_chat(says(asked))
    for piece in stream:
        if piece.delta:
            stream.close()
            del stream
            gc.collect()  # its connection is closed with the last of its objects
            return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
