"""The texts of a request, each with its place, so that a changed one can be put back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.sse import SSESplitter, payload

_json = msgspec.json.Encoder()
_any = msgspec.json.Decoder()


class Part(msgspec.Struct):
    """One text. `place` leads to it (keys and indices); `told` is what goes on."""

    place: tuple[str | int, ...]
    role: str
    text: str
    tool: str = ""
    told: str = ""


def parts(endpoint: str, body: dict[str, Any]) -> list[Part]:
    """All texts that a model is given by a request, in order."""
    found = list(_chat(body) if endpoint == "chat" else _inputs(body))
    for part in found:
        part.told = part.text
    return found


def _chat(body: dict[str, Any]) -> Iterator[Part]:
    names: dict[str, str] = {}
    for at, message in enumerate(body.get("messages") or ()):
        role = str(message.get("role", ""))
        for index, call in enumerate(message.get("tool_calls") or ()):
            said = call.get("function") or call.get("custom") or {}
            names[str(call.get("id"))] = str(said.get("name", ""))
            for name in ("arguments", "input"):
                if isinstance(said.get(name), str):
                    kind = "function" if "function" in call else "custom"
                    yield Part(("messages", at, "tool_calls", index, kind, name), "assistant", said[name])
        tool = names.get(str(message.get("tool_call_id")), str(message.get("name", "")))
        for name in ("content", "reasoning_content", "refusal"):
            for place, text in _texts(message.get(name), ("messages", at, name)):
                yield Part(place, role, text, tool if role in ("tool", "function") else "")


def _texts(said: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The text of a message's content, or of its parts; those of a document's too."""
    if isinstance(said, str):
        yield place, said
    elif isinstance(said, list):
        for at, one in enumerate(said):
            if isinstance(one, dict):
                for name in ("text", "refusal", "thinking"):
                    if isinstance(one.get(name), str):
                        yield (*place, at, name), one[name]
                yield from _texts(one.get("content"), (*place, at, "content"))
            elif isinstance(one, str):
                yield (*place, at), one


def _inputs(body: dict[str, Any]) -> Iterator[Part]:
    for name in ("input", "query", "documents"):
        said = body.get(name)
        if isinstance(said, str):
            yield Part((name,), "user", said)
        elif isinstance(said, list):
            for place, text in _texts(said, (name,)):
                yield Part(place, "user", text)


def put_back(body: dict[str, Any], said: Sequence[Part]) -> dict[str, Any]:
    """The request with what the parts say now."""
    for part in said:
        if part.told != part.text:
            at: Any = body
            for step in part.place[:-1]:
                at = at[step]
            at[part.place[-1]] = part.told
    return body


# -- bodies of any language -------------------------------------------------------------------------------------------


def hidden(body: bytes, values: Mapping[str, str]) -> bytes:
    """A body (JSON, or Server-Sent Events of JSON) with other words for these values, wherever a string has them."""
    ordered = sorted(((value, told) for value, told in values.items() if value), key=lambda one: -len(one[0]))
    ordered += [(escaped, told) for value, told in ordered if (escaped := _escaped(value)) != value]
    if body[:1] in (b"{", b"["):
        try:
            return _json.encode(_mapped(_any.decode(body), ordered))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _plain(body, ordered)
    events = SSESplitter()
    return b"".join([_event(event, ordered) for event in (*events.feed(body), events.rest())])


def _event(event: bytes, ordered: Sequence[tuple[str, str]]) -> bytes:
    said = payload(event)
    if said[:1] not in (b"{", b"["):
        return _plain(event, ordered)
    try:
        told = _json.encode(_mapped(_any.decode(said), ordered))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _plain(event, ordered)
    named = event.partition(b"\n")[0] + b"\n" if event.startswith(b"event:") else b""
    return b"%bdata: %b\n\n" % (named, told)


def _plain(said: bytes, ordered: Sequence[tuple[str, str]]) -> bytes:
    for value, told in ordered:
        said = said.replace(value.encode("utf-8", "replace"), told.encode())
    return said


def _mapped(said: Any, ordered: Sequence[tuple[str, str]]) -> Any:
    if isinstance(said, str):
        for value, told in ordered:
            said = said.replace(value, told)
        return said
    if isinstance(said, dict):
        return {name: _mapped(value, ordered) for name, value in said.items()}
    return [_mapped(value, ordered) for value in said] if isinstance(said, list) else said


def _escaped(value: str) -> str:
    """As it stands inside a JSON string."""
    return _json.encode(value).decode()[1:-1]
