"""What projections are handed."""

from outrider.journal.batch import Batch
from outrider.journal.events import Event, KeyRevoked, RunRecorded, StepsRecorded
from outrider.journal.names import Names

RUN = b"r" * 16


def test_others_are_what_is_neither_run_nor_steps() -> None:
    first, second = KeyRevoked("k", 2), KeyRevoked("l", 4)
    events: list[Event] = [RunRecorded(RUN, "p", 1, "chat"), first, StepsRecorded(RUN, "p", 3, []), second]
    batch = Batch(list(enumerate(events)), Names())
    assert batch.others == [(1, first), (3, second)]
    assert (batch.runs, batch.parts, batch.floor_hour) == ([], [], -1)
