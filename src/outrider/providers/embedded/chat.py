"""Chat requests in, OpenAI's answer out, around a runtime that writes text. Pure: no model, no thread, no clock."""

import re
from typing import Any, Literal

import msgspec

from outrider.base.errors import RequestError
from outrider.providers.embedded import grammar, prompt, toolcalls
from outrider.providers.embedded.grammar import Schema

DEFAULT_MAX_TOKENS = 1024
"""Most tokens of an answer when the request sets no limit: small models may ramble to the end of their context."""
MAX_CHOICES = 4
RESUMES = {"continue_final_message": True, "add_generation_prompt": False, "echo": False}
"""The runtime's words for going on with the last message."""
_TOKEN_ID = re.compile("[0-9]{1,7}")
_NO_SEED = 0xFFFF_FFFF  # the runtime's word for "take a random one"


class _JsonSchema(msgspec.Struct):
    name: str = ""
    schema: Any = None
    strict: bool | None = None


class _ResponseFormat(msgspec.Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _Request(msgspec.Struct):
    messages: list[prompt.Message]
    model: str = ""
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    response_format: _ResponseFormat | None = None
    tools: list[toolcalls.Tool] | None = None
    tool_choice: Any = None
    functions: msgspec.Raw | None = None
    continue_final_message: bool | None = None


_LIMITS: dict[str, tuple[float, float]] = {
    "n": (1, MAX_CHOICES),
    "temperature": (0, 2),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "top_k": (0, 1 << 20),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "top_logprobs": (0, 20),
    "max_tokens": (1, 1 << 31),
    "max_completion_tokens": (1, 1 << 31),
}
_SAMPLING = ("temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty")

_decoder = msgspec.json.Decoder(_Request)


class Plan(msgspec.Struct):
    """A request, understood. `native` is the runtime's body without its token limit; `limit` the caller's, if any.

    `switches` are fields of `native` that change what the messages look like to the model.
    """

    model: str
    messages: list[dict[str, str]]
    native: dict[str, Any]
    choices: int
    limit: int | None
    stream: bool
    include_usage: bool
    logprobs: bool
    toolbox: toolcalls.Toolbox | None
    constrained: bool
    switches: dict[str, Any]


def understand(body: bytes) -> Plan:
    """The plan for a request body. Raises RequestError (400) that names the field."""
    try:
        request = _decoder.decode(body)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        param = place.rstrip("`").lstrip(".") or None
        raise RequestError(f"{what} (in {param!r})" if param else what, param=param) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"the body is not JSON: {error}", code="invalid_json") from None
    except RecursionError:
        raise RequestError("the body is nested too deeply", code="invalid_json") from None
    _check(request)
    resumes = bool(request.continue_final_message)
    schema, strict = _wanted(request.response_format)
    # An answer that goes on is in words already: a grammar would make the model begin a new envelope.
    box = None if resumes else toolcalls.toolbox(request.tools, request.tool_choice, schema)
    native = _sampling(request)
    if box is not None:
        native["grammar"] = box.grammar()
    elif schema is not None:
        native["grammar"] = grammar.of(schema, strict=strict)
    messages = prompt.plain(request.messages, box.described if box else "")
    switches = RESUMES if resumes else {}
    native |= switches | {
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "cache_prompt": True,
    }
    options = request.stream_options
    return Plan(
        model=request.model,
        messages=messages,
        native=native,
        choices=request.n or 1,
        limit=request.max_completion_tokens or request.max_tokens,
        stream=bool(request.stream),
        include_usage=bool(options and options.include_usage),
        logprobs=bool(request.logprobs) and box is None,
        toolbox=box,
        constrained="grammar" in native,
        switches=switches,
    )


def _check(request: _Request) -> None:
    for name, (low, high) in _LIMITS.items():
        value = getattr(request, name)
        if value is not None and not low <= value <= high:
            raise RequestError(f"{name!r} is {value}; the embedded model takes {low:g} to {high:g}", param=name)
    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    if len(stops) > 16 or not all(0 < len(s) <= 1000 for s in stops):
        raise RequestError("'stop' takes up to 16 texts of 1 to 1000 characters", param="stop")
    if request.functions is not None:
        raise RequestError("'functions' was replaced by 'tools'; send 'tools'", param="functions")
    if request.continue_final_message:
        _check_resumes(request)
    if request.top_logprobs and not request.logprobs:
        raise RequestError("'top_logprobs' needs 'logprobs': true", param="top_logprobs")


def _check_resumes(request: _Request) -> None:
    last = request.messages[-1] if request.messages else None
    if last is None or last.role != "assistant" or last.tool_calls or not last.content:
        raise RequestError(
            "'continue_final_message' goes on with a text: the last message must be the assistant's and have one",
            param="continue_final_message",
        )
    if request.response_format is not None and request.response_format.type != "text":
        raise RequestError(
            "'continue_final_message' cannot hold a 'response_format'; leave one of them out",
            param="continue_final_message",
        )


def _wanted(form: _ResponseFormat | None) -> tuple[Schema | None, bool]:
    """The schema that the answer must have (None: any text) and whether every keyword must be enforced."""
    if form is None or form.type == "text":
        return None, False
    if form.type == "json_object":
        return grammar.JSON_OBJECT, False
    if form.json_schema is None:
        raise RequestError(
            "'response_format' of type 'json_schema' needs 'json_schema'", param="response_format.json_schema"
        )
    schema = grammar.checked(form.json_schema.schema, "response_format.json_schema.schema")
    return schema, bool(form.json_schema.strict)


