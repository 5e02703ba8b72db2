"""`verify` finds nothing wrong with a good journal, and every kind of damage in a bad one."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from outrider.base.usage import Usage
from outrider.journal import spool
from outrider.journal.append import blob
from outrider.journal.chain import verify
from outrider.journal.events import BodiesDropped, RunRecorded

from .conftest import Bench

Make = Callable[..., RunRecorded]


def fill(bench: Bench, run: Make, count: int = 80) -> None:
    journal = bench.journal(segment_size=8192)
    for i in range(count):
        body = b"body %d " % i * 20
        event = run(request=blob(body))
        journal.append_now(event, ((blob(body), body),))


def test_a_good_journal_verifies(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    bench.journals[0].append_now(run())
    seen: list[tuple[str, int]] = []
    report = verify(bench.spool, bench.store, lambda slot, number: seen.append((slot, number)))
    assert report.problems == []
    assert report.ok
    assert (report.slots, report.records, report.indexed, report.bodies, report.torn) == (1, 81, 80, 80, 0)
    assert len(seen) == report.segments > 3


def test_an_empty_spool_verifies(tmp_path: Path) -> None:
    assert verify(tmp_path / "none").ok


def test_the_spool_alone_verifies(bench: Bench, run: Make) -> None:
    fill(bench, run)
    assert verify(bench.spool).records == 80


def test_a_torn_end_is_told_but_no_problem(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    with open(spool.segment_path(bench.spool / "0", 1), "ab") as file:
        file.write(b"\xff\0\0\0half")
    report = verify(bench.spool, bench.store)
    assert report.ok
    assert report.torn == 8


def test_a_changed_record_is_found_also_when_compressed(bench: Bench, run: Make) -> None:
    fill(bench, run)
    path = spool.segment_path(bench.spool / "0", 2)
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    assert "segment 2 of slot 0 does not verify" in verify(bench.spool).problems[0]


def test_a_missing_segment_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    os.unlink(spool.segment_path(bench.spool / "0", 3, ".seg.zst"))
    assert "does not follow" in verify(bench.spool).problems[0]


def test_a_damaged_compressed_segment_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    path = spool.segment_path(bench.spool / "0", 2, ".seg.zst")
    path.write_bytes(path.read_bytes()[:-40])
    assert not verify(bench.spool).ok


def test_a_record_missing_from_the_store_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    with bench.store.write() as tx:
        tx.execute("DELETE FROM records WHERE seq = (SELECT min(seq) FROM records WHERE segment = 2)")
    problems = verify(bench.spool, bench.store).problems
    assert len(problems) == 1
    assert "not in the store" in problems[0]


def test_a_record_twice_in_the_store_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    with bench.store.write() as tx:
        tx.execute(
            "INSERT INTO records (seq, count, kind, slot, segment, ordinal, at, body)"
            " SELECT seq + 1000, count, kind, slot, segment, ordinal, at, body FROM records"
        )
    assert any("twice" in p for p in verify(bench.spool, bench.store).problems)


def test_a_record_that_differs_in_the_store_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    with bench.store.write() as tx:
        first, last = (tx.query(f"SELECT {f}(seq) FROM records")[0][0] for f in ("min", "max"))
        body = tx.query("SELECT body FROM records WHERE seq = ?", (first,))[0][0]
        tx.execute("UPDATE records SET body = ? WHERE seq = ?", (body, last))
    assert any("differs" in p for p in verify(bench.spool, bench.store).problems)


def test_a_missing_body_is_a_problem_unless_recorded(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    with bench.store.write() as tx:
        tx.execute("DELETE FROM blobs WHERE id = 1")
    assert "1 bodies" in verify(bench.spool, bench.store).problems[0]
    bench.put(BodiesDropped(1, "0", 1, 100))
    report = verify(bench.spool, bench.store)
    assert report.ok
    assert report.dropped >= 1


def test_a_body_that_was_changed_in_the_store_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    with bench.store.write() as tx:
        (stored,) = tx.query("SELECT body FROM blobs WHERE id = 2")[0]
        changed = bytes(stored)[:-1] + bytes([bytes(stored)[-1] ^ 1])
        tx.execute("UPDATE blobs SET body = ? WHERE id = 2", (changed,))
    problems = verify(bench.spool, bench.store).problems
    assert len(problems) == 1
    assert "not what was recorded" in problems[0]


def test_a_record_in_the_store_that_cannot_be_read_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    with bench.store.write() as tx:
        tx.execute("UPDATE records SET body = ?", (b"nonsense",))
    assert any("differs" in p for p in verify(bench.spool, bench.store).problems)


def test_a_cut_end_is_found_once_the_store_has_seen_it(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    path = spool.segment_path(bench.spool / "0", 1)
    path.write_bytes(path.read_bytes()[:-5])
    assert "its end was cut off" in verify(bench.spool, bench.store).problems[0]


def test_missing_first_and_last_segments_are_found(bench: Bench, run: Make) -> None:
    fill(bench, run)
    bench.indexer.drain()
    os.unlink(spool.segment_path(bench.spool / "0", 1, ".seg.zst"))
    assert ["earlier ones" in p for p in verify(bench.spool, bench.store).problems] == [True]
    last = spool.list_segments(bench.spool / "0")[-1]
    os.unlink(spool.segment_path(bench.spool / "0", last))
    assert any("its end was cut off" in p for p in verify(bench.spool, bench.store).problems)


def test_a_missing_slot_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.journal()  # another slot, which stays
    bench.indexer.drain()
    shutil.rmtree(bench.spool / "0")
    assert any("slot 0 is missing" in p for p in verify(bench.spool, bench.store).problems)


def test_a_record_that_will_never_reach_the_store_is_found(bench: Bench, run: Make) -> None:
    fill(bench, run, 3)
    bench.indexer.drain()
    bench.journals[0].append_now(run(usage=Usage(True)))  # what a provider's odd answer once became
    bench.journals[0].append_now(run())
    bench.indexer.drain()
    report = verify(bench.spool, bench.store)
    assert [p for p in report.problems if "does not reach the store" in p] == report.problems != []
    assert verify(bench.spool).problems == report.problems
