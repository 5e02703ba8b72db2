"""A request's messages as plain text messages that the model's chat template takes. Pure."""

import re
from typing import Any

import msgspec

from outrider.base.errors import RequestError

# Both chat models speak ChatML. Its marks inside a message would end that message and begin another one, so text from
# a user or a tool could pose as the system: a zero-width space behind "<" makes them ordinary characters.
_MARKS = re.compile(r"<(?=\|(?:im_start|im_end|endoftext)\|>)")
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "user"}


class _Function(msgspec.Struct):
    name: str
    arguments: str = ""


class _Call(msgspec.Struct):
    id: str = ""
    function: _Function | None = None


class Message(msgspec.Struct):
    """One entry of a request's `messages`."""

    role: str
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[_Call] | None = None
    tool_call_id: str | None = None


def _text(message: Message, at: int) -> str:
    content = message.content
    if content is None or isinstance(content, str):
        return content or ""
    texts: list[str] = []
    for index, part in enumerate(content):
        kind, param = part.get("type"), f"messages[{at}].content[{index}]"
        value = part.get("text" if kind == "text" else "refusal")
        if kind not in ("text", "refusal"):
            raise RequestError(
                f"the embedded model reads text only, and {param!r} is {kind!r}; use a route whose model sees images",
                code="unsupported_content",
                param=param,
            )
        if not isinstance(value, str):
            raise RequestError(f"{param!r} needs its text as a string", param=param)
        texts.append(value)
    return "\n".join(texts)


def _calls(message: Message) -> str:
    said = []
    for call in message.tool_calls or []:
        if call.function is not None:
            name = msgspec.json.encode(call.function.name).decode()
            said.append(f'{{"name":{name},"arguments":{call.function.arguments or "{}"}}}')
    return "\n".join(said)


def plain(messages: list[Message], instructions: str = "") -> list[dict[str, str]]:
    """Messages of the roles system, user, assistant with text content; `instructions` join the first system message.

    Raises RequestError (400) for an empty list, an unknown role, or content that is not text.
    """
    if not messages:
        raise RequestError("'messages' is empty; send at least one message", param="messages")
    out: list[dict[str, str]] = []
    names: dict[str, str] = {}
    for at, message in enumerate(messages):
        if message.role not in _ROLES:
            raise RequestError(
                f"'messages[{at}].role' is {message.role!r}; it must be one of {', '.join(_ROLES)}",
                param=f"messages[{at}].role",
            )
        text = _text(message, at)
        names |= {c.id: c.function.name for c in message.tool_calls or [] if c.function is not None}
        if message.role == "assistant" and message.tool_calls:
            text = "\n".join(filter(None, [text, _calls(message)]))
        if message.role == "tool":
            text = f"Result of {names.get(message.tool_call_id or '', 'the tool')}:\n{text}"
        out.append({"role": _ROLES[message.role], "content": _MARKS.sub("<\u200b", text)})
    if instructions:
        instructions = _MARKS.sub("<\u200b", instructions)
        if out[0]["role"] == "system":
            out[0] = {"role": "system", "content": f"{out[0]['content']}\n\n{instructions}"}
        else:
            out.insert(0, {"role": "system", "content": instructions})
    return out