def _sampling(request: _Request) -> dict[str, Any]:
    native: dict[str, Any] = {n: v for n in _SAMPLING if (v := getattr(request, n)) is not None}
    native["n"] = request.n or 1
    if request.stop:
        native["stop"] = [request.stop] if isinstance(request.stop, str) else request.stop
    if request.seed is not None:
        seed = request.seed & 0xFFFF_FFFF
        native["seed"] = seed if seed != _NO_SEED else 0
    if request.logit_bias:
        if not all(_TOKEN_ID.fullmatch(k) and -100 <= v <= 100 for k, v in request.logit_bias.items()):
            raise RequestError("'logit_bias' takes token ids as keys and values of -100 to 100", param="logit_bias")
        native["logit_bias"] = [[int(k), v] for k, v in request.logit_bias.items()]
    if request.logprobs and not request.tools:
        native |= {"logprobs": True, "top_logprobs": request.top_logprobs or 0}
    return native


def _logprob(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {k: entry.get(k) for k in ("token", "logprob", "bytes")}
    if "top_logprobs" in entry:
        kept["top_logprobs"] = [_logprob(e) for e in entry["top_logprobs"]]
    return kept


class Answer:
    """One answer being made: takes the runtime's chunks, gives OpenAI's chunks, and at the end the whole body.

    `id` and `created` (seconds) come from the caller. `finished` is True once every choice ended.
    """

    def __init__(self, plan: Plan, id_: str, created: int) -> None:
        self._plan = plan
        self._head = {"id": id_, "created": created, "model": plan.model}
        self._readers = [toolcalls.Reader(plan.toolbox) if plan.toolbox else None for _ in range(plan.choices)]
        self._deltas: list[list[dict[str, Any]]] = [[] for _ in range(plan.choices)]
        self._logprobs: list[list[dict[str, Any]]] = [[] for _ in range(plan.choices)]
        self._finish: list[str | None] = [None] * plan.choices
        self._usage = {"prompt": 0, "completion": 0, "cached": 0}
        self._usages = 0
        self.sniffed = ""

    @property
    def finished(self) -> bool:
        return all(self._finish) and self._usages == self._plan.choices

    def feed(self, native: dict[str, Any]) -> list[dict[str, Any]]:
        """OpenAI's chunks for one chunk of the runtime."""
        out: list[dict[str, Any]] = []
        for choice in native.get("choices", ()):
            out += self._choice(choice)
        usage = native.get("usage")
        if usage:
            self._usages += 1
            self._usage["prompt"] = usage["prompt_tokens"]
            self._usage["completion"] += usage["completion_tokens"]
            cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
            self._usage["cached"] = min(max(self._usage["cached"], cached), usage["prompt_tokens"])
            if self._plan.include_usage and self.finished:
                out.append(self._chunk([], self.usage()))
        return out

    def _choice(self, choice: dict[str, Any]) -> list[dict[str, Any]]:
        index, delta = choice["index"], choice.get("delta") or {}
        out = []
        if "role" in delta:
            out.append(self._part(index, {"role": "assistant", "content": None if self._plan.toolbox else ""}))
        text = delta.get("content") or ""
        self.sniffed = self.sniffed or text.lstrip()[:1]
        probabilities = ((choice.get("logprobs") or {}).get("content") or []) if self._plan.logprobs else []
        entries = [_logprob(e) for e in probabilities]
        self._logprobs[index] += entries
        reader = self._readers[index]
        for part in self._parts(reader, text):
            self._deltas[index].append(part)
            out.append(self._part(index, part, entries))
        reason = choice.get("finish_reason")
        if reason:
            for part in reader.finish(whole=reason == "stop") if reader else []:
                self._deltas[index].append(part)
                out.append(self._part(index, part))
            reason = "tool_calls" if reader and reader.called and reason == "stop" else reason
            self._finish[index] = reason
            out.append(self._part(index, {}, reason=reason))
        return out

    @staticmethod
    def _parts(reader: toolcalls.Reader | None, text: str) -> list[dict[str, Any]]:
        if reader is not None:
            return reader.feed(text)
        return [{"content": text}] if text else []

    def _part(
        self, index: int, delta: dict[str, Any], entries: list[dict[str, Any]] | None = None, reason: str | None = None
    ) -> dict[str, Any]:
        logprobs = {"content": entries, "refusal": None} if entries else None
        return self._chunk([{"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": reason}])

    def _chunk(self, choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> dict[str, Any]:
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": choices}
        if self._plan.include_usage:
            chunk["usage"] = usage
        return chunk

    def usage(self) -> dict[str, Any]:
        """OpenAI's `usage` object; exact, the prompt counted once however many choices there are."""
        prompt_, completion = self._usage["prompt"], self._usage["completion"]
        return {
            "prompt_tokens": prompt_,
            "completion_tokens": completion,
            "total_tokens": prompt_ + completion,
            "prompt_tokens_details": {"cached_tokens": self._usage["cached"]},
        }

    def body(self) -> dict[str, Any]:
        """The whole answer as a `chat.completion` object."""
        choices = [
            {
                "index": index,
                "message": _message(deltas),
                "logprobs": {"content": self._logprobs[index], "refusal": None} if self._plan.logprobs else None,
                "finish_reason": self._finish[index],
            }
            for index, deltas in enumerate(self._deltas)
        ]
        return {**self._head, "object": "chat.completion", "choices": choices, "usage": self.usage()}


def _message(deltas: list[dict[str, Any]]) -> dict[str, Any]:
    """The message that a stream's deltas add up to."""
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    text = "".join(delta.get("content") or "" for delta in deltas)
    if not calls:
        return {"role": "assistant", "content": text, "refusal": None}
    arguments = "".join(call["function"]["arguments"] for call in calls)
    first = {k: calls[0][k] for k in ("id", "type")} | {"function": {**calls[0]["function"], "arguments": arguments}}
    return {"role": "assistant", "content": text or None, "refusal": None, "tool_calls": [first]}
