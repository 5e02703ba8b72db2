"""The spool's file format: segments of hash-chained records and the bodies beside them. No policy, no events.

    id                       what tells this spool from those of other machines
    <slot>/lock              flock, held by the one process that writes the slot
    <slot>/<number>.seg      b"ORSEG1\\n", digest of the previous segment's end, then frames
                             u32 length | 32-byte digest | payload     digest = sha256(previous digest + payload)
    <slot>/<number>.blobs    b"ORBLB1\\n", then frames
                             u32 project length | project | u64 body length | 32-byte sha256 | body

All integers are little endian; numbers have 10 digits. A segment is sealed when a higher number exists in its slot.
A sealed and indexed segment is kept as `<number>.seg.zst` (the same bytes, compressed) without its bodies.
"""

import fcntl
import logging
import os
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
import zstandard

from outrider.base import ids
from outrider.base.errors import JournalCorrupt

SEG_MAGIC = b"ORSEG1\n"
BLOB_MAGIC = b"ORBLB1\n"
GENESIS = bytes(32)
SEG_HEADER = len(SEG_MAGIC) + 32
BLOB_HEADER = len(BLOB_MAGIC)

_log = logging.getLogger("outrider.spool")
_LENGTH = struct.Struct("<I")
_LENGTH64 = struct.Struct("<Q")
_JOIN_BELOW = 1 << 20
_CHUNK = 1 << 18
_LONGEST_PROJECT = 4096


class Frames(NamedTuple):
    """What was read: payloads, the chain digest after each, the offset after the last, and why reading stopped.

    `stop` is `end` (exactly at the end of the file or at a limit), `torn` (an incomplete frame) or `bad` (a complete
    frame whose digest does not verify).
    """

    payloads: list[bytes]
    digests: list[bytes]
    offset: int
    stop: str


class Blob(msgspec.Struct, frozen=True, gc=False):
    project: str
    sha256: bytes
    body: bytes


def segment_path(slot: Path, number: int, suffix: str = ".seg") -> Path:
    return slot / f"{number:010d}{suffix}"


