"""The official `anthropic` client."""

from typing import Any

from anthropic import Anthropic
from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve

TOOLS: Any = [{"name": "look", "input_schema": LOOK}]


def client(asked: Asked) -> Anthropic:
    return Anthropic(base_url=asked.url, api_key=asked.key, max_retries=asked.retries, timeout=TIMEOUT)


def fields(asked: Asked) -> Any:
    messages = [{"role": "user", "content": asked.says}]
    return {"model": asked.model, "max_tokens": 1000, "system": "Be brief.", "messages": messages}


def text_of(answer: Any) -> str:
    return "".join(block.text for block in answer.content if block.type == "text")


def called(answer: Any) -> Any:
    return [[block.name, block.input] for block in answer.content if block.type == "tool_use"]


def plain(asked: Asked) -> Any:
    answer = client(asked).messages.create(**fields(asked))
    used = [answer.usage.input_tokens, answer.usage.output_tokens]
    return {"text": text_of(answer), "finish": answer.stop_reason, "usage": used}


def streamed(asked: Asked) -> Any:
    with client(asked).messages.stream(**fields(asked)) as stream:
        text = list(stream.text_stream)
        answer = stream.get_final_message()
    assert text_of(answer) == "".join(text)
    used = [answer.usage.input_tokens, answer.usage.output_tokens]
    return {"text": "".join(text), "pieces": len(text), "finish": answer.stop_reason, "usage": used}


def tool(asked: Asked) -> Any:
    first = client(asked).messages.create(**fields(asked), tools=TOOLS)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": "42"}
        for block in first.content
        if block.type == "tool_use"
    ]
    more = fields(asked)
    more["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    last = client(asked).messages.create(**more, tools=TOOLS)
    return {"called": called(first), "finish": first.stop_reason, "text": text_of(last)}


def streamed_tool(asked: Asked) -> Any:
    with client(asked).messages.stream(**fields(asked), tools=TOOLS) as stream:
        return {"called": called(stream.get_final_message())}


def thoughts(asked: Asked) -> Any:
    return [_thoughts(asked, create) for create in (client(asked).messages.create, _streamed_message(asked))]


def _streamed_message(asked: Asked) -> Any:
    def create(**given: Any) -> Any:
        with client(asked).messages.stream(**given) as stream:
            return stream.get_final_message()

    return create


def _thoughts(asked: Asked, create: Any) -> Any:
    asking = fields(asked) | {"max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 2000}}
    first = create(**asking, tools=TOOLS)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": "42"}
        for block in first.content
        if block.type == "tool_use"
    ]
    asking["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    last = create(**asking, tools=TOOLS)
    thought = "".join(block.thinking for block in first.content if block.type == "thinking")
    return {"thought": thought, "called": called(first), "text": text_of(last)}


def structured(asked: Asked) -> Any:
    answer = client(asked).messages.parse(**fields(asked), output_format=Trip)
    assert answer.parsed_output is not None
    return answer.parsed_output.model_dump()


def image(asked: Asked) -> Any:
    source = {"type": "base64", "media_type": "image/png", "data": asked.image}
    asking = fields(asked)
    asking["messages"][0]["content"] = [{"type": "text", "text": asked.says}, {"type": "image", "source": source}]
    return {"text": text_of(client(asked).messages.create(**asking))}


def count(asked: Asked) -> Any:
    asking = fields(asked)
    del asking["max_tokens"]
    return {"input": client(asked).messages.count_tokens(**asking).input_tokens}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    with client(asked).messages.stream(**fields(asked)) as stream:
        for _ in stream.text_stream:
            return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, thoughts=thoughts,
    structured=structured, image=image, count=count, error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
