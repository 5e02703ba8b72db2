"""The file format: what was written is read, any damage is noticed, a good beginning is kept."""

import os
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.base.errors import JournalCorrupt
from outrider.journal import spool

payloads = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=6)
quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def framed(items: list[bytes], digest: bytes = spool.GENESIS) -> bytes:
    parts = []
    for item in items:
        part, digest = spool.frame(item, digest)
        parts.append(part)
    return b"".join(parts)


@given(payloads)
@quick
def test_what_is_written_is_read(items: list[bytes]) -> None:
    frames = spool.parse_frames(framed(items), spool.GENESIS)
    assert (frames.payloads, frames.stop) == (items, "end")


@given(payloads, st.data())
@quick
def test_any_truncation_gives_a_good_beginning(items: list[bytes], choice: st.DataObject) -> None:
    whole = framed(items)
    cut = choice.draw(st.integers(0, len(whole)))
    frames = spool.parse_frames(whole[:cut], spool.GENESIS)
    assert frames.payloads == items[: len(frames.payloads)]
    assert frames.stop == ("end" if frames.offset == cut else "torn")
    assert framed(frames.payloads) == whole[: frames.offset]


@given(payloads, st.data())
@quick
def test_any_flipped_bit_is_noticed(items: list[bytes], choice: st.DataObject) -> None:
    whole = bytearray(framed(items))
    bit = choice.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    frames = spool.parse_frames(bytes(whole), spool.GENESIS)
    assert frames.stop != "end"
    assert frames.payloads == items[: len(frames.payloads)]
    assert len(frames.payloads) < len(items)


@given(payloads, st.integers(1, 400), st.integers(1, 3))
@quick
def test_reading_in_pieces_gives_the_same(tmp_path: Path, items: list[bytes], limit: int, most: int) -> None:
    path = tmp_path / "x.seg"
    path.write_bytes(framed(items))
    found: list[bytes] = []
    offset, digest = 0, spool.GENESIS
    while (frames := spool.read_frames(path, offset, digest, max(limit, 4), most)).payloads:
        found += frames.payloads
        offset, digest = frames.offset, frames.digests[-1]
    assert found == items


@given(st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=50)), max_size=5), st.data())
@quick
def test_bodies_are_read_up_to_the_cut(tmp_path: Path, items: list[tuple[str, bytes]], choice: st.DataObject) -> None:
    whole = b"".join(spool.blob_head(p, bytes(32), len(b)) + b for p, b in items)
    cut = choice.draw(st.integers(0, len(whole)))
    path = tmp_path / "x.blobs"
    path.write_bytes(whole[:cut])
    found = []
    with open(path, "rb") as file:
        while (blob := spool.read_blob(file)) is not None:
            found.append((blob.project, blob.body))
    assert found == items[: len(found)]
    assert len(found) == len(items) or cut < len(whole)
    with open(path, "rb") as file:
        many = list(spool.read_blobs(file, 0))
    assert [(blob.project, blob.body) for blob, _ in many] == found
    assert [after for _, after in many] == list(accumulate(44 + len(p.encode()) + len(b) for p, b in found))


def test_bodies_larger_than_one_read_come_whole(tmp_path: Path) -> None:
    bodies = [b"a", bytes(700_000), b"b" * 200_000, b"c" * 100_000, b"", bytes(300_000)]
    path = tmp_path / "x.blobs"
    path.write_bytes(b"".join(spool.blob_head("p", bytes(32), len(b)) + b for b in bodies) + b"torn")
    with open(path, "rb") as file:
        found = list(spool.read_blobs(file, 0))
    assert [blob.body for blob, _ in found] == bodies
    assert found[-1][1] == path.stat().st_size - len(b"torn")


def write(slot: Path, number: int, digest: bytes, items: list[bytes]) -> bytes:
    writer = spool.SegmentWriter(slot, number, digest)
    writer.write([b"body"], items)
    writer.close()
    return writer.digest


def test_a_writer_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    assert spool.resume(tmp_path) == (1, spool.GENESIS)
    end = write(tmp_path, 1, spool.GENESIS, [b"a", b"b"])
    assert spool.resume(tmp_path) == (2, end)
    end = write(tmp_path, 2, end, [b"c"])
    assert spool.resume(tmp_path) == (3, end)


def test_a_torn_tail_is_cut_off(tmp_path: Path) -> None:
    end = write(tmp_path, 1, spool.GENESIS, [b"a", b"b"])
    path = spool.segment_path(tmp_path, 1)
    size = path.stat().st_size
    with open(path, "ab") as file:
        file.write(b"\x40\0\0\0 half a frame")
    assert spool.resume(tmp_path) == (2, end)
    assert path.stat().st_size == size


def test_a_segment_that_was_never_begun_is_removed(tmp_path: Path) -> None:
    end = write(tmp_path, 1, spool.GENESIS, [b"a"])
    spool.segment_path(tmp_path, 2).write_bytes(b"ORSE")
    spool.segment_path(tmp_path, 2, ".blobs").write_bytes(b"")
    spool.segment_path(tmp_path, 3, ".blobs").write_bytes(b"")
    assert spool.resume(tmp_path) == (2, end)
    assert sorted(os.listdir(tmp_path)) == ["0000000001.blobs", "0000000001.seg"]


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    spool.segment_path(tmp_path, 1).write_bytes(b"something else entirely, of some length" * 2)
    with pytest.raises(JournalCorrupt, match="journal verify"):
        spool.resume(tmp_path)


def test_each_process_has_its_own_slot(tmp_path: Path) -> None:
    first, lock, *_ = spool.take_slot(tmp_path)
    second, other, *_ = spool.take_slot(tmp_path)
    assert (first.name, second.name) == ("0", "1")
    assert spool.is_live(first)
    lock.close()
    assert not spool.is_live(first)
    again, lock, *_ = spool.take_slot(tmp_path)
    assert again == first
    lock.close()
    other.close()
    assert [p.name for p in spool.list_slots(tmp_path)] == ["0", "1"]


def test_a_refused_write_leaves_the_chain_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = spool.SegmentWriter(tmp_path, 1, spool.GENESIS)
    writer.write([], [b"a"])
    digest = writer.digest
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, b: real(fd, bytes(b)[:3]) if len(b) > 3 else _refuse())
    with pytest.raises(OSError, match="full"):
        writer.write([b"a body"], [b"lost"])
    monkeypatch.undo()
    assert writer.digest == digest
    writer.write([], [b"b"])
    writer.close()
    frames = spool.read_frames(spool.segment_path(tmp_path, 1), spool.SEG_HEADER, spool.GENESIS)
    assert (frames.payloads, frames.stop) == ([b"a", b"b"], "end")
    assert spool.segment_path(tmp_path, 1, ".blobs").stat().st_size == spool.BLOB_HEADER


def _refuse() -> int:
    raise OSError(28, "disk is full")
