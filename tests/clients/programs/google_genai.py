"""The official `google-genai` client."""

from typing import Any

from google import genai
from google.genai import types
from loop import LOOK, TIMEOUT, Asked, Trip, failure, serve

TOOLS: Any = [{"function_declarations": [{"name": "look", "parameters_json_schema": LOOK}]}]
BRIEF = "Be brief."


def client(asked: Asked) -> genai.Client:
    retry = types.HttpRetryOptions(attempts=asked.retries + 1, initial_delay=0.01)
    options = types.HttpOptions(base_url=asked.url, timeout=TIMEOUT * 1000, retry_options=retry)
    return genai.Client(api_key=asked.key, http_options=options)


def config(**more: Any) -> types.GenerateContentConfig:
    off = types.AutomaticFunctionCallingConfig(disable=True)
    return types.GenerateContentConfig(system_instruction=BRIEF, automatic_function_calling=off, **more)


def used(answer: Any) -> list[Any]:
    return [answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count]


def calls(answer: Any) -> Any:
    return [[call.name, call.args] for call in answer.function_calls or ()]


def plain(asked: Asked) -> Any:
    with client(asked) as google:
        answer = google.models.generate_content(model=asked.model, contents=asked.says, config=config())
    assert answer.candidates
    return {"text": answer.text, "finish": answer.candidates[0].finish_reason, "usage": used(answer)}


def streamed(asked: Asked) -> Any:
    text, last = [], None
    with client(asked) as google:
        for last in google.models.generate_content_stream(model=asked.model, contents=asked.says, config=config()):
            text.append(last.text or "")
    assert last is not None
    assert last.candidates
    pieces = len([piece for piece in text if piece])
    finish = last.candidates[0].finish_reason
    return {"text": "".join(text), "pieces": pieces, "finish": finish, "usage": used(last)}


def tool(asked: Asked) -> Any:
    with client(asked) as google:
        said = [types.Content(role="user", parts=[types.Part(text=asked.says)])]
        first = google.models.generate_content(model=asked.model, contents=said, config=config(tools=TOOLS))
        assert first.candidates
        assert first.candidates[0].content
        results = []
        for call in first.function_calls or ():
            assert call.name
            part = types.Part.from_function_response(name=call.name, response={"result": "42"})
            assert part.function_response
            part.function_response.id = call.id
            results.append(part)
        said += [first.candidates[0].content, types.Content(role="user", parts=results)]
        last = google.models.generate_content(model=asked.model, contents=said, config=config(tools=TOOLS))
    return {"called": calls(first), "finish": first.candidates[0].finish_reason, "text": last.text}


def streamed_tool(asked: Asked) -> Any:
    asking = config(tools=TOOLS)
    with client(asked) as google:
        stream = google.models.generate_content_stream(model=asked.model, contents=asked.says, config=asking)
        return {"called": [call for piece in stream for call in calls(piece)]}


def thoughts(asked: Asked) -> Any:
    with client(asked) as google:
        return [_thoughts(asked, said) for said in (_whole(google, asked), _pieces(google, asked))]


def _whole(google: genai.Client, asked: Asked) -> Any:
    return lambda **given: google.models.generate_content(model=asked.model, **given).candidates[0].content.parts


def _pieces(google: genai.Client, asked: Asked) -> Any:
    def parts(**given: Any) -> list[Any]:
        stream = google.models.generate_content_stream(model=asked.model, **given)
        return [part for piece in stream for part in piece.candidates[0].content.parts or ()]

    return parts


def _thoughts(asked: Asked, parts: Any) -> Any:
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_budget=2000)
    asking = config(tools=TOOLS, thinking_config=thinking)
    said = [types.Content(role="user", parts=[types.Part(text=asked.says)])]
    first = parts(contents=said, config=asking)
    called = [part.function_call for part in first if part.function_call]
    results = [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"result": "42"}))
        for call in called
    ]
    said += [types.Content(role="model", parts=first), types.Content(role="user", parts=results)]
    last = parts(contents=said, config=asking)
    return {
        "thought": "".join(part.text for part in first if part.thought),
        "called": [[call.name, call.args] for call in called],
        "text": "".join(part.text for part in last if part.text and not part.thought),
    }


def structured(asked: Asked) -> Any:
    asking = config(response_mime_type="application/json", response_schema=Trip)
    with client(asked) as google:
        answer = google.models.generate_content(model=asked.model, contents=asked.says, config=asking)
    assert isinstance(answer.parsed, Trip)
    return answer.parsed.model_dump()


def image(asked: Asked) -> Any:
    parts: Any = [asked.says, types.Part.from_bytes(data=asked.image_bytes, mime_type="image/png")]
    with client(asked) as google:
        return {"text": google.models.generate_content(model=asked.model, contents=parts).text}


def count(asked: Asked) -> Any:
    with client(asked) as google:
        return {"input": google.models.count_tokens(model=asked.model, contents=asked.says).total_tokens}


def error(asked: Asked) -> Any:
    return failure(lambda: plain(asked))


def streamed_error(asked: Asked) -> Any:
    return failure(lambda: streamed(asked))


def leave(asked: Asked) -> Any:
    with client(asked) as google:
        stream = google.models.generate_content_stream(model=asked.model, contents=asked.says)
        for piece in stream:
            if piece.text:
                stream.close()
                return {"left": True}
    return {"left": False}


serve(
    plain=plain, streamed=streamed, tool=tool, streamed_tool=streamed_tool, thoughts=thoughts,
    structured=structured, image=image, count=count, error=error, streamed_error=streamed_error, leave=leave,
)  # fmt: skip
