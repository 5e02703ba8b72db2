"""The board: one small memory-mapped file that the workers of a machine share, so that all see an open breaker at once.

    rows      one per deployment: its name, its breaker, what its provider's limits are known to be
    columns   one per worker and row: calls in flight, outcomes of late, sums

Everything is a 64-bit integer; reading one costs less than a tenth of a microsecond and no lock. A row is written by
any worker (the few changes that two must not make at once take a file lock, without waiting), a column by its worker
alone. A worker owns a column while it holds the lock of that column's file, so the kernel frees it when the worker is
gone, however it went; the others then clear it. Times are monotonic nanoseconds, which processes of a machine share.

Nothing here outlives Outrider: who finds no other worker alive begins with an empty board. Where there are more
deployments or workers than fit, the rest keep to themselves.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from outrider.limits import breakers, learned

ROWS, COLUMNS = 256, 128
DEPARTED = COLUMNS - 1
"""The column that keeps the sums of workers that are gone, so that counters do not run backwards."""
NAME_BYTES = 240

WIDTH = NAME_BYTES // 8 + 1
"""Cell of a row with the width of a bucket in nanoseconds; before it the name: its length + 1, its bytes."""
BREAKER = WIDTH + 1
LIMITS = BREAKER + breakers.CELLS
LIMIT_CELLS = learned.LIMIT_CELLS
ROW = LIMITS + LIMIT_CELLS
BUCKETS = 6
IN_FLIGHT, CALLS, ANSWERED, FIRST_US, PACE_US, LAST, LAST_FAILURE = range(7)
"""Cells of a column, with the buckets (`epoch, calls, failed, soft` each) and the failures by class after them."""
WINDOW = 8
CLASSES = WINDOW + 4 * BUCKETS
MOST_CLASSES = 16
COLUMN = CLASSES + MOST_CLASSES
_SUMS = frozenset((CALLS, ANSWERED, *range(CLASSES, COLUMN)))
_SIZE = 8 * ROWS * (ROW + COLUMNS * COLUMN)


class Place(NamedTuple):
    """Where one deployment's integers are: in the board, or in memory of this process alone."""

    cells: "memoryview[int]"
    row: int
    column: int


