"""What the indexer hands to every projection: some events in order, with their sequence numbers."""

import msgspec

from outrider.journal.events import Event, RunRecorded, Step, StepsRecorded
from outrider.journal.names import Names


class Part(msgspec.Struct):
    """A `steps.recorded` with those of its steps that its run did not have yet."""

    seq: int
    event: StepsRecorded
    fresh: list[Step]


class Batch(msgspec.Struct):
    """`items` ascend by seq. The projection `runs`, which comes before `usage`, leaves in `runs` the runs that were
    not recorded before and in `parts` the steps that are new, so that what is sent twice counts once.

    `others` are the few items that are neither runs nor steps.

    `floor_hour` is set in a rebuild only: hours up to it have sums over records that retention has removed.
    """

    items: list[tuple[int, Event]]
    names: Names
    others: list[tuple[int, Event]] = []
    runs: list[tuple[int, RunRecorded]] = []
    parts: list[Part] = []
    floor_hour: int = -1

    def __post_init__(self) -> None:
        self.others = [item for item in self.items if not isinstance(item[1], RunRecorded | StepsRecorded)]
