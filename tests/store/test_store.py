"""What both databases must do alike: `query`, `write`, waiting for each other, saying when they are away."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base.errors import ConfigError, StoreUnavailable
from outrider.store import Store, open_store

SLOT = "INSERT INTO counters (name, value) VALUES (?, ?)"


def test_a_transaction_is_kept_whole_or_not_at_all(store: Store) -> None:
    with store.write() as tx:
        tx.execute(SLOT, ("kept", 1))

    def fail() -> None:
        with store.write() as tx:
            tx.execute(SLOT, ("lost", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.query("SELECT value FROM counters WHERE name IN (?, ?)", ("kept", "lost")) == [(1,)]


def test_execute_says_how_many_rows_it_changed(store: Store) -> None:
    with store.write() as tx:
        tx.executemany(SLOT, [("a", 1), ("b", 1)])
        assert tx.execute("UPDATE counters SET value = 2 WHERE name IN ('a', 'b')") == 2
        assert tx.query("SELECT name FROM counters WHERE value = ? ORDER BY name", (2,)) == [("a",), ("b",)]


def test_large_numbers_and_bytes_come_back_as_they_went(store: Store) -> None:
    body = bytes(range(256)) * 10
    with store.write() as tx:
        tx.execute(SLOT, ("big", -(2**63)))
        tx.execute("INSERT INTO names (id, project, field, value) VALUES (1, 0, ?, ?)", ("é%?", "ü"))
        tx.execute(
            "INSERT INTO spool_cursors (slot, segment, position, bodies, ordinal, digest) VALUES (0, 0, 0, 0, 0, ?)",
            (body,),
        )
    assert store.query("SELECT value FROM counters WHERE name = 'big'") == [(-(2**63),)]
    assert store.query("SELECT digest FROM spool_cursors") == [(body,)]
    assert store.query("SELECT value FROM names WHERE field = ?", ("é%?",)) == [("ü",)]


def test_writers_in_threads_and_other_stores_take_turns(store_url: str, opened: Callable[[str], Store]) -> None:
    stores = [opened(store_url), opened(store_url)]
    with stores[0].write() as tx:
        tx.execute(SLOT, ("n", 0))

    def add(store: Store) -> None:
        for _ in range(25):
            with store.write() as tx:
                value = tx.query("SELECT value FROM counters WHERE name = 'n'")[0][0]
                tx.execute("UPDATE counters SET value = ? WHERE name = 'n'", (value + 1,))

    threads = [threading.Thread(target=add, args=(stores[i % 2],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[1].query("SELECT value FROM counters WHERE name = 'n'") == [(100,)]


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    with store.write() as tx:
        tx.execute(SLOT, ("open", 1))
        assert store.query("SELECT value FROM counters WHERE name = 'open'") == []
    assert store.query("SELECT value FROM counters WHERE name = 'open'") == [(1,)]


def test_size_grows_and_compact_is_harmless(store: Store) -> None:
    assert store.size() > 0
    store.compact()
    assert store.query("SELECT count(*) FROM counters") != []


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable), store.write():
        pass


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///", "nothing"])
def test_other_urls_are_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:///"):
        open_store(url)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"not a database, certainly" * 100)
    with pytest.raises(StoreUnavailable, match=r"x\.sqlite3"):
        open_store(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="permissions"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'x.sqlite3'}")
