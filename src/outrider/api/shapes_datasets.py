"""The public shapes of datasets, proposals and feedback. Times are RFC 3339 text in UTC."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.evals.alike import Alike, Merged
from outrider.evals.datasets import Change, Version
from outrider.evals.proposals import Proposal as Row
from outrider.evals.proposals import Status, words
from outrider.evals.records import Case
from outrider.journal.rows import FeedbackRow

__all__ = ["Case", "Change"]


class Dataset(msgspec.Struct):
    """A version of a dataset. `cases` is how many there are; `author` the public part of a key, or who it was."""

    name: str
    version: int
    cases: int
    created: str
    author: str
    note: str


class DatasetList(msgspec.Struct):
    """Datasets by name with their newest versions, or the versions of one, the newest first."""

    datasets: list[Dataset]


class CaseList(msgspec.Struct):
    """Cases of a version in their order; `next` is the `first` of the next page."""

    version: int
    cases: list[Case]
    next: int | None


class NewCases(msgspec.Struct, forbid_unknown_fields=True):
    """Cases as in a file of JSON lines. `merge` leaves out what asks nearly the same as another case."""

    cases: list[Mapping[str, Any]]
    note: str = ""
    merge: bool = False


class NewRuns(msgspec.Struct, forbid_unknown_fields=True):
    """Runs, each `RUN` or `RUN#STEP`. `accept`: what was answered is what is expected; otherwise a user's edit is, if
    there is one. `expected`, for one run alone, is what a person says is right. `merge` leaves out what asks nearly the
    same as another case."""

    runs: list[str]
    accept: bool = False
    expected: Any = None
    merge: bool = True
    note: str = ""


class Twins(msgspec.Struct):
    """Two cases by their ids, and how much alike they are (1: the same words)."""

    case: str
    other: str
    likeness: float


class Added(msgspec.Struct):
    """The version that the dataset has now. `merged` were left out, for the other case asks the same; those in `differ`
    ask the same and expect something else."""

    dataset: Dataset
    merged: list[Twins]
    differ: list[Twins]


class Proposal(msgspec.Struct):
    """A run that should perhaps become a case. `why` is `feedback`, or what watched it; `said` is its newest feedback
    in words."""

    run: str
    why: str
    status: Status
    at: str
    said: str
    dataset: str


class ProposalList(msgspec.Struct):
    """The newest first."""

    proposals: list[Proposal]


class Dismissed(msgspec.Struct):
    run: str
    dismissed: bool


class GivenFeedback(msgspec.Struct):
    """Feedback as it was given; `edit` and `comment` are empty where retention took them."""

    id: str
    at: str
    run: str
    session: str
    thumb: str
    score: float | None
    edit: str
    outcome: str
    comment: str
    user: str
    by: str


class FeedbackList(msgspec.Struct):
    """The newest first."""

    feedback: list[GivenFeedback]


def dataset(row: Version) -> Dataset:
    return Dataset(row.dataset, row.version, row.cases, clock.iso(row.created), row.author, row.note)


def added(version: Version, left: Merged) -> Added:
    return Added(dataset(version), [_twins(one) for one in left.merged], [_twins(one) for one in left.differ])


def proposal(row: Row, said: list[FeedbackRow]) -> Proposal:
    return Proposal(row.run, row.why, row.status, clock.iso(row.at), words(said[0]) if said else "", row.dataset)


def feedback(row: FeedbackRow) -> GivenFeedback:
    event = row.event
    run = ids.text(event.run) if event.run else ""
    return GivenFeedback(
        ids.text(event.id), clock.iso(event.at), run, event.session, event.thumb, event.score, row.edit, event.outcome,
        row.comment, event.user, event.by,
    )  # fmt: skip


def _twins(one: Alike) -> Twins:
    return Twins(one.case, one.other, one.likeness)
