"""instructor over the `openai` client; its structured outputs are calls of a function."""

import json
from typing import Any

import instructor
from instructor.processing.multimodal import Image
from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve
from openai import OpenAI

TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": LOOK, "strict": True}}]


def client(asked: Asked) -> Any:
    openai = OpenAI(base_url=f"{asked.url}/v1", api_key=asked.key, max_retries=asked.retries, timeout=TIMEOUT)
    return instructor.from_openai(openai)


def asking(asked: Asked, **more: Any) -> Any:
    given = {"model": asked.model, "messages": [{"role": "user", "content": asked.says}], **more}
    return client(asked).chat.completions.create(max_retries=0, **given)


def plain(asked: Asked) -> Any:
    answer = asking(asked, response_model=None)
    used = [answer.usage.prompt_tokens, answer.usage.completion_tokens]
    return {"text": answer.choices[0].message.content, "finish": answer.choices[0].finish_reason, "usage": used}


def streamed(asked: Asked) -> Any:
    """Without a model to fill, chunks are the client's own."""
    text, usage, finish = [], None, None
    for chunk in asking(asked, response_model=None, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            text.append(choice.delta.content or "")
    assert usage is not None
    used = [usage.prompt_tokens, usage.completion_tokens]
    return {"text": "".join(text), "pieces": len([one for one in text if one]), "finish": finish, "usage": used}


def tool(asked: Asked) -> Any:
    messages: Any = [{"role": "user", "content": asked.says}]
    first = asking(asked, response_model=None, tools=TOOLS, messages=messages)
    message = first.choices[0].message
    results = [{"role": "tool", "tool_call_id": call.id, "content": "42"} for call in message.tool_calls]
    said = {**message.model_dump(exclude_none=True), "content": message.content}  # it looks for that
    messages = [*messages, said, *results]
    last = asking(asked, response_model=None, tools=TOOLS, messages=messages)
    called = [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]
    return {"called": called, "finish": first.choices[0].finish_reason, "text": last.choices[0].message.content}


def structured(asked: Asked) -> Any:
    return asking(asked, response_model=Trip).model_dump()


def streamed_structured(asked: Asked) -> Any:
    """Partial objects while the arguments come; the last is whole."""
    messages: Any = [{"role": "user", "content": asked.says}]
    partial = client(asked).chat.completions.create_partial
    return list(partial(model=asked.model, messages=messages, response_model=Trip, max_retries=0))[-1].model_dump()


def image(asked: Asked) -> Any:
    content = [asked.says, Image.from_base64(asked.data_url)]
    return asking(asked, response_model=Trip, messages=[{"role": "user", "content": content}]).model_dump()


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def leave(asked: Asked) -> Any:
    stream = asking(asked, response_model=None, stream=True)
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            stream.close()
            return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, structured=structured, streamed_structured=streamed_structured,
    image=image, error=error, leave=leave,
)  # fmt: skip
