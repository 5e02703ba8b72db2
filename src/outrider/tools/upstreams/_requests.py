"""Arguments of an operation as the parts of an HTTP request, in OpenAPI's styles. Pure.

No argument can leave its place: what goes into a path is one segment of it, what goes into a header is one line.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.tools.upstreams._operations import Argument, Operation

_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_json = msgspec.json.Encoder().encode


class Request(msgspec.Struct):
    """A request in parts. `path` follows the base URL; `query` and `cookies` are plain, not yet quoted."""

    method: str
    url: str = ""
    path: str = ""
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    body: bytes | None = None
    media: str = ""


def encoded(operation: Operation, arguments: Mapping[str, Any]) -> Request:
    """The request of a call. Raises RequestError for what cannot be said in its place."""
    made = Request(operation.method, path=operation.path, query=[], headers=[], cookies=[])
    members: dict[str, Any] = {}
    whole: Any = None
    has_body = False
    for argument in operation.arguments:
        if argument.name not in arguments:
            continue
        value = arguments[argument.name]
        match argument.place:
            case "path":
                made.path = made.path.replace(f"{{{argument.own}}}", _segment(argument, value))
            case "query":
                made.query += _query(argument, value)
            case "header":
                made.headers.append((argument.own.lower(), _line(argument, _simple(argument, value))))
            case "cookie":
                made.cookies.append((argument.own, quote(_simple(argument, value), safe="")))
            case "body":
                members[argument.own] = value
                has_body = True
            case "whole":
                whole, has_body = value, True
    for _, text in made.query:
        text.encode()
    if "{" in made.path:
        raise RequestError(f"{operation.name} needs all arguments of its path {operation.path!r}")
    if has_body:
        made.body, made.media = _body(operation.media, members if whole is None else whole)
    return made


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return value if isinstance(value, str) else str(_json(value).decode())


def _simple(argument: Argument, value: Any) -> str:
    """A value as `simple` style has it."""
    if argument.json:
        return str(_json(value).decode())
    if isinstance(value, list):
        return ",".join(_text(part) for part in value)
    if isinstance(value, Mapping):
        between = "=" if argument.explode else ","
        return ",".join(f"{key}{between}{_text(part)}" for key, part in value.items())
    return _text(value)


def _segment(argument: Argument, value: Any) -> str:
    text = _simple(argument, value)
    if text in ("", ".", ".."):
        raise RequestError(f"`{argument.name}` goes into a path and cannot be {text!r}", param=argument.name)
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise RequestError(f"`{argument.name}` goes into a path and has control characters", param=argument.name)
    return quote(text, safe="")


def _line(argument: Argument, text: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise RequestError(f"`{argument.name}` goes into a header and has control characters", param=argument.name)
    return text


def _query(argument: Argument, value: Any) -> list[tuple[str, str]]:
    name = argument.own
    if argument.json:
        return [(name, _json(value).decode())]
    if isinstance(value, list):
        parts = [_text(part) for part in value]
        if argument.explode and argument.style not in _DELIMITERS:
            return [(name, part) for part in parts]
        return [(name, _DELIMITERS.get(argument.style, ",").join(parts))]
    if isinstance(value, Mapping):
        if argument.style == "deepObject":
            return [(f"{name}[{key}]", _text(part)) for key, part in value.items()]
        if argument.explode:
            return [(str(key), _text(part)) for key, part in value.items()]
        return [(name, ",".join(f"{key},{_text(part)}" for key, part in value.items()))]
    return [(name, _text(value))]


def _body(media: str, value: Any) -> tuple[bytes, str]:
    plain = media.partition(";")[0].strip().lower()
    if plain == "application/x-www-form-urlencoded" and isinstance(value, Mapping):
        pairs: list[tuple[str, str]] = []
        for key, part in value.items():
            pairs += [(key, _text(one)) for one in (part if isinstance(part, list) else [part])]
        return urlencode(pairs).encode(), plain
    if plain == "multipart/form-data" and isinstance(value, Mapping):
        return _multipart(list(value.items()))
    if plain == "application/json" or plain.endswith("+json") or not isinstance(value, str):
        return _json(value), media if "json" in plain else "application/json"
    return value.encode("utf-8", "surrogatepass"), media


def _multipart(fields: Sequence[tuple[str, Any]]) -> tuple[bytes, str]:
    """A form of texts; the boundary is random, so that no text can hold it."""
    boundary = f"outrider-{ids.token(16)}"
    lines = []
    for name, value in fields:
        plain = "".join(c for c in name if c not in '"\r\n')
        lines.append(f'--{boundary}\r\ncontent-disposition: form-data; name="{plain}"\r\n\r\n{_text(value)}\r\n')
    text = "".join(lines) + f"--{boundary}--\r\n"
    return text.encode("utf-8", "surrogatepass"), f"multipart/form-data; boundary={boundary}"
