"""Writing the journal: the only place that appends history. One write per turn of the event loop."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from outrider.journal.events import BlobRef, Event

Durability = Literal["spool", "fsync"]


def blob(body: bytes) -> BlobRef:
    """The reference to `body` by content."""
    return BlobRef(hashlib.sha256(body).digest(), len(body))


class Journal:
    """The writing end of the journal for one process: takes the first free slot of the spool and holds it."""

    def __init__(
        self,
        spool_dir: Path,
        *,
        durability: Durability = "spool",
        max_size: int = 2 << 30,
        segment_size: int = 64 << 20,
    ) -> None: ...

    def append(
        self, event: Event, bodies: Sequence[tuple[BlobRef, bytes]] = (), project: str = ""
    ) -> asyncio.Future[None]:
        """Queue an event with the bodies it refers to; the future resolves when both are written."""
        raise NotImplementedError

    def append_now(self, event: Event, bodies: Sequence[tuple[BlobRef, bytes]] = (), project: str = "") -> None:
        """Write an event before returning. Raises JournalFull."""

    def close(self) -> None:
        """Write what is queued and give the slot back."""
