"""PostgreSQL databases that are lent to one test after another: making one costs more than most tests that want one.

Each has every schema at its newest version. What a test got is new to it: its name was never used before, so that
whoever still holds the old one finds nothing, and its rows are those that migrations leave. A database in which a test
changed the schema, or to which it wrote much, is dropped instead.
"""

import itertools
import os
import warnings
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from outrider.store import open_casebook, open_evals, open_knowledge, open_leases, open_store

_MUCH = 1 << 20
"""Bytes of one table. Deleted rows stay in its file, and are slower to walk over than a new database is to make."""
_SHAPE = """
SELECT c.oid, c.relname, c.relkind, c.relnatts, c.relchecks, c.relhastriggers
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT oid, extname, 'x', 0, 0, false FROM pg_extension ORDER BY 1
"""
_WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
_DRAWN = "SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_Connection = psycopg.Connection[tuple[Any, ...]]
_numbers = itertools.count()


class Databases:
    """Those of the server whose maintenance database has the URL `server`."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._shape: list[tuple[Any, ...]] = []
        self._first_rows: dict[str, list[tuple[Any, ...]]] = {}
        self._pattern, self._free = "", list[str]()

    def url(self, name: str) -> str:
        head, mark, tail = self._server.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}{mark}{tail}"

    def make(self, pattern: str = "template1") -> str:
        """The name of a new database: an empty one, unless `pattern` has something in it."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        how = "CREATE DATABASE {} TEMPLATE {}"
        self._do(sql.SQL(how).format(sql.Identifier(name), sql.Identifier(pattern)))
        return name

    def drop(self, name: str) -> None:
        """One that stays is told and harms nobody: what a test showed stands, however its database ends."""
        try:
            self._do(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg.OperationalError as error:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("\n".join((str(error), *getattr(error, "__notes__", ()))), stacklevel=1)

    def lend(self) -> str:
        """The name of a database in which nothing happened but its migrations."""
        if not self._free:
            return self.make(self._pattern or self._made_pattern())
        old, new = self._free.pop(), f"t{os.getpid()}_{next(_numbers)}"
        self._do(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))
        return new

    def take_back(self, name: str) -> None:
        """Clean it for the next test, whatever is still connected to it, or drop it."""
        try:
            with psycopg.connect(self.url(name), autocommit=True) as connection:
                connection.execute(_OTHERS)
                clean = self._cleaned(connection)
        except psycopg.errors.OperationalError:  # a test may have removed it
            clean = False
        if clean:
            self._free.append(name)
        else:
            self.drop(name)

    def _cleaned(self, connection: _Connection) -> bool:
        written = connection.execute(_WRITTEN).fetchall()
        if connection.execute(_SHAPE).fetchall() != self._shape or any(size > _MUCH for _, size in written):
            return False
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")  # in any order, whatever refers to what
            for table, _ in written:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for table, rows in self._first_rows.items():
                into = sql.SQL("INSERT INTO {} VALUES ({})")
                places = sql.SQL(", ").join([sql.Placeholder()] * len(rows[0]))
                connection.cursor().executemany(into.format(sql.Identifier(table), places), rows)
            for sequence, start in connection.execute(_DRAWN).fetchall():
                connection.execute("SELECT setval(%s::regclass, %s, false)", (sequence, start))
        return True

    def _made_pattern(self) -> str:
        name = self.make()
        for open_ in (open_store, open_leases, open_knowledge, open_casebook, open_evals):
            open_(self.url(name)).close()
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            self._shape = connection.execute(_SHAPE).fetchall()
            for table, _ in connection.execute(_WRITTEN).fetchall():
                rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
                self._first_rows |= {table: rows} if rows else {}
            connection.execute(_OTHERS)
        self._pattern = name
        return name

    def _do(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            folder = Path(connection.execute("SHOW data_directory").fetchall()[0][0])
            try:
                connection.execute(statement)
            except psycopg.OperationalError as error:
                error.add_note("".join((folder / "log").read_text().splitlines(keepends=True)[-30:]))
                raise
