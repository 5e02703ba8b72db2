"""A database that is asked what a query would cost and whether its result is as expected: it only reads, and not long.

A connection for each question: who runs queries for a model does so seldom, and a connection that is kept would be one
more thing that others can break.
"""

import os
import re
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any, Literal
from urllib.parse import quote, unquote

from outrider.base import clock, env

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query and gives its rows."""
_GRACE = 1.0
"""Seconds that a server has to end a query that takes too long, before its connection is cut."""
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
def reading(url: str, seconds: float, until: int = 0) -> Iterator[Run]:
    """Queries on a database that must exist, in which nothing can be written, each for so many seconds at most, and all
    until `until` (nanoseconds of the clock; 0: as it likes).

    Raises Unasked, without anything that the database said: that may have data in it.
    """
    with (_sqlite if kind_of(url) == "sqlite" else _postgres)(url, seconds, until) as run:
        yield run


def _left(seconds: float, until: int) -> float:
    """Seconds that the next question may take. Raises Unasked where there are none."""
    left = min(seconds, (until - clock.mono_ns()) / 1e9) if until else seconds
    if left <= 0:
        raise Unasked("no time is left")
    return left


@contextmanager
def _sqlite(url: str, seconds: float, until: int) -> Iterator[Run]:
    place = unquote(url.partition("://")[2].removeprefix("/"))
    try:
        with closing(sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True)) as connection:

            def run(query: str) -> Sequence[Sequence[Any]]:
                left = _left(seconds, until)
                end = clock.mono_ns() + int(left * 1e9)
                connection.execute(f"PRAGMA busy_timeout = {int(left * 1000)}")
                connection.set_progress_handler(lambda: clock.mono_ns() > end, _STEPS)
                return connection.execute(query).fetchall()

            yield run
    except sqlite3.Error as error:
        raise Unasked(type(error).__name__) from None


@contextmanager
def _postgres(url: str, seconds: float, until: int) -> Iterator[Run]:
    import psycopg

    left = _left(seconds, until)
    bounds = f"-c default_transaction_read_only=on -c statement_timeout={max(1, int(left * 1000))}"
    try:
        with closing(
            psycopg.connect(
                url, autocommit=True, options=bounds, connect_timeout=max(2, int(left)), prepare_threshold=None
            )
        ) as connection:

            def run(query: str) -> Sequence[Sequence[Any]]:
                with _cut(connection.fileno(), _left(seconds, until) + _GRACE):
                    return connection.execute(query.encode()).fetchall()

            yield run
    except psycopg.Error as error:
        raise Unasked(type(error).__name__) from None


@contextmanager
def _cut(connected: int, seconds: float) -> Iterator[None]:
    """Ends a connection on which nobody answers: a server that hangs does not end its queries itself."""
    with socket.socket(fileno=os.dup(connected)) as line:

        def end() -> None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
