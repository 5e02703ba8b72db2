"""What projections are handed."""

from outrider.journal.batch import Batch
from outrider.journal.events import Event, KeyRevoked, RunRecorded, StepsRecorded
from outrider.journal.names import Names


def test_others_are_what_is_neither_run_nor_steps() -> None:
    run, steps = RunRecorded(b"r" * 16, "p", 1, "chat"), StepsRecorded(b"r" * 16, "p", 3, [])
    events: list[Event] = [run, KeyRevoked("k", 2), steps, KeyRevoked("l", 4)]
    batch = Batch(list(enumerate(events)), Names())
    assert batch.others == [(1, events[1]), (3, events[3])]
    assert batch.runs == batch.parts == []
