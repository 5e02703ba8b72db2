"""What only PostgreSQL does: being away, coming back, and keeping its password to itself."""

import contextlib
import re
import socket
from pathlib import Path

import psycopg
import pytest

import outrider
from outrider.base.errors import ConfigError, RequestError, StoreUnavailable
from outrider.store import open_store, postgres
from outrider.store.postgres import PostgresStore


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store("postgresql://someone:s3cret@127.0.0.1:1/outrider")
    assert "127.0.0.1" in caught.value.message
    assert "OUTRIDER_DATABASE_URL" in caught.value.message
    assert "s3cret" not in caught.value.message


def test_a_silent_server_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_CONNECT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.2)
        store = PostgresStore(f"postgresql://127.0.0.1:{silent.getsockname()[1]}/outrider")
        for _ in range(5):
            with pytest.raises(StoreUnavailable, match="timeout"):
                store.query("SELECT 1")
        came = 0
        with contextlib.suppress(TimeoutError):
            while silent.accept():
                came += 1
        assert came == 1


def test_a_malformed_url_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="postgresql://user"):
        PostgresStore("postgresql://[")


def test_what_a_text_cannot_hold_is_the_fault_of_who_sent_it(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with pytest.raises(RequestError, match="NUL"):
        store.query("SELECT 1 WHERE 'x' = ?", ("a\0b",))
    with pytest.raises(RequestError, match="NUL"), store.write() as tx:
        tx.query("SELECT 1 WHERE 'x' = ?", ("a\0b",))
    assert store.query("SELECT 1") == [(1,)]


def test_lost_connections_are_made_again(postgres_url: str) -> None:
    store = open_store(postgres_url)
    assert store.query("SELECT 1") == [(1,)]
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert store.query("SELECT 1") == [(1,)]
    with store.write() as tx:
        tx.execute("INSERT INTO counters (name, value) VALUES ('back', 1)")
    assert store.query("SELECT value FROM counters WHERE name = 'back'") == [(1,)]
    store.close()


def test_every_subquery_that_is_read_from_has_a_name() -> None:
    """PostgreSQL before 16 wants one; SQLite and later servers, which the tests run on, do without."""
    unnamed = []
    for file in Path(outrider.__file__).parent.rglob("*.py"):
        text = file.read_text()
        for found in re.finditer(r"\b(?:FROM|JOIN) \(\s*\"?\s*(?:f?\")?SELECT", text):
            depth, at = 0, text.index("(", found.start())
            for at in range(at, len(text)):  # noqa: B020 - on from there
                depth += (text[at] == "(") - (text[at] == ")")
                if not depth:
                    break
            if not re.match(r"[\s\"]*(?:AS )?[a-z]\w*\b", text[at + 1 : at + 60]):
                unnamed.append(f"{file.name}:{text.count(chr(10), 0, found.start()) + 1}")
    assert unnamed == []
