"""Events of every past version, read as today's: a chain of small steps per kind.

A step takes the raw map of version `v` and returns that of `v + 1`. When an event's form changes, raise its `v`, add
the step to `CHAINS`, and add a golden file; never change an old step.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import msgspec

from outrider.base.errors import JournalCorrupt
from outrider.journal.events import Event

Raw = dict[str, Any]
Upcast = Callable[[Raw], Raw]

CHAINS: Mapping[str, Sequence[Upcast]] = {}
"""By kind, the steps from version 1 on: `CHAINS[kind][0]` makes 2 out of 1. A kind without steps is at version 1."""

_TYPES = {str(t.__struct_config__.tag): t for t in get_args(Event)}
VERSIONS: Mapping[str, int] = {
    kind: next(f.default for f in msgspec.structs.fields(t) if f.name == "v") for kind, t in _TYPES.items()
}
"""The present version of every kind."""

_decode = msgspec.msgpack.Decoder(Event).decode
_decode_raw = msgspec.msgpack.Decoder(dict[str, Any]).decode
_PRESENT = {t: VERSIONS[kind] for kind, t in _TYPES.items()}

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError)


def decode(payload: bytes) -> Event:
    """The event in a record's payload, in its present form. Raises JournalCorrupt when it cannot be understood."""
    try:
        event = _decode(payload)
    except _UNREADABLE:
        return _decode_old(payload)
    return event if event.v == _PRESENT[type(event)] else _decode_old(payload)


def _decode_old(payload: bytes) -> Event:
    try:
        raw = _decode_raw(payload)
        kind, version = raw.get("kind", ""), raw.get("v", 1)
        if kind not in VERSIONS or not 1 <= version <= VERSIONS[kind]:
            raise JournalCorrupt(
                f"a record of kind {kind!r} version {version} is unknown here: it was written by a newer Outrider. "
                "Run that version, or a later one"
            )
        for step in CHAINS.get(kind, ())[version - 1 :]:
            raw = step(raw)
        raw["v"] = VERSIONS[kind]
        event: Event = msgspec.convert(raw, Event)
        return event
    except _UNREADABLE as error:
        raise JournalCorrupt(
            f"a record cannot be decoded: {error}. Run `outrider journal verify` to see which segment is damaged"
        ) from error
