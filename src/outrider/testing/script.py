"""What the scripted provider does with a request: commands in its text become a plan (`plans`). Pure; `serving`
carries it out.

Commands stand in the model's name or in the last user text, after `scripted:`, separated by commas, up to the
next space (`text=` reaches to the end): `scripted:status=429,retry-after=1`. COMMANDS lists them all.

A request to go on with an answer that broke off (`continue_final_message`, `prefix`, `partial`, or the gateway's
instruction) is answered with the rest of the text that the request before it would have got.
"""

import base64
import hashlib
import itertools
import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from outrider.base import clock
from outrider.testing import plans
from outrider.testing.plans import Command, Plan

COMMANDS = {
    "status": "answer with this HTTP status and an error body",
    "retry-after": "seconds, as a header of that answer",
    "fail-times": "fail this often (with `status`, else 500) for the same `key`, then answer",
    "key": "what `fail-times` counts by; the user's text if not given",
    "delay": "seconds before the head of the answer",
    "slow-headers": "seconds between the status line and the headers",
    "gap": "seconds before each chunk of a stream",
    "chunks": "how many content chunks (words) the answer has",
    "text": "the answer's text",
    "echo": "answer with the request body as text",
    "tool": "call the function of this name; after its result, answer with text",
    "finish": "finish_reason of the answer",
    "no-usage": "leave usage out",
    "no-done": "end a stream without its end mark",
    "cut": "close the connection after this many chunks of a stream (or half of a plain body)",
    "reset": "reset the connection instead of answering",
    "malformed": "answer half a JSON",
    "html": "answer a 200 with an HTML page",
    "error-in-200": "answer a 200 with an error inside; of a stream, as an event after this many (2)",
    "endless": "never stop sending",
    "wrong-length": "announce more bytes than are sent, then close",
    "crlf": "end the lines of a stream with CRLF",
    "split": "send a stream in pieces of this many bytes, wherever its events end",
    "merge": "send a stream in one piece",
    "size": "bytes of text in the answer",
    "differ": "of several choices from this one on (1), each says something else",
    "words": "answer with this many numbered words, others for every `key`",
    "stall": "go silent after this many chunks of a stream (or half of a plain body), with the connection open",
    "murmur": "send comments for ever after this many chunks of a stream (or spaces after half of a plain body)",
    "oversize": "pad the answer with this many bytes, in one event of a stream",
    "rate": "how often the commands of the model's name count (0.3), drawn by `key`; the text's always do",
    "flap": "with `rate`: not at random, but in a row at the end of every so many requests",
}
_NUMBERS = {
    "status", "retry-after", "fail-times", "delay", "slow-headers", "gap", "chunks", "cut", "split", "size", "words",
    "stall", "murmur", "oversize", "rate", "flap", "error-in-200", "differ",
}  # fmt: skip
_TOLD = re.compile(r"repeating its last words, which are:\n(.*?)\nThen write", re.DOTALL)
_DEFAULT_TEXT = "This is a scripted answer."
UNBILLED = {"html", "error-in-200", "reset"}  # nothing was said, so nobody asks for money
_WIDTH = 8  # dimensions of an embedding unless asked otherwise


def commands(model: str, text: str) -> dict[str, str]:
    """The commands of a model's name and of a user's text; the text's win. Raises ValueError naming an
    unknown one.
    """
    found: dict[str, str] = {}
    for source in (model, text):
        _, mark, script = source.partition("scripted:")
        if mark:
            found.update(_parse(script))
    return found


def _parse(script: str) -> dict[str, str]:
    script, mark, answer = script.partition("text=")
    found = {"text": answer} if mark else {}
    for word in script.split(" ", 1)[0].split(","):
        name, _, value = word.strip().partition("=")
        if not name:
            continue
        if name not in COMMANDS:
            raise ValueError(f"scripted: unknown command {name!r}; there are: {', '.join(COMMANDS)}")
        if value and name in _NUMBERS and not value.replace(".", "", 1).isdigit():
            raise ValueError(f"scripted: {name} takes a number, not {value!r}")
        found[name] = value
    return found


def chat(request: Mapping[str, Any], command: Command, number: int) -> Plan:
    """The plan for a chat request; `number` is unique in the provider and part of the answer's id."""
    text, finish = _answer_text(request, command)
    calls = _tool_calls(request, command, number)
    said = _Said("" if calls else text, "tool_calls" if calls else finish, calls)
    if request.get("stream"):
        plan = plans.streamed(_chat_chunks(request, command, number, said), command)
    else:
        plan = plans.whole(_chat_body(request, command, number, said), command)
    if not command.keys() & ({"reset", "html"} if request.get("stream") else UNBILLED):
        used = _usage(request, said.text)
        plan.billed = used["prompt_tokens"], used["completion_tokens"]
    return plan


