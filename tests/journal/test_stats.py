"""Counts and sizes."""

from collections.abc import Callable

from outrider.journal.events import KeyCreated, RunRecorded
from outrider.journal.stats import backlog, stats

from .conftest import AT, Bench

HOUR = 3_600_000_000_000


def test_an_empty_journal_has_nothing(bench: Bench) -> None:
    found = stats(bench.spool, bench.store)
    assert (found.runs, found.records, found.bodies, found.keys, found.waiting, found.slots) == (0, 0, 0, 0, 0, 0)
    assert (found.oldest, found.newest, found.newest_seq, found.content) == (0, 0, 0, 0)


def test_what_is_there_is_counted(bench: Bench, run: Callable[..., RunRecorded]) -> None:
    bench.put_bodies(run(), b"request" * 50, b"answer" * 50)
    waiting = backlog(bench.spool, bench.store)
    assert waiting > 100
    bench.put(run(at=AT + 5 * HOUR), KeyCreated("k", "p", bytes(32), 1))
    found = stats(bench.spool, bench.store)
    assert (found.runs, found.records, found.bodies, found.keys) == (2, 3, 2, 1)
    assert (found.waiting, found.slots, found.newest_seq, found.pruned_seq) == (0, 1, 3, 0)
    assert found.newest - found.oldest == 5 * HOUR
    assert found.store_size > 0
    assert found.content > 1000
    assert found.spool_size > 1000
    bench.journals[0].append_now(run())
    assert 0 < backlog(bench.spool, bench.store) < 2 * waiting
