"""Writing: durable when the future resolves, one write per turn, and a full disk that costs bodies before records."""

import asyncio
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base.errors import JournalFull
from outrider.journal import spool
from outrider.journal.append import Journal, blob
from outrider.journal.events import BodiesDropped, Event, KeyRevoked, RunRecorded
from outrider.journal.upcast import decode

Make = Callable[..., RunRecorded]


def written(root: Path, slot: str = "0") -> list[Event]:
    """Everything in a slot, checked along the chain."""
    events: list[Event] = []
    digest = spool.GENESIS
    for number in spool.list_segments(root / slot):
        path = spool.segment_path(root / slot, number)
        assert spool.read_header(path) == digest
        frames = spool.read_frames(path, spool.SEG_HEADER, digest)
        assert frames.stop == "end"
        digest = frames.digests[-1] if frames.digests else digest
        events += [decode(p) for p in frames.payloads]
    return events


def key(n: int) -> KeyRevoked:
    return KeyRevoked(f"key{n}", n)


async def test_a_resolved_append_is_in_the_file(tmp_path: Path, run: Make) -> None:
    journal = Journal(tmp_path)
    body = b"x" * 1000
    event = run(request=blob(body))
    await journal.append(event, [(blob(body), body)])
    assert written(tmp_path) == [event]
    file = io.BytesIO(spool.segment_path(tmp_path / "0", 1, ".blobs").read_bytes()[spool.BLOB_HEADER :])
    assert spool.read_blob(file) == spool.Blob("default", blob(body).sha256, body)
    journal.close()


async def test_one_turn_is_one_write_per_file(tmp_path: Path, run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    writes = []
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, b: writes.append(fd) or real(fd, b))
    futures = []
    for i in range(50):
        body = b"%d" % i
        futures.append(journal.append(run(request=blob(body)), [(blob(body), body)]))
    await asyncio.gather(*futures)
    assert len(writes) == 2
    assert len(written(tmp_path)) == 50
    journal.close()


async def test_a_body_that_repeats_is_written_once_per_segment(tmp_path: Path, run: Make) -> None:
    journal = Journal(tmp_path)
    body = b"y" * 5000
    for _ in range(10):
        await journal.append(run(request=blob(body)), [(blob(body), body)])
    assert spool.segment_path(tmp_path / "0", 1, ".blobs").stat().st_size < 6000
    journal.close()


async def test_cancelling_one_waiter_leaves_the_others(tmp_path: Path) -> None:
    journal = Journal(tmp_path)

    async def put(n: int) -> None:
        await journal.append(key(n))

    first, second = asyncio.ensure_future(put(1)), asyncio.ensure_future(put(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert written(tmp_path) == [key(1), key(2)]
    journal.close()


async def test_fsync_resolves_after_the_sync_and_shares_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, durability="fsync")
    synced = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.append(fd) or real(fd))
    await asyncio.gather(*(journal.append(key(n)) for n in range(20)))
    assert len(synced) == 2
    await asyncio.gather(*(journal.append(key(n)) for n in range(20)))
    assert len(synced) == 4
    journal.close()


async def test_segments_roll_and_the_chain_goes_on(tmp_path: Path, run: Make) -> None:
    journal = Journal(tmp_path, segment_size=4096)
    for _ in range(60):
        await journal.append(run())
    journal.close()
    assert len(spool.list_segments(tmp_path / "0")) > 2
    assert len(written(tmp_path)) == 60
    again = Journal(tmp_path)
    again.append_now(key(1))
    again.close()
    assert len(written(tmp_path)) == 61