def identity(root: Path) -> str:
    """The spool's own id, made on first use: several machines with a spool each may share one store."""
    path = root / "id"
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = root / f"id.{os.getpid()}.{threading.get_ident()}"
    draft.write_text(ids.token(8), "ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first
    finally:
        draft.unlink()
    return path.read_text("ascii")


def slot_name(slot: Path) -> str:
    """The name of a slot in the store, unique among all spools."""
    return f"{identity(slot.parent)}/{slot.name}"


def size_of(path: Path) -> int:
    """Bytes of a file of the spool; 0 once its writer or the indexer has removed it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def list_slots(root: Path) -> list[Path]:
    """Slot folders of the spool, in numeric order; empty when there is no spool yet."""
    try:
        found = [entry for entry in root.iterdir() if entry.name.isdigit()]
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda p: int(p.name))


def list_segments(slot: Path, suffixes: Sequence[str] = (".seg", ".seg.zst")) -> list[int]:
    """Numbers of the segments in `slot` that exist with one of `suffixes`, ascending."""
    found = set()
    for name in os.listdir(slot):
        number, dot, rest = name.partition(".")
        if dot and number.isdigit() and "." + rest in suffixes:
            found.add(int(number))
    return sorted(found)


def take_slot(root: Path) -> tuple[Path, IO[bytes], int, bytes]:
    """The first slot under `root` that is free and sound: its folder, its lock, and where to go on (see `resume`).

    The lock is held until the returned file is closed. A damaged slot is passed by, so that damage done to the past
    does not hold up the present.
    """
    for number in count():
        slot = root / str(number)
        slot.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = open(slot / "lock", "ab")  # noqa: SIM115 (held for the life of the slot)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        try:
            number_next, digest = resume(slot)
        except JournalCorrupt as error:
            _log.error("slot %s of the journal is passed by: %s", slot.name, error.message)
            lock.close()
            continue
        return slot, lock, number_next, digest
    raise AssertionError("unreachable")


def is_live(slot: Path) -> bool:
    """Whether some process holds the slot's lock now."""
    try:
        with open(slot / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def read_header(path: Path) -> bytes | None:
    """The digest a segment starts from, or None when the header is not complete. Raises JournalCorrupt."""
    with open_segment(path) as file:
        head = file.read(SEG_HEADER)
    if not head.startswith(SEG_MAGIC[: len(head)]):
        raise JournalCorrupt(
            f"{path} does not start as a journal segment; move it out of the spool, then run `outrider journal verify`"
        )
    return head[len(SEG_MAGIC) :] if len(head) == SEG_HEADER else None


def open_segment(path: Path) -> IO[bytes]:
    """A segment's bytes, whether it is compressed or not. Raises FileNotFoundError."""
    if path.suffix == ".zst":
        packed = open(path, "rb")  # noqa: SIM115 (closed by the reader)
        stream: IO[bytes] = zstandard.ZstdDecompressor().stream_reader(packed, closefd=True)
        return stream
    return open(path, "rb")


def read_frames(path: Path, offset: int, digest: bytes, limit: int = 1 << 62, most: int = 1 << 62) -> Frames:
    """Frames of the segment at `path` from `offset`, where the chain stands at `digest`.

    Reads about `limit` bytes (always one whole frame if there is one) and at most `most` frames. Works on `.seg` and
    `.seg.zst`. Never raises for bad content: see `Frames.stop`.
    """
    with open_segment(path) as file:
        file.seek(offset)
        buffer = file.read(limit) if limit < 1 << 62 else file.read()
        if limit < 1 << 62 and len(buffer) == limit and limit >= 4:
            need = _LENGTH.unpack_from(buffer)[0] + 36 - limit
            if need > 0:
                buffer += file.read(need)
    frames = parse_frames(buffer, digest, most)
    return Frames(frames.payloads, frames.digests, offset + frames.offset, frames.stop)


def parse_frames(buffer: bytes, digest: bytes, most: int = 1 << 62) -> Frames:
    """As `read_frames`, on bytes; the offset counts from the buffer's start."""
    payloads: list[bytes] = []
    digests: list[bytes] = []
    offset, size = 0, len(buffer)
    while len(payloads) < most:
        start = offset + 36
        if start > size:
            return Frames(payloads, digests, offset, "end" if offset == size else "torn")
        end = start + _LENGTH.unpack_from(buffer, offset)[0]
        if end > size:
            return Frames(payloads, digests, offset, "torn")
        payload = buffer[start:end]
        follow = sha256(digest + payload).digest()
        if buffer[offset + 4 : start] != follow:
            return Frames(payloads, digests, offset, "bad")
        payloads.append(payload)
        digests.append(follow)
        digest, offset = follow, end
    return Frames(payloads, digests, offset, "end")


def frame(payload: bytes, digest: bytes) -> tuple[bytes, bytes]:
    """One record as it stands in a segment, and the chain digest after it."""
    digest = sha256(digest + payload).digest()
    return b"%b%b%b" % (_LENGTH.pack(len(payload)), digest, payload), digest


def blob_head(project: str, sha: bytes, size: int) -> bytes:
    """What stands before a body in a `.blobs` file."""
    name = project.encode()
    return b"%b%b%b%b" % (_LENGTH.pack(len(name)), name, _LENGTH64.pack(size), sha)


def read_blob(file: IO[bytes]) -> Blob | None:
    """The next body of a `.blobs` file that is positioned at a frame, or None when no complete frame is there.

    The file is left after the frame, or anywhere when there was none. The body is not checked against its digest.
    """
    head = file.read(4)
    if len(head) < 4:
        return None
    name_size = _LENGTH.unpack(head)[0]
    if name_size > _LONGEST_PROJECT:
        return None
    rest = file.read(name_size + 40)
    if len(rest) < name_size + 40:
        return None
    size = _LENGTH64.unpack_from(rest, name_size)[0]
    body = file.read(size)
    if len(body) < size:
        return None
    return Blob(rest[:name_size].decode("utf-8", "replace"), rest[name_size + 8 :], body)


def read_blobs(file: IO[bytes], offset: int) -> Iterator[tuple[Blob, int]]:
    """The bodies of a `.blobs` file from `offset` on, each with the offset after it, up to the last complete frame.

    Reads many small bodies at once. The bodies are not checked against their digests.
    """
    while True:
        file.seek(offset)
        buffer = file.read(_CHUNK)
        at = 0
        while (head := _blob_head_at(buffer, at)) is not None:
            name_size, start, end = head
            if end > len(buffer):
                break
            project = buffer[at + 4 : at + 4 + name_size].decode("utf-8", "replace")
            yield Blob(project, buffer[start - 32 : start], buffer[start:end]), offset + end
            at = end
        offset += at
        if at == 0:  # a body larger than what is read at once, or the end
            file.seek(offset)
            blob = read_blob(file)
            if blob is None:
                return
            offset = file.tell()
            yield blob, offset


def _blob_head_at(buffer: bytes, at: int) -> tuple[int, int, int] | None:
    """Size of the project's name, and where the body starts and ends; None without a complete head."""
    if len(buffer) - at < 44:
        return None
    name_size = _LENGTH.unpack_from(buffer, at)[0]
    start = at + 44 + name_size
    if name_size > _LONGEST_PROJECT or start > len(buffer):
        return None
    return name_size, start, start + _LENGTH64.unpack_from(buffer, start - 40)[0]


class SegmentWriter:
    """The open end of a slot: one `.seg` and its `.blobs`. Not thread-safe."""

    def __init__(self, slot: Path, number: int, digest: bytes) -> None:
        self.slot, self.number, self.digest = slot, number, digest
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._blobs = os.open(segment_path(slot, number, ".blobs"), flags, 0o600)
        try:
            self._seg = os.open(segment_path(slot, number), flags, 0o600)
            self.blobs_size = _write(self._blobs, BLOB_MAGIC)
            self.seg_size = _write(self._seg, SEG_MAGIC + digest)
        except OSError:
            self._discard()
            raise

    def _discard(self) -> None:
        """Undo a creation that the disk refused half-way."""
        os.close(self._blobs)
        segment_path(self.slot, self.number, ".blobs").unlink(missing_ok=True)
        if hasattr(self, "_seg"):
            os.close(self._seg)
            segment_path(self.slot, self.number).unlink(missing_ok=True)

    @property
    def size(self) -> int:
        return self.seg_size + self.blobs_size

    def write(self, bodies: Sequence[bytes], payloads: Iterable[bytes]) -> None:
        """Append bodies (framed parts), then records, with one write each. All or nothing: on OSError both files
        are cut back to where they were and the chain stands as before."""
        parts: list[bytes] = []
        digest = self.digest
        for payload in payloads:
            digest = sha256(digest + payload).digest()
            parts += (_LENGTH.pack(len(payload)), digest, payload)
        try:
            blobs_size = self.blobs_size + _write_all(self._blobs, bodies)
            seg_size = self.seg_size + _write_all(self._seg, parts)
        except OSError:
            os.ftruncate(self._seg, self.seg_size)
            os.ftruncate(self._blobs, self.blobs_size)
            raise
        self.digest, self.blobs_size, self.seg_size = digest, blobs_size, seg_size

    def sync(self) -> None:
        os.fdatasync(self._blobs)
        os.fdatasync(self._seg)

    def close(self) -> None:
        os.close(self._blobs)
        os.close(self._seg)


def resume(slot: Path) -> tuple[int, bytes]:
    """Where a new writer of `slot` (whose lock it holds) goes on: the next segment's number and the chain digest.

    Cuts an incomplete tail off the last segment, and removes a segment whose creation did not finish. Raises
    JournalCorrupt, and touches nothing, if complete records of the last segment do not verify: a writer that is
    killed cannot leave that.
    """
    numbers = list_segments(slot)
    for orphan in set(list_segments(slot, (".blobs",))) - set(numbers):
        segment_path(slot, orphan, ".blobs").unlink()
    while numbers:
        path = segment_path(slot, numbers[-1])
        if not path.exists():
            path = segment_path(slot, numbers[-1], ".seg.zst")
        digest = read_header(path)
        if digest is None:
            segment_path(slot, numbers[-1], ".blobs").unlink(missing_ok=True)
            path.unlink()
            numbers.pop()
            continue
        frames = read_frames(path, SEG_HEADER, digest)
        if frames.stop == "bad":
            raise JournalCorrupt(
                f"{path} is damaged at byte {frames.offset}: the records behind it do not verify. It is left as it is; "
                "`outrider journal verify` shows what is affected"
            )
        if frames.stop == "torn" and path.suffix == ".seg":
            os.truncate(path, frames.offset)
        return numbers[-1] + 1, frames.digests[-1] if frames.digests else digest
    return 1, GENESIS


def _write_all(fd: int, parts: Sequence[bytes]) -> int:
    if not parts:
        return 0
    if len(parts) == 1 or sum(map(len, parts)) < _JOIN_BELOW:
        return _write(fd, b"".join(parts))
    return sum([_write(fd, part) for part in parts])


def _write(fd: int, content: bytes) -> int:
    done = os.write(fd, content)
    while done < len(content):
        done += os.write(fd, memoryview(content)[done:])
    return done
