"""A run is found at once after its answer: in any worker's slot, in the store, and on its way between them."""

from collections.abc import Callable

import pytest

from outrider.base import ids
from outrider.base.errors import StoreUnavailable
from outrider.journal import recent, spool
from outrider.journal.events import RunRecorded
from tests.journal.conftest import Bench

Run = Callable[..., RunRecorded]


def bodies_of(bench: Bench, event: RunRecorded) -> tuple[str, bytes | None, bytes | None] | None:
    found = recent.find(bench.store, bench.spool, event.id)
    return None if found is None else (found.run.preview, found.request, found.response)


def test_before_and_after_the_indexer_was_there(bench: Bench, run: Run) -> None:
    bench.journal()
    old, new = run(preview="old"), run(preview="new")
    bench.put_bodies(old, b"asked once", b"answered once")
    assert bodies_of(bench, old) == ("old", b"asked once", b"answered once")
    bench.indexer.drain()
    bench.put_bodies(new, b"asked again", b"answered again")
    assert bodies_of(bench, old) == ("old", b"asked once", b"answered once")
    assert bodies_of(bench, new) == ("new", b"asked again", b"answered again")
    bench.indexer.drain()
    assert bodies_of(bench, new) == ("new", b"asked again", b"answered again")


def test_what_another_worker_wrote(bench: Bench, run: Run) -> None:
    bench.journal()
    other, event = bench.journal(), run()
    other.append_now(event)
    assert bodies_of(bench, event) == (event.preview, None, None)


def test_a_body_that_an_earlier_run_had_too(bench: Bench, run: Run) -> None:
    """It is written once, and may be in the store already."""
    first, second = run(preview="first"), run(preview="second")
    bench.put_bodies(first, b"the same", b"one")
    bench.indexer.drain()
    bench.put_bodies(second, b"the same", b"two")
    assert bodies_of(bench, second) == ("second", b"the same", b"two")


def test_a_segment_that_is_sealed(bench: Bench, run: Run) -> None:
    bench.journal(segment_size=4096)
    events = [bench.put_bodies(run(preview=str(n)), b"asked %d" % n * 300, b"answered %d" % n) for n in range(12)]
    assert len(spool.list_segments(spool.list_slots(bench.spool)[0])) > 1
    for n, event in enumerate(events):
        assert bodies_of(bench, event) == (str(n), b"asked %d" % n * 300, b"answered %d" % n)
        bench.indexer.run_once(1)
        assert bodies_of(bench, event) == (str(n), b"asked %d" % n * 300, b"answered %d" % n)


def test_what_there_is_not(bench: Bench, run: Run) -> None:
    bench.put(run())
    assert recent.find(bench.store, bench.spool, ids.new_id()) is None
    event = run(preview=ids.new_id().hex())
    assert recent.find(bench.store, bench.spool / "nowhere", event.id) is None


def test_while_the_store_is_away(bench: Bench, run: Run) -> None:
    waiting = bench.put_bodies(run(preview="waiting"), b"a", b"b")
    found = recent.find(None, bench.spool, waiting.id)
    assert found is not None
    assert (found.run.preview, found.request, found.response) == ("waiting", b"a", b"b")
    with pytest.raises(StoreUnavailable, match="try again"):
        recent.find(None, bench.spool, ids.new_id())


def test_which_of_many_are_known(bench: Bench, run: Run) -> None:
    stored, waiting, unknown = run(), run(), ids.new_id()
    bench.put(stored)
    bench.journals[0].append_now(waiting)
    asked = {stored.id, waiting.id, unknown}
    assert recent.known(bench.store, bench.spool, asked) == {stored.id, waiting.id}
    assert recent.known(None, bench.spool, {waiting.id, unknown}) == {waiting.id}
    assert recent.known(bench.store, bench.spool, set()) == set()
