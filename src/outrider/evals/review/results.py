"""What came of a queue: what is settled and by whom, and cases with what people said. Pure but for reading items."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals.records import Case
from outrider.evals.review import rubric
from outrider.evals.review.marks import Mark
from outrider.evals.review.queues import Item, Queue, Status
from outrider.evals.review.rubric import Answers


class Said(msgspec.Struct, frozen=True):
    """What somebody said, and when (RFC 3339); `seconds` is how long they took."""

    who: str
    role: str
    answers: Answers
    at: str
    seconds: float


class Result(msgspec.Struct, frozen=True):
    """An item with all that was said of it. `answers` is what holds: what reviewers say together, or what was decided
    where they `differ`; None while neither is there."""

    place: int
    item: str
    status: Status
    answers: Answers | None
    differ: list[str]
    said: list[Said]


def results(queue: Queue, items: Sequence[Item], marks: Sequence[Mark]) -> Iterator[Result]:
    """Items in their order."""
    of_item: dict[int, list[Mark]] = {}
    for one in marks:
        of_item.setdefault(one.place, []).append(one)
    for item in items:
        yield result(queue, item, of_item.get(item.place, []))


def result(queue: Queue, item: Item, marks: Sequence[Mark]) -> Result:
    """One item with what was said of it."""
    reviews = [one.answers for one in marks if one.role == "review"]
    decided = next((one.answers for one in marks if one.role == "adjudicate"), None)
    holds = None
    if item.status == "settled":
        holds = decided if decided is not None else rubric.together(queue.plan.fields, reviews)
    apart = rubric.differ(queue.plan.fields, reviews) if len(reviews) > 1 else []
    return Result(item.place, item.known_as, item.status, holds, apart, [_said(one) for one in marks])


def veiled(found: Result) -> Result:
    """What may be seen while others review: who said something is nobody's business before it is settled, nor what."""
    if found.status == "settled":
        return found
    said = [msgspec.structs.replace(one, who="", answers={}) for one in found.said]
    return msgspec.structs.replace(found, item="", said=said)


def _said(one: Mark) -> Said:
    return Said(one.who, one.role, one.answers, clock.iso(one.at), round(max(0, one.at - one.began) / 1e9, 3))


def check(queue: Queue, expected: str, accept: str) -> None:
    """Whether cases can be made with these fields. Raises RequestError."""
    known = {one.name: one for one in queue.plan.fields}
    for param, name in (("expected", expected), ("accept", accept)):
        if name and name not in known:
            raise RequestError(f"the rubric has no field {name[:60]!r}; it has: {', '.join(known)}", param=param)
    if accept and known[accept].kind != "yes/no" and known[accept].words() != ("fail", "pass"):
        raise RequestError(f"`accept` is a yes/no field, and {accept!r} is none", param="accept")


def labelled(case: Case, queue: Queue, found: Result, expected: str, accept: str) -> Case:
    """The case with what people said in `recorded.review`. What its field `expected` says is what is expected; else,
    where the field `accept` says yes, what was answered is. Otherwise the case expects what it did."""
    holds = found.answers or {}
    review = {
        "queue": queue.name, "item": found.item, "answers": holds,
        "by": [{"who": one.who, "role": one.role, "at": one.at} for one in found.said],
    }  # fmt: skip
    changed = msgspec.structs.replace(case, recorded={**case.recorded, "review": review})
    right: Any = holds.get(expected) if expected else None
    if right is None and accept and holds.get(accept) in ("yes", "pass"):
        answer = case.recorded.get("answer") or {}
        right = answer.get("calls") or answer.get("text")
    if right is None or right == "":
        return changed
    return msgspec.structs.replace(changed, expected=right, labelled="person")