def embeddings(request: Mapping[str, Any], command: Command) -> Plan:
    """Vectors of length 1 that depend on the text alone; `base64` and `dimensions` as asked."""
    given = request.get("input", "")
    several = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
    width = request.get("dimensions") or _WIDTH
    rows = []
    for index, one in enumerate(several):
        vector: Any = _vector(json.dumps(one), width)
        if request.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{width}f", *vector)).decode()
        rows.append({"object": "embedding", "index": index, "embedding": vector})
    used = sum(len(str(one).split()) for one in several)
    usage = {"prompt_tokens": used, "total_tokens": used}
    answer = {"object": "list", "data": rows, "model": request.get("model"), "usage": usage, "scripted": True}
    if "no-usage" in command:
        del answer["usage"]
    return plans.whole(answer, command)


def rerank(request: Mapping[str, Any], command: Command) -> Plan:
    """A document's score is the share of the query's words that are in it. All come, with their texts, as from vLLM."""
    wanted = set(str(request["query"]).lower().split())
    found = []
    for index, one in enumerate(request["documents"]):
        text = str(one.get("text", "") if isinstance(one, dict) else one)
        score = len(wanted & set(text.lower().split())) / max(1, len(wanted))
        found.append({"index": index, "document": {"text": text}, "relevance_score": score})
    used = sum(len(str(one).split()) for one in (request["query"], *request["documents"]))
    answer = {"id": "rerank-scripted", "model": request.get("model"), "usage": {"total_tokens": used}, "results": found}
    if "no-usage" in command:
        del answer["usage"]
    return plans.whole(answer, command)


def models(names: Sequence[str]) -> Plan:
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": "scripted"} for name in names]
    return plans.plain(json.dumps({"object": "list", "data": rows}).encode())


def last_text(request: Mapping[str, Any]) -> str:
    """The last user text of a chat request, the first text of an embeddings request, or a rerank request's query."""
    for message in reversed(_asked(request)):
        if message.get("role") == "user":
            content = message.get("content") or ""
            return content if isinstance(content, str) else " ".join(p.get("text", "") for p in content)
    given = request.get("input") or request.get("query", "")
    first = given[0] if isinstance(given, list) and given else given
    return first if isinstance(first, str) else ""


def _asked(request: Mapping[str, Any]) -> list[Any]:
    """The messages, without the two that tell the model to go on with an answer."""
    messages = request.get("messages") or []
    return messages[:-2] if _repeated(messages) is not None else messages


def _repeated(messages: Sequence[Any]) -> str | None:
    """The words that the gateway's instruction says to begin with."""
    content = messages[-1].get("content") if len(messages) > 2 else None
    told = _TOLD.search(content) if isinstance(content, str) else None
    return told[1] if told else None


def _rest(request: Mapping[str, Any], text: str) -> str:
    """What is left of `text` to say, when the request is to go on with its beginning."""
    messages = request.get("messages") or [{}]
    words, last = _repeated(messages), messages[-1]
    if words is not None:
        last = messages[-2]
    elif last.get("role") != "assistant" or not (
        request.get("continue_final_message") or last.get("prefix") or last.get("partial")
    ):
        return text
    known = last.get("content") or ""
    return text[len(known) - len(words or "") :] if text.startswith(known) else text


def numbered(count: int, key: str) -> str:
    """A text in which every word tells its place and the `key`: what is missing, twice or another's is seen."""
    mark = hashlib.blake2b(key.encode(), digest_size=3).hexdigest()
    return " ".join(f"{i}.{mark}" for i in range(count))


