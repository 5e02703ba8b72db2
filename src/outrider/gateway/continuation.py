"""A chat stream broke after text was sent: what to ask another deployment so that the answer goes on.

Pure. `read` looks at what the caller has, `plan` makes the request for the rest. Three ways, in this order:

- `again`: nothing but a head (and perhaps some thinking) was sent, so the same request is simply asked again;
- `prefill`: the text so far becomes a last assistant message that the deployment goes on with (`Deployment.prefill`);
- `instruction`: for all others. The model is told to begin with the last words sent; finding them proves the seam.

How the second stream is joined to the first is `gateway.joiner`'s concern.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base.ports import Deployment
from outrider.base.sse import SSESplitter, payload
from outrider.base.usage import Usage
from outrider.gateway.seam import RepeatedSeam, Seam, anchor
from outrider.gateway.surface import body as json_body

Mode = Literal["again", "prefill", "instruction"]
THOUGHTS = ("reasoning_content", "reasoning", "reasoning_details")
"""Delta fields in which providers stream a model's thinking."""
HEAD = ("id", "object", "created", "model", "system_fingerprint")

_CONSTRAINTS = ("guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs", "grammar")
_FORMS = ("text", "json_object", "json_schema")
_DONE = b"[DONE]"
_INSTRUCTION = """\
Your last message broke off because the connection failed. Go on with it exactly where it stops.
Begin your reply by repeating its last words, which are:
{anchor}
Then write what follows them, in the same language, tone and format. Repeat nothing else, and add no remark."""
_FORM = "\nThe whole message, from its beginning, must be JSON that fits this schema: {schema}"


class _Choice(msgspec.Struct):
    index: int | None = None
    delta: dict[str, msgspec.Raw] | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: dict[str, msgspec.Raw] | None = None


_shape = msgspec.json.Decoder(_Chunk)


class Sent(msgspec.Struct):
    """What a caller has received of a stream. `head` holds the fields that all its chunks share; `roles` the choices
    whose first delta was sent; `pieces` counts deltas with text; `under_way` says what else than text was sent."""

    text: str = ""
    head: dict[str, Any] = {}
    roles: set[int] = set()
    pieces: int = 0
    thoughts: bool = False
    finish: str = ""
    usage: bool = False
    done: bool = False
    under_way: str = ""

    @property
    def whole(self) -> bool:
        """The answer itself is complete: only the end of the stream is missing. `ending` gives that."""
        return bool(self.finish)

    @property
    def blank(self) -> bool:
        """No text was sent that another model would have to go on from."""
        return not self.text.strip() and not self.under_way

    def ending(self, *, wants_usage: bool, usage: Usage | None) -> bytes:
        """The events that a stream lacks whose answer was `whole`: usage if the caller asked for it, end mark."""
        events = b""
        if wants_usage and not self.usage and usage is not None:
            events = b"data: %b\n\n" % msgspec.json.encode({**self.head, "choices": [], "usage": usage_object(usage)})
        return events + (b"" if self.done else b"data: [DONE]\n\n")


class Continuation(msgspec.Struct, frozen=True):
    """A request for the rest of an answer: `body` for `deployment` (whose path may differ from the usual one).

    `attrs` are for its step, with `continued_from` to be added; `why` is for the run.
    """

    mode: Mode
    body: bytes
    deployment: Deployment
    sent: Sent
    anchor: str = ""

    @property
    def why(self) -> str:
        size = len(self.sent.text)
        words = {
            "again": "asked again: the stream broke before any text",
            "prefill": f"continued by prefill after {size} characters",
            "instruction": f"continued by instruction after {size} characters",
        }
        return words[self.mode]

    @property
    def attrs(self) -> dict[str, Any]:
        return {"mode": self.mode, "characters": len(self.sent.text)}

    def seam(self) -> Seam:
        """Where the second stream's text begins to be new."""
        known = self.sent.text.rstrip()
        blank = self.sent.text[len(known) :]
        if self.mode == "instruction":
            return RepeatedSeam(known, self.anchor, blank)
        return Seam(blank, known if self.mode == "prefill" and self.deployment.prefill == "prefix_echoed" else "")


def read(blocks: Sequence[bytes]) -> Sent:
    """What these bytes of a stream, as they went to the caller, say."""
    sent = Sent(head={}, roles=set())
    splitter = SSESplitter()
    text: list[str] = []
    for event in [*splitter.feed(b"".join(blocks)), splitter.rest()]:
        said = payload(event)
        if said == _DONE:
            sent.done = True
        elif said:
            try:
                chunk = decode(said)
            except msgspec.DecodeError:
                sent.under_way = "an event was broken"
            else:
                _note(sent, chunk, text)
    sent.text = "".join(text)
    return sent


def decode(said: bytes) -> dict[str, Any]:
    """A chunk as it is. Raises DecodeError unless what is looked at in it has the right form."""
    try:
        _shape.decode(said)
        chunk: dict[str, Any] = msgspec.json.decode(said)
    except (RecursionError, UnicodeDecodeError):
        raise msgspec.DecodeError("nested too deeply, or not UTF-8") from None
    return chunk


