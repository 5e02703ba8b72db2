"""The official `openai` client: responses."""

import json
from typing import Any

from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve
from openai import OpenAI

TOOLS: Any = [{"type": "function", "name": "look", "parameters": LOOK, "strict": True}]


def client(asked: Asked) -> OpenAI:
    return OpenAI(base_url=f"{asked.url}/v1", api_key=asked.key, max_retries=asked.retries, timeout=TIMEOUT)


def plain(asked: Asked) -> Any:
    answer = client(asked).responses.create(model=asked.model, instructions="Be brief.", input=asked.says)
    assert answer.usage is not None
    used = [answer.usage.input_tokens, answer.usage.output_tokens]
    return {"text": answer.output_text, "finish": answer.status, "usage": used}


def streamed(asked: Asked) -> Any:
    text: list[str] = []
    with client(asked).responses.stream(model=asked.model, instructions="Be brief.", input=asked.says) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                text.append(event.delta)
        answer = stream.get_final_response()
    assert answer.usage is not None
    assert answer.output_text == "".join(text)
    used = [answer.usage.input_tokens, answer.usage.output_tokens]
    return {"text": "".join(text), "pieces": len(text), "finish": answer.status, "usage": used}


def tool(asked: Asked) -> Any:
    """With the whole conversation in the second request, as without storage."""
    said: Any = [{"role": "user", "content": asked.says}]
    first: Any = client(asked).responses.create(model=asked.model, input=said, tools=TOOLS, store=False)
    calls = [item for item in first.output if item.type == "function_call"]
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": "42"} for call in calls]
    said = [*said, *first.output, *results]
    last = client(asked).responses.create(model=asked.model, input=said, tools=TOOLS, store=False)
    called = [[call.name, json.loads(call.arguments)] for call in calls]
    return {"called": called, "finish": first.status, "text": last.output_text}


def stored_tool(asked: Asked) -> Any:
    """With the stored answer's id in the second request."""
    first: Any = client(asked).responses.create(model=asked.model, input=asked.says, tools=TOOLS)
    calls = [item for item in first.output if item.type == "function_call"]
    results: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "42"} for call in calls]
    last = client(asked).responses.create(model=asked.model, input=results, tools=TOOLS, previous_response_id=first.id)
    called = [[call.name, json.loads(call.arguments)] for call in calls]
    return {"called": called, "finish": first.status, "text": last.output_text}


def streamed_tool(asked: Asked) -> Any:
    with client(asked).responses.stream(model=asked.model, input=asked.says, tools=TOOLS) as stream:
        answer: Any = stream.get_final_response()
    calls = [item for item in answer.output if item.type == "function_call"]
    return {"called": [[call.name, json.loads(call.arguments)] for call in calls]}


def thoughts(asked: Asked) -> Any:
    return [_thoughts(asked, create) for create in (client(asked).responses.create, _streamed_response(asked))]


def _streamed_response(asked: Asked) -> Any:
    def create(**given: Any) -> Any:
        with client(asked).responses.stream(**given) as stream:
            return stream.get_final_response()

    return create


def _thoughts(asked: Asked, create: Any) -> Any:
    """Without storage: the encrypted thoughts are in the second request."""
    reasoning = {"effort": "high", "summary": "auto"}
    asking: Any = {"model": asked.model, "tools": TOOLS, "store": False, "reasoning": reasoning}
    asking["include"] = ["reasoning.encrypted_content"]
    said: Any = [{"role": "user", "content": asked.says}]
    first = create(input=said, **asking)
    calls = [item for item in first.output if item.type == "function_call"]
    results = [{"type": "function_call_output", "call_id": call.call_id, "output": "42"} for call in calls]
    given_back = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    last = create(input=[*said, *given_back, *results], **asking)
    thought = "".join(part.text for item in first.output if item.type == "reasoning" for part in item.summary)
    called = [[call.name, json.loads(call.arguments)] for call in calls]
    return {"thought": thought, "called": called, "text": last.output_text}


def structured(asked: Asked) -> Any:
    answer = client(asked).responses.parse(model=asked.model, input=asked.says, text_format=Trip)
    assert answer.output_parsed is not None
    return answer.output_parsed.model_dump()


def image(asked: Asked) -> Any:
    parts = [{"type": "input_text", "text": asked.says}, {"type": "input_image", "image_url": asked.data_url}]
    message: Any = {"role": "user", "content": parts}
    return {"text": client(asked).responses.create(model=asked.model, input=[message]).output_text}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    with client(asked).responses.create(model=asked.model, input=asked.says, stream=True) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, stored_tool=stored_tool, streamed_tool=streamed_tool, thoughts=thoughts,
    structured=structured, image=image, error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
