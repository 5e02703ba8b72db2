"""LiteLLM's SDK as a client: as `openai/…` or `anthropic/…` by the first argument."""

import asyncio
import json
import sys
from typing import Any

import litellm
from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve

LANGUAGE = sys.argv[1]
TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": LOOK}}]
litellm.suppress_debug_info = True


def asking(asked: Asked, **more: Any) -> Any:
    if LANGUAGE == "anthropic":
        where = {"model": f"anthropic/{asked.model}", "api_base": asked.url}
    else:
        where = {"model": f"openai/{asked.model}", "api_base": f"{asked.url}/v1"}
    given = {**where, "api_key": asked.key, "max_retries": asked.retries, "timeout": TIMEOUT, **more}
    if LANGUAGE == "anthropic":
        given["num_retries"] = given.pop("max_retries")
    return litellm.completion(**given)


def says(asked: Asked) -> list[Any]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": asked.says}]


def called(message: Any) -> Any:
    return [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]


def plain(asked: Asked) -> Any:
    answer = asking(asked, messages=says(asked))
    choice, usage = answer.choices[0], answer.usage
    return {
        "text": choice.message.content,
        "finish": choice.finish_reason,
        "usage": [usage.prompt_tokens, usage.completion_tokens],
    }


def streamed(asked: Asked) -> Any:
    chunks = list(asking(asked, messages=says(asked), stream=True, stream_options={"include_usage": True}))
    whole: Any = litellm.stream_chunk_builder(chunks)
    text = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert whole.choices[0].message.content == "".join(text)
    return {
        "text": "".join(text),
        "pieces": len([piece for piece in text if piece]),
        "finish": whole.choices[0].finish_reason,
        "usage": [whole.usage.prompt_tokens, whole.usage.completion_tokens],
    }


def tool(asked: Asked) -> Any:
    first = asking(asked, messages=says(asked), tools=TOOLS)
    message = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": "42"} for call in message.tool_calls]
    last = asking(asked, messages=[*says(asked), message, *results], tools=TOOLS)
    finish = first.choices[0].finish_reason
    return {"called": called(message), "finish": finish, "text": last.choices[0].message.content}


def streamed_tool(asked: Asked) -> Any:
    chunks = list(asking(asked, messages=says(asked), tools=TOOLS, stream=True))
    whole: Any = litellm.stream_chunk_builder(chunks)
    return {"called": called(whole.choices[0].message)}


def structured(asked: Asked) -> Any:
    answer = asking(asked, messages=says(asked), response_format=Trip)
    return Trip.model_validate_json(answer.choices[0].message.content).model_dump()


def image(asked: Asked) -> Any:
    parts = [{"type": "text", "text": asked.says}, {"type": "image_url", "image_url": {"url": asked.data_url}}]
    return {"text": asking(asked, messages=[{"role": "user", "content": parts}]).choices[0].message.content}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    stream = asking(asked, messages=says(asked), stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            asyncio.run(stream.aclose())
            return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
