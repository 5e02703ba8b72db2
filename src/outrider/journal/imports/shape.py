"""What the readers of all forms share: ids, times and spans from the words of other tools."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from outrider.journal.otlp.mapping import OUT
from outrider.journal.otlp.wire import pair

LATEST = 1 << 63
_HEX = re.compile(r"[0-9a-f]+")
_json = msgspec.json.Encoder(decimal_format="number").encode


class Skip(Exception):
    """This one cannot become a span; the text says why."""


def trace_id(said: Any) -> bytes:
    """16 bytes for a trace: its own where they are written as such (hexadecimal, a UUID), else a digest of its name.
    Raises Skip."""
    return _id(said, 16, "trace")


def span_id(said: Any) -> bytes:
    """8 bytes, likewise; of a UUID a digest. Raises Skip."""
    return _id(said, 8, "span")


def _id(said: Any, size: int, what: str) -> bytes:
    if not isinstance(said, str) or not said.strip() or len(said) > 1000:
        raise Skip(f"it has no id of its {what}")
    plain = said.strip().lower().removeprefix("0x")
    bare = plain.replace("-", "") if size == 16 else plain
    if len(bare) == 2 * size and _HEX.fullmatch(bare) and any(found := bytes.fromhex(bare)):
        return found
    return hashlib.sha256(said.strip().encode("utf-8", "replace")).digest()[:size]


def moment(said: Any) -> int:
    """Nanoseconds since the epoch from RFC 3339, `2026-11-22 09:10:11.5` (UTC), or a number of seconds, milliseconds,
    microseconds or nanoseconds; 0 if it is none."""
    if isinstance(said, bool) or said is None:
        return 0
    if isinstance(said, int | float):
        return _counted(said)
    if not isinstance(said, str):
        return 0
    try:
        found = datetime.fromisoformat(said.strip().replace(" UTC", "Z"))
    except ValueError:
        return 0
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    whole = int(found.replace(microsecond=0).timestamp())
    return max(0, whole * 10**9 + found.microsecond * 1000)


def _counted(number: float) -> int:
    if not 0 < number < LATEST:
        return 0
    for most, factor in ((1e11, 10**9), (1e14, 10**6), (1e17, 10**3)):
        if number < most:
            return int(number * factor)
    return int(number)


def first(fields: Mapping[str, Any], *names: str) -> Any:
    """The value under the first of these names that has one."""
    for name in names:
        if fields.get(name) is not None:
            return fields[name]
    return None


def parsed(value: Any) -> Any:
    """A value that may be spelled as JSON text."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return value
    return value


def object_of(value: Any) -> dict[str, Any]:
    """An object, also one that is spelled as text; empty for anything else."""
    found = parsed(value)
    return found if isinstance(found, dict) else {}


def count(value: Any) -> int:
    """A number of tokens; 0 for what is none."""
    try:
        number = int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
    return max(0, number)


def text(value: Any) -> str:
    """A value as an attribute or a body: text as it is, else JSON."""
    return value if isinstance(value, str) else _json(value).decode()


def span(
    trace: bytes, own: bytes, parent: bytes, name: Any, begun: int, ended: int, fields: Mapping[str, Any],
    others: Mapping[str, Any], error: str = "",
) -> Span:  # fmt: skip
    """A span. `fields` are by our names of the table in `otlp.mapping`, `others` attributes by their own; what is empty
    is left out, and what is no text or number is written as JSON. Raises Skip for times that cannot be."""
    if begun >= LATEST or ended >= LATEST:
        raise Skip("its time is out of range")
    made = Span(
        trace_id=trace, span_id=own, parent_span_id=parent if parent != own else b"", name=str(name or "")[:500],
        start_time_unix_nano=begun, end_time_unix_nano=max(begun, ended),
        status=Status(code=Status.STATUS_CODE_ERROR, message=error[:4000]) if error else None,
    )  # fmt: skip
    attrs = {OUT[field]: value for field, value in fields.items()} | dict(others)
    for key, value in attrs.items():
        if value not in (None, "", [], {}):
            plain = isinstance(value, str | int | float) or (isinstance(value, list) and _texts(value))
            made.attributes.append(pair(key, value if plain else text(value)))
    return made


def _texts(values: list[Any]) -> bool:
    return all(isinstance(one, str) for one in values)
