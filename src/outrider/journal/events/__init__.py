"""The whole vocabulary of the journal. One file per event kind; `Event` is their tagged union.

An event is written once and never changed. Every kind carries its version `v`; `journal.upcast` turns stored
events of older versions into the present form before they are decoded here.
"""

from outrider.journal.events.alarm import AlarmRaised, AlarmSent
from outrider.journal.events.approval import ApprovalAsked, ApprovalDecided, ApprovalExpired, ApprovalUsed
from outrider.journal.events.batch import BatchCancelled, BatchCreated, BatchEnded
from outrider.journal.events.bodies_dropped import BodiesDropped
from outrider.journal.events.breaker import BreakerForced
from outrider.journal.events.budget import BudgetRaised, BudgetRemoved, BudgetSet, Charge, LeasesReleased
from outrider.journal.events.casebook import CasebookChanged, CaseChange
from outrider.journal.events.configuration import ConfigurationTaken
from outrider.journal.events.feedback import FeedbackGiven
from outrider.journal.events.key import KeyCreated, KeyRevoked
from outrider.journal.events.knowledge import CollectionChanged, DocumentChange, DocumentsChanged
from outrider.journal.events.permission import GrantGiven, GrantWithdrawn, PermissionRemoved, PermissionSet
from outrider.journal.events.pruned import Pruned
from outrider.journal.events.run import BlobRef, RunRecorded
from outrider.journal.events.step import Step, StepsRecorded

Event = (
    RunRecorded
    | StepsRecorded
    | KeyCreated
    | KeyRevoked
    | BodiesDropped
    | BreakerForced
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
    | CollectionChanged
    | DocumentsChanged
    | CasebookChanged
    | ApprovalAsked
    | ApprovalDecided
    | ApprovalUsed
    | ApprovalExpired
    | PermissionSet
    | PermissionRemoved
    | GrantGiven
    | GrantWithdrawn
    | FeedbackGiven
    | ConfigurationTaken
)

__all__ = [
    "AlarmRaised",
    "AlarmSent",
    "ApprovalAsked",
    "ApprovalDecided",
    "ApprovalExpired",
    "ApprovalUsed",
    "BatchCancelled",
    "BatchCreated",
    "BatchEnded",
    "BlobRef",
    "BodiesDropped",
    "BreakerForced",
    "BudgetRaised",
    "BudgetRemoved",
    "BudgetSet",
    "CaseChange",
    "CasebookChanged",
    "Charge",
    "CollectionChanged",
    "ConfigurationTaken",
    "DocumentChange",
    "DocumentsChanged",
    "Event",
    "FeedbackGiven",
    "GrantGiven",
    "GrantWithdrawn",
    "KeyCreated",
    "KeyRevoked",
    "LeasesReleased",
    "PermissionRemoved",
    "PermissionSet",
    "Pruned",
    "RunRecorded",
    "Step",
    "StepsRecorded",
]
