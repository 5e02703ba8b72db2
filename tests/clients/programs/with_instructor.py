"""instructor over the `openai` client; its structured outputs are calls of a function."""

from typing import Any

import instructor
from instructor.processing.multimodal import Image
from loop import TIMEOUT, Asked, Trip, failure, serve
from openai import OpenAI


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
    plain=plain, structured=structured, streamed_structured=streamed_structured, image=image, error=error, leave=leave,
)  # fmt: skip
