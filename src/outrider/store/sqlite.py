"""SQLite: one file, WAL, one write connection, a few read connections. Needs FTS5, which CPython's builds have."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outrider.base.errors import StoreUnavailable
from outrider.store.ports import Dialect, Params, Row, Tx

_BUSY_MS = 10_000
_MOST_IDLE_READERS = 4
_PRAGMAS = (
    "PRAGMA auto_vacuum=INCREMENTAL",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=1073741824",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA wal_autocheckpoint=4000",
)
_WRITER = ("PRAGMA cache_size=-32768", "PRAGMA mmap_size=0")
"""32 MB of cache: a batch's changes stay in memory until its commit instead of going to the log and back. No mapped
file: the writer touches every page sooner or later, and its process would seem to grow with the database."""

_ADAPTERS: tuple[tuple[type, Callable[[Any], Any]], ...] = ((bytes, bytes), (type(None), {}.get))
"""Both give back what they get. Without one the driver looks for an adapter in several places, and fails by exceptions,
each time that it binds a BLOB or a NULL."""


class _SqliteTx:
    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def query(self, sql: str, params: Params = ()) -> list[Row]:
        return self._connection.execute(sql, params).fetchall()

    def execute(self, sql: str, params: Params = ()) -> int:
        return self._connection.execute(sql, params).rowcount

    def executemany(self, sql: str, rows: Iterable[Params]) -> None:
        self._connection.executemany(sql, rows)


class SqliteStore:
    """A store in one SQLite file, created with its folder when missing (readable by the owner only)."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._write_lock = threading.RLock()
        self._idle: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600)
        except OSError as error:
            raise StoreUnavailable(
                f"the database {self._path} cannot be made: {error.strerror}. Check OUTRIDER_HOME and its permissions"
            ) from error
        for type_, adapter in _ADAPTERS:
            sqlite3.register_adapter(type_, adapter)
        with self._translated():
            self._writer = self._connect()
            for pragma in _WRITER:
                self._writer.execute(pragma)

    def query(self, sql: str, params: Params = ()) -> list[Row]:
        with self._translated():
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
                connection.execute("PRAGMA query_only=1")
            try:
                return connection.execute(sql, params).fetchall()
            finally:
                if len(self._idle) < _MOST_IDLE_READERS and not self._closed:
                    self._idle.append(connection)
                else:
                    connection.close()

    @contextmanager
    def write(self, locks: Sequence[int] = ()) -> Iterator[Tx]:
        with self._write_lock, self._translated():
            if self._writer is None:
                raise StoreUnavailable(f"{self._path} is closed")
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteTx(self._writer)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def size(self) -> int:
        total = 0
        for suffix in ("", "-wal"):
            try:
                total += Path(f"{self._path}{suffix}").stat().st_size
            except FileNotFoundError:
                continue
        return total

    def compact(self) -> None:
        with self._write_lock, self._translated():
            if self._writer is not None:
                self._writer.execute("PRAGMA incremental_vacuum").fetchall()
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._write_lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's own complaints about the disk, the file or a lock become StoreUnavailable; others are our bugs."""
        try:
            yield
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorname", "") or ""
            if code == "SQLITE_ERROR":
                raise
            raise StoreUnavailable(
                f"the database {self._path} cannot be used now: {error}. "
                "Check that its disk has space and that this user may write there"
            ) from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # its subclasses are programming errors
                raise
            raise StoreUnavailable(
                f"the database {self._path} cannot be read: {error}. Restore it from a backup, "
                "or move it away and start again: what is in the spool is indexed anew"
            ) from error
