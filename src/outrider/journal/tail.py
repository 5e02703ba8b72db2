"""Following one slot of the spool from a cursor: the next records, the bodies they need, the next segment."""

import contextlib
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from outrider.base.errors import JournalCorrupt
from outrider.journal import spool

_READ = 4 << 20


class Cursor(msgspec.Struct, frozen=True):
    """How far a slot is read: segment, offset in its `.seg` and in its `.blobs`, records before it in the segment,
    and the chain's digest there."""

    segment: int
    position: int
    bodies: int
    ordinal: int
    digest: bytes


BodyKey = tuple[str, bytes]


class Bodies:
    """Bodies of one segment, read one after the other while they are asked for: a batch of them may be large.

    Bodies that were dropped, or do not have the content their digest says, do not come. `offset` stands after the last
    one that was read.
    """

    def __init__(self, path: Path, offset: int, needed: set[BodyKey]) -> None:
        self._path, self._needed, self.offset = path, needed, offset

    def __iter__(self) -> Iterator[tuple[BodyKey, bytes]]:
        missing = set(self._needed)
        if not missing:
            return
        try:
            with open(self._path, "rb") as file:
                for blob, after in spool.read_blobs(file, self.offset):
                    self.offset = after
                    key = (blob.project, blob.sha256)
                    if key in missing and sha256(blob.body).digest() == blob.sha256:
                        missing.discard(key)
                        yield key, blob.body
                        if not missing:
                            return
        except FileNotFoundError:
            return  # given up for want of space, which a `bodies.dropped` record says


class SlotTail:
    """Reads one slot forward. Holds no file open between calls."""

    def __init__(self, slot: Path, cursor: Cursor | None) -> None:
        self.slot = slot
        self.cursor = cursor
        self._seen = -1

    def has_more(self) -> bool:
        """Whether something was written since the last call that found nothing. Two `stat` calls, no reading."""
        if self.cursor is None:
            return bool(spool.list_segments(self.slot))
        path = spool.segment_path(self.slot, self.cursor.segment)
        try:
            size = os.stat(path).st_size
        except FileNotFoundError:
            size = -2
        if size != self._seen:
            return True
        return spool.segment_path(self.slot, self.cursor.segment + 1).exists()

    def read(self, most: int) -> spool.Frames | None:
        """Up to `most` records after the cursor, or None at the end. Moves the cursor only over segment ends.

        Raises JournalCorrupt when a sealed segment does not verify up to its end or the next does not follow on it.
        """
        while True:
            if self.cursor is None and not self._begin():
                return None
            assert self.cursor is not None
            path = self._path(self.cursor.segment)
            size = -2
            if path is not None:
                size = os.stat(path).st_size
                frames = spool.read_frames(path, self.cursor.position, self.cursor.digest, _READ, most)
                if frames.payloads:
                    self._seen = -1
                    return frames
            if not self._next_segment(path):
                self._seen = size
                return None

    def advanced(self, frames: spool.Frames, taken: int, bodies: int) -> Cursor:
        """The cursor after the first `taken` records of `frames`, with bodies read up to `bodies`."""
        assert self.cursor is not None
        size = sum(len(p) for p in frames.payloads[:taken]) + 36 * taken
        return Cursor(
            self.cursor.segment,
            self.cursor.position + size,
            bodies,
            self.cursor.ordinal + taken,
            frames.digests[taken - 1],
        )

    def bodies(self, needed: set[BodyKey]) -> "Bodies":
        """The bodies in `needed` from the present segment."""
        assert self.cursor is not None
        return Bodies(spool.segment_path(self.slot, self.cursor.segment, ".blobs"), self.cursor.bodies, needed)

    def finished(self) -> list[int]:
        """Sealed segments that are read to their end and not yet put away."""
        if self.cursor is None:
            return []
        return [n for n in spool.list_segments(self.slot, (".seg",)) if n < self.cursor.segment]

    def put_away(self, number: int) -> None:
        """Compress a finished segment and remove its bodies. A crash in the middle leaves what can be done again."""
        source = spool.segment_path(self.slot, number)
        target = spool.segment_path(self.slot, number, ".seg.zst")
        draft = spool.segment_path(self.slot, number, f".seg.zst.part{os.getpid()}")
        with open(source, "rb") as plain, open(draft, "wb") as packed:
            zstandard.ZstdCompressor(level=3).copy_stream(plain, packed)
            packed.flush()
            os.fsync(packed.fileno())
        os.replace(draft, target)
        source.unlink()
        spool.segment_path(self.slot, number, ".blobs").unlink(missing_ok=True)

    def _path(self, number: int) -> Path | None:
        for suffix in (".seg", ".seg.zst"):
            path = spool.segment_path(self.slot, number, suffix)
            if path.exists():
                return path
        return None

    def _begin(self) -> bool:
        """Stand at the start of the oldest segment of a slot that was never read."""
        for number in spool.list_segments(self.slot)[:1]:
            path = self._path(number)
            digest = None if path is None else spool.read_header(path)
            if digest is not None:
                self.cursor = _start(number, digest)
                return True
        return False

    def _next_segment(self, path: Path | None) -> bool:
        """Step over the end of the present segment (whose file is `path`) if there is a later one."""
        assert self.cursor is not None
        later = [n for n in spool.list_segments(self.slot) if n > self.cursor.segment]
        following = self._path(later[0]) if later else None
        if following is None:
            return False
        if path is not None:
            # Sealed now. What was written, or cut off, between our read and the sealing is seen by reading again.
            with contextlib.suppress(FileNotFoundError):
                rest = spool.read_frames(path, self.cursor.position, self.cursor.digest, _READ)
                if rest.payloads:
                    return True
                if rest.stop != "end":
                    raise JournalCorrupt(
                        f"{path} is damaged at byte {rest.offset}: run `outrider journal verify`, then restore the "
                        "file from a backup; the other slots go on"
                    )
        digest = spool.read_header(following)
        if digest is None:
            return False
        if digest != self.cursor.digest:
            raise JournalCorrupt(
                f"{following} does not follow on {spool.segment_path(self.slot, self.cursor.segment).name}: a segment "
                "is missing or was changed; run `outrider journal verify`"
            )
        self.cursor = _start(later[0], digest)
        return True


def _start(number: int, digest: bytes) -> Cursor:
    return Cursor(number, spool.SEG_HEADER, spool.BLOB_HEADER, 0, digest)
