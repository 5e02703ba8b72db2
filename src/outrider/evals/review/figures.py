"""How a queue stands: how far it is, whether reviewers agree beyond chance, and how fast they are. Pure."""

import statistics
from collections.abc import Iterable, Sequence

import msgspec

from outrider.calibrate.agreement import Agreement, agreement
from outrider.evals.review.marks import Mark
from outrider.evals.review.queues import Item, Plan, Status

HOUR, DAY = 3_600_000_000_000, 86_400_000_000_000


class Pace(msgspec.Struct, frozen=True):
    """How somebody works. Seconds are from when an item was lent to when something was said of it; `per_hour` is how
    many that makes in an hour of such work."""

    who: str
    reviewed: int
    adjudicated: int
    median_seconds: float
    per_hour: float


class FieldAgreement(msgspec.Struct, frozen=True):
    """How far reviewers agree on a field; None: no item has two reviewers yet."""

    field: str
    agreement: Agreement | None


class Figures(msgspec.Struct, frozen=True):
    """`items` by status; `doubly` is how many have two reviewers or more; `paces` the busiest first, `all` of them
    together; `last_day` is what was said in the last 24 hours."""

    items: dict[Status, int]
    marks: int
    doubly: int
    last_day: int
    agreements: list[FieldAgreement]
    paces: list[Pace]
    all: Pace | None


def figures(plan: Plan, counts: dict[Status, int], items: Iterable[Item], marks: Sequence[Mark], now: int) -> Figures:
    """All of it. Items of one case are not independent, and intervals know that."""
    cluster = {one.place: one.cluster or f"item {one.place}" for one in items}
    reviews: dict[int, dict[str, Mark]] = {}
    for one in marks:
        if one.role == "review":
            reviews.setdefault(one.place, {})[one.who] = one
    both = {place: of_item for place, of_item in reviews.items() if len(of_item) > 1}
    agreements = [
        FieldAgreement(field.name, _agreed(field.name, both, cluster)) for field in plan.fields if field.kind != "text"
    ]
    people: dict[str, list[Mark]] = {}
    for one in marks:
        people.setdefault(one.who, []).append(one)
    paces = sorted((_pace(who, theirs) for who, theirs in people.items()), key=lambda one: (-one.reviewed, one.who))
    recent = sum(one.at > now - DAY for one in marks)
    everybody = _pace("all", list(marks)) if marks else None
    return Figures(counts, len(marks), len(both), recent, agreements, paces, everybody)


def _agreed(name: str, both: dict[int, dict[str, Mark]], cluster: dict[int, str]) -> Agreement | None:
    """Two reviewers who did everything are two raters; of more, each item has as many as it had."""
    if not both:
        return None
    who = sorted({person for of_item in both.values() for person in of_item})
    rows = [
        [of_item[person].answers.get(name) if person in of_item else None for person in who]
        for of_item in both.values()
    ]
    return agreement(rows, [cluster[place] for place in both])


def _pace(who: str, marks: Sequence[Mark]) -> Pace:
    seconds = [max(0, one.at - one.began) / 1e9 for one in marks]
    spent = sum(seconds)
    return Pace(
        who,
        sum(one.role == "review" for one in marks),
        sum(one.role == "adjudicate" for one in marks),
        round(statistics.median(seconds), 3) if seconds else 0.0,
        round(len(seconds) * 3600 / spent, 1) if spent else 0.0,
    )
