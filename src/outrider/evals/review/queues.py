"""Queues in the store: what is reviewed, by which rubric, by how many; and their items. Blocking; use it in threads."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals import evaluators
from outrider.evals.evaluators import Evaluator
from outrider.evals.review.rubric import Field
from outrider.store import Store, Tx
from outrider.store.ports import Row

Status = Literal["waiting", "disputed", "settled"]
"""Of an item: reviewers are missing, they disagree, or it is decided."""
STATUSES: tuple[Status, ...] = ("waiting", "disputed", "settled")
State = Literal["open", "closed"]
MOST_ITEMS, MOST_REVIEWERS, LONGEST_NAME, PORTION = 20_000, 9, 100, 500
_COLUMNS = "id, project, name, author, created, state, gathered, plan"


class Source(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a queue is filled from: runs that `where` keeps (also those that come later), `runs` by their ids, or
    answers of an `experiment`: those of a `variant`, or those that a `judge` judged; or runs of live traffic that a
    `judge` of a `rule` judged. `share` of what is found is taken, and `most` items at most."""

    where: str = ""
    runs: tuple[str, ...] = ()
    experiment: str = ""
    variant: str = ""
    judge: str = ""
    share: float = 1.0
    most: int = 1_000
    rule: str = ""


class Plan(msgspec.Struct, frozen=True):
    """What is asked about what, of how many `reviewers` for each item. `blind`: they see neither who answered, nor
    scores, nor each other's marks. `judge` is the kind and the options of a rule's."""

    source: Source
    fields: tuple[Field, ...]
    reviewers: int = 1
    blind: bool = True
    judge: tuple[str, Any] | None = None

    def live_judge(self) -> Evaluator | None:
        """The judge of live traffic that the queue is about, as it was then."""
        return evaluators.named(*self.judge, self.source.judge) if self.judge is not None else None


class Queue(msgspec.Struct, frozen=True):
    """A queue. `gathered` is when its rule was last followed; times are nanoseconds."""

    id: str
    project: str
    name: str
    author: str
    created: int
    state: State
    gathered: int
    plan: Plan


class Item(msgspec.Struct, frozen=True):
    """Something to review: `run:ID`, `run:ID#STEP`, or `place:N` (`place:N/M` beside another) of an experiment. Items
    of one `cluster` are about the same case."""

    place: int
    known_as: str
    cluster: str
    status: Status


Found = tuple[str, str]
"""`known_as` and `cluster` of an item that is to be there."""


