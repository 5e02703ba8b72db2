"""What projections are handed."""

from outrider.journal.batch import Batch
from outrider.journal.events import Event, KeyRevoked, RunRecorded, StepsRecorded
from outrider.journal.names import Names
from outrider.store import Store


def test_others_are_what_is_neither_run_nor_steps(store: Store) -> None:
    events: list[Event] = [
        RunRecorded(b"r" * 16, "p", 1, "chat"), KeyRevoked("k", 2), StepsRecorded(b"r" * 16, "p", 3, []), KeyRevoked("l", 4)
    ]  # fmt: skip
    with store.write() as tx:
        batch = Batch(list(enumerate(events)), Names())
    assert batch.others == [(1, events[1]), (3, events[3])]
    assert batch.runs == batch.parts == []
