"""The official `openai` client: chat completions."""

import json
from typing import Any

from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve
from openai import OpenAI

TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": LOOK, "strict": True}}]


def client(asked: Asked) -> OpenAI:
    return OpenAI(base_url=f"{asked.url}/v1", api_key=asked.key, max_retries=asked.retries, timeout=TIMEOUT)


def says(asked: Asked) -> Any:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": asked.says}]


def plain(asked: Asked) -> Any:
    answer = client(asked).chat.completions.create(model=asked.model, messages=says(asked))
    assert answer.usage is not None
    return {
        "text": answer.choices[0].message.content,
        "finish": answer.choices[0].finish_reason,
        "usage": [answer.usage.prompt_tokens, answer.usage.completion_tokens],
    }


def streamed(asked: Asked) -> Any:
    text, usage, finish = [], None, None
    for chunk in client(asked).chat.completions.create(
        model=asked.model, messages=says(asked), stream=True, stream_options={"include_usage": True}
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            text.append(choice.delta.content or "")
    assert usage is not None
    return {
        "text": "".join(text),
        "pieces": len([piece for piece in text if piece]),
        "finish": finish,
        "usage": [usage.prompt_tokens, usage.completion_tokens],
    }


def tool(asked: Asked) -> Any:
    messages = says(asked)
    first = client(asked).chat.completions.create(model=asked.model, messages=messages, tools=TOOLS)
    message: Any = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": "42"} for call in message.tool_calls]
    messages = [*messages, message.model_dump(exclude_none=True), *results]
    last = client(asked).chat.completions.create(model=asked.model, messages=messages, tools=TOOLS)
    called = [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]
    return {"called": called, "finish": first.choices[0].finish_reason, "text": last.choices[0].message.content}


def streamed_tool(asked: Asked) -> Any:
    with client(asked).chat.completions.stream(model=asked.model, messages=says(asked), tools=TOOLS) as stream:
        message: Any = stream.get_final_completion().choices[0].message
    return {"called": [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]}


def structured(asked: Asked) -> Any:
    answer = client(asked).chat.completions.parse(model=asked.model, messages=says(asked), response_format=Trip)
    parsed = answer.choices[0].message.parsed
    assert parsed is not None
    return parsed.model_dump()


def image(asked: Asked) -> Any:
    parts = [{"type": "text", "text": asked.says}, {"type": "image_url", "image_url": {"url": asked.data_url}}]
    message: Any = {"role": "user", "content": parts}
    answer = client(asked).chat.completions.create(model=asked.model, messages=[message])
    return {"text": answer.choices[0].message.content}


def embeddings(asked: Asked) -> Any:
    answer = client(asked).embeddings.create(model=asked.model, input=["a", "b"], dimensions=4)
    return [row.embedding for row in answer.data]


def models(asked: Asked) -> Any:
    return [model.id for model in client(asked).models.list()]


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    with client(asked).chat.completions.create(model=asked.model, messages=says(asked), stream=True) as stream:
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, structured=structured, image=image,
    embeddings=embeddings, models=models, error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
