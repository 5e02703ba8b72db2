"""A database that is asked what a query would cost and whether its result is as expected: it only reads, and not long.

A connection for each question: who runs queries for a model does so seldom, and a connection that is kept would be one
more thing that others can break.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Literal
from urllib.parse import quote, unquote

from outrider.base import clock, env

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a query and gives its rows."""
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
def reading(url: str, seconds: float) -> Iterator[Run]:
    """Queries on a database that must exist, in which nothing can be written, each for so many seconds at most.

    Raises Unasked, without anything that the database said: that may have data in it.
    """
    with _sqlite(url, seconds) if kind_of(url) == "sqlite" else _postgres(url, seconds) as run:
        yield run


@contextmanager
def _sqlite(url: str, seconds: float) -> Iterator[Run]:
    place = unquote(url.partition("://")[2].removeprefix("/"))
    try:
        with closing(sqlite3.connect(f"file:{quote(place)}?mode=ro", uri=True, timeout=seconds)) as connection:

            def run(query: str) -> Sequence[Sequence[Any]]:
                until = clock.mono_ns() + int(seconds * 1e9)
                connection.set_progress_handler(lambda: clock.mono_ns() > until, _STEPS)
                return connection.execute(query).fetchall()

            yield run
    except sqlite3.Error as error:
        raise Unasked(type(error).__name__) from None


@contextmanager
def _postgres(url: str, seconds: float) -> Iterator[Run]:
    import psycopg

    bounds = f"-c default_transaction_read_only=on -c statement_timeout={max(1, int(seconds * 1000))}"
    try:
        with psycopg.connect(
            url, autocommit=True, options=bounds, connect_timeout=max(2, int(seconds)), prepare_threshold=None
        ) as connection:
            yield lambda query: connection.execute(query.encode()).fetchall()
    except psycopg.Error as error:
        raise Unasked(type(error).__name__) from None
