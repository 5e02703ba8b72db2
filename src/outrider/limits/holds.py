"""The file in which a holder keeps its open holds, so that a process that is killed leaves what it had begun.

`<folder>/<holder>.holds` is mapped into memory; the kernel keeps it through `kill -9`. Its lock (flock) is held while
the holder lives. A head of 4 kB (magic, then msgpack), then cells of 1 kB: a byte that is not 0 while the cell counts,
the length of the content (2 bytes), the content. The byte is 1 for a whole hold in msgpack, 2 for the form of calls
that are alike, 3 for what a hold says beside its form (`held`). What does not fit goes into a file of its own,
`<holder>.<number>.hold`.
"""

import contextlib
import errno
import fcntl
import logging
import mmap
import os
import struct
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import IO

import msgspec

from outrider.base import ids
from outrider.base.budget import Amount
from outrider.base.errors import JournalFull
from outrider.limits.held import Brief, Form, Held, decode, encode, read_brief, whole

MAGIC, MAGIC_BEFORE = b"ORHOLD2\n", b"ORHOLD1\n"
"""What a file begins with. Those of before have no forms."""
HEAD, CELL, CELLS = 4096, 1024, 4096
_LARGEST = CELL - 3
FORMS = 256
"""Cells of forms at most; with as many, the oldest makes room as soon as no open hold needs it."""
_WHOLE, _FORM, _BRIEF = 1, 2, 3

_log = logging.getLogger("outrider.limits")


class _Head(msgspec.Struct):
    holder: str
    slot: str