class Queues:
    """The review queues of an evals store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self.store = store

    def create(self, project: str, name: str, plan: Plan, found: Sequence[Found], *, author: str = "") -> Queue:
        """A new queue with its items, in their order. Raises RequestError 400, 409 for a name that is taken."""
        check(name, plan)
        now = clock.now_ns()
        made = Queue(f"rev_{ids.token(12)}", project, name, author, now, "open", now, plan)
        with self.store().write([lock(f"{project}/{name}")]) as tx:
            if tx.query("SELECT 1 FROM review_queues WHERE project = ? AND name = ?", (project, name)):
                raise RequestError(f"there is a queue {name!r} already", status=409, code="queue_exists", param="name")
            body = zstandard.compress(msgspec.json.encode(plan))
            tx.execute(
                f"INSERT INTO review_queues ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (made.id, project, name, author, now, made.state, now, body),
            )
            _insert(tx, made.id, list(found)[: plan.source.most], 0)
        return made

    def get(self, project: str, name: str) -> Queue:
        """By its name or id. Raises RequestError 404."""
        rows = self.store().query(
            f"SELECT {_COLUMNS} FROM review_queues WHERE project = ? AND (name = ? OR id = ?)", (project, name, name)
        )
        if not rows:
            raise RequestError(
                f"there is no review queue {name[:80]!r}", status=404, code="unknown_queue", param="queue"
            )
        return _queue(rows[0])

    def newest(self, project: str, limit: int = 100) -> list[Queue]:
        """The open ones first, then the newest."""
        rows = self.store().query(
            f"SELECT {_COLUMNS} FROM review_queues WHERE project = ?"
            " ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, created DESC LIMIT ?",
            (project, limit),
        )
        return [_queue(row) for row in rows]

    def turn(self, queue: Queue, state: State) -> Queue:
        """Open or close it. Nobody gets items of a closed one; what was said stays."""
        with self.store().write([lock(queue.id)]) as tx:
            tx.execute("UPDATE review_queues SET state = ? WHERE id = ?", (state, queue.id))
        return self.get(queue.project, queue.id)

    def add(self, queue: Queue, found: Sequence[Found]) -> int:
        """Items that are not there yet, as many as the queue may have; how many came."""
        with self.store().write([lock(queue.id)]) as tx:
            there = {str(row[0]) for row in tx.query("SELECT known_as FROM review_items WHERE queue = ?", (queue.id,))}
            new = [one for one in dict(found).items() if one[0] not in there]
            new = new[: max(0, queue.plan.source.most - len(there))]
            _insert(tx, queue.id, new, len(there))
            tx.execute("UPDATE review_queues SET gathered = ? WHERE id = ?", (clock.now_ns(), queue.id))
        return len(new)

    def items(self, queue: Queue, status: str = "", first: int = 0, limit: int = MOST_ITEMS) -> list[Item]:
        """Items by place, beginning with `first`."""
        which, more = (" AND status = ?", (status,)) if status else ("", ())
        rows = self.store().query(
            "SELECT place, known_as, cluster, status FROM review_items WHERE queue = ? AND place >= ?"
            f"{which} ORDER BY place LIMIT ?",
            (queue.id, first, *more, limit),
        )
        return [Item(*row) for row in rows]

    def item(self, queue: Queue, place: int) -> Item:
        """One item. Raises RequestError 404."""
        found = self.items(queue, first=place, limit=1)
        if not found or found[0].place != place:
            raise RequestError(f"{queue.name!r} has no item {place}", status=404, code="unknown_item", param="item")
        return found[0]

    def counts(self, queue: Queue) -> dict[Status, int]:
        """How many items are in which state."""
        rows = self.store().query(
            "SELECT status, COUNT(*) FROM review_items WHERE queue = ? GROUP BY status", (queue.id,)
        )
        known: dict[str, int] = {str(name): int(count) for name, count in rows}
        return {name: known.get(name, 0) for name in STATUSES}


def lock(name: str) -> int:
    """The lock of a queue: who holds it is alone with its items."""
    return zlib.crc32(f"review/{name}".encode()) >> 1


def _insert(tx: Tx, queue: str, found: Sequence[Found], first: int) -> None:
    tx.executemany(
        "INSERT INTO review_items (queue, place, known_as, cluster, status) VALUES (?, ?, ?, ?, 'waiting')",
        [(queue, first + at, known_as, cluster) for at, (known_as, cluster) in enumerate(dict(found).items())],
    )


def _queue(row: Row) -> Queue:
    id_, project, name, author, created, state, gathered, body = row
    plan = msgspec.json.decode(zstandard.decompress(body), type=Plan)
    return Queue(id_, project, name, author, created, state, gathered, plan)


def check(name: str, plan: Plan) -> None:
    """Raises RequestError for a name or a plan that cannot be."""
    unfit = not name.strip(".") or name != name.strip() or "/" in name or name.endswith(".json")  # it is in addresses
    if unfit or len(name) > LONGEST_NAME or not name.isprintable():
        raise RequestError(
            f"a queue's name is 1 to {LONGEST_NAME} printable characters without `/`, without space at its ends, and"
            " does not end in .json",
            param="name",
        )
    if not 1 <= plan.reviewers <= MOST_REVIEWERS:
        raise RequestError(f"an item has 1 to {MOST_REVIEWERS} reviewers", param="reviewers")
    if not 1 <= plan.source.most <= MOST_ITEMS:
        raise RequestError(f"a queue has 1 to {MOST_ITEMS} items at most", param="most")
    if not 0 < plan.source.share <= 1:
        raise RequestError("`share` lies above 0 and is at most 1", param="share")
