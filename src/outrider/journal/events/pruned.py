"""Retention at work: what was removed from the store, and why."""

import msgspec


class Pruned(msgspec.Struct, tag_field="kind", tag="pruned", omit_defaults=True):
    """Everything with `seq` up to `through` was removed. `reason` is `age` or `size`."""

    at: int
    through: int
    runs: int
    blobs: int
    size: int
    reason: str
    by: str = ""
    v: int = 1
