"""Spool to store: once each, in order, whoever runs beside, whatever is away or damaged."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from outrider.base.errors import StoreUnavailable
from outrider.journal import read, spool
from outrider.journal.append import Journal, blob
from outrider.journal.events import KeyCreated, RunRecorded
from outrider.journal.index import Indexer, read_cursor
from outrider.store import Store, Tx

from .conftest import Bench

Make = Callable[..., RunRecorded]


def ids_in(store: Store) -> list[bytes]:
    return [row.id for row in reversed(read.list_runs(store, read.RunFilter(), limit=100_000).rows)]


def test_records_arrive_in_order_and_once(bench: Bench, run: Make) -> None:
    events = [run() for _ in range(250)]
    journal = bench.journal()
    for event in events:
        journal.append_now(event)
    moved = []
    while n := bench.indexer.run_once(100):
        moved.append(n)
    assert moved == [100, 100, 50]
    assert ids_in(bench.store) == [e.id for e in events]
    assert bench.indexer.run_once() == 0
    assert Indexer(bench.spool, bench.store).drain() == 0
    assert [e for _, e in read.export_records(bench.store)] == events


def test_records_that_come_later_are_found(bench: Bench, run: Make) -> None:
    bench.put(run())
    bench.put(run(), run())
    assert read.newest_seq(bench.store) == 3


def test_every_slot_is_read(bench: Bench, run: Make) -> None:
    for journal in (bench.journal(), bench.journal(), bench.journal()):
        for _ in range(5):
            journal.append_now(run())
    assert bench.indexer.drain() == 15
    assert len(set(ids_in(bench.store))) == 15


def test_bodies_are_stored_once_and_read_back(bench: Bench, run: Make) -> None:
    bodies = [(b"request %d " % i * 50, b"response " * 80) for i in range(40)]
    for request, response in bodies:
        bench.put_bodies(run(), request, response)
    bench.indexer.drain()
    for request, response in bodies:
        assert read.get_body(bench.store, "default", blob(request).sha256) == request
        assert read.get_body(bench.store, "default", blob(response).sha256) == response
    assert bench.store.query("SELECT count(*) FROM blobs") == [(41,)]


def test_a_body_belongs_to_its_project(bench: Bench, run: Make) -> None:
    bench.put_bodies(run(project="a"), b"secret " * 20, b"answer " * 20)
    bench.indexer.drain()
    assert read.get_body(bench.store, "a", blob(b"secret " * 20).sha256) == b"secret " * 20
    assert read.get_body(bench.store, "b", blob(b"secret " * 20).sha256) is None


def test_a_large_body_works(bench: Bench, run: Make) -> None:
    large = bytes(range(256)) * 4096 * 50
    bench.put_bodies(run(), large, b"ok")
    bench.indexer.drain()
    assert read.get_body(bench.store, "default", blob(large).sha256) == large


def test_a_batch_of_large_bodies_is_cut(bench: Bench, run: Make) -> None:
    for i in range(5):
        bench.put_bodies(run(), b"%d" % i * (9 << 20), b"ok")
    assert bench.indexer.run_once() < 5
    bench.indexer.drain()
    assert len(ids_in(bench.store)) == 5


def test_finished_segments_are_put_away(bench: Bench, run: Make) -> None:
    journal = bench.journal(segment_size=4096)
    for i in range(60):
        event = run(request=blob(b"%d" % i))
        journal.append_now(event, ((event.request, b"%d" % i),))  # type: ignore[arg-type]
    bench.indexer.drain()
    slot = bench.spool / "0"
    plain, packed = spool.list_segments(slot, (".seg",)), spool.list_segments(slot, (".seg.zst",))
    assert len(plain) == 1
    assert packed == list(range(1, plain[0]))
    assert spool.list_segments(slot, (".blobs",)) == plain
    for i in range(60):
        assert read.get_body(bench.store, "default", blob(b"%d" % i).sha256) == b"%d" % i
    journal.close()
    bench.journals.clear()
    bench.put(run())
    assert len(ids_in(bench.store)) == 61


def test_dropped_bodies_leave_their_records(bench: Bench, run: Make) -> None:
    journal = bench.journal(segment_size=4096)
    for _ in range(10):
        event = run(request=blob(b"z" * 3000 + str(run().at).encode()))
        journal.append_now(event, ((event.request, b"z" * 3000 + b"x"),))  # type: ignore[arg-type]
    for number in spool.list_segments(bench.spool / "0", (".blobs",))[:-1]:
        spool.segment_path(bench.spool / "0", number, ".blobs").unlink()
    bench.indexer.drain()
    assert len(ids_in(bench.store)) == 10
    assert bench.store.query("SELECT count(*) FROM blobs") == [(0,)], "a body that is not what it says is not stored"


def test_two_indexers_do_not_repeat_each_other(
    store_url: str, opened: Callable[[str], Store], tmp_path: Path, run: Make
) -> None:
    journal = Journal(tmp_path / "spool")
    first = Indexer(tmp_path / "spool", opened(store_url))
    second = Indexer(tmp_path / "spool", opened(store_url))
    events = [run() for _ in range(90)]
    for i, event in enumerate(events):
        journal.append_now(event)
        if i % 10 == 9:
            (first if i % 20 == 9 else second).drain()
    finished: list[Indexer] = []

    def work(indexer: Indexer) -> None:
        for _ in range(30):
            indexer.run_once(7)
        finished.append(indexer)

    more = [run() for _ in range(200)]
    for event in more:
        journal.append_now(event)
    threads = [threading.Thread(target=work, args=(i,)) for i in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.drain()
    assert len(finished) == 2
    assert ids_in(opened(store_url)) == [e.id for e in events + more]
    journal.close()


class Flaky:
    """A store that goes away: before a transaction, in its middle, or at its commit."""

    def __init__(self, store: Store) -> None:
        self.store, self.dialect, self.fail = store, store.dialect, ""
        self.query = store.query

    @contextmanager
    def write(self) -> Iterator[Tx]:
        if self.fail == "before":
            raise StoreUnavailable("away")
        with self.store.write() as tx:
            yield tx
            if self.fail == "after":
                raise StoreUnavailable("away")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_store_that_is_away_loses_nothing(bench: Bench, run: Make, moment: str) -> None:
    flaky = Flaky(bench.store)
    indexer = Indexer(bench.spool, flaky)  # type: ignore[arg-type]
    events = [run(), run()]
    bench.put_bodies(events[0], b"request" * 20, b"response" * 20)
    flaky.fail = moment
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            indexer.run_once()
    bench.put_bodies(events[1], b"request" * 20 + b"!", b"response" * 20)
    flaky.fail = ""
    indexer.drain()
    assert ids_in(bench.store) == [e.id for e in events]
    assert read.get_body(bench.store, "default", events[1].request.sha256) is not None  # type: ignore[union-attr]


def test_a_damaged_slot_stops_and_others_go_on(bench: Bench, run: Make) -> None:
    bad, good = bench.journal(segment_size=4096), bench.journal()
    for _ in range(40):
        bad.append_now(run())
    path = spool.segment_path(bench.spool / "0", 1)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    event = run()
    good.append_now(event)
    bench.indexer.drain()
    assert list(bench.indexer.stopped) == ["0"]
    assert "journal verify" in bench.indexer.stopped["0"]
    assert event.id in ids_in(bench.store)
    assert 1 < len(ids_in(bench.store)) < 41


def test_a_missing_segment_stops_the_slot(bench: Bench, run: Make) -> None:
    journal = bench.journal(segment_size=4096)
    for _ in range(40):
        journal.append_now(run())
    spool.segment_path(bench.spool / "0", 2).unlink()
    bench.indexer.drain()
    assert "missing" in bench.indexer.stopped["0"]


def test_a_record_of_a_newer_version_stops_the_slot_behind_the_good_ones(bench: Bench, run: Make) -> None:
    journal = bench.journal()
    journal.append_now(run())
    journal.append_now(run(v=99))
    bench.indexer.drain()
    assert "newer Outrider" in bench.indexer.stopped["0"]
    assert len(ids_in(bench.store)) == 1


def test_the_cursor_is_in_the_store(bench: Bench, run: Make) -> None:
    assert read_cursor(bench.store.query, bench.spool / "0") is None
    bench.put(run(), run())
    cursor = read_cursor(bench.store.query, bench.spool / "0")
    assert cursor is not None
    assert (cursor.segment, cursor.ordinal) == (1, 2)
    assert cursor.position == spool.segment_path(bench.spool / "0", 1).stat().st_size


def test_run_forever_stops_when_told_and_calls_what_it_is_given(bench: Bench, run: Make) -> None:
    journal, stop = bench.journal(), threading.Event()
    journal.append_now(run())
    called = threading.Event()
    thread = threading.Thread(target=bench.indexer.run_forever, args=(stop, [called.set]))
    thread.start()
    assert called.wait(20)
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert len(ids_in(bench.store)) == 1


def test_run_forever_outlives_a_store_that_is_away(bench: Bench, run: Make) -> None:
    flaky, stop, back = Flaky(bench.store), threading.Event(), threading.Event()
    indexer = Indexer(bench.spool, flaky)  # type: ignore[arg-type]
    bench.journal().append_now(run())
    flaky.fail = "before"
    waits: list[float | None] = []
    real_wait = stop.wait

    def wait(timeout: float | None = None) -> bool:
        waits.append(timeout)
        if len(waits) == 3:
            flaky.fail = ""
        if len(waits) > 3:
            stop.set()
            back.set()
        return real_wait(0)

    stop.wait = wait  # type: ignore[method-assign]
    thread = threading.Thread(target=indexer.run_forever, args=(stop,))
    thread.start()
    assert back.wait(20)
    thread.join(20)
    assert waits[:3] == [0.5, 1.0, 2.0]
    assert len(ids_in(bench.store)) == 1


@pytest.mark.parametrize("kind", ["postgres"])
def test_who_follows_seq_misses_nothing_while_many_append(
    kind: str, postgres_url: str, opened: Callable[[str], Store], tmp_path: Path, run: Make
) -> None:
    """Several indexers of several spools on one PostgreSQL: a reader that remembers the last seq sees every record."""
    done = threading.Event()
    expected = []
    work: list[tuple[Indexer, Journal, list[RunRecorded]]] = []
    for i in range(3):
        root = tmp_path / str(i)
        events = [run() for _ in range(60)]
        expected += [e.id for e in events]
        work.append((Indexer(root, opened(postgres_url)), Journal(root), events))
    seen: list[bytes] = []

    def follow(store: Store) -> None:
        last = 0
        while True:
            over = done.is_set()
            for seq, event in read.export_records(store, after=last, limit=17):
                assert seq > last
                last = seq
                if isinstance(event, RunRecorded):
                    seen.append(event.id)
            if over and last == read.newest_seq(store):
                return

    def write(indexer: Indexer, journal: Journal, events: list[RunRecorded]) -> None:
        for event in events:
            journal.append_now(event)
            indexer.run_once(5)
        indexer.drain()

    reader = threading.Thread(target=follow, args=(opened(postgres_url),))
    writers = [threading.Thread(target=write, args=each) for each in work]
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert sorted(seen) == sorted(expected)
    for _, journal, _ in work:
        journal.close()


def test_events_of_all_kinds_pass(bench: Bench, run: Make) -> None:
    key = KeyCreated("pub", "default", b"d" * 32, 5, "laptop")
    bench.put(run(), key, run())
    assert [e for _, e in read.export_records(bench.store)][1] == key


def test_a_writer_that_was_killed_in_a_write_is_followed_by_the_next(bench: Bench, run: Make) -> None:
    bench.put(run(), run())
    path = spool.segment_path(bench.spool / "0", 1)
    with open(path, "ab") as file:
        file.write(b"\x90\x01\0\0" + b"a frame that was cut off")
    bench.journals.pop().close()
    assert bench.indexer.drain() == 0, "an incomplete frame is waited for"
    bench.put(run())
    assert bench.indexer.stopped == {}
    assert len(ids_in(bench.store)) == 3


class Pauses(threading.Event):
    """A stop event that notes how long the indexer would have waited, and stops it when it has nothing to do."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.asked: list[float] = []
        self._rounds = rounds

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.asked.append(timeout)
        if len(self.asked) >= self._rounds:
            self.set()
        return self.is_set()


