"""A bank: a store of each kind with its lease store, and workers with a ledger each."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from outrider.base.budget import Budget
from outrider.store import Store, open_leases

from .ledgers import Bank


@pytest.fixture
def leases(store_url: str, store: Store) -> Iterator[Store]:
    """The lease store that belongs to `store`."""
    opened = open_leases(store_url)
    yield opened
    opened.close()


@pytest.fixture
def bank(tmp_path: Path, store: Store, leases: Store) -> Iterator[Callable[..., Bank]]:
    """Makes a bank with some budgets."""
    made: list[Bank] = []

    def make(*budgets: Budget | Sequence[Budget]) -> Bank:
        made.append(Bank(tmp_path, store, leases, budgets))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
