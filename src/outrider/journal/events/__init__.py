"""The whole vocabulary of the journal. One file per event kind; `Event` is their tagged union.

An event is written once and never changed. Every kind carries its version `v`; `journal.upcast` turns stored
events of older versions into the present form before they are decoded here.
"""

from outrider.journal.events.alarm import AlarmRaised, AlarmSent
from outrider.journal.events.batch import BatchCancelled, BatchCreated, BatchEnded
from outrider.journal.events.bodies_dropped import BodiesDropped
from outrider.journal.events.budget import BudgetRaised, BudgetRemoved, BudgetSet, Charge, LeasesReleased
from outrider.journal.events.key import KeyCreated, KeyRevoked
from outrider.journal.events.pruned import Pruned
from outrider.journal.events.run import BlobRef, RunRecorded
from outrider.journal.events.step import Step, StepsRecorded

Event = (
    RunRecorded
    | StepsRecorded
    | KeyCreated
    | KeyRevoked
    | BodiesDropped
    | Pruned
    | BudgetSet
    | BudgetRemoved
    | BudgetRaised
    | LeasesReleased
    | AlarmRaised
    | AlarmSent
    | BatchCreated
    | BatchCancelled
    | BatchEnded
)

__all__ = [
    "AlarmRaised",
    "AlarmSent",
    "BatchCancelled",
    "BatchCreated",
    "BatchEnded",
    "BlobRef",
    "BodiesDropped",
    "BudgetRaised",
    "BudgetRemoved",
    "BudgetSet",
    "Charge",
    "Event",
    "KeyCreated",
    "KeyRevoked",
    "LeasesReleased",
    "Pruned",
    "RunRecorded",
    "Step",
    "StepsRecorded",
]