@pytest.mark.parametrize(("press_on_above", "steps_back"), [(1 << 40, True), (-1, False)])
def test_it_steps_back_while_others_want_its_processor(
    bench: Bench, run: Make, monkeypatch: pytest.MonkeyPatch, press_on_above: int, steps_back: bool
) -> None:
    journal = bench.journal()
    for _ in range(4500):
        journal.append_now(run())
    monkeypatch.setattr("outrider.journal.index.clock.cpu_ns", lambda: 0)  # rounds that hardly got to work
    stop = Pauses(rounds=2)
    Indexer(bench.spool, bench.store, press_on_above=press_on_above).run_forever(stop)
    assert all((0 < pause <= 1.0) is steps_back for pause in stop.asked)
    assert len(ids_in(bench.store)) == 4000  # two full rounds, paused or not


def test_damage_in_the_middle_of_the_last_segment_does_not_hold_up_the_present(bench: Bench, run: Make) -> None:
    """The damaged slot is left as it is, for `journal verify`; new records go elsewhere and are found."""
    journal = bench.journal()
    for _ in range(20):
        journal.append_now(run())
    slot = journal.slot
    journal.close()
    path = spool.segment_path(bench.spool / slot, 1)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    after = run()
    fresh = bench.journal()
    fresh.append_now(after)
    bench.indexer.drain()
    assert fresh.slot != slot
    assert path.read_bytes() == bytes(content)
    assert ids_in(bench.store)[-1] == after.id
