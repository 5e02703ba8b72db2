"""A database that is asked what a query would cost and whether its result is as expected: it only reads, and not long.

A connection for each question: who runs queries for a model does so seldom, and a connection that is kept would be one
more thing that others can break.
"""

import os
import re
import selectors
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

from outrider.base import clock, env
from outrider.guardrails.way.asking import Waiter

if TYPE_CHECKING:
    import psycopg

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query and gives its rows."""
_GRACE = 1.0
"""Seconds that a server has to end a query that takes too long, or that is called off, before its connection is cut."""
_BUSY = 0.1
"""Seconds after which who waits for a database looks whether anybody still waits for the answer."""
_STEPS = 10_000
"""Steps of SQLite after which it looks at the clock."""
_REFERENCE = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_WITH_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@|password=", re.IGNORECASE)


class Unasked(Exception):
    """The database could not be asked, or did not answer."""


def wrong(database: str) -> str:
    """What is wrong with a setting that names a database; "" if nothing is. What a reference stands for is only looked
    at when the database is asked."""
    if _REFERENCE.fullmatch(database):
        return ""
    if not kind_of(database):
        return (
            "a `database` that can be asked is `sqlite:///…` or `postgresql://…`, or `${env:NAME}` that stands for one"
        )
    if _WITH_PASSWORD.search(database):
        return "a URL with a password does not belong in this file; write ${env:NAME} and export NAME"
    return ""


def url_of(database: str) -> str:
    """The URL that a setting stands for. Raises Unasked where its variable is not set, or is no such URL."""
    reference = _REFERENCE.fullmatch(database)
    url = env.get(reference[1]) if reference else database
    if not kind_of(url):
        raise Unasked("no database")
    return url


def kind_of(url: str) -> Literal["sqlite", "postgres", ""]:
    """Which database a URL means; "" for none that can be asked."""
    scheme = url.partition("://")[0].lower()
    return "sqlite" if scheme == "sqlite" else "postgres" if scheme in ("postgres", "postgresql") else ""


@contextmanager
def reading(url: str, seconds: float, waiter: Waiter | None = None) -> Iterator[Run]:
    """Queries on a database that must exist, in which nothing can be written, each for so many seconds at most, and as
    long as `waiter` waits.

    Raises Unasked, without anything that the database said: that may have data in it.
    """
    with (_sqlite if kind_of(url) == "sqlite" else _postgres)(url, seconds, waiter or Waiter()) as run:
        yield run


def _left(seconds: float, waiter: Waiter) -> float:
    """Seconds that the next question may take. Raises Unasked where there are none."""
    left = waiter.left(seconds)
    if left <= 0:
        raise Unasked("no time is left")
    return left


@contextmanager
def _sqlite(url: str, seconds: float, waiter: Waiter) -> Iterator[Run]:
    place = unquote(url.partition("://")[2].removeprefix("/"))
    try:
        with closing(sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True, timeout=_BUSY)) as connection:

            def run(query: str) -> Sequence[Sequence[Any]]:
                left = _left(seconds, waiter)
                end = clock.mono_ns() + int(left * 1e9)
                connection.set_progress_handler(lambda: waiter.over(end), _STEPS)
                with waiter.asking(left, lambda _: connection.interrupt()):  # a count alone is one step
                    while True:
                        try:
                            return connection.execute(query).fetchall()
                        except sqlite3.OperationalError as error:
                            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waiter.over(end):
                                raise

            yield run
    except sqlite3.Error as error:
        raise Unasked(type(error).__name__) from None


@contextmanager
def _postgres(url: str, seconds: float, waiter: Waiter) -> Iterator[Run]:
    import psycopg

    try:
        with closing(_connected(url, _left(seconds, waiter), waiter)) as connection:

            def run(query: str) -> Sequence[Sequence[Any]]:
                with _line(connection.fileno()) as line:

                    def end(rough: bool) -> None:
                        if rough:
                            line.shutdown(socket.SHUT_RDWR)
                        else:  # nobody waits: the server is told, so that it does not go on
                            try:
                                connection.cancel_safe(timeout=_GRACE)
                            except psycopg.Error as error:
                                raise OSError(type(error).__name__) from None

                    with waiter.asking(_left(seconds, waiter) + _GRACE, end):
                        return connection.execute(query.encode()).fetchall()

            yield run
    except psycopg.Error as error:
        raise Unasked(type(error).__name__) from None


def _connected(url: str, seconds: float, waiter: Waiter) -> "psycopg.Connection[Any]":
    """A connection that only reads. Step by step: who waits for a server that does not answer can leave."""
    import psycopg
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import ConnStatus, PGconn, PollingStatus

    bounds = f"-c default_transaction_read_only=on -c statement_timeout={max(1, int(seconds * 1000))}"
    end = clock.mono_ns() + int(max(seconds, 2.0) * 1e9)
    line = PGconn.connect_start(make_conninfo(url, options=bounds).encode())
    try:
        step = PollingStatus.WRITING
        while line.status != ConnStatus.BAD and step in (PollingStatus.READING, PollingStatus.WRITING):
            with selectors.DefaultSelector() as ready:
                ready.register(
                    line.socket, selectors.EVENT_READ if step == PollingStatus.READING else selectors.EVENT_WRITE
                )
                if ready.select(_BUSY):
                    step = PollingStatus(line.connect_poll())
            if waiter.over(end):
                raise Unasked("no time is left")
        if step != PollingStatus.OK:
            raise Unasked("no connection")
        line.nonblocking = 1
        connection = psycopg.Connection[Any](line)
        connection.autocommit, connection.prepare_threshold = True, None
        return connection
    except BaseException:
        line.finish()
        raise


@contextmanager
def _line(connected: int) -> Iterator[socket.socket]:
    """The connection's own socket, which can be shut while another thread reads from it: a server that hangs does not
    end its queries itself."""
    with socket.socket(fileno=os.dup(connected)) as line:
        yield line