_decode_head = msgspec.msgpack.Decoder(_Head).decode


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
            head = MAGIC + encode(_Head(self.holder, slot))
            self._map[: len(head)] = head
            os.rename(draft, folder / f"{self.holder}.holds")  # from here on it is seen, and locked
        except OSError as error:
            raise JournalFull(
                f"open holds cannot be kept in {folder}: {error.strerror}. Free disk space, or check OUTRIDER_HOME"
            ) from error
        self._free = list(range(cells, 0, -1))
        self.forms: dict[Hashable, Form] = {}
        self._seen: set[Hashable] = set()
        self._written = 0  # forms in cells, those that are over and needed still included
        self._form_of: list[Form | None] = [None] * (cells + 1)  # by cell
        self._most_forms = min(FORMS, cells // 4)
        self._next_large = 0

    def is_beside(self, holder: str) -> bool:
        """Whether another holder is of this machine and was not recovered yet. A file operation; for rare cases."""
        return holder != self.holder and (self._folder / f"{holder}.holds").exists()

    def put(self, held: Held) -> int:
        """Keep a hold; its cell. Raises JournalFull if it is a large one and the disk refuses it."""
        content = encode(held)
        if not self._free or len(content) > _LARGEST:
            return self._put_large(content)
        return self._put(_WHOLE, content)

    def _put(self, kind: int, content: bytes) -> int:
        cell = self._free.pop()
        at = HEAD - CELL + cell * CELL
        size = len(content)
        self._map[at + 1 : at + 3 + size] = size.to_bytes(2, "little") + content
        self._map[at] = kind  # last, and one byte: a cell counts whole or not at all
        return cell

    def put_brief(self, brief: Brief, run: bytes, amount: Amount, needs: Sequence[int]) -> int:
        """As `put`, of a hold with a form; `needs` are of all its accounts."""
        form, at, trace, span = brief
        if form.places is not None:
            needs = [needs[place] for place in form.places]
        if form.cell and self._free:
            cell = self._free.pop()
            place = HEAD - CELL + cell * CELL
            money, input_, output = amount.money, amount.input, amount.output
            try:
                form.pack(
                    self._map, place + 1, form.size, form.cell, run, at, money, input_, output, trace, span, *needs
                )
            except struct.error:  # a number of more than 64 bits
                self._free.append(cell)
            else:
                self._map[place] = _BRIEF
                self._form_of[cell] = form
                form.open += 1
                return cell
        return self.put(whole(form, run, (at, amount.money, amount.input, amount.output, trace, span), needs))

    def new_form(self, key: Hashable, made: Callable[[], Form]) -> Form | None:
        """The form of calls that have this key, from the second of them on (who comes once needs none); then it is in
        `forms`. None where there is no room for it, too: then the whole note has to be kept."""
        if key not in self._seen:
            if len(self._seen) >= 4 * FORMS:
                self._seen.clear()
            self._seen.add(key)
            return None
        if len(self.forms) >= self._most_forms:
            self._forget(next(iter(self.forms)))
        form = made()
        content = encode((form.note, form.charges))
        if self._written >= self._most_forms or not self._free or max(len(content), form.own.size) > _LARGEST:
            return None
        form.cell = self._put(_FORM, content)
        self._written += 1
        self.forms[key] = form
        self._seen.discard(key)
        return form

    def forget_forms(self) -> None:
        """What forms say is not true any more. Holds that have one keep it to their end."""
        for key in list(self.forms):
            self._forget(key)

    def _forget(self, key: Hashable) -> None:
        form = self.forms.pop(key)
        form.over = True
        if not form.open:
            self._end_form(form)

    def _end_form(self, form: Form) -> None:
        cell, form.cell = form.cell, 0
        self._written -= 1
        self.clear(cell)

    def clear(self, cell: int) -> None:
        """The hold in `cell` is over."""
        if cell < 0:
            return self._large(-cell).unlink(missing_ok=True)
        self._map[HEAD - CELL + cell * CELL] = 0
        self._free.append(cell)
        form = self._form_of[cell]
        if form is not None:
            self._form_of[cell] = None
            form.open -= 1
            if form.over and not form.open:
                self._end_form(form)

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
        return _read(list(self._cells()), self._path)

    def _cells(self) -> Iterator["_Cell"]:
        """Number, kind, and length with content, of every cell that counts; holds with a file of their own after."""
        self._file.seek(HEAD)
        for number in count(1):
            cell = self._file.read(CELL)
            if len(cell) < CELL:
                break
            if cell[0]:
                yield number, cell[0], cell[1 : 3 + int.from_bytes(cell[1:3], "little")]
        for path in self._larges():
            yield 0, _WHOLE, b"\0\0" + path.read_bytes()

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


_Cell = tuple[int, int, bytes]
"""Number, kind, and length with content."""


def _read(cells: Sequence[_Cell], told: Path | None) -> list[Held]:
    """The holds in cells; of a run that has two the larger one. What cannot be read is told of `told`, if anything."""
    found: dict[bytes, Held] = {}
    forms = {number: content[2:] for number, kind, content in cells if kind == _FORM}
    for _, kind, content in cells:
        if kind == _FORM:
            continue
        try:
            held = decode(content[2:]) if kind == _WHOLE else read_brief(content, forms)
        except (msgspec.DecodeError, struct.error, KeyError):
            if told is not None:
                _log.error("a hold in %s cannot be read and is left out", told)
            continue
        known = found.get(held.run)
        if known is None or _size(known) < _size(held):
            found[held.run] = held
    return list(found.values())


def look(folder: Path) -> dict[str, list[Held]]:
    """The holds that are open now, by holder; also those of holders that live. Nobody waits for it: nothing is locked.

    What changes while it is read, in a few microseconds, is left out. Blocking; some milliseconds for each holder.
    """
    found: dict[str, list[Held]] = {}
    for path in sorted(folder.glob("*.holds")):
        try:
            cells = _seen(path)
        except (OSError, ValueError):  # it is over by now; ValueError: it is empty, so no file of holds
            continue
        for large in sorted(folder.glob(f"{path.stem}.*.hold")):
            with contextlib.suppress(FileNotFoundError):
                cells.append((0, _WHOLE, b"\0\0" + large.read_bytes()))
        found[path.stem] = _read(cells, None)
    return found


def _seen(path: Path) -> list[_Cell]:
    """The cells that count. Their holder may write them meanwhile: those that are the same when looked at twice were
    all whole, with their forms, at the moment between."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
        if not seen[:HEAD].startswith((MAGIC, MAGIC_BEFORE)):
            return []
        first, second = dict(_marked(seen)), dict(_marked(seen))
    whole = [(number, cell) for number, cell in first.items() if second.get(number) == cell]
    return [(number, cell[0], cell[1 : 3 + int.from_bytes(cell[1:3], "little")]) for number, cell in whole]


def _marked(seen: mmap.mmap) -> Iterator[tuple[int, bytes]]:
    for place, mark in enumerate(seen[HEAD::CELL]):
        if mark:
            at = HEAD + place * CELL
            yield place + 1, seen[at : at + CELL]


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
    if not head.startswith((MAGIC, MAGIC_BEFORE)):
        _log.error("%s is not a file of holds; remove it", path)
        file.close()
        return None
    return Left(path, file, _decode_head(head[len(MAGIC) :].rstrip(b"\0")))
