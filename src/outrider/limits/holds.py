"""The file in which a holder keeps its open holds, so that a process that is killed leaves what it had begun.

`<folder>/<holder>.holds` is mapped into memory; the kernel keeps it through `kill -9`. Its lock (flock) is held while
the holder lives. A head of 4 kB (magic, then msgpack), then cells of 1 kB: a byte that is 1 while the cell counts, the
length of the content (2 bytes), the content. What does not fit goes into a file of its own, `<holder>.<number>.hold`.
"""

import contextlib
import errno
import fcntl
import logging
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from outrider.base import ids
from outrider.base.errors import JournalFull
from outrider.base.usage import Usage
from outrider.journal.events import Charge, RunRecorded

MAGIC = b"ORHOLD1\n"
HEAD, CELL, CELLS = 4096, 1024, 4096
_LARGEST = CELL - 3

_log = logging.getLogger("outrider.limits")
_encode = msgspec.msgpack.Encoder().encode


class Note(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a run's record would say, for the case that nobody writes it. As in `RunRecorded`."""

    project: str
    at: int
    name: str = ""
    model: str = ""
    route: str = ""
    deployment: str = ""
    provider: str = ""
    key: str = ""
    user: str = ""
    agent: str = ""
    session: str = ""
    tags: list[str] = []
    stream: bool = False
    trace: bytes = b""
    parent_span: int = 0


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An open hold: what the run may have cost at worst, and what each account would be charged."""

    run: bytes
    money: int
    input: int
    output: int
    charges: list[Charge]
    note: Note

    def interrupted(self, holder: str) -> RunRecorded:
        """The record of the run, if its process died before it wrote one: the provider may have done the work."""
        note = self.note
        return RunRecorded(
            id=self.run,
            project=note.project,
            at=note.at,
            name=note.name,
            status="error",
            error="interrupted",
            message="Outrider's process ended during this call; it is charged with the most that it may have cost",
            model=note.model,
            route=note.route,
            deployment=note.deployment,
            provider=note.provider,
            key=note.key,
            user=note.user,
            agent=note.agent,
            session=note.session,
            tags=note.tags,
            stream=note.stream,
            usage=Usage(self.input, self.output, estimated=True),
            cost=self.money,
            trace=note.trace,
            parent_span=note.parent_span,
            charges=self.charges,
            holder=holder,
        )


class _Head(msgspec.Struct):
    holder: str
    slot: str


_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode = msgspec.msgpack.Decoder(Held).decode


class HoldFile:
    """The holds of this life of this process, which writes the journal's slot `slot`. Not thread-safe."""

    def __init__(self, folder: Path, slot: str, *, cells: int = CELLS) -> None:
        self.holder = ids.token(8)
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = folder / f"{self.holder}.new"
            self._file = open(draft, "x+b", buffering=0)  # noqa: SIM115 (for the holder's life)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            _reserve(self._file, HEAD + cells * CELL)
            self._map = mmap.mmap(self._file.fileno(), HEAD + cells * CELL)
            head = MAGIC + _encode(_Head(self.holder, slot))
            self._map[: len(head)] = head
            os.rename(draft, folder / f"{self.holder}.holds")  # from here on it is seen, and locked
        except OSError as error:
            raise JournalFull(
                f"open holds cannot be kept in {folder}: {error.strerror}. Free disk space, or check OUTRIDER_HOME"
            ) from error
        self._free = list(range(cells, 0, -1))
        self._next_large = 0

    def is_beside(self, holder: str) -> bool:
        """Whether another holder is of this machine and was not recovered yet. A file operation; for rare cases."""
        return holder != self.holder and (self._folder / f"{holder}.holds").exists()

    def put(self, held: Held) -> int:
        """Keep a hold; its cell. Raises JournalFull if it is a large one and the disk refuses it."""
        content = _encode(held)
        if not self._free or len(content) > _LARGEST:
            return self._put_large(content)
        cell = self._free.pop()
        at = HEAD - CELL + cell * CELL
        size = len(content)
        self._map[at + 1 : at + 3 + size] = size.to_bytes(2, "little") + content
        self._map[at] = 1  # last, and one byte: a cell counts whole or not at all
        return cell

    def clear(self, cell: int) -> None:
        """The hold in `cell` is over."""
        if cell > 0:
            self._map[HEAD - CELL + cell * CELL] = 0
            self._free.append(cell)
        else:
            self._large(-cell).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the file. The indexer finds it, and what may still be open in it."""
        if not self._map.closed:
            self._map.close()
            self._file.close()

    def _put_large(self, content: bytes) -> int:
        self._next_large += 1
        path = self._large(self._next_large)
        draft = path.with_suffix(".new")
        try:
            draft.write_bytes(content)
            os.rename(draft, path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise JournalFull(
                f"an open hold cannot be kept in {self._folder}: {error.strerror}. Free disk space there"
            ) from error
        return -self._next_large

    def _large(self, number: int) -> Path:
        return self._folder / f"{self.holder}.{number}.hold"


def _reserve(file: IO[bytes], size: int) -> None:
    """Make the file `size` zeros long, for real: a page that the disk has no room for would end the process."""
    if hasattr(os, "posix_fallocate"):
        try:
            return os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                raise
    for _ in range(0, size, HEAD):
        file.write(bytes(HEAD))


class Left:
    """The file of a holder that is dead. Its lock is ours until `close`, so nobody else works on it."""

    def __init__(self, path: Path, file: IO[bytes], head: _Head) -> None:
        self._path, self._file = path, file
        self.holder, self.slot = head.holder, head.slot

    def open_holds(self) -> list[Held]:
        """The holds that were not cleared; of a run that has two (it was growing) the larger one."""
        found: dict[bytes, Held] = {}
        for content in self._contents():
            try:
                held = _decode(content)
            except msgspec.DecodeError:
                _log.error("a hold in %s cannot be read and is left out", self._path)
                continue
            known = found.get(held.run)
            if known is None or _size(known) < _size(held):
                found[held.run] = held
        return list(found.values())

    def _contents(self) -> Iterator[bytes]:
        self._file.seek(HEAD)
        while len(cell := self._file.read(CELL)) == CELL:
            if cell[0] == 1:
                yield cell[3 : 3 + int.from_bytes(cell[1:3], "little")]
        for path in self._larges():
            yield path.read_bytes()

    def remove(self) -> None:
        """All is done: the holder is forgotten."""
        for path in self._larges():
            path.unlink(missing_ok=True)
        for draft in self._path.parent.glob(f"{self.holder}.*new"):
            draft.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        self._file.close()

    def _larges(self) -> list[Path]:
        return sorted(self._path.parent.glob(f"{self.holder}.*.hold"))


def _size(held: Held) -> tuple[int, int, int]:
    return held.money, held.input + held.output, sum(charge.amount for charge in held.charges)


def left_behind(folder: Path) -> list[Left]:
    """The files under `folder` whose holders are dead, locked for the caller."""
    found = []
    for path in sorted(folder.glob("*.holds")):
        left = _take(path)
        if left is not None:
            found.append(left)
    return found


def remove_drafts(folder: Path, before: int) -> None:
    """Remove what processes left that died while they made a file; `before` is nanoseconds since the epoch."""
    for draft in folder.glob("*.new"):
        with contextlib.suppress(FileNotFoundError):
            if draft.stat().st_mtime_ns < before:
                draft.unlink()


def alive(folder: Path, holder: str) -> bool:
    """Whether a holder of this machine lives. The file of one that died stays until it is recovered."""
    left = _take(folder / f"{holder}.holds")
    if left is not None:
        left.close()
        return False
    return (folder / f"{holder}.holds").exists()


def _take(path: Path) -> Left | None:
    try:
        file = open(path, "rb")  # noqa: SIM115 (held as long as the lock is needed)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    if not path.exists():  # recovered by another process between our opening and our lock
        file.close()
        return None
    head = file.read(HEAD)
    if not head.startswith(MAGIC):
        _log.error("%s is not a file of holds; remove it", path)
        file.close()
        return None
    return Left(path, file, _decode_head(head[len(MAGIC) :].rstrip(b"\0")))
