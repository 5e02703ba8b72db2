"""What becomes of a claim whose executor is gone is read from the journal, and from all of it."""

from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.cache.claims import CLAIMED, Row
from outrider.cache.orphans import PLAIN_HEAD, STREAM_HEAD, events, head_of

from .conftest import DIGEST, Machine, Worker

NOW = 1_790_000_000_000_000_000


def row(worker: Worker, run: bytes, until: int = NOW + 1) -> Row:
    return Row(DIGEST, run, *worker.place, CLAIMED, until, None)


def test_a_living_executor_is_waited_for(machine: Machine) -> None:
    mine, other = machine.worker(), machine.worker()
    assert mine.orphans.judge(row(other, ids.new_id()), NOW) == "wait"


def test_a_dead_one_that_recorded_nothing_leaves_the_key_free(machine: Machine) -> None:
    mine, dead = machine.worker(), machine.worker()
    dead.die()
    assert mine.orphans.judge(row(dead, ids.new_id()), NOW) == "free"


def test_an_answer_in_the_spool_is_awaited_and_given(machine: Machine) -> None:
    mine, dead = machine.worker(), machine.worker()
    run = ids.new_id()
    dead.record(run, b'{"a":1}')
    dead.die()
    claim = row(dead, run)
    assert mine.orphans.judge(claim, NOW) == "wait", "the absence of a record means nothing before it is indexed"
    assert mine.orphans.judge(claim, NOW) == "wait"
    machine.indexer.drain()
    found = mine.orphans.judge(claim, NOW)
    assert not isinstance(found, str)
    assert (found.status, found.head, found.chunks, found.run) == (200, PLAIN_HEAD, (b'{"a":1}',), run)


def test_a_torn_record_at_the_end_holds_up_nobody(machine: Machine) -> None:
    mine, dead = machine.worker(), machine.worker()
    dead.record(ids.new_id())
    dead.die()
    segment = next((machine.spool / dead.journal.slot).glob("*.seg"))
    with segment.open("ab") as file:
        file.write(b"\xff\x00\x00\x00torn")
    machine.indexer.drain()
    assert mine.orphans.judge(row(dead, ids.new_id()), NOW) == "free"


def test_who_takes_the_slot_next_does_not_matter(machine: Machine) -> None:
    mine, dead = machine.worker(), machine.worker()
    run = ids.new_id()
    dead.record(run)
    dead.die()
    claim = row(dead, run)
    assert mine.orphans.judge(claim, NOW) == "wait"
    next_one = machine.worker()
    assert next_one.place.slot == dead.place.slot
    next_one.record(ids.new_id())
    machine.indexer.drain()
    next_one.record(ids.new_id())
    assert not isinstance(mine.orphans.judge(claim, NOW), str)


@pytest.mark.parametrize("fields", [{"status": "error", "http_status": 502}, {"status": "cancelled"}])
def test_a_run_without_a_good_answer_frees_the_key(machine: Machine, fields: dict[str, object]) -> None:
    mine, dead = machine.worker(), machine.worker()
    run = ids.new_id()
    dead.record(run, **fields)
    dead.die()
    machine.indexer.drain()
    assert mine.orphans.judge(row(dead, run), NOW) == "free"


def test_of_another_machine_only_time_tells(machines: Callable[[], Machine]) -> None:
    here, far = machines(), machines()
    mine, theirs = here.worker(), far.worker()
    run = ids.new_id()
    theirs.record(run)
    theirs.die()
    assert mine.orphans.judge(row(theirs, run), NOW) == "wait"
    far.indexer.drain()
    assert mine.orphans.judge(row(theirs, run), NOW) == "wait"
    assert not isinstance(mine.orphans.judge(row(theirs, run), NOW + 1), str)
    assert mine.orphans.judge(row(theirs, ids.new_id()), NOW + 1) == "free"


def test_a_stream_is_given_event_by_event(machine: Machine) -> None:
    mine = machine.worker()
    run = ids.new_id()
    mine.record(run, b"data: a\n\ndata: b\n\n", stream=True)
    machine.indexer.drain()
    found = mine.orphans.answer(run)
    assert found is not None
    assert (found.head, found.chunks, found.stream) == (STREAM_HEAD, (b"data: a\n\n", b"data: b\n\n"), True)


@pytest.mark.parametrize("body", [b"", b"x", b"a\n\n", b"a\n\nb\n\n", b"a\r\n\r\nb\r\n\r\n", b"a\n\nb", b"\n\n\n\n"])
def test_pieces_are_the_whole(body: bytes) -> None:
    assert b"".join(events(body)) == body
    assert len(events(body)) >= 1


@pytest.mark.parametrize(
    ("stream", "chunks", "kind"),
    [
        (True, [b"data: {}"], b"text/event-stream"),
        (True, [b"", b"[{}"], b"application/json"),
        (True, [], b"text/event-stream"),
        (False, [b"{}"], b"application/json"),
    ],
)
def test_the_kind_of_an_answer_that_is_given_again(stream: bool, chunks: list[bytes], kind: bytes) -> None:
    assert kind in head_of(stream, chunks)
