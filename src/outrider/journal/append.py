"""Writing the journal: the only place that appends history. One write per turn of the event loop.

What is not here: the file format (`spool`), and moving records into the store (`index`).
"""

import asyncio
import errno
import threading
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import JournalFull
from outrider.journal import spool
from outrider.journal.events import BlobRef, BodiesDropped, Event

Durability = Literal["spool", "fsync"]
Bodies = Sequence[tuple[BlobRef, bytes]]

_Body = tuple[str, bytes, bytes]
"""A body to be written: its project, its digest, itself."""

_RECENT_MOST = 8192
_encode = msgspec.msgpack.Encoder().encode


def blob(body: bytes) -> BlobRef:
    """The reference to `body` by content."""
    return BlobRef(sha256(body).digest(), len(body))


class Journal:
    """The writing end of the journal for one process: takes the first free slot of the spool and holds it.

    `max_size` bounds the bytes of segments and bodies that wait for the indexer; beyond it the oldest bodies (never
    records) are dropped, and a `bodies.dropped` event says so. `segment_size` is where a segment is sealed; it is
    made smaller when `max_size` is small, so that there is always something that can be dropped.
    """

    def __init__(
        self,
        spool_dir: Path,
        *,
        durability: Durability = "spool",
        max_size: int = 2 << 30,
        segment_size: int = 64 << 20,
    ) -> None:
        self._root, self._fsync, self._max_size = spool_dir, durability == "fsync", max_size
        self._segment_size = max(4096, min(segment_size, max_size // 8))
        try:
            self._slot, self._slot_lock, number, digest = spool.take_slot(spool_dir)
            self._writer = spool.SegmentWriter(self._slot, number, digest)
        except OSError as error:
            raise _full(spool_dir, error) from error
        self._waiting_size = 0
        self._measured = 0
        self._measure()
        self._payloads: list[bytes] = []
        self._bodies: list[_Body] = []
        self._futures: list[asyncio.Future[None]] = []
        self._written: list[Callable[[], None]] = []
        self._recent: set[tuple[str, bytes]] = set()
        self._lock = threading.Lock()
        self._unsynced: list[asyncio.Future[None]] = []
        self._syncing = False
        self._retired: list[spool.SegmentWriter] = []
        self._closed = False

    @property
    def slot(self) -> str:
        """The name of the slot that this process writes."""
        return self._slot.name

    def append(
        self, event: Event, bodies: Bodies = (), project: str = "", written: Callable[[], None] | None = None
    ) -> asyncio.Future[None]:
        """Queue an event with the bodies it refers to; the future resolves when both are written.

        They are written at the end of this turn of the loop, with everything else that was queued in it. The future
        raises JournalFull if the disk refuses. Cancelling one future does not touch the write or other futures.
        `written` is called once the record is in the spool, whatever became of the future.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        payload = _encode(event)
        if not self._futures:
            loop.call_soon(self._flush)
        self._payloads.append(payload)
        self._futures.append(future)
        if written is not None:
            self._written.append(written)
        if bodies:
            if not project:
                project = getattr(event, "project", "")
            for ref, body in bodies:
                self._bodies.append((project, ref.sha256, body))
        return future

    def append_now(self, event: Event, bodies: Bodies = (), project: str = "") -> None:
        """Write an event before returning, for the command line and tests. Raises JournalFull."""
        with self._lock:
            project = project or getattr(event, "project", "")
            self._write([_encode(event)], [(project, ref.sha256, body) for ref, body in bodies])
            if self._fsync:
                self._writer.sync()

    def close(self) -> None:
        """Write what is queued and give the slot back. A second call does nothing."""
        if self._closed:
            return
        self._flush()
        self._closed = True
        with self._lock:
            if self._fsync:
                self._writer.sync()
            self._writer.close()
        self._slot_lock.close()

    def _flush(self) -> None:
        futures, payloads, bodies = self._futures, self._payloads, self._bodies
        if not futures or self._closed:
            return
        written = self._written
        self._futures, self._payloads, self._bodies, self._written = [], [], [], []
        try:
            with self._lock:
                self._write(payloads, bodies)
        except (JournalFull, OSError) as error:
            refused = error if isinstance(error, JournalFull) else _full(self._slot, error)
            _settle(futures, refused)
            return
        for call in written:
            call()
        if self._fsync:
            self._unsynced += futures
            self._start_sync(futures[0].get_loop())
        else:
            _settle(futures, None)

    def _start_sync(self, loop: asyncio.AbstractEventLoop) -> None:
        """Group commit: one fsync in a thread at a time; everything written meanwhile shares the next one."""
        if self._syncing or not self._unsynced:
            return
        futures, self._unsynced = self._unsynced, []
        self._syncing = True
        task = loop.run_in_executor(None, self._writer.sync)
        task.add_done_callback(partial(self._synced, loop, futures))

    def _synced(
        self, loop: asyncio.AbstractEventLoop, futures: list[asyncio.Future[None]], done: "asyncio.Future[None]"
    ) -> None:
        self._syncing = False
        while self._retired:
            self._retired.pop().close()
        error = done.exception()
        _settle(futures, None if error is None else _full(self._slot, error))
        self._start_sync(loop)

    def _write(self, payloads: list[bytes], bodies: Sequence[_Body]) -> None:
        if self._writer.size >= self._segment_size:
            self._roll()
        parts: list[bytes] = []
        fresh: set[tuple[str, bytes]] = set()
        recent = self._recent
        for project, sha, body in bodies:
            known = (project, sha)
            if known not in recent and known not in fresh:
                fresh.add(known)
                parts += (spool.blob_head(project, sha, len(body)), body)
        before = self._writer.size
        if self._attempt(parts, payloads):
            if len(self._recent) > _RECENT_MOST:
                self._recent.clear()
            self._recent |= fresh
        self._waiting_size += self._writer.size - before
        if self._waiting_size > self._max_size:
            self._make_room()

    def _attempt(self, parts: list[bytes], payloads: list[bytes]) -> bool:
        """Write; when the disk is full give up old bodies first, then these, and only then the record (JournalFull).

        Returns whether the bodies were written.
        """
        while True:
            try:
                self._writer.write(parts, payloads)
                return bool(parts)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise _full(self._slot, error) from error
                refused = error
            dropped = self._drop_oldest()
            if dropped is not None:
                payloads = [dropped, *payloads]
            elif parts:
                lost = BodiesDropped(clock.now_ns(), self._slot.name, self._writer.number, sum(map(len, parts)))
                parts, payloads = [], [_encode(lost), *payloads]
            else:
                raise _full(self._slot, refused) from refused

    def _roll(self) -> None:
        """Seal the segment and go on in the next. When the disk refuses a new file, stay in the old one."""
        old = self._writer
        if self._fsync:
            old.sync()
        try:
            self._writer = spool.SegmentWriter(self._slot, old.number + 1, old.digest)
        except OSError:
            return
        self._recent.clear()
        if self._syncing:
            self._retired.append(old)
        else:
            old.close()
        self._measure()

    def _measure(self) -> None:
        """Count what waits in the whole spool. Once per segment: the other processes and the indexer change it too."""
        total = 0
        for slot in spool.list_slots(self._root):
            for path in slot.iterdir():
                if path.suffix in (".seg", ".blobs"):
                    total += spool.size_of(path)
        self._waiting_size, self._measured = total, self._writer.number

    def _make_room(self) -> None:
        """Drop the oldest sealed bodies of this slot until the spool is below its set size, and record each."""
        if self._measured != self._writer.number:
            self._measure()
        while self._waiting_size > self._max_size:
            dropped = self._drop_oldest()
            if dropped is None:
                # Nothing sealed is left here. Look again when this segment is sealed, not on every write.
                self._waiting_size -= self._segment_size
                return
            try:
                self._writer.write([], [dropped])
            except OSError:
                return

    def _drop_oldest(self) -> bytes | None:
        """Remove the oldest sealed `.blobs` of this slot; the event that records it, or None if there is none."""
        sealed = [n for n in spool.list_segments(self._slot, (".blobs",)) if n < self._writer.number]
        for number in sealed:
            path = spool.segment_path(self._slot, number, ".blobs")
            size = spool.size_of(path)
            path.unlink(missing_ok=True)
            self._waiting_size -= size
            if size > spool.BLOB_HEADER:
                return _encode(BodiesDropped(clock.now_ns(), self._slot.name, number, size))
        return None


def _full(slot: Path, error: BaseException) -> JournalFull:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return JournalFull(
        f"the journal cannot write to {slot}: {reason}. Free disk space there, or point OUTRIDER_HOME to a larger disk"
    )


def _settle(futures: Sequence["asyncio.Future[None]"], error: JournalFull | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()  # the caller may have gone; an unread error is not worth a warning
