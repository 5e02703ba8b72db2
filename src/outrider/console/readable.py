"""Request and response bodies as people read them: messages, parameters, tool calls. Pure; never raises on any bytes.

Knows all languages of callers, plain and streamed, and embeddings. What it does not know it leaves to the JSON view.
"""

from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.replay.tongues import CHAT, TONGUES, Tongue

SHOWN = 20_000
"""Characters of one message that are shown; the rest is in the download."""

WHOLE = 2_000_000
"""Bytes of a body that are parsed; a larger one is shown raw, from its start."""

PARAMETERS = (
    "model", "temperature", "top_p", "max_tokens", "max_completion_tokens", "n", "stop", "seed", "stream",
    "reasoning_effort", "tool_choice", "presence_penalty", "frequency_penalty", "user", "dimensions", "encoding_format",
)  # fmt: skip


class Part(msgspec.Struct):
    """A piece of a message. `kind`: text, reasoning, refusal, image (`text` is its URL), call, json."""

    kind: str
    text: str
    name: str = ""


class Message(msgspec.Struct):
    """`role` as sent; `note` says why it ended, or to which call it belongs."""

    role: str
    parts: list[Part]
    note: str = ""


class Reading(msgspec.Struct):
    """A body read: small parameters in order, then messages. `tools` are names of the tools offered."""

    parameters: list[tuple[str, str]]
    messages: list[Message]
    tools: list[str]


def read(body: bytes, language: str = CHAT) -> Reading | None:
    """The body's messages, or None if it has none of the known shapes. `language` is the name of its run."""
    if len(body) > WHOLE:
        return None
    tongue = TONGUES.get(language)
    if tongue is not None and language != CHAT and (spoken := _spoken(body, tongue)) is not None:
        return spoken
    found = _join_stream(body) if body.lstrip()[:5] in (b"data:", b"event") else decode(body)
    return _reading(found) if isinstance(found, dict) else None


def _reading(found: dict[str, Any]) -> Reading | None:
    messages = _request(found) + _response(found)
    return Reading(_parameters(found), messages, _tools(found)) if messages else None


def _spoken(body: bytes, tongue: Tongue) -> Reading | None:
    """As chat: a request, or an answer, which says something. None: neither."""
    found = decode(body)
    try:
        if isinstance(found, dict) and not any(name in found for name in tongue.says):
            return _reading(tongue.chat(found))
        answer = tongue.read(body)
    except RequestError:
        return None
    return _reading(
        {
            "model": found.get("model") if isinstance(found, dict) else None,
            "choices": [
                {"message": message, "finish_reason": finish}
                for message, finish in zip(answer.messages, answer.finishes, strict=True)
            ],
        }
    )