async def test_close_writes_what_is_queued(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    future = journal.append(key(1))
    journal.close()
    journal.close()
    await future
    assert written(tmp_path) == [key(1)]


async def test_a_spool_over_its_size_drops_the_oldest_bodies_and_says_so(tmp_path: Path, run: Make) -> None:
    limit = 200_000
    journal = Journal(tmp_path, max_size=limit)
    events = []
    for i in range(300):
        body = os.urandom(3000)
        events.append(run(request=blob(body), preview=str(i)))
        await journal.append(events[-1], [(blob(body), body)])
        size = sum(p.stat().st_size for p in (tmp_path / "0").iterdir() if p.suffix == ".blobs")
        assert size < limit
    journal.close()
    found = written(tmp_path)
    assert [e for e in found if isinstance(e, RunRecorded)] == events
    dropped = [e for e in found if isinstance(e, BodiesDropped)]
    gone = [e.segment for e in dropped]
    assert gone == sorted(set(gone))
    assert gone
    assert not any(spool.segment_path(tmp_path / "0", n, ".blobs").exists() for n in gone)


class Disk:
    """Lets `os.write` put only so many more bytes on the disk; removing files gives room back."""

    def __init__(self, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = room
        self._write, self._unlink = os.write, Path.unlink
        monkeypatch.setattr(os, "write", self.write)
        disk = self

        def unlink(path: Path, missing_ok: bool = False) -> None:
            if path.exists():
                disk.room += path.stat().st_size
            disk._unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", unlink)
        real_truncate = os.ftruncate

        def truncate(fd: int, size: int) -> None:
            disk.room += os.fstat(fd).st_size - size
            real_truncate(fd, size)

        monkeypatch.setattr(os, "ftruncate", truncate)

    def write(self, fd: int, content: bytes) -> int:
        part = bytes(content)[: self.room]
        if not part:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room -= len(part)
        return self._write(fd, part)


async def test_a_full_disk_costs_old_bodies_first(tmp_path: Path, run: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, segment_size=20_000)
    Disk(150_000, monkeypatch)
    events = []
    for _ in range(100):
        body = os.urandom(3000)
        events.append(run(request=blob(body)))
        await journal.append(events[-1], [(blob(body), body)])
    found = written(tmp_path)
    assert [e for e in found if isinstance(e, RunRecorded)] == events
    assert any(isinstance(e, BodiesDropped) for e in found)
    monkeypatch.undo()
    journal.close()


async def test_a_disk_without_any_room_fails_the_append_and_recovers(
    tmp_path: Path, run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    first, last = run(), run()
    await journal.append(first)
    disk = Disk(100, monkeypatch)
    body = os.urandom(3000)
    with pytest.raises(JournalFull, match="OUTRIDER_HOME"):
        await journal.append(run(request=blob(body)), [(blob(body), body)])
    with pytest.raises(JournalFull):
        journal.append_now(run())
    disk.room = 100_000
    await journal.append(last)
    monkeypatch.undo()
    journal.close()
    assert written(tmp_path) == [first, last]


async def test_a_record_is_kept_when_only_its_bodies_do_not_fit(
    tmp_path: Path, run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    Disk(2000, monkeypatch)
    body = os.urandom(3000)
    event = run(request=blob(body))
    await journal.append(event, [(blob(body), body)])
    monkeypatch.undo()
    journal.close()
    dropped, kept = written(tmp_path)
    assert kept == event
    assert isinstance(dropped, BodiesDropped)
    assert (dropped.slot, dropped.segment) == ("0", 1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalFull, match="OUTRIDER_HOME"):
        Journal(tmp_path / "file" / "spool")


async def test_a_broken_disk_fails_every_waiter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)

    def broken(fd: int, content: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "write", broken)
    found = await asyncio.gather(journal.append(key(1)), journal.append(key(2)), return_exceptions=True)
    assert [type(e) for e in found] == [JournalFull, JournalFull]
    monkeypatch.undo()
    await journal.append(key(3))
    journal.close()
    assert written(tmp_path) == [key(3)]


async def test_who_wants_to_know_is_told_once_written_even_if_nobody_waits(tmp_path: Path) -> None:
    journal, told = Journal(tmp_path), list[str]()
    first = journal.append(KeyRevoked("a", 1), written=lambda: told.append("a"))
    await journal.append(KeyRevoked("b", 1), written=lambda: told.append("b"))
    assert told == ["a", "b"]
    later = journal.append(KeyRevoked("c", 1), written=lambda: told.append("c"))
    later.cancel()
    await asyncio.sleep(0)
    assert told == ["a", "b", "c"]
    assert first.done()
    journal.close()
