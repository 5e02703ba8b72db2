"""The two shapes a store has: `Store` for reading and for opening transactions, `Tx` for one transaction."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgres"]
Schema = Literal["journal", "leases", "knowledge", "casebook", "evals"]
"""What a database is for: the journal with its projections, what processes lend each other for a moment, documents and
what is made of them, the Casebook's entries, or datasets and experiments."""

Row = tuple[Any, ...]
Params = Sequence[int | str | bytes | None]


class Tx(Protocol):
    """One write transaction. Leaving the `with` block normally commits, leaving it by an exception rolls back."""

    @property
    def dialect(self) -> Dialect: ...

    def query(self, sql: str, params: Params = ()) -> list[Row]: ...
    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement; the number of rows it changed."""
        ...

    def executemany(self, sql: str, rows: Iterable[Params]) -> None: ...


class Store(Protocol):
    """A database. Every method blocks and may be called from any thread; all raise StoreUnavailable when it is away.

    `query` reads a snapshot outside of any transaction of ours. `write` gives the single write transaction: it
    waits for other writers, in this process and in others, so inside it nobody else writes. With `locks` (numbers of
    31 bits, of things that change together) PostgreSQL waits only for writers that hold one of the same; those without
    wait for each other.
    """

    @property
    def dialect(self) -> Dialect: ...

    def query(self, sql: str, params: Params = ()) -> list[Row]: ...
    def write(self, locks: Sequence[int] = ()) -> AbstractContextManager[Tx]: ...
    def size(self) -> int:
        """Bytes that the database uses on disk."""
        ...

    def compact(self) -> None:
        """Give space that deleted rows left back to the disk, where the database does not by itself."""
        ...

    def close(self) -> None: ...
