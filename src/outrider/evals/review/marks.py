"""Who reviews what: items are lent to people for a while, and what they say is written down once.

Every change of a queue's marks holds the queue's lock, so no item is lent to more people than it needs, on one machine
or on many. A lease is a row with an end: nothing has to be cleaned up after a process that was killed.
"""

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals.judging import labels
from outrider.evals.judging.labels import Label
from outrider.evals.records import digest
from outrider.evals.review import rubric
from outrider.evals.review.queues import Item, Queue, Queues, Status, lock
from outrider.evals.review.rubric import Answers
from outrider.store import Tx
from outrider.store.ports import Row

Role = Literal["review", "adjudicate"]
Standing = Literal["held", "given", "passed"]
LENT_NS = 15 * 60 * 1_000_000_000
"""How long an item is kept for somebody who is not heard of."""
TRIES = 50
LONGEST_WHO = 120
_COLUMNS = "place, who, role, status, until, began, at, answers"


class Mark(msgspec.Struct, frozen=True):
    """Somebody's place at an item. `began` is when it was lent to them, `at` when they said `answers`; nanoseconds."""

    place: int
    who: str
    role: Role
    status: Standing
    until: int
    began: int
    at: int
    answers: Answers


class Marks:
    """What people do with the items of queues."""

    def __init__(self, queues: Queues) -> None:
        self._queues, self._store = queues, queues.store

    def next(self, queue: Queue, who: str, role: Role = "review", key: str = "") -> Item | None:
        """The item that `who` has, or another one, lent to them; None: nothing is there for them. Blind reviewers get
        items in an order of their own, those that somebody began first; nobody gets an item twice. `key` is what they
        speak with, if it may not decide about what was reviewed with it. Raises RequestError 409 for a queue that is
        closed, 403 where only that is left."""
        _check_who(who)
        if queue.state != "open":
            raise RequestError(f"the queue {queue.name!r} is closed", status=409, code="queue_closed", param="queue")
        while True:
            wanted = self._candidates(queue, who, role)
            if wanted and role == "adjudicate" and key:
                own = self._reviewed(queue, key)
                wanted = [item for item in wanted if item.place not in own]
                if not wanted:
                    raise _own(queue)
            with self._store().write([lock(queue.id)]) as tx:
                if (mine := self._mine(tx, queue, who, role)) is not None:
                    _check_own(tx, queue, mine, role, key)
                    return self._queues.item(queue, mine)
                for item in wanted:
                    if self._lend(tx, queue, item, who, role):
                        return item
            if not wanted:
                return None

    def _candidates(self, queue: Queue, who: str, role: Role) -> list[Item]:
        """Items that may be free for them, in the order in which they shall come. Read without the lock."""
        rows = self._store().query(
            "SELECT i.place, i.known_as, i.cluster, i.status, COALESCE(m.taken, 0), COALESCE(m.mine, 0)"
            " FROM review_items i LEFT JOIN (SELECT place,"
            " SUM(CASE WHEN role = ? AND (status = 'given' OR status = 'held' AND until > ?) THEN 1 ELSE 0 END)"
            " AS taken,"
            " MAX(CASE WHEN who = ? AND status <> 'held' THEN 1 ELSE 0 END) AS mine"
            " FROM review_marks WHERE queue = ? GROUP BY place) m ON m.place = i.place"
            " WHERE i.queue = ? AND i.status = ?",
            (role, clock.now_ns(), who, queue.id, queue.id, _wanted(role)),
        )
        room = _room(queue, role)

        def order(row: Row) -> tuple[int, bytes | int]:
            place = int(row[0])
            said = f"{queue.id}/{who}/{place}".encode()
            return -int(row[4]), hashlib.blake2b(said, digest_size=8).digest() if queue.plan.blind else place

        free = (row for row in rows if not row[5] and row[4] < room)
        return [Item(*row[:4]) for row in heapq.nsmallest(TRIES, free, key=order)]

    def _reviewed(self, queue: Queue, key: str) -> set[int]:
        """Places of items that somebody reviewed with a key, in whosever name."""
        rows = self._store().query(
            "SELECT DISTINCT place, who FROM review_marks WHERE queue = ? AND role = 'review' AND status = 'given'"
            f" AND substr(who, 1, {len(key)}) = ?",
            (queue.id, key),
        )
        return {int(place) for place, who in rows if key_of(who) == key}

    def _mine(self, tx: Tx, queue: Queue, who: str, role: Role) -> int | None:
        """The item that they have, for some more time."""
        now = clock.now_ns()
        rows = tx.query(
            "SELECT m.place FROM review_marks m JOIN review_items i ON i.queue = m.queue AND i.place = m.place"
            " WHERE m.queue = ? AND m.who = ? AND m.status = 'held' AND m.until > ? AND m.role = ? AND i.status = ?"
            " ORDER BY m.place LIMIT 1",
            (queue.id, who, now, role, _wanted(role)),
        )
        if not rows:
            return None
        tx.execute(
            "UPDATE review_marks SET until = ? WHERE queue = ? AND place = ? AND who = ?",
            (now + LENT_NS, queue.id, rows[0][0], who),
        )
        return int(rows[0][0])

    def _lend(self, tx: Tx, queue: Queue, item: Item, who: str, role: Role) -> bool:
        """Lend an item, if it is still free for them."""
        now, marks = clock.now_ns(), _marks(tx, queue, item.place)
        if _status(tx, queue, item.place) != _wanted(role) or _taken(marks, role, who, now) >= _room(queue, role):
            return False
        if any(one.who == who and one.status != "held" for one in marks):
            return False
        tx.execute("DELETE FROM review_marks WHERE queue = ? AND place = ? AND who = ?", (queue.id, item.place, who))
        tx.execute(
            f"INSERT INTO review_marks (queue, {_COLUMNS}) VALUES (?, ?, ?, ?, 'held', ?, ?, 0, '{{}}')",
            (queue.id, item.place, who, role, now + LENT_NS, now),
        )
        return True

    # -- what they say --------------------------------------------------------------------------------------------

    def give(
        self,
        queue: Queue,
        place: int,
        who: str,
        said: Mapping[str, Any],
        found: Sequence[Label] = (),
        key: str = "",
    ) -> Status:
        """Write down what somebody says of the item that they have; `found` are labels of a judge that follow from it.
        Said again in the same words, it changes nothing. `key` as for `next`. Raises RequestError 400 for answers that
        cannot be, 403, 404, 409 where the item is not theirs (any more)."""
        answers, now = rubric.answers(queue.plan.fields, said), clock.now_ns()
        with self._store().write([lock(queue.id)]) as tx:
            status, marks = _status(tx, queue, place), _marks(tx, queue, place)
            mine = next((one for one in marks if one.who == who), None)
            if mine is not None and mine.status == "given" and mine.answers == answers:
                return status
            if mine is None or mine.status != "held":
                raise _not_theirs(queue, place)
            if status != _wanted(mine.role) or _taken(marks, mine.role, who, now) >= _room(queue, mine.role):
                raise _not_theirs(queue, place)
            _check_own(tx, queue, place, mine.role, key)
            tx.execute(
                "UPDATE review_marks SET status = 'given', at = ?, answers = ?"
                " WHERE queue = ? AND place = ? AND who = ?",
                (now, msgspec.json.encode(answers).decode(), queue.id, place, who),
            )
            for label in found:
                settles = mine.role == "adjudicate"
                labels.insert(tx, msgspec.structs.replace(label, id=_label_id(queue, place, who), settles=settles))
            status = "settled" if mine.role == "adjudicate" else self._decided(tx, queue, place)
            _set(tx, queue, place, status)
        return status

    def skip(self, queue: Queue, place: int, who: str) -> None:
        """They cannot say anything about it: somebody else will. Raises RequestError 404, 409."""
        with self._store().write([lock(queue.id)]) as tx:
            _status(tx, queue, place)
            passed = tx.execute(
                "UPDATE review_marks SET status = 'passed', at = ?"
                " WHERE queue = ? AND place = ? AND who = ? AND status = 'held'",
                (clock.now_ns(), queue.id, place, who),
            )
            if not passed:
                raise _not_theirs(queue, place)

    def undo(self, queue: Queue, who: str) -> Mark:
        """Take back what they said (or passed) last: they have the item again, with what they said. Raises RequestError
        404 where there is nothing, 409 where others went on from it."""
        now = clock.now_ns()
        with self._store().write([lock(queue.id)]) as tx:
            rows = tx.query(
                f"SELECT {_COLUMNS} FROM review_marks WHERE queue = ? AND who = ? AND status <> 'held'"
                " ORDER BY at DESC, place LIMIT 1",
                (queue.id, who),
            )
            if not rows:
                raise RequestError("there is nothing to take back", status=404, code="nothing_to_undo")
            last = _mark(rows[0])
            marks = _marks(tx, queue, last.place)
            went_on = last.role == "review" and _taken(marks, "adjudicate", who, now) > 0
            if went_on or _taken(marks, last.role, who, now) >= _room(queue, last.role):
                raise RequestError("others went on from it: it stays", status=409, code="too_late")
            tx.execute("DELETE FROM review_marks WHERE queue = ? AND who = ? AND status = 'held'", (queue.id, who))
            tx.execute(
                "UPDATE review_marks SET status = 'held', until = ?, began = ?"
                " WHERE queue = ? AND place = ? AND who = ?",
                (now + LENT_NS, now - max(0, last.at - last.began), queue.id, last.place, who),
            )
            labels.remove(tx, _label_id(queue, last.place, who))
            _set(tx, queue, last.place, _wanted(last.role))
        return last

    def _decided(self, tx: Tx, queue: Queue, place: int) -> Status:
        said = [one.answers for one in _marks(tx, queue, place) if one.status == "given" and one.role == "review"]
        if len(said) < queue.plan.reviewers:
            return "waiting"
        return "disputed" if rubric.differ(queue.plan.fields, said) else "settled"

    # -- looking --------------------------------------------------------------------------------------------------

    def of_item(self, queue: Queue, place: int) -> list[Mark]:
        """What was said of an item, in the order of time."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM review_marks WHERE queue = ? AND place = ? AND status = 'given' ORDER BY at, who",
            (queue.id, place),
        )
        return [_mark(row) for row in rows]

    def given(self, queue: Queue) -> list[Mark]:
        """All that was said, in the order of time."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM review_marks WHERE queue = ? AND status = 'given' ORDER BY at, place, who",
            (queue.id,),
        )
        return [_mark(row) for row in rows]

    def done(self, queue: Queue, who: str) -> int:
        """How many items somebody has said something of."""
        rows = self._store().query(
            "SELECT COUNT(*) FROM review_marks WHERE queue = ? AND who = ? AND status = 'given'", (queue.id, who)
        )
        return int(rows[0][0])

    def kept(self, queue: Queue, place: int, who: str) -> Mark | None:
        """Their place at an item."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM review_marks WHERE queue = ? AND place = ? AND who = ?", (queue.id, place, who)
        )
        return _mark(rows[0]) if rows else None


def _wanted(role: Role) -> Status:
    return "waiting" if role == "review" else "disputed"


def _room(queue: Queue, role: Role) -> int:
    return queue.plan.reviewers if role == "review" else 1


def _taken(marks: Sequence[Mark], role: Role, who: str, now: int) -> int:
    """How many others have it, or have said something."""
    return sum(
        one.role == role and one.who != who and (one.status == "given" or (one.status == "held" and one.until > now))
        for one in marks
    )


def _status(tx: Tx, queue: Queue, place: int) -> Status:
    rows = tx.query("SELECT status FROM review_items WHERE queue = ? AND place = ?", (queue.id, place))
    if not rows:
        raise RequestError(f"{queue.name!r} has no item {place}", status=404, code="unknown_item", param="item")
    found: Status = rows[0][0]
    return found


def _set(tx: Tx, queue: Queue, place: int, status: Status) -> None:
    tx.execute("UPDATE review_items SET status = ? WHERE queue = ? AND place = ?", (status, queue.id, place))


def _marks(tx: Tx, queue: Queue, place: int) -> list[Mark]:
    rows = tx.query(f"SELECT {_COLUMNS} FROM review_marks WHERE queue = ? AND place = ? ORDER BY at", (queue.id, place))
    return [_mark(row) for row in rows]


def _mark(row: Row) -> Mark:
    place, who, role, status, until, began, at, answers = row
    said = msgspec.json.decode(answers, type=dict[str, str | int | float])
    return Mark(place, who, role, status, until, began, at, said)


def _label_id(queue: Queue, place: int, who: str) -> str:
    """The same for the same mark, so that it can be taken back."""
    return f"lab_{digest([queue.id, place, who])[:24]}"


def _check_who(who: str) -> None:
    if not who or len(who) > LONGEST_WHO or not who.isprintable() or who != who.strip():
        raise RequestError(f"say who reviews: 1 to {LONGEST_WHO} printable characters", param="who")


def key_of(who: str) -> str:
    """The key of a name: itself, or what stands before its person."""
    return who.partition("/")[0]


def _check_own(tx: Tx, queue: Queue, place: int, role: Role, key: str) -> None:
    """Raises RequestError 403 where a key decides about what was reviewed with it."""
    if role != "adjudicate" or not key:
        return
    if any(
        one.role == "review" and one.status == "given" and key_of(one.who) == key for one in _marks(tx, queue, place)
    ):
        raise _own(queue)


def _own(queue: Queue) -> RequestError:
    return RequestError(
        f"what is disputed in {queue.name!r} was reviewed with this key, in whosever name: another key decides, or one"
        " made with `outrider keys create --may reviews`, which speaks for several people",
        status=403,
        code="own_review",
        param="role",
    )


def _not_theirs(queue: Queue, place: int) -> RequestError:
    return RequestError(
        f"item {place} of {queue.name!r} is not yours (any more): it was given to others, or you reviewed it; take the"
        " next one",
        status=409,
        code="not_yours",
        param="item",
    )
