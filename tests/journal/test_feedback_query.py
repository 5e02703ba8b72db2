"""Feedback is found by what it is about; its texts are payloads that go as those of runs go."""

from collections.abc import Callable

import msgspec

from outrider.base import ids
from outrider.journal import feedback_query as query
from outrider.journal.append import blob
from outrider.journal.events import FeedbackGiven, RunRecorded
from outrider.journal.projections import rebuild
from outrider.journal.prune import prune

from .conftest import AT, Bench

Make = Callable[..., RunRecorded]
TEXT = b'{"edit":"On Monday.","comment":"wrong day"}'


def given(**fields: object) -> FeedbackGiven:
    return msgspec.structs.replace(FeedbackGiven(ids.new_id(), "p", AT), **fields)  # type: ignore[arg-type]


def put(bench: Bench, *events: FeedbackGiven) -> None:
    for event in events:
        bench.journal().append_now(event, [(event.text, TEXT)] if event.text is not None else (), "p")
    bench.indexer.drain()


def test_it_is_found_by_run_and_session(bench: Bench) -> None:
    run = ids.new_id()
    one, two = given(run=run, thumb="up"), given(session="s", score=0.2, outcome="refunded", user="ü")
    other = given(project="q", run=run)
    put(bench, one, two, other)
    assert [row.event for row in query.feedback_on(bench.store, "p")] == [two, one]
    assert [row.event for row in query.feedback_on(bench.store, "p", run=run)] == [one]
    assert [row.event for row in query.feedback_on(bench.store, "p", session="s")] == [two]
    assert query.feedback_on(bench.store, "p", run=ids.new_id()) == []


def test_what_is_bad_is_found_in_order(bench: Bench) -> None:
    down, low, edited = given(thumb="down"), given(score=0.49), given(edited=True, text=blob(TEXT))
    put(bench, given(thumb="up"), down, given(score=0.5), low, edited, given(outcome="sold"))
    found = query.bad_feedback(bench.store, "p")
    assert [row.event for row in found] == [down, low, edited]
    assert [row.event for row in query.bad_feedback(bench.store, "p", after=found[0].seq, limit=1)] == [low]


def test_its_text_is_a_payload_that_retention_takes(bench: Bench, run: Make) -> None:
    put(bench, given(edited=True, text=blob(TEXT)))
    (row,) = query.feedback_on(bench.store, "p")
    assert (row.edit, row.comment) == ("On Monday.", "wrong day")
    rebuild(bench.store)
    assert query.feedback_on(bench.store, "p") == [row]
    bench.put(run(), run())
    prune(bench.store, bench.spool, max_bytes=0)
    (row,) = query.feedback_on(bench.store, "p")
    assert (row.event.edited, row.edit) == (True, "")
