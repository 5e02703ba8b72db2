"""Which configuration was in force, for a moment and for a run; retention leaves it."""

from collections.abc import Callable

from outrider.base import ids
from outrider.journal import config_query as query
from outrider.journal import spool
from outrider.journal.append import blob
from outrider.journal.chain import verify
from outrider.journal.events import ConfigurationTaken, RunRecorded
from outrider.journal.events.configuration import Why
from outrider.journal.projections import rebuild
from outrider.journal.prune import prune

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
SECOND = 1_000_000_000


def take(bench: Bench, at: int, text: bytes, why: Why = "reload", slot: int = 0) -> None:
    while len(bench.journals) <= slot:
        bench.journal()
    journal = bench.journals[slot]
    place = f"{spool.identity(bench.spool)}/{journal.slot}"
    event = ConfigurationTaken(at, place, blob(text), why, "1")
    journal.append_now(event, [(event.settings, text)])
    bench.indexer.drain()


def text_of(bench: Bench, row: object) -> bytes | None:
    assert isinstance(row, query.ConfigurationRow)
    return query.configuration_text(bench.store, row)


def test_a_moment_has_what_was_taken_over_last(bench: Bench) -> None:
    for at, text in ((AT, b"{1}"), (AT + 10, b"{2}"), (AT + 20, b"{1}")):
        take(bench, at, text)
    assert query.configuration_at(bench.store, AT - 1) is None
    for moment, text in ((AT, b"{1}"), (AT + 9, b"{1}"), (AT + 10, b"{2}"), (AT + SECOND, b"{1}")):
        assert text_of(bench, query.configuration_at(bench.store, moment)) == text
    house = spool.identity(bench.spool)
    assert query.configuration_at(bench.store, AT, house=house) is not None
    assert query.configuration_at(bench.store, AT, house="another") is None
    assert [row.at - AT for row in query.list_configurations(bench.store)] == [20, 10, 0]
    digest = blob(b"{2}").sha256.hex()
    found = query.find_configuration(bench.store, digest[:12])
    assert found is not None
    assert found.at == AT + 10
    assert query.find_configuration(bench.store, "ab") is None


def test_a_run_has_that_of_its_own_process_when_it_began(bench: Bench, run: Make) -> None:
    """The other process is a second behind; a run that goes on over the change belongs to the one it began under."""
    take(bench, AT, b"{old}", "start", 0)
    take(bench, AT, b"{old}", "start", 1)
    take(bench, AT + 5 * SECOND, b"{new}", "reload", 0)
    before, after, imported = (run(at=AT + second * SECOND) for second in (4, 6, 6))
    imported.source = "otlp"
    elsewhere = run(at=AT + 6 * SECOND)
    early = run(at=AT - 1)
    for journal, one in ((0, before), (0, after), (1, elsewhere), (0, imported), (0, early)):
        bench.journals[journal].append_now(one)
    bench.indexer.drain()
    for one, text in ((before, b"{old}"), (after, b"{new}"), (elsewhere, b"{old}")):
        assert text_of(bench, query.configuration_of(bench.store, one.id)) == text
    for nothing in (imported.id, early.id, ids.new_id()):
        assert query.configuration_of(bench.store, nothing) is None


def test_two_within_a_moment_are_in_their_order(bench: Bench) -> None:
    take(bench, AT, b"{first}")
    take(bench, AT, b"{second}")
    assert text_of(bench, query.configuration_at(bench.store, AT)) == b"{second}"


def test_retention_and_a_rebuild_leave_it(bench: Bench, run: Make) -> None:
    """Each is kept compressed against the one before: what one needs of another stays, too."""
    large = [b'{"routes":[' + b"%d," % turn + b",".join(b'"%d"' % n for n in range(3000)) + b"]}" for turn in range(3)]
    for turn, text in enumerate(large):
        take(bench, AT + turn, text)
        bench.put_bodies(run(), b"asked" * 2000, b"said%d" % turn)
    bench.put(*(run() for _ in range(200)))
    kept = run(at=AT + SECOND)
    bench.put(kept)
    assert prune(bench.store, bench.spool, max_bytes=0)
    assert bench.store.query("SELECT count(*) FROM runs")[0][0] == 0
    rebuild(bench.store)
    for turn, text in enumerate(large):
        assert text_of(bench, query.configuration_at(bench.store, AT + turn)) == text
    assert bench.store.query("SELECT count(*) FROM blobs")[0][0] == 3
    bench.put(after := run(at=AT + SECOND))
    assert text_of(bench, query.configuration_of(bench.store, after.id)) == large[2]
    assert verify(bench.spool, bench.store).ok
