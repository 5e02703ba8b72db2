"""A turn of an agent with each official client, in its own language: what it is told, and which calls it is to make."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import anthropic
import msgspec
import openai
from google import genai
from google.genai import types

NAMES = ("chat", "responses", "anthropic", "gemini")
TOOLS = ("read_mail", "find_contact", "send_mail", "pay")
SCHEMA: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": True}


class Said(msgspec.Struct):
    """An answer: its text, its calls as (tool, arguments), and the word for why it ended. `own` is what the client
    puts into the conversation for it."""

    text: str
    calls: list[tuple[str, dict[str, Any]]]
    finish: str
    own: list[Any] = []


class Agent:
    """A conversation of one client. `ask` is one turn; `result` answers the last calls."""

    def __init__(self, name: str, url: str, key: str, model: str, headers: Mapping[str, str] | None = None) -> None:
        self.name, self.model = name, model
        self.headers = dict(headers or {})
        self.history: list[Any] = []
        self._calls: list[Any] = []
        if name in ("chat", "responses"):
            self._openai = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20)
        elif name == "anthropic":
            self._anthropic = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20)
        else:
            self._gemini = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url))

    def close(self) -> None:
        for name in ("_openai", "_anthropic", "_gemini"):
            if hasattr(self, name):
                getattr(self, name).close()

    def ask(self, text: str = "", *, stream: bool = False, tools: Sequence[str] = TOOLS) -> Said:
        if text:
            self.history.append(_user(self.name, text))
        said: Said = getattr(self, f"_{self.name}_turn")(stream, tools)
        self.history += said.own
        return said

    def result(self, *texts: str) -> None:
        """What the calls of the last answer brought, in their order."""
        self.history += _results(self.name, self._calls, texts)

    def _chat_turn(self, stream: bool, tools: Sequence[str]) -> Said:
        offered: Any = [{"type": "function", "function": {"name": n, "parameters": SCHEMA}} for n in tools]
        common: Any = {"model": self.model, "messages": self.history, "extra_headers": self.headers}
        if stream:
            with self._openai.chat.completions.stream(tools=offered, **common) as events:
                for _ in events:
                    pass
                answer: Any = events.get_final_completion()
        else:
            answer = self._openai.chat.completions.create(tools=offered, **common)
        message = answer.choices[0].message
        self._calls = message.tool_calls or []
        own: dict[str, Any] = {"role": "assistant", "content": message.content}
        if self._calls:
            own["tool_calls"] = [
                {
                    "id": c.id,
                    "type": "function",
                    "function": {"name": c.function.name, "arguments": c.function.arguments},
                }
                for c in self._calls
            ]
        calls = [(c.function.name, json.loads(c.function.arguments)) for c in self._calls]
        return Said(message.content or "", calls, answer.choices[0].finish_reason, [own])

    def _responses_turn(self, stream: bool, tools: Sequence[str]) -> Said:
        offered: Any = [{"type": "function", "name": n, "parameters": SCHEMA, "strict": False} for n in tools]
        common: Any = {"model": self.model, "input": self.history, "store": False, "extra_headers": self.headers}
        if stream:
            with self._openai.responses.stream(tools=offered, **common) as events:
                for _ in events:
                    pass
                answer: Any = events.get_final_response()
        else:
            answer = self._openai.responses.create(tools=offered, **common)
        self._calls = [item for item in answer.output if item.type == "function_call"]
        calls = [(c.name, json.loads(c.arguments)) for c in self._calls]
        own = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in answer.output]
        for item in own:
            for part in item.get("content") or ():
                part.pop("parsed", None)
        return Said(answer.output_text, calls, "tool_calls" if calls else answer.status, own)

    def _anthropic_turn(self, stream: bool, tools: Sequence[str]) -> Said:
        offered: Any = [{"name": n, "input_schema": {"type": "object", "properties": {}}} for n in tools]
        common: Any = {"model": self.model, "messages": self.history, "max_tokens": 500, "extra_headers": self.headers}
        if stream:
            with self._anthropic.messages.stream(tools=offered, **common) as events:
                for _ in events:
                    pass
                answer: Any = events.get_final_message()
        else:
            answer = self._anthropic.messages.create(tools=offered, **common)
        self._calls = [block for block in answer.content if block.type == "tool_use"]
        text = "".join(block.text for block in answer.content if block.type == "text")
        own = [block.model_dump(exclude_none=True, exclude={"parsed_output"}) for block in answer.content]
        finish = answer.stop_reason or ""
        return Said(text, [(c.name, c.input) for c in self._calls], finish, [{"role": "assistant", "content": own}])

    def _gemini_turn(self, stream: bool, tools: Sequence[str]) -> Said:
        declared: Any = [types.FunctionDeclaration(name=n, parameters_json_schema=SCHEMA) for n in tools]
        config = types.GenerateContentConfig(
            tools=[types.Tool(function_declarations=declared)],
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            http_options=types.HttpOptions(headers=self.headers),
        )
        common: Any = {"model": self.model, "contents": self.history, "config": config}
        if stream:
            chunks = list(self._gemini.models.generate_content_stream(**common))
        else:
            chunks = [self._gemini.models.generate_content(**common)]
        candidates = [one for chunk in chunks for one in chunk.candidates or ()]
        parts = [part for one in candidates if one.content for part in one.content.parts or ()]
        self._calls = [part.function_call for part in parts if part.function_call]
        finish = next((str(one.finish_reason.value) for one in reversed(candidates) if one.finish_reason), "")
        text = "".join(part.text for part in parts if part.text and not part.thought)
        calls = [(str(c.name), dict(c.args or {})) for c in self._calls]
        return Said(text, calls, finish, [types.Content(role="model", parts=parts)])


def _user(name: str, text: str) -> Any:
    if name == "gemini":
        return types.Content(role="user", parts=[types.Part(text=text)])
    return {"role": "user", "content": text}


def _results(name: str, calls: Sequence[Any], texts: Sequence[str]) -> list[Any]:
    both = list(zip(calls, texts, strict=True))
    if name == "chat":
        return [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in both]
    if name == "responses":
        return [{"type": "function_call_output", "call_id": call.call_id, "output": text} for call, text in both]
    if name == "anthropic":
        blocks = [{"type": "tool_result", "tool_use_id": call.id, "content": text} for call, text in both]
        return [{"role": "user", "content": blocks}]
    parts = [
        types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"output": text}))
        for call, text in both
    ]
    return [types.Content(role="user", parts=parts)]
