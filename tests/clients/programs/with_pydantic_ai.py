"""Pydantic AI: chat, responses or anthropic by the first argument."""

import asyncio
import sys
from typing import Any

from anthropic import AsyncAnthropic
from loop import TIMEOUT, Asked, Trip, failure, serve
from openai import AsyncOpenAI
from pydantic_ai import Agent, BinaryContent, ModelRequest, NativeOutput, ToolReturnPart
from pydantic_ai.messages import ModelResponse, ToolCallPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

LANGUAGE = sys.argv[1]
SAID = "Be brief."


def model(asked: Asked) -> Any:
    known: Any = {"api_key": asked.key, "max_retries": asked.retries, "timeout": TIMEOUT}
    if LANGUAGE == "anthropic":
        client = AsyncAnthropic(base_url=asked.url, **known)
        return AnthropicModel(asked.model, provider=AnthropicProvider(anthropic_client=client))
    provider = OpenAIProvider(openai_client=AsyncOpenAI(base_url=f"{asked.url}/v1", **known))
    made = OpenAIResponsesModel if LANGUAGE == "responses" else OpenAIChatModel
    return made(asked.model, provider=provider)


def agent(asked: Asked, **more: Any) -> Any:
    return Agent(model(asked), instructions=SAID, **more)


def with_look(asked: Asked) -> Any:
    made = agent(asked)

    @made.tool_plain
    def look(q: str) -> str:
        """Look something up."""
        return "42"

    return made


def calls(messages: Any) -> Any:
    parts = [part for message in messages if isinstance(message, ModelResponse) for part in message.parts]
    return [[part.tool_name, part.args_as_dict()] for part in parts if isinstance(part, ToolCallPart)]


def used(result: Any) -> list[Any]:
    usage = result.usage() if callable(result.usage) else result.usage
    return [usage.input_tokens, usage.output_tokens]


def plain(asked: Asked) -> Any:
    result = agent(asked).run_sync(asked.says)
    return {"text": result.output, "usage": used(result)}


def streamed(asked: Asked) -> Any:
    async def run() -> Any:
        async with agent(asked).run_stream(asked.says) as result:
            text = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        return {"text": "".join(text), "pieces": len([piece for piece in text if piece]), "usage": used(result)}

    return asyncio.run(run())


def tool(asked: Asked) -> Any:
    """The agent's own loop: model, function, model."""
    result = with_look(asked).run_sync(asked.says)
    results = [p for m in result.all_messages() if isinstance(m, ModelRequest) for p in m.parts]
    assert [part.content for part in results if isinstance(part, ToolReturnPart)] == ["42", "42"]
    return {"called": calls(result.all_messages()), "text": result.output}


def streamed_tool(asked: Asked) -> Any:
    async def run() -> Any:
        async with with_look(asked).run_stream(asked.says) as result:
            text = await result.get_output()
            return {"called": calls(result.all_messages()), "text": text}

    return asyncio.run(run())


def structured(asked: Asked) -> Any:
    return agent(asked, output_type=NativeOutput(Trip)).run_sync(asked.says).output.model_dump()


def image(asked: Asked) -> Any:
    picture = BinaryContent(data=asked.image_bytes, media_type="image/png")
    return {"text": agent(asked).run_sync([asked.says, picture]).output}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    """The task that reads the stream is cancelled."""

    async def run() -> Any:
        begun = asyncio.Event()

        async def read() -> None:
            async with agent(asked).run_stream(asked.says) as result:
                async for _ in result.stream_text(delta=True, debounce_by=None):
                    begun.set()

        reading = asyncio.create_task(read())
        await begun.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return {"left": True}

    return asyncio.run(run())


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
