"""Keys: checked from memory, looked up once, useless when revoked."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.journal.rows import KeyRow
from outrider.limits.keys import (
    UNIDENTIFIED,
    Identity,
    KeptKeys,
    KeyRing,
    KnownKey,
    digest,
    known,
    new_key,
    public_part,
)


class Found:
    """A store that is asked for keys, one answer after `release`."""

    def __init__(self, *keys: KnownKey) -> None:
        self.keys = {k.public: k for k in keys}
        self.asked: list[str] = []
        self.release = asyncio.Event()
        self.release.set()

    async def find(self, public: str) -> KnownKey | None:
        self.asked.append(public)
        await self.release.wait()
        return self.keys.get(public)


def made(project: str = "p") -> tuple[str, KnownKey]:
    text, event = new_key(project)
    return text, KnownKey(event.public, project, event.digest)


def test_no_key_belongs_to_nobodys_project() -> None:
    with pytest.raises(ConfigError, match="nobody claims"):
        new_key(UNIDENTIFIED)


def test_the_event_does_not_hold_the_secret() -> None:
    text, event = new_key("p", "n", "me")
    assert text.startswith(f"sk-or-{event.public}-")
    assert event.digest == digest(text)
    assert text.rpartition("-")[2] not in str(event)
    assert public_part(text) == event.public


async def test_only_the_whole_key_is_good() -> None:
    text, key = made()
    ring = KeyRing(Found().find)
    assert ring.check(text) is None
    ring.load([key])
    assert ring.check(text) == Identity("p", key.public)
    assert ring.check(text[:-1]) is None
    assert ring.check(text + "0") is None
    assert ring.check(f"sk-or-{key.public}-{'0' * 48}") is None


async def test_a_key_of_another_process_is_looked_up_once_for_all_who_wait() -> None:
    text, key = made()
    store = Found(key)
    store.release.clear()
    ring = KeyRing(store.find)
    waiting = [asyncio.create_task(ring.look_up(text)) for _ in range(20)]
    await asyncio.sleep(0)
    store.release.set()
    assert set(await asyncio.gather(*waiting)) == {Identity("p", key.public)}
    assert store.asked == [key.public]


async def test_a_flood_of_wrong_keys_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text, key = made()
    store = Found()
    ring = KeyRing(store.find)
    for _ in range(50):
        assert await ring.look_up(text) is None
    assert len(store.asked) == 1
    later = clock.mono_ns() + 3_000_000_000
    monkeypatch.setattr(clock, "mono_ns", lambda: later)
    store.keys[key.public] = key
    assert await ring.look_up(text) == Identity("p", key.public)


async def test_revoked_stays_revoked() -> None:
    text, key = made()
    store = Found(key)
    ring = KeyRing(store.find)
    ring.load([key])
    ring.load([KnownKey(key.public, "p", key.digest, revoked_at=1)])
    assert ring.is_revoked(key.public)
    ring.load([key])  # an older list that arrives late
    assert ring.check(text) is None
    assert await ring.look_up(text) is None
    assert store.asked == []


@given(st.text(max_size=60))
def test_any_text_is_no_key(text: str) -> None:
    ring = KeyRing(Found().find)
    ring.load([made()[1]])
    assert ring.check(text) is None
    assert ring.check("sk-or-" + text) is None


def test_kept_keys(tmp_path: Path) -> None:
    text, key = made()
    kept = KeptKeys(tmp_path / "keys")
    assert kept.read() == []
    kept.write([key])
    assert KeptKeys(tmp_path / "keys").read() == [key]
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert text.encode() not in (tmp_path / "keys").read_bytes()
    (tmp_path / "keys").write_bytes(b"\xc1 torn")
    assert kept.read() == []


def test_a_keys_team_is_known_with_it() -> None:
    text, event = new_key("p", team="search", may=["budgets"])
    assert (event.team, event.may) == ("search", ["budgets"])
    ring = KeyRing(Found().find)
    ring.load([known(KeyRow(event.public, "p", event.digest, "", event.at, 0, "search", "budgets"))])
    assert ring.check(text) == ring.identity(event.public) == Identity("p", event.public, "search")
    assert ring.identity("nobody") is None
