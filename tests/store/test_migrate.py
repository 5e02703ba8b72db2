"""Schemas come up to date from every past version, once, whoever starts first."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base.errors import ConfigError
from outrider.store import Store, open_knowledge, open_leases
from outrider.store.migrate import migrate, migrations, statements
from outrider.store.open_ import beside, connect

NEWEST = migrations("sqlite")[-1][0]


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a new store of each kind, without a schema."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("bare_postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'db' / 'outrider.sqlite3'}"


def version(store: Store) -> int:
    return int(store.query("SELECT version FROM schema_version")[0][0])


def test_both_databases_have_the_same_versions() -> None:
    sqlite, postgres = migrations("sqlite"), migrations("postgres")
    assert [n for n, _ in sqlite] == [n for n, _ in postgres] == list(range(1, NEWEST + 1))


def test_leases_have_their_own_versions(store_url: str, opened: Callable[[str], Store]) -> None:
    sqlite, postgres = migrations("sqlite", "leases"), migrations("postgres", "leases")
    newest = sqlite[-1][0]
    assert [n for n, _ in sqlite] == [n for n, _ in postgres] == list(range(1, newest + 1))
    journal = opened(store_url)
    leases = open_leases(store_url)
    try:
        assert leases.query("SELECT version FROM leases_version") == [(newest,)]
        assert migrate(leases, "leases") == newest
        assert leases.query("SELECT count(*) FROM budget_leases") == [(0,)]
        assert migrate(journal) == NEWEST
    finally:
        leases.close()


def test_documents_have_their_own_versions_and_place(store_url: str, opened: Callable[[str], Store]) -> None:
    sqlite, postgres = migrations("sqlite", "knowledge"), migrations("postgres", "knowledge")
    newest = sqlite[-1][0]
    assert [n for n, _ in sqlite] == [n for n, _ in postgres] == list(range(1, newest + 1))
    journal, knowledge = opened(store_url), open_knowledge(store_url)
    try:
        assert knowledge.query("SELECT version FROM knowledge_version") == [(newest,)]
        assert migrate(knowledge, "knowledge") == newest
        assert migrate(journal) == NEWEST
    finally:
        knowledge.close()
    assert beside("sqlite:////a/b.sqlite3", "knowledge") == "sqlite:////a/b.knowledge.db"
    assert beside("postgresql://a/b", "knowledge") == "postgresql://a/b"


def test_a_new_store_has_the_newest_version(store: Store) -> None:
    assert version(store) == NEWEST
    assert migrate(store) == NEWEST


@pytest.mark.parametrize("past", range(NEWEST))
def test_every_past_version_comes_up_to_date(store_url: str, past: int) -> None:
    store = connect(store_url)
    migrate(store, to=past)
    assert version(store) == past if past else True
    assert migrate(store) == NEWEST
    assert store.query("SELECT value FROM counters WHERE name = 'seq'") == [(1,)]
    store.close()


def test_starts_at_the_same_time_are_safe(store_url: str) -> None:
    stores = [connect(store_url) for _ in range(4)]
    found: list[int] = []
    threads = [threading.Thread(target=lambda s=s: found.append(migrate(s))) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [NEWEST] * 4
    for store in stores:
        store.close()


def test_a_database_of_a_newer_outrider_is_left_alone(store: Store) -> None:
    with store.write() as tx:
        tx.execute("UPDATE schema_version SET version = 999")
    with pytest.raises(ConfigError, match="newer Outrider"):
        migrate(store)
    assert version(store) == 999


def test_a_store_is_opened_again_without_change(store_url: str, opened: Callable[[str], Store]) -> None:
    with opened(store_url).write() as tx:
        tx.execute("UPDATE counters SET value = 7 WHERE name = 'seq'")
    assert opened(store_url).query("SELECT value FROM counters WHERE name = 'seq'") == [(7,)]


def test_statements_are_cut_at_line_ends() -> None:
    assert statements("-- one; two\nCREATE a (\n  b\n);\nINSERT ';' x;\n") == ["CREATE a (\n  b\n)", "INSERT ';' x"]
