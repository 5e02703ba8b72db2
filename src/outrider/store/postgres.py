"""PostgreSQL by URL, through psycopg 3. One connection writes under an advisory lock; readers have a few others."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

from outrider.base import clock
from outrider.base.errors import ConfigError, RequestError, StoreUnavailable
from outrider.store.ports import Dialect, Params, Row, Tx

_WRITE_LOCK = 0x6F757472  # "outr": one writer at a time, in all processes on this database
_MOST_IDLE_READERS = 4
_CONNECT_S = 5
_REST_NS = 10_000_000_000
_Connection = psycopg.Connection[tuple[Any, ...]]


@lru_cache(maxsize=1024)
def translate(sql: str) -> LiteralString:
    """`?` placeholders to psycopg's `%s`. Our SQL has no `?` or `%` in literals."""
    return sql.replace("%", "%%").replace("?", "%s")


class _PostgresTx:
    dialect: Dialect = "postgres"

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def query(self, sql: str, params: Params = ()) -> list[Row]:
        return self._connection.execute(translate(sql), params, binary=True).fetchall()

    def execute(self, sql: str, params: Params = ()) -> int:
        return self._connection.execute(translate(sql), params).rowcount

    def executemany(self, sql: str, rows: Iterable[Params]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(translate(sql), rows)


class PostgresStore:
    """A store in a PostgreSQL database (16 is tested). Connections are made on use and made again when lost."""

    dialect: Dialect = "postgres"

    def __init__(self, url: str) -> None:
        self._url = url
        self._where = _describe(url)
        self._write_lock = threading.RLock()
        self._writer: _Connection | None = None
        self._idle: list[_Connection] = []
        self._closed = False
        self._silent: tuple[int, str] | None = None

    def query(self, sql: str, params: Params = ()) -> list[Row]:
        with self._translated():
            while self._idle:
                connection = self._idle.pop()
                try:
                    return self._read(connection, sql, params)
                except psycopg.OperationalError:
                    connection.close()  # a connection that idled through a restart of the server; try the next
            return self._read(self._connect(), sql, params)

    def _read(self, connection: _Connection, sql: str, params: Params) -> list[Row]:
        try:
            rows = connection.execute(translate(sql), params, binary=True).fetchall()
        except psycopg.OperationalError:
            connection.close()
            raise
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)
        return rows

    def _give_back(self, connection: _Connection) -> None:
        if len(self._idle) < _MOST_IDLE_READERS and not self._closed and not connection.closed:
            self._idle.append(connection)
        else:
            connection.close()

    @contextmanager
    def write(self, locks: Sequence[int] = ()) -> Iterator[Tx]:
        with self._write_lock, self._translated():
            if self._closed:
                raise StoreUnavailable(f"the connection to {self._where} is closed")
            connection = self._begin(sorted(set(locks)))
            try:
                yield _PostgresTx(connection)
                connection.execute("COMMIT")
            except BaseException:
                self._abandon(connection)
                raise

    def _begin(self, locks: list[int]) -> _Connection:
        """The write connection inside a transaction that holds the locks; reconnects once if the old one is dead."""
        for fresh in (False, True):
            if self._writer is None or self._writer.closed:
                self._writer, fresh = self._connect(), True
            try:
                self._writer.execute("BEGIN")
                if locks:  # in ascending order, so that nobody waits in a circle
                    take = f"SELECT pg_advisory_xact_lock({_WRITE_LOCK}, n) FROM unnest(%s::int[]) AS n"
                    self._writer.execute(take, (locks,))
                else:
                    self._writer.execute(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
                return self._writer
            except psycopg.OperationalError:
                self._writer.close()
                self._writer = None
                if fresh:
                    raise
        raise StoreUnavailable(f"no connection to {self._where}")

    def _abandon(self, connection: _Connection) -> None:
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
            self._writer = None

    def size(self) -> int:
        return int(self.query("SELECT pg_database_size(current_database())")[0][0])

    def compact(self) -> None:
        """Autovacuum does it."""

    def close(self) -> None:
        with self._write_lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _connect(self) -> _Connection:
        """A new connection. Where the last try got no answer at all, the next ones fail at once for a while: a request
        waits for a silent server once, and not every one for the one before it."""
        if (silent := self._silent) is not None and clock.mono_ns() < silent[0]:
            raise psycopg.errors.ConnectionTimeout(silent[1])
        try:
            made = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=_CONNECT_S,
                tcp_user_timeout=_CONNECT_S * 1000,
                application_name="outrider",
            )
        except psycopg.errors.ConnectionTimeout as error:
            self._silent = clock.mono_ns() + _REST_NS, str(error)
            raise
        self._silent = None
        return made

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise StoreUnavailable(
                f"PostgreSQL at {self._where} cannot be used now: {reason}. "
                "Check OUTRIDER_DATABASE_URL and that the server runs; records wait in the spool until then"
            ) from error
        except psycopg.DataError as error:
            if "NUL" not in str(error):
                raise
            raise RequestError("a text has a NUL character (U+0000), which the database cannot keep") from None


def _describe(url: str) -> str:
    """Where the database is, without user name or password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise ConfigError(
            "OUTRIDER_DATABASE_URL is not a PostgreSQL URL: use `postgresql://user:password@host:5432/database`"
        ) from error
    return f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"
