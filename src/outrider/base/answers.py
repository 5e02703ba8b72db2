"""What a route of this Outrider answers to one of its own parts: the text of a chat answer, or why there is none."""

import msgspec

from outrider.base.errors import UpstreamError


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


_completion = msgspec.json.Decoder(_Completion)


def text_of(model: str, body: bytes, *, refusal: bool = False) -> str:
    """What the model says; with `refusal`, also that it would not. Raises UpstreamError for what is no chat answer."""
    try:
        message = _completion.decode(body).choices[0].message
    except (msgspec.DecodeError, IndexError) as error:
        raise UpstreamError(f"what the route {model!r} answers cannot be read: {error}") from None
    return message.content or (message.refusal if refusal else "") or ""


def fault_of(status: int, body: bytes) -> tuple[str, str]:
    """The text and the code of an error; its status where it says nothing."""
    try:
        error = msgspec.json.decode(body)["error"]
        return str(error["message"]), str(error.get("code") or "")
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return f"HTTP {status}", ""
