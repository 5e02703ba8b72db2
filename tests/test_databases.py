"""What one test does to its PostgreSQL database is not there for the next."""

import psycopg
import pytest

from outrider.store import open_knowledge, open_store
from tests.databases import Databases


@pytest.fixture(scope="module")
def lending(postgres: str) -> Databases:
    """Of its own: the others' pool of free ones has what other tests gave back."""
    return Databases(postgres)


def test_rows_and_numbers_begin_anew_and_the_old_name_is_gone(lending: Databases) -> None:
    first = lending.lend()
    store = open_knowledge(lending.url(first))
    with store.write() as tx:
        tx.execute("UPDATE counters SET value = 7 WHERE name = 'seq'")
        tx.execute("INSERT INTO counters (name, value) VALUES ('mine', 1)")
        tx.query("SELECT nextval(sequencename::regclass) FROM pg_sequences")
    lending.take_back(first)
    second = lending.lend()
    assert second != first
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(lending.url(first))
    store.close()
    store = open_store(lending.url(second))
    assert store.query("SELECT name, value FROM counters WHERE name IN ('mine', 'seq')") == [("seq", 1)]
    assert not store.query("SELECT 1 FROM pg_sequences WHERE last_value IS NOT NULL AND last_value <> start_value")
    store.close()
    lending.take_back(second)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE mine (x INT)",
        "ALTER TABLE counters ADD COLUMN mine INT",
        "DROP TABLE casebook_revision",
        "INSERT INTO counters SELECT 'c' || n, n FROM generate_series(1, 40000) AS n",
    ],
)
def test_one_that_was_changed_is_not_lent_again(lending: Databases, change: str) -> None:
    first = lending.lend()
    with psycopg.connect(lending.url(first), autocommit=True) as connection:
        connection.execute(change)  # type: ignore[arg-type]
    lending.take_back(first)
    second = lending.lend()
    with psycopg.connect(lending.url(second), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM counters").fetchone() == (5,)
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
        assert connection.execute("SELECT count(*) FROM casebook_revision").fetchone() == (1,)
    lending.drop(second)


def test_one_that_is_gone_is_not_missed(lending: Databases) -> None:
    first = lending.lend()
    lending.drop(first)
    lending.take_back(first)
    second = lending.lend()
    psycopg.connect(lending.url(second)).close()
    lending.take_back(second)


def test_one_that_cannot_be_dropped_is_told() -> None:
    nowhere = Databases("postgresql://nobody@127.0.0.1:1/postgres")
    with pytest.warns(UserWarning, match="connection"):
        nowhere.drop("t1")