def struck(command: Command, key: str, time: int, request: int) -> bool:
    """Whether a request with a `rate` is one of those that are spoilt: the `time`-th of its key, the `request`-th
    of its model, both from 0.
    """
    rate, period = float(command["rate"] or 1), int(command.get("flap") or 0)
    if period:
        return request % period >= round(period * (1 - rate))
    drawn = hashlib.blake2b(f"{key}/{time}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) < rate * 2**64


# -- content ------------------------------------------------------------------------------------------------------


class _Said(NamedTuple):
    """What the model says: a text or tool calls."""

    text: str
    finish: str
    calls: list[dict[str, Any]]


def _answer_text(request: Mapping[str, Any], command: Command) -> tuple[str, str]:
    """Text and finish reason, with `stop` and token limits applied. A token is a word."""
    last = (request.get("messages") or [{}])[-1]
    form = request.get("response_format") or {}
    if "text" in command:
        text = command["text"]
    elif "echo" in command:
        text = json.dumps(request)
    elif "size" in command:
        text = ("0123456789abcdef" * (int(command["size"]) // 16 + 1))[: int(command["size"])]
    elif "words" in command:
        text = numbered(int(command["words"]), command.get("key", ""))
    elif "chunks" in command:
        text = " ".join(f"word{i}" for i in range(int(command["chunks"])))
    elif last.get("role") == "tool":
        text = f"The tool said: {last.get('content')}"
    elif form.get("type") in ("json_object", "json_schema"):
        text = json.dumps(instance((form.get("json_schema") or {}).get("schema") or {}))
    else:
        text = _DEFAULT_TEXT
    stops = request.get("stop") or []
    for mark in [stops] if isinstance(stops, str) else stops:
        text = text.split(mark, 1)[0] if mark else text
    text = _rest(request, text)
    words, limit = text.split(" "), request.get("max_completion_tokens") or request.get("max_tokens")
    if limit and len(words) > limit:
        return " ".join(words[:limit]), "length"
    return text, command.get("finish", "stop")


def instance(schema: Any) -> Any:
    """The smallest plain value that a simple JSON schema allows. What is no schema allows anything."""
    if not isinstance(schema, Mapping):
        return "text"
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if schema.get(several):
            return instance(schema[several][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties")
        return {name: instance(one) for name, one in properties.items()} if isinstance(properties, Mapping) else {}
    if kind == "array":
        return [instance(schema.get("items") or {})] * schema.get("minItems", 0)
    return {"string": "text", "integer": schema.get("minimum", 0), "number": 0.5, "boolean": True}.get(kind)


def _tool_calls(request: Mapping[str, Any], command: Command, number: int) -> list[dict[str, Any]]:
    if "tool" not in command or (request.get("messages") or [{}])[-1].get("role") == "tool":
        return []
    schemas = {t["function"]["name"]: t["function"].get("parameters") or {} for t in request.get("tools") or []}
    arguments = json.dumps(instance(schemas.get(command["tool"], {})))
    called = {"name": command["tool"], "arguments": arguments}
    return [{"id": f"call_{number}", "type": "function", "function": called}]


def _usage(request: Mapping[str, Any], text: str) -> dict[str, Any]:
    sent = sum(len(str(m.get("content") or "").split()) for m in request.get("messages") or [])
    answered = len(text.split()) * (request.get("n") or 1)
    return {"prompt_tokens": sent, "completion_tokens": answered, "total_tokens": sent + answered}


def _head(request: Mapping[str, Any], kind: str, number: int) -> dict[str, Any]:
    created = clock.now_ns() // 1_000_000_000
    return {
        "id": f"chatcmpl-scripted-{number}",
        "object": kind,
        "created": created,
        "model": request.get("model"),
        "scripted": True,  # a field that OpenAI does not have: it must reach the caller
    }


def _chat_body(request: Mapping[str, Any], command: Command, number: int, said: _Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if said.calls else said.text}
    if said.calls:
        message["tool_calls"] = said.calls
    times = range(request.get("n") or 1)
    messages = [message if said.calls else {**message, "content": _choice(said, command, i).text} for i in times]
    choices = [{"index": i, "message": messages[i], "finish_reason": said.finish} for i in times]
    answer = {**_head(request, "chat.completion", number), "choices": choices}
    if "no-usage" not in command:
        answer["usage"] = _usage(request, said.text)
    return answer


def _chat_chunks(request: Mapping[str, Any], command: Command, number: int, said: _Said) -> Iterator[dict[str, Any]]:
    """The chunks of a stream, the usage chunk last if it was asked for."""
    head = _head(request, "chat.completion.chunk", number)

    def chunk(delta: Mapping[str, Any], reason: str | None = None, index: int = 0) -> dict[str, Any]:
        return {**head, "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}

    for index in range(request.get("n") or 1):
        for delta in _deltas(_choice(said, command, index)):
            yield chunk(delta, None, index)
        if "endless" in command:
            for i in itertools.count():
                yield chunk({"content": f" more{i}"})
        yield chunk({}, said.finish, index)
    if (request.get("stream_options") or {}).get("include_usage") and "no-usage" not in command:
        yield {**head, "choices": [], "usage": _usage(request, said.text)}


def _choice(said: _Said, command: Command, index: int) -> _Said:
    """What this one of several choices says."""
    if said.calls or "differ" not in command or index < int(command["differ"] or 1):
        return said
    return said._replace(text=f"something{index} else{index} altogether{index}")


def _deltas(said: _Said) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": None if said.calls else ""}
    for call in said.calls:
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        middle = len(arguments) // 2
        yield {"tool_calls": [{**call, "index": 0, "function": {"name": name, "arguments": ""}}]}
        for half in (arguments[:middle], arguments[middle:]):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": half}}]}
    if said.text:
        for i, word in enumerate(said.text.split(" ")):
            yield {"content": f" {word}" if i else word}


def _vector(text: str, width: int) -> list[float]:
    seed = hashlib.sha256(text.encode()).digest()
    numbers = [b / 255 - 0.5 for b in itertools.islice(itertools.cycle(seed), width)]
    norm = sum(n * n for n in numbers) ** 0.5 or 1.0
    return [n / norm for n in numbers]
