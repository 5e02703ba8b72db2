"""Retention beside the indexer: now and then, and not while the database is away."""

from pathlib import Path

import pytest

from outrider.app import indexer, paths
from outrider.app.indexer import PRUNE_EVERY_NS, Retention
from outrider.app.settings import parse
from outrider.base import clock, ids
from outrider.journal import prune
from outrider.journal.events import Charge
from outrider.journal.index import Indexer
from outrider.limits.held import Held, Note
from outrider.limits.holds import HoldFile
from outrider.store import open_store

RULES = parse("journal: {retention: 1d, max_size: 1GB}", "t", {}).journal


def test_it_prunes_at_once_and_then_every_ten_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int | None, int | None]] = []
    monkeypatch.setattr(
        prune, "prune", lambda store, spool, *, max_age_ns, max_bytes, by: asked.append((max_age_ns, max_bytes))
    )
    now = clock.mono_ns()
    monkeypatch.setattr(clock, "mono_ns", lambda: now)
    retention = Retention(RULES, tmp_path / "spool", f"sqlite:///{tmp_path / 'db.sqlite3'}")
    retention()
    retention()
    assert asked == [(86_400_000_000_000, 1_000_000_000)]
    now += PRUNE_EVERY_NS
    retention()
    assert len(asked) == 2


def test_a_database_that_is_away_is_waited_for(tmp_path: Path) -> None:
    Retention(RULES, tmp_path / "spool", "postgresql://127.0.0.1:9/none")()


def test_what_a_dead_worker_held_is_recorded(tmp_path: Path) -> None:
    url, folder, spool = f"sqlite:///{tmp_path / 'db.sqlite3'}", paths.holds(tmp_path), paths.spool(tmp_path)
    file = HoldFile(folder, "0", cells=4)
    run = ids.new_id()
    file.put(Held(run, 7, 1, 2, [Charge("b", "", 0, 0, 7)], Note("p", clock.now_ns())))
    file.close()
    recovering = indexer.Recovering(folder, spool, url)
    recovering()
    store = open_store(url)
    assert Indexer(spool, store).drain() == 1
    recovering()
    assert list(folder.iterdir()) == []
    assert store.query("SELECT amount FROM budget_spent WHERE holder = ?", (file.holder,)) == [(7,)]
    store.close()


def test_recovery_waits_for_a_database_that_is_away(tmp_path: Path) -> None:
    indexer.Recovering(tmp_path, tmp_path / "spool", "postgresql://127.0.0.1:9/none")()


def test_without_a_collector_nothing_is_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    started: list[object] = []
    monkeypatch.setattr(indexer.threading, "Thread", lambda **kw: started.append(kw))
    indexer._export_spans(parse("", "t", {}), "sqlite:///unused")
    assert started == []