def decode(body: bytes) -> Any:
    """The JSON value, or None if it is not JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def pretty(body: bytes) -> str | None:
    """The body as indented JSON, or None if it is not JSON or too large to lay out."""
    if len(body) > WHOLE:
        return None
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def text(body: bytes, most: int) -> str:
    """The first `most` bytes as text; what is not UTF-8 is shown as �."""
    return body[:most].decode("utf-8", "replace")


def _request(found: dict[str, Any]) -> list[Message]:
    listed = [_message(m) for m in _list(found.get("messages")) if isinstance(m, dict)]
    given = found.get("input")
    for item in [given] if isinstance(given, str) else _list(given)[:50]:
        if isinstance(item, str):
            listed.append(Message("input", [Part("text", _cut(item))]))
    return listed


def _response(found: dict[str, Any]) -> list[Message]:
    messages = []
    for choice in _list(found.get("choices")):
        if isinstance(choice, dict) and isinstance(choice.get("message"), dict):
            message = _message(choice["message"])
            reason = choice.get("finish_reason")
            message.note = f"ended: {reason}" if isinstance(reason, str) else ""
            messages.append(message)
    error = found.get("error")
    if isinstance(error, dict):
        said = Part("text", _cut(str(error.get("message", ""))))
        messages.append(Message("error", [said], str(error.get("code") or "")))
    vectors = [v for v in _list(found.get("data")) if isinstance(v, dict) and "embedding" in v]
    if vectors:
        first = vectors[0]["embedding"]
        shape = f"{len(first)} numbers each" if isinstance(first, list) else "base64"
        messages.append(Message("embeddings", [Part("text", f"{len(vectors)} vectors, {shape}")]))
    return messages


def _message(m: dict[str, Any]) -> Message:
    content, parts = m.get("content"), []
    for name in ("reasoning_content", "reasoning"):
        if isinstance(m.get(name), str) and m[name]:
            parts.append(Part("reasoning", _cut(m[name])))
    if isinstance(content, str):
        parts.append(Part("text", _cut(content)))
    parts += [_part(p) for p in _list(content)]
    if isinstance(m.get("refusal"), str) and m["refusal"]:
        parts.append(Part("refusal", _cut(m["refusal"])))
    for call in _list(m.get("tool_calls")):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            parts.append(Part("call", _arguments(function.get("arguments")), str(function.get("name", ""))))
    note = f"answers {m['tool_call_id']}" if isinstance(m.get("tool_call_id"), str) else ""
    return Message(str(m.get("role") or "message"), parts, note)


def _part(part: Any) -> Part:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            return Part("text", _cut(part["text"]))
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else image
        if isinstance(url, str):
            return Part("image", url if len(url) <= WHOLE else url[:100])
    return Part("json", _cut(_json(part)))


def _arguments(value: Any) -> str:
    if not isinstance(value, str):
        return _cut(_json(value))
    return _cut(pretty(value.encode("utf-8", "replace")) or value)


def _parameters(found: dict[str, Any]) -> list[tuple[str, str]]:
    shown = [(name, found[name]) for name in PARAMETERS if found.get(name) is not None]
    form = found.get("response_format")
    if isinstance(form, dict):
        shown.append(("response_format", form.get("type", "")))
    return [(name, value if isinstance(value, str) else _json(value)[:200]) for name, value in shown]


def _tools(found: dict[str, Any]) -> list[str]:
    tools = [t.get("function") for t in _list(found.get("tools")) if isinstance(t, dict)]
    return [str(t["name"])[:100] for t in tools if isinstance(t, dict) and "name" in t]


def _join_stream(body: bytes) -> dict[str, Any] | None:
    """A recorded event stream put together: the answer as it would have come in one piece."""
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for line in body.splitlines():
        chunk = decode(line[5:].strip()) if line.startswith(b"data:") else None
        if not isinstance(chunk, dict):
            continue
        whole |= {k: v for k, v in chunk.items() if k in ("model", "error")}
        for piece in _list(chunk.get("choices")):
            if isinstance(piece, dict) and isinstance(index := piece.get("index", 0), int):
                _add(choices.setdefault(index, {"message": {}, "finish_reason": None}), piece)
    if choices:
        whole["choices"] = [_settled(choices[i]) for i in sorted(choices)]
    return whole or None


def _add(choice: dict[str, Any], piece: dict[str, Any]) -> None:
    delta, message = piece.get("delta"), choice["message"]
    if isinstance(piece.get("finish_reason"), str):
        choice["finish_reason"] = piece["finish_reason"]
    if not isinstance(delta, dict):
        return
    if isinstance(delta.get("role"), str):
        message["role"] = delta["role"]
    for name in ("content", "reasoning_content", "reasoning", "refusal"):
        if isinstance(delta.get(name), str):
            message.setdefault(name, []).append(delta[name])
    calls: dict[int, dict[str, Any]] = message.setdefault("tool_calls", {})
    for call in _list(delta.get("tool_calls")):
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and isinstance(index := call.get("index", 0), int):
            kept = calls.setdefault(index, {"name": "", "arguments": []})
            kept["name"] += str(function.get("name") or "")
            kept["arguments"].append(str(function.get("arguments") or ""))


def _settled(choice: dict[str, Any]) -> dict[str, Any]:
    message = {k: "".join(v) if isinstance(v, list) else v for k, v in choice["message"].items()}
    calls = choice["message"].get("tool_calls", {})
    message["tool_calls"] = [
        {"function": {"name": c["name"], "arguments": "".join(c["arguments"])}} for _, c in sorted(calls.items())
    ]
    message.setdefault("role", "assistant")
    return {"message": message, "finish_reason": choice["finish_reason"]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _cut(value: str) -> str:
    more = len(value) - SHOWN
    return value if more <= 0 else f"{value[:SHOWN]}… ({more:,} more characters in the download)"
