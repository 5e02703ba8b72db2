"""Tokens are kept sealed, each for its own user."""

from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import OutriderError
from outrider.store import Store, open_leases
from outrider.tools import credentials
from outrider.tools.credentials import Owner, Pending, Token, Vault

ANN, BO = Owner("mail", "p", "ann"), Owner("mail", "p", "bo")
TOKEN = Token(
    "access-secret-1", "refresh-secret-1", 5, "read", "https://x/token", "client", "client-secret", "https://x"
)
PENDING = Pending("mail", "p", "ann", "verifier-secret", "r", "a", "t", "i", "c", "", "", "")


@pytest.fixture
def store(store_url: str) -> Store:
    return open_leases(store_url)


def test_a_token_is_its_users(store: Store, tmp_path: Path) -> None:
    vault = Vault(lambda: store, tmp_path)
    vault.put(ANN, TOKEN)
    vault.put(ANN, Token("access-secret-2"))
    assert vault.get(ANN) == Token("access-secret-2")
    for other in (BO, Owner("mail", "q", "ann"), Owner("bank", "p", "ann")):
        assert vault.get(other) is None
    (listed,) = vault.connections("p")
    assert (listed.server, listed.project, listed.user) == ("mail", "p", "ann")
    assert vault.connections("q") == []
    assert vault.remove(ANN)
    assert not vault.remove(ANN)
    assert vault.get(ANN) is None


def test_no_secret_is_in_the_database(tmp_path: Path) -> None:
    store = open_leases(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    vault = Vault(lambda: store, tmp_path / "home")
    vault.put(ANN, TOKEN)
    vault.begin("state", PENDING)
    store.close()
    everything = b"".join(path.read_bytes() for path in tmp_path.glob("*") if path.is_file())
    assert b"tool_credentials" in everything
    assert b"secret-1" not in everything
    assert b"verifier-secret" not in everything
    key = tmp_path / "home" / credentials.KEY_FILE
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes().strip() not in everything


def test_a_row_that_was_given_to_somebody_else_opens_for_nobody(store: Store, tmp_path: Path) -> None:
    vault = Vault(lambda: store, tmp_path)
    vault.put(ANN, TOKEN)
    with store.write() as tx:
        tx.execute("UPDATE tool_credentials SET who = 'bo'")
    assert vault.get(BO) is None
    assert Vault(lambda: store, tmp_path / "other").get(BO) is None


def test_who_comes_back_comes_once_and_in_time(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(lambda: store, tmp_path)
    vault.begin("one", PENDING)
    vault.begin("two", PENDING)
    assert vault.take("one") == PENDING
    assert vault.take("one") is None
    assert vault.take("three") is None
    later = clock.now_ns() + credentials.CONNECT_NS + 1
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    assert vault.take("two") is None


def test_machines_can_share_a_key(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Vault(lambda: store, tmp_path / "a").put(ANN, TOKEN)
    key = (tmp_path / "a" / credentials.KEY_FILE).read_text()
    monkeypatch.setenv(credentials.KEY_VARIABLE, key)
    assert Vault(lambda: store, tmp_path / "b").get(ANN) == TOKEN
    monkeypatch.setenv(credentials.KEY_VARIABLE, "short")
    with pytest.raises(OutriderError, match="32 bytes"):
        Vault(lambda: store, tmp_path / "c").get(ANN)


def test_a_token_is_refreshed_by_one_at_a_time(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Vault(lambda: store, tmp_path), Vault(lambda: store, tmp_path)
    ann, bo = Owner("mail", "p", "ann"), Owner("mail", "p", "bo")
    assert first.claim(ann, 1_000_000_000)
    assert not second.claim(ann, 1_000_000_000)
    assert second.claim(bo, 1_000_000_000)
    for (state,) in store.query("SELECT state FROM tool_connections"):
        assert second.expected(state) is None
        assert second.take(state) is None
    assert not second.claim(ann, 1_000_000_000), "nobody takes it with a state from a browser"
    later = clock.now_ns() + 2_000_000_000
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    assert second.claim(ann, 1_000_000_000), "who died holds it for a while alone"
    second.release(ann)
    assert first.claim(ann, 1_000_000_000)


def test_only_the_token_that_was_meant_is_forgotten(store: Store, tmp_path: Path) -> None:
    vault, ann = Vault(lambda: store, tmp_path), Owner("mail", "p", "ann")
    vault.put(ann, Token("new"))
    assert not vault.remove(ann, Token("old"))
    assert vault.get(ann) == Token("new")
    assert vault.remove(ann, Token("new"))
    assert not vault.remove(ann, Token("new"))
