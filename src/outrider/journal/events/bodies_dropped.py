"""Payload bodies given up because the spool reached its set size while the store was away. Records are kept."""

import msgspec


class BodiesDropped(msgspec.Struct, tag_field="kind", tag="bodies.dropped", omit_defaults=True):
    """`slot`/`segment` name the spool file whose bodies went; `size` is bytes."""

    at: int
    slot: str
    segment: int
    size: int
    v: int = 1
