"""The store: one relational database behind plain SQL. SQLite by default, PostgreSQL by URL.

Blocking and thread-safe. Placeholders are `?` on both engines. The request path never calls it.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Row = tuple[Any, ...]


class Transaction(Protocol):
    """An open write transaction: commits when its `with` block ends, rolls back if that raises."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> list[Row]: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...


class Store(Protocol):
    """`read` and `transaction` raise StoreUnavailable when the database cannot be reached."""

    engine: Literal["sqlite", "postgres"]

    def read(self, sql: str, params: Sequence[Any] = ()) -> list[Row]: ...
    def transaction(self) -> AbstractContextManager[Transaction]: ...
    def close(self) -> None: ...


def open_store(url: str, *, migrate: bool = True) -> Store:
    """Open `sqlite:///path` or `postgresql://…` and bring its schema up to date.

    Raises ConfigError for an unknown scheme, StoreUnavailable if the database cannot be reached.
    """
    from outrider.store.open_ import open_url

    return open_url(url, migrate=migrate)


__all__ = ["Row", "Store", "Transaction", "open_store"]