class _Lock:
    """A lock between processes that nobody waits for."""

    def __init__(self, path: Path | None) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600) if path is not None else -1

    def acquire(self) -> bool:
        if self._fd < 0:
            return True
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self) -> None:
        if self._fd >= 0:
            fcntl.flock(self._fd, fcntl.LOCK_EX)

    def release(self) -> None:
        if self._fd >= 0:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Board:
    """The board of one machine. `folder` None: of this process alone.

    `reader` looks on without a column of its own (the command line). Making one is blocking: a few file operations.
    """

    def __init__(self, folder: Path | None = None, *, reader: bool = False) -> None:
        self._folder = folder
        self._column_locks: dict[int, _Lock] = {}
        self.column = -1
        self._rows: dict[str, int] = {}
        self._alone: dict[str, Place] = {}
        if folder is None:
            self.lock = _Lock(None)
            self._cells = memoryview(bytearray(8 * ROWS * (ROW + COLUMN))).cast("q")
            self.column = 0
            self.columns: tuple[int, ...] = (0,)
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock = _Lock(folder / "board.lock")
        self.lock.wait()
        try:
            self._cells = memoryview(_mapped(folder / "board", fresh=not reader)).cast("q")
            self.columns = ()
            self.look_around(begin=not reader)
        finally:
            self.lock.release()

    # -- rows and columns ---------------------------------------------------------------------------------------------

    def place(self, name: str) -> Place:
        """The place of a deployment, made if need be. Blocks for microseconds, once per name."""
        row = self._rows.get(name)
        if row is None:
            row = self._find(name)
        if row < 0 or self.column < 0:
            if name not in self._alone:
                own = memoryview(bytearray(8 * (ROW + COLUMN))).cast("q")
                self._alone[name] = Place(own, 0, ROW)
            return self._alone[name]
        return Place(self._cells, row * ROW, self._column_at(self.column, row))

    def _find(self, name: str) -> int:
        """The row of `name`; -1 if the board is full or the name too long."""
        text = name.encode()
        if len(text) > NAME_BYTES:
            return -1
        self.lock.wait()
        try:
            for row in range(ROWS):
                known = self._name(row)
                if not known:
                    at = row * ROW
                    padded = memoryview(text.ljust(NAME_BYTES, b"\0")).cast("q")
                    self._cells[at + 1 : at + 1 + NAME_BYTES // 8] = padded
                    self._cells[at] = len(text) + 1
                if not known or known == name:
                    self._rows[name] = row
                    return row
        finally:
            self.lock.release()
        return -1

    def _name(self, row: int) -> str:
        at = row * ROW
        length = self._cells[at]
        if not length:
            return ""
        return self._cells[at + 1 : at + 1 + NAME_BYTES // 8].tobytes()[: length - 1].decode()

    def names(self) -> Iterator[str]:
        """The deployments on the board, in the order in which they came."""
        for row in range(ROWS):
            name = self._name(row)
            if not name:
                return
            self._rows.setdefault(name, row)
            yield name

    def look(self, name: str) -> Place | None:
        """The row of a deployment that is on the board; its column is the first one's."""
        if name not in self._rows and name not in self.names():
            return None
        row = self._rows[name]
        return Place(self._cells, row * ROW, self._column_at(0, row))

    def each(self, place: Place) -> Iterator[int]:
        """First cells of that deployment's columns, of all live workers."""
        if place.cells is not self._cells:
            yield place.column
            return
        row = place.row // ROW
        for column in self.columns:
            yield self._column_at(column, row)

    def departed(self, place: Place) -> list[int]:
        """First cell of the sums of workers that are gone, of a place that `look` gave; none in memory alone."""
        return [] if self._folder is None else [self._column_at(DEPARTED, place.row // ROW)]

    def _column_at(self, column: int, row: int) -> int:
        return ROWS * ROW + (column * ROWS + row) * COLUMN

    # -- life ---------------------------------------------------------------------------------------------------------

    def look_around(self, *, begin: bool = False) -> None:
        """Which workers are there: clears the columns of those that are gone. Once a second; blocking, a millisecond.

        `begin` takes a column for this process; if nobody else is there, with an empty board.
        """
        if self._folder is None:
            return
        alive, gone = [], []
        for path in self._folder.glob("board.*.worker"):
            column = int(path.name.split(".")[1])
            if column == self.column or not self._take(column):
                alive.append(column)
            else:
                gone.append(column)
        for column in gone:
            self._bury(column)
            self._column_locks.pop(column).close()
        if begin and not alive:
            self._wipe()
        if begin:
            self._settle(alive)
        self.columns = tuple(sorted(alive))

    def _settle(self, alive: list[int]) -> None:
        free = next((column for column in range(DEPARTED) if column not in alive and self._take(column)), -1)
        self.column = free
        if free >= 0:
            alive.append(free)

    def _take(self, column: int) -> bool:
        """Whether nobody holds this column; it is then held."""
        assert self._folder is not None
        lock = _Lock(self._folder / f"board.{column}.worker")
        if not lock.acquire():
            lock.close()
            return False
        self._column_locks[column] = lock
        return True

    def _bury(self, column: int) -> None:
        """Clear a column of nobody. Its sums are kept; two at the same time may lose some of them, which is no harm."""
        if self._folder is None:
            return
        cells, at, kept = self._cells, self._column_at(column, 0), self._column_at(DEPARTED, 0)
        for row in range(ROWS):
            if not cells[row * ROW]:
                break
            for cell in range(row * COLUMN, (row + 1) * COLUMN):
                if cells[at + cell]:
                    if cell % COLUMN in _SUMS:
                        cells[kept + cell] += cells[at + cell]
                    cells[at + cell] = 0

    def _wipe(self) -> None:
        kept = self._column_at(DEPARTED, 0)
        for cell in (*range(ROWS * ROW), *range(kept, kept + ROWS * COLUMN)):
            if self._cells[cell]:
                self._cells[cell] = 0
        self._rows.clear()

    def close(self) -> None:
        """Give the column back. The board itself stays for the others, and in memory while somebody looks at it."""
        for column, lock in self._column_locks.items():
            self._bury(column)
            lock.close()
        self._column_locks.clear()
        self.lock.close()


def _mapped(path: Path, *, fresh: bool) -> mmap.mmap:
    """The file, sparse and of the right size. One of another layout is left to those who use it, and replaced by a
    new one if `fresh`. Raises FileNotFoundError if there is none to look at.
    """
    if not fresh and (not path.exists() or path.stat().st_size != _SIZE):
        raise FileNotFoundError(path)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(fd).st_size != _SIZE:
            os.close(fd)
            path.unlink()
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(fd, _SIZE)
        return mmap.mmap(fd, _SIZE)
    finally:
        os.close(fd)
