"""A JSON request body: checked as JSON, decoded into a typed request, changed field by field.

Two passes: `jiter` proves that the text is strict JSON without duplicate keys at any depth (a gateway and a
provider that read different values for the same key would let a caller walk around every rule) and says where
it is not; then `msgspec` decodes the known fields. Unknown fields are never looked at.
"""

import re
import types
import typing
from typing import Any, TypeVar

import jiter
import msgspec

from outrider.base.errors import RequestError

T = TypeVar("T", bound=msgspec.Struct)

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TRAIL = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `([^`]+)`")
_GOT = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}


def check_json(body: bytes) -> None:
    """Raises RequestError 400 unless `body` is strict JSON in UTF-8 without duplicate keys."""
    try:
        jiter.from_json(body, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError as error:
        raise _bad_json(body, str(error)) from None
    except RecursionError:
        raise _bad_json(body, "nested too deeply") from None


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    """The typed request. Raises RequestError 400 naming the field, its path, and what is allowed there."""
    check_json(body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise explain(str(error), decoder.type) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad_json(body, str(error)) from None


def with_fields(body: bytes, /, **changes: Any) -> bytes:
    """`body` with top-level fields set, all others as they were. A value of `None` removes the field."""
    fields: dict[str, Any] = dict(_FIELDS.decode(body))
    for name, value in changes.items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    return msgspec.json.encode(fields)


def fields(body: bytes) -> dict[str, msgspec.Raw]:
    """Top-level fields, undecoded, in the caller's order."""
    return _FIELDS.decode(body)


def invalid(path: str, what: str, code: str = "invalid_value") -> RequestError:
    """The 400 for a field that is wrong; `what` ends the sentence that begins with its name."""
    return RequestError(f"Invalid value for '{path}': {what}", code=code, param=path)


def missing(path: str, why: str = "") -> RequestError:
    return RequestError(
        f"Missing required parameter: '{path}'." + (f" {why}" if why else ""),
        code="missing_required_parameter",
        param=path,
    )


def explain(message: str, root: type[Any]) -> RequestError:
    """Our words for a msgspec complaint about a value decoded as `root`."""
    found = _TRAIL.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    if lost := _MISSING.search(what):
        return missing(f"{path}.{lost[1]}".lstrip("."))
    if not path and (got := _GOT.search(what)):
        return RequestError(f"The request body must be a JSON object, not {_named(got[2])}.", code="invalid_type")
    if got := _GOT.search(what):
        return RequestError(
            f"Invalid type for '{path}': expected {_named(got[1])}, but got {_named(got[2])} instead.",
            code="invalid_type",
            param=path,
        )
    if what.startswith("Invalid enum value"):
        allowed = ", ".join(repr(v) for v in _allowed(root, path))
        given = what.removeprefix("Invalid enum value ")
        return invalid(path, f"{given}. Supported values are: {allowed}.")
    for name, words in _NAMES.items():
        what = what.replace(f"`{name}`", words)
    return invalid(path, what[:1].lower() + what[1:] + ".")


def _named(kinds: str) -> str:
    return " or ".join(_NAMES.get(kind, kind) for kind in kinds.split(" | "))


def _allowed(root: Any, path: str) -> list[Any]:
    """The values a Literal field at `path` (`messages[2].role`) of `root` may have."""
    kinds = [root]
    for name in re.sub(r"\[[^\]]*\]", "", path).split("."):
        kinds = [hint for kind in _leaves(kinds) if hasattr(kind, "__struct_fields__") for hint in _hints(kind, name)]
    return [
        value for kind in _leaves(kinds) if typing.get_origin(kind) is typing.Literal for value in typing.get_args(kind)
    ]


def _hints(kind: Any, name: str) -> list[Any]:
    hints = typing.get_type_hints(kind)
    return [hints[name]] if name in hints else []


def _leaves(kinds: list[Any]) -> list[Any]:
    """Unions and lists opened up, until only structs, literals and scalars are left."""
    out: list[Any] = []
    for kind in kinds:
        origin = typing.get_origin(kind)
        if origin in (typing.Union, types.UnionType, list, typing.Annotated):
            out += _leaves(list(typing.get_args(kind)))
        else:
            out.append(kind)
    return out


def _bad_json(body: bytes, why: str) -> RequestError:
    if not body.strip():
        return RequestError("The request body is empty; send a JSON object.", code="invalid_json")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return RequestError(f"The request body is not UTF-8 (byte {error.start}).", code="invalid_json")
    if "recursion" in why:
        why = "nested too deeply"
    return RequestError(f"The request body is not valid JSON: {why}.", code="invalid_json")
