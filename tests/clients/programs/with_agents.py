"""OpenAI Agents SDK: chat or responses by the first argument."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Any

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from loop import TIMEOUT, Asked, Trip, failure, serve
from openai import AsyncOpenAI

LANGUAGE = sys.argv[1]
set_tracing_disabled(True)
TOLD = ModelSettings(include_usage=True)


@function_tool
def look(q: str) -> str:
    """Look something up."""
    return "42"


def agent(asked: Asked, **more: Any) -> Any:
    client = AsyncOpenAI(base_url=f"{asked.url}/v1", api_key=asked.key, max_retries=asked.retries, timeout=TIMEOUT)
    made: Any = OpenAIResponsesModel if LANGUAGE == "responses" else OpenAIChatCompletionsModel
    return Agent(name="guide", instructions="Be brief.", model=made(asked.model, client), model_settings=TOLD, **more)


def now(running: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(running)


def calls(result: Any) -> Any:
    found = [item.raw_item for item in result.new_items if item.type == "tool_call_item"]
    return [[call.name, json.loads(call.arguments)] for call in found]


def used(result: Any) -> list[Any]:
    usage = result.context_wrapper.usage
    return [usage.input_tokens, usage.output_tokens]


def plain(asked: Asked) -> Any:
    result = now(Runner.run(agent(asked), asked.says))
    return {"text": result.final_output, "usage": used(result)}


def streamed(asked: Asked) -> Any:
    async def run() -> Any:
        result = Runner.run_streamed(agent(asked), asked.says)
        text = []
        async for event in result.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                text.append(event.data.delta)
        assert result.final_output == "".join(text)
        return {"text": "".join(text), "pieces": len(text), "usage": used(result)}

    return now(run())


def tool(asked: Asked) -> Any:
    """The agent's own loop: model, function, model."""
    result = now(Runner.run(agent(asked, tools=[look]), asked.says))
    return {"called": calls(result), "text": result.final_output}


def streamed_tool(asked: Asked) -> Any:
    async def run() -> Any:
        result = Runner.run_streamed(agent(asked, tools=[look]), asked.says)
        async for _ in result.stream_events():
            pass
        return {"called": calls(result), "text": result.final_output}

    return now(run())


def structured(asked: Asked) -> Any:
    return now(Runner.run(agent(asked, output_type=Trip), asked.says)).final_output.model_dump()


def image(asked: Asked) -> Any:
    parts = [{"type": "input_text", "text": asked.says}, {"type": "input_image", "image_url": asked.data_url}]
    said: Any = [{"role": "user", "content": parts}]
    return {"text": now(Runner.run(agent(asked), said)).final_output}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    async def run() -> Any:
        result = Runner.run_streamed(agent(asked), asked.says)
        async for event in result.stream_events():
            if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                result.cancel(mode="immediate")
                return {"left": True}
        return {"left": False}

    return now(run())


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
