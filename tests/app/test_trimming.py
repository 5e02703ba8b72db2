from pathlib import Path

import pytest

from outrider.app.trimming import EVERY_NS, Trimming
from outrider.base import clock
from outrider.cache.claims import Claims, Kept, Key, Place
from outrider.store import open_leases


def test_kept_answers_are_bounded_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    leases = open_leases(url)
    claims = Claims(lambda: leases)
    now, key = clock.now_ns(), Key("p", "k")
    claims.claim(key, b"d", b"r", Place("h", "s"), until=now, now=now)
    claims.finish(key, Kept(200, b"", (b"x" * 1000,), False, b"r"), now)
    at = clock.mono_ns()
    monkeypatch.setattr(clock, "mono_ns", lambda: at)
    trimming = Trimming(url, most=500)
    trimming()
    row = claims.look(key, now)
    assert row is not None
    assert row.answer is not None
    at += EVERY_NS
    trimming()
    row = claims.look(key, now)
    assert row is not None
    assert row.answer is None
    leases.close()


def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    at = clock.mono_ns()
    monkeypatch.setattr(clock, "mono_ns", lambda: at)
    trimming = Trimming("postgresql://127.0.0.1:9/none")
    at += EVERY_NS
    trimming()
