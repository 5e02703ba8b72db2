"""What a chat model answered, in one form: from a whole body or from a stream, and as bytes that can be compared."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError

_fields = msgspec.json.Decoder(dict[str, Any]).decode
_canonical = msgspec.json.Encoder(order="deterministic").encode
_DEEPEST = 100


class Answer(msgspec.Struct, frozen=True):
    """`messages` are those of the choices, the first one first; `finishes` why each ended; `tokens` what the provider
    counted (input, output; None: it did not say)."""

    messages: list[dict[str, Any]]
    finishes: list[str]
    tokens: tuple[int, int] | None = None

    def checked(self) -> "Answer":
        """Itself. Raises ValueError where nothing was said."""
        if not self.messages or not all(isinstance(one.get("tool_calls") or [], list) for one in self.messages):
            raise ValueError("no choice")
        return self

    @property
    def message(self) -> dict[str, Any]:
        return self.messages[0]

    def text(self) -> str:
        """What the first choice says to people."""
        return text_of(self.message)

    def calls(self) -> list[tuple[str, str, Any]]:
        """The tool calls of the first choice: id, tool, arguments as they were written."""
        found = []
        for one in self.message.get("tool_calls") or ():
            function = one.get("function") or {}
            found.append((str(one.get("id") or ""), str(function.get("name") or ""), function.get("arguments")))
        return found

    def canonical(self) -> bytes:
        """What was said, as bytes: texts, refusals, tool calls in their order, why it ended, and the tokens. What is
        new in every answer by its nature (ids, times) is not in it."""
        said = []
        for message, finish in zip(self.messages, self.finishes, strict=True):
            calls = [
                [one["function"].get("name"), one["function"].get("arguments")]
                for one in message.get("tool_calls") or ()
                if isinstance(one.get("function"), Mapping)
            ]
            said.append([message.get("content") or "", message.get("refusal") or "", calls, finish])
        return _canonical([said, self.tokens])


def read(body: bytes) -> Answer:
    """The answer in a recorded or received body. Raises RequestError if it is none."""
    try:
        if body.lstrip()[:5] in (b"data:", b"event") or body.lstrip()[:1] == b":":
            return _streamed(body)
        return of_chat(_fields(body))
    except (msgspec.DecodeError, KeyError, TypeError, IndexError, AttributeError, ValueError):
        raise RequestError("the answer is no chat completion", code="unreadable_answer") from None


def of_chat(fields: Mapping[str, Any]) -> Answer:
    """The answer in a decoded completion. Raises what odd fields raise."""
    choices = sorted(fields["choices"], key=lambda one: one.get("index") or 0)
    return Answer(
        [dict(one["message"]) for one in choices],
        [str(one.get("finish_reason") or "") for one in choices],
        _tokens(fields.get("usage")),
    ).checked()


def _streamed(body: bytes) -> Answer:
    said = (line[5:].strip() for line in body.splitlines() if line.startswith(b"data:"))
    return of_chunks(_fields(one) for one in said if one and one != b"[DONE]")


def of_chunks(chunks: Iterable[Mapping[str, Any]]) -> Answer:
    """The answer that the chunks of a stream make. Raises what odd fields raise."""
    messages: dict[int, dict[str, Any]] = {}
    finishes: dict[int, str] = {}
    tokens: tuple[int, int] | None = None
    for chunk in chunks:
        if "error" in chunk:
            raise ValueError("the stream broke")
        tokens = _tokens(chunk.get("usage")) or tokens
        for choice in chunk.get("choices") or ():
            place = choice.get("index") or 0
            _grow(messages.setdefault(place, {"role": "assistant", "content": None}), choice.get("delta") or {})
            finishes[place] = str(choice.get("finish_reason") or finishes.get(place, ""))
    places = sorted(messages)
    return Answer([messages[at] for at in places], [finishes.get(at, "") for at in places], tokens).checked()


def _grow(message: dict[str, Any], delta: Mapping[str, Any]) -> None:
    for name in ("content", "refusal", "reasoning_content"):
        if isinstance(piece := delta.get(name), str):
            message[name] = (message.get(name) or "") + piece
    if isinstance(delta.get("outrider"), Mapping):
        message["outrider"] = delta["outrider"]
    for piece in delta.get("tool_calls") or ():
        calls = message.setdefault("tool_calls", [])
        place = piece.get("index") or 0
        while len(calls) <= place:
            calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        function = piece.get("function") or {}
        calls[place]["id"] = piece.get("id") or calls[place]["id"]
        calls[place]["function"]["name"] += function.get("name") or ""
        calls[place]["function"]["arguments"] += function.get("arguments") or ""


def _tokens(usage: Any) -> tuple[int, int] | None:
    if not isinstance(usage, Mapping):
        return None
    return int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a message's content, in either form; a refusal is a text too."""
    content = message.get("content")
    if isinstance(content, list):
        parts = [str(one.get("text", "")) for one in content if isinstance(one, Mapping) and one.get("type") == "text"]
        return "".join(parts)
    return str(content or message.get("refusal") or "")


def normal(arguments: Any) -> bytes:
    """Arguments of a tool call such that the same call is known again: JSON without regard to the order of names, white
    space, empty fields, 1 and 1.0, and the composition of characters."""
    if isinstance(arguments, str):
        try:
            arguments = msgspec.json.decode(arguments) if arguments.strip() else {}
        except msgspec.DecodeError:
            arguments = arguments.strip()
    return _canonical(_normal({} if arguments is None else arguments, 0))


def _normal(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _normal(one, depth + 1) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_normal(one, depth + 1) for one in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
