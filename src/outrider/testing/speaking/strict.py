"""Requests checked against a provider's documented fields: an unknown one is refused, as the real provider does.

Fields whose names begin with `x_` stand for what a provider adds tomorrow: they are let through and noted.
"""

import re
from typing import Any, TypeVar

import msgspec

from outrider.testing.speaking.words import Refused

T = TypeVar("T")
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"`([^`]+)`")


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A documented object: no other field than those named."""


def checked(body: bytes, kind: type[T]) -> tuple[T, dict[str, Any]]:
    """The request and its `x_` fields. Raises Refused naming the field."""
    fields, new = opened(body)
    return as_(fields, kind), new


def opened(body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The request's fields, and its `x_` fields. Raises Refused for what is no object."""
    try:
        fields = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Refused(f"could not parse the JSON body: {error}") from None
    if not isinstance(fields, dict):
        raise Refused("the body is not a JSON object")
    new = {name: fields.pop(name) for name in list(fields) if name.startswith("x_")}
    return fields, new


def as_(value: Any, kind: type[T], where: str = "") -> T:
    """`value` as `kind`. Raises Refused naming the field's path."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        found = _PATH.match(str(error))
        what, path = (found["what"], found["path"] or "") if found else (str(error), "")
        if "unknown field" in what and (name := _FIELD.search(what)):
            path = f"{path}.{name[1]}".lstrip(".")
            raise Refused(f"Unknown name: '{where}{path}'", where=where + path) from None
        raise Refused(f"{where}{path}: {what}", where=where + path) from None


def need(good: bool, message: str, where: str = "") -> None:
    """Raises Refused unless `good`."""
    if not good:
        raise Refused(message, where=where)
