"""What a check is given beside the document, and what it gives."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.knowledge.doors._shapes import Near
from outrider.knowledge.records import Fetched


class Note(msgspec.Struct, frozen=True):
    """What was noticed, in a sentence for people; `strength` from 0 to 1 where a check measures one."""

    told: str
    strength: float = 1.0


class Context(msgspec.Struct, frozen=True):
    """`words` follow the policy's own (`730`, `en de`). `near` knows the collection's other documents,
    `readers` are who may read this one (None: as the collection says)."""

    source: str = ""
    fetched: Fetched | None = None
    words: tuple[str, ...] = ()
    near: Near | None = None
    meta: Mapping[str, Any] = {}
    readers: tuple[str, ...] | None = None
