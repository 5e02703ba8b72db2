"""Retention by age and by size: the oldest goes, what is still needed stays, and the journal says what went."""

from collections.abc import Callable

import pytest

from outrider.base import clock
from outrider.journal import prune as prune_module
from outrider.journal import read, spool
from outrider.journal.append import blob
from outrider.journal.chain import verify
from outrider.journal.events import KeyCreated, Pruned, RunRecorded
from outrider.journal.prune import prune, used

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]


def seqs(bench: Bench) -> list[int]:
    return [r.seq for r in reversed(read.list_runs(bench.store, read.RunFilter(), limit=1000).rows)]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the clock."""

    def set_(value: int) -> None:
        monkeypatch.setattr(clock, "now_ns", lambda: value)

    return set_


def test_what_came_in_long_ago_goes(bench: Bench, run: Make, now: Callable[[int], None]) -> None:
    now(1000)
    bench.put(*(run() for _ in range(10)), KeyCreated("k", "p", bytes(32), 1))
    now(5000)
    bench.put(*(run() for _ in range(5)))
    assert prune(bench.store, bench.spool, max_age_ns=4500) == []
    done = prune(bench.store, bench.spool, max_age_ns=3000, by="test")
    assert [(e.through, e.runs, e.reason, e.by) for e in done] == [(10, 10, "age", "test")]
    assert seqs(bench) == [12, 13, 14, 15, 16]
    assert read.find_key(bench.store, "k") is not None
    bench.indexer.drain()
    kept = [e for _, e in read.export_records(bench.store)]
    assert isinstance(kept[0], KeyCreated)
    assert [e for e in kept if isinstance(e, Pruned)] == done
    assert verify(bench.spool, bench.store).problems == []
    assert read.facet(bench.store, "route") == ["small"]
    assert read.list_runs(bench.store, read.RunFilter(text="number3")).rows == []
    assert read.get_run(bench.store, bytes(16)) is None


def test_the_size_comes_below_what_is_set(bench: Bench, run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune_module, "_BLOCKS", 1)
    for i in range(300):
        bench.put_bodies(run(), f"request {i} ".encode() * 100, f"answer {i} ".encode() * 100)
    bench.indexer.drain()
    before = used(bench.store.query)
    done = prune(bench.store, bench.spool, max_bytes=before // 2)
    assert [e.reason for e in done] == ["size"]
    assert before // 4 < used(bench.store.query) <= before // 2
    assert done[0].blobs > 100
    bench.indexer.drain()
    assert verify(bench.spool, bench.store).problems == []
    for row in read.list_runs(bench.store, read.RunFilter(), limit=1000).rows:
        event = read.get_run(bench.store, row.id)
        assert event is not None
        assert event.request is not None
        assert read.get_body(bench.store, "default", event.request.sha256) is not None


def test_everything_can_go(bench: Bench, run: Make) -> None:
    bench.put_bodies(run(), b"a" * 100, b"b" * 100)
    bench.indexer.drain()
    prune(bench.store, bench.spool, max_bytes=0)
    assert seqs(bench) == []
    assert bench.store.query("SELECT count(*) FROM blobs") == [(0,)]
    assert bench.store.query("SELECT count(*) FROM run_counts") == [(0,)]
    assert bench.store.query("SELECT count(*) FROM run_hours") == [(0,)]
    assert prune(bench.store, bench.spool, max_bytes=0) == []
    bench.put(run())
    assert read.newest_seq(bench.store) == 3
    assert seqs(bench) in ([2], [3])


def test_a_body_that_newer_runs_need_stays_with_its_base(bench: Bench, run: Make, now: Callable[[int], None]) -> None:
    prefix = b"".join(b"word%d " % (i * 7919 % 1000) for i in range(1000))
    now(1000)
    bench.put_bodies(run(), prefix + b"one", b"answer " * 30)
    bench.put_bodies(run(), prefix + b"gone", b"another " * 30)
    bench.indexer.drain()
    now(5000)
    late = [bench.put_bodies(run(), prefix + b"two", b"answer " * 30), bench.put_bodies(run(), prefix + b"three", b"x")]
    bench.indexer.drain()
    assert bench.store.query("SELECT count(*) FROM blobs WHERE codec = 2")[0][0] >= 2
    prune(bench.store, bench.spool, max_age_ns=3000)
    for event, request in zip(late, (b"two", b"three"), strict=True):
        assert event.request is not None
        assert read.get_body(bench.store, "default", event.request.sha256) == prefix + request
    assert read.get_body(bench.store, "default", blob(prefix + b"gone").sha256) is None
    assert read.get_body(bench.store, "default", blob(b"answer " * 30).sha256) is not None
    bench.put_bodies(run(), prefix + b"four", b"y")
    bench.indexer.drain()
    assert read.get_body(bench.store, "default", blob(prefix + b"four").sha256) == prefix + b"four"


def test_put_away_segments_go_with_their_records(bench: Bench, run: Make, now: Callable[[int], None]) -> None:
    journal = bench.journal(segment_size=4096)
    now(1000)
    for _ in range(40):
        journal.append_now(run())
    bench.indexer.drain()
    now(5000)
    for _ in range(40):
        journal.append_now(run())
    bench.indexer.drain()
    before = spool.list_segments(bench.spool / "0")
    prune(bench.store, bench.spool, max_age_ns=3000)
    after = spool.list_segments(bench.spool / "0")
    assert after == before[-len(after) :]
    assert len(after) < len(before)
    bench.indexer.drain()
    assert verify(bench.spool, bench.store).problems == []
    journal.append_now(run())
    bench.indexer.drain()
    assert bench.indexer.stopped == {}


def test_it_works_in_small_transactions(bench: Bench, run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune_module, "_BLOCKS", 1)
    bench.put(*(run(at=AT) for _ in range(200)))
    writes = []
    real = type(bench.store).write
    monkeypatch.setattr(type(bench.store), "write", lambda self: writes.append(1) or real(self))
    done = prune(bench.store, bench.spool, max_bytes=0)
    assert done[0].runs == 200
    assert len(writes) >= 4