def _note(sent: Sent, chunk: Mapping[str, Any], text: list[str]) -> None:
    if not sent.head:
        sent.head = {name: chunk[name] for name in HEAD if name in chunk}
    sent.usage = sent.usage or bool(chunk.get("usage"))
    for choice in chunk.get("choices") or ():
        index, delta = choice.get("index") or 0, choice.get("delta") or {}
        sent.finish = choice.get("finish_reason") or sent.finish
        if delta:
            sent.roles.add(index)
        sent.thoughts = sent.thoughts or any(delta.get(name) for name in THOUGHTS)
        content = delta.get("content")
        if index == 0 and isinstance(content, str) and content:
            text.append(content)
            sent.pieces += 1
        if not sent.under_way:
            sent.under_way = _under_way(index, delta, choice)


def _under_way(index: int, delta: Mapping[str, Any], choice: Mapping[str, Any]) -> str:
    """What was sent that a second model cannot go on with; "": nothing."""
    if delta.get("tool_calls") or delta.get("function_call"):
        return "a tool call was under way"
    if delta.get("refusal"):
        return "a refusal was under way"
    content = delta.get("content")
    if delta.get("audio") or (content and not isinstance(content, str)):
        return "more than text was sent"
    if index and content:
        return "several answers were under way"
    return "log probabilities were sent" if choice.get("logprobs") else ""


def obstacle(body: bytes, sent: Sent) -> str:
    """Why the answer cannot be continued, in words that complete "it could not be continued: …"; "": it can."""
    if sent.blank:
        return ""
    if sent.under_way:
        return sent.under_way
    fields = json_body.fields(body)
    if _value(fields, "n", 1) not in (1, None):
        return "several answers were asked for"
    if _value(fields, "logprobs", None):
        return "log probabilities were asked for"
    form = _value(fields, "response_format", None)
    if any(_value(fields, name, None) for name in _CONSTRAINTS) or (form and form.get("type") not in _FORMS):
        return "its form is constrained by a grammar"
    return ""


def plan(body: bytes, sent: Sent, deployment: Deployment, *, instruct: bool = False) -> Continuation | None:
    """The request for the rest, None if there cannot be one (`obstacle` says why).

    `body` is the caller's request, checked; `sent` what the caller has. `instruct` leaves prefilling out, for a
    deployment that has just refused it (HTTP 400). An answer that is `sent.whole` needs no continuation.
    """
    if sent.whole or obstacle(body, sent):
        return None
    if sent.blank:
        return Continuation("again", body, deployment, sent)
    fields: dict[str, Any] = dict(json_body.fields(body))
    form = _value(fields, "response_format", None) or {}
    fields.pop("response_format", None)  # it would make the model begin a new value
    _lower(fields, sent)
    known = sent.text.rstrip()
    # A schema can only be told in words: the model that goes on by prefill would not know what fields are missing.
    if deployment.prefill and not instruct and form.get("type") != "json_schema":
        fields["messages"] = _prefilled(fields, known, deployment.prefill)
        path = deployment.paths.get("continue")
        if path is not None:
            deployment = msgspec.structs.replace(deployment, paths={**deployment.paths, "chat": path})
        return Continuation("prefill", msgspec.json.encode(fields), deployment, sent)
    words = anchor(known)
    said = _INSTRUCTION.format(anchor=words) + _schema(form)
    fields["messages"] = [*_with(fields, known), {"role": "user", "content": said}]
    return Continuation("instruction", msgspec.json.encode(fields), deployment, sent, words)


def _value(fields: Mapping[str, Any], name: str, absent: Any) -> Any:
    return msgspec.json.decode(fields[name]) if name in fields else absent


def _lower(fields: dict[str, Any], sent: Sent) -> None:
    """Token limits, less what was sent."""
    spent = _tokens(sent)
    for name, least in (("max_tokens", 1), ("max_completion_tokens", 1), ("min_tokens", 0)):
        limit = _value(fields, name, None)
        if limit is not None:
            fields[name] = max(least, limit - spent)


def _tokens(sent: Sent) -> int:
    """About how many tokens were sent: one a piece when pieces look like tokens, else four bytes each."""
    size = len(sent.text.encode())
    return sent.pieces if 2 * sent.pieces <= size <= 8 * sent.pieces else -(-size // 4)


def _with(fields: Mapping[str, Any], text: str) -> list[Any]:
    """The messages with `text` as what the assistant said last; the caller's own prefill, if any, comes before it."""
    messages: list[Any] = msgspec.json.decode(fields["messages"])
    last = messages[-1]
    if last.get("role") != "assistant" or last.get("tool_calls"):
        return [*messages, {"role": "assistant", "content": text}]
    content = last.get("content") or ""
    joined = content + text if isinstance(content, str) else [*content, {"type": "text", "text": text}]
    return [*messages[:-1], {**last, "content": joined}]


def _prefilled(fields: dict[str, Any], text: str, way: str) -> list[Any]:
    """The messages, ending with the text to go on from, marked as this provider wants it."""
    messages = _with(fields, text)
    if way == "continue_final_message":
        fields |= {"continue_final_message": True, "add_generation_prompt": False, "echo": False}
    elif way in ("prefix", "prefix_echoed"):
        messages[-1]["prefix"] = True
    elif way == "partial":
        messages[-1]["partial"] = True
    return messages


def _schema(form: Mapping[str, Any]) -> str:
    schema = (form.get("json_schema") or {}).get("schema")
    return _FORM.format(schema=msgspec.json.encode(schema).decode()) if schema else ""


def usage_object(usage: Usage) -> dict[str, Any]:
    """OpenAI's `usage`."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }
