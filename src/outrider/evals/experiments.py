"""Experiments in the store: what was to be asked, what came of it, and who works on it.

An answer is written down once, with its scores. Blocking; use it in threads.
"""

import hashlib
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals import holders
from outrider.evals.records import Outcome, Score
from outrider.store import Store, Tx
from outrider.store.ports import Row

Status = Literal["waiting", "running", "stopped", "done"]
HOLD_NS = 15_000_000_000
"""How long an experiment is kept for a process that is not heard of."""
_EVER = 1 << 62
PORTION = 500
_encode = msgspec.json.Encoder(enc_hook=str).encode
_outcome = msgspec.json.Decoder(Outcome).decode
_scores = msgspec.json.Decoder(dict[str, Score]).decode
_marks = msgspec.json.Decoder(dict[str, float]).decode
_COLUMNS = "id, project, name, status, author, created, ended, holder, held_until, items, plan, about"


class Experiment(msgspec.Struct):
    """An experiment. `plan` is what was asked for, `about` what is to be said of it (why it stopped). Times are
    nanoseconds, 0: not yet."""

    id: str
    project: str
    name: str
    status: Status
    author: str
    created: int
    ended: int
    holder: str
    held_until: int
    items: int
    plan: dict[str, Any]
    about: dict[str, Any]


class Item(msgspec.Struct, frozen=True):
    """One answer that is to be had: a variant's `turn`th to a case. `known_as` is the same for the same question."""

    place: int
    case_id: str
    case_digest: str
    variant: str
    turn: int
    known_as: str


class Done(msgspec.Struct):
    """What came of an item."""

    item: Item
    outcome: Outcome
    scores: dict[str, Score]

    @property
    def cost(self) -> int:
        """Nano-dollars, judges included."""
        return self.outcome.cost + sum(one.cost for one in self.scores.values())


class Gist(msgspec.Struct, frozen=True):
    """What is known of an answer without its texts: a digest of what was said, and the values of its scores."""

    place: int
    case: str
    variant: str
    said: bytes
    marks: dict[str, float]


class Progress(msgspec.Struct, frozen=True):
    """How far an experiment is. `cost` is nano-dollars."""

    items: int
    done: int
    cost: int


class Experiments:
    """The experiments of an evals store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def create(
        self, project: str, name: str, plan: Mapping[str, Any], items: Sequence[Item], *, author: str = ""
    ) -> Experiment:
        """A new one with all of its items; it waits for somebody to work on it."""
        made = Experiment(
            f"exp_{ids.token(12)}",
            project,
            name,
            "waiting",
            author,
            clock.now_ns(),
            0,
            "",
            0,
            len(items),
            dict(plan),
            {},
        )
        with self._store().write([_lock(made.id)]) as tx:
            values = msgspec.structs.astuple(made)
            tx.execute(
                f"INSERT INTO experiments ({_COLUMNS}) VALUES ({', '.join('?' * 12)})",
                (*values[:-2], zstandard.compress(_encode(made.plan)), "{}"),
            )
            _put(tx, made.id, items)
        return made

    def extend(self, id_: str, known: int, items: Sequence[Item]) -> bool:
        """More items for one that has `known` of them, which waits again. False: somebody else has added some, or
        works on it."""
        now = clock.now_ns()
        with self._store().write([_lock(id_)]) as tx:
            mine = tx.execute(
                "UPDATE experiments SET items = ?, status = 'waiting', ended = 0"
                " WHERE id = ? AND items = ? AND held_until < ?",
                (known + len(items), id_, known, now),
            )
            if mine == 1:
                _put(tx, id_, items)
        return mine == 1

    def get(self, project: str, id_: str) -> Experiment:
        """By its id, or the newest of a name. Raises RequestError 404."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM experiments WHERE project = ? AND (id = ? OR name = ?)"
            " ORDER BY created DESC LIMIT 1",
            (project, id_, id_),
        )
        if not rows:
            raise RequestError(
                f"there is no experiment {id_[:80]!r}", status=404, code="unknown_experiment", param="experiment"
            )
        return _experiment(rows[0])

    def newest(self, project: str, limit: int = 50, before: int = 0) -> list[Experiment]:
        """The newest first; `before` (ns) pages on."""
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM experiments WHERE project = ? AND created < ? ORDER BY created DESC LIMIT ?",
            (project, before or clock.now_ns() + 1, limit),
        )
        return [_experiment(row) for row in rows]

    def progress(self, id_: str) -> Progress:
        """How far it is."""
        rows = self._store().query(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN status = 'done' THEN 1 ELSE 0 END), 0), COALESCE(SUM(cost), 0)"
            " FROM experiment_items WHERE experiment = ?",
            (id_,),
        )
        return Progress(*(int(one) for one in rows[0]))

    # -- who works on it ----------------------------------------------------------------------------------------

    def claim(self, id_: str, holder: str) -> bool:
        """Take it, if nobody else holds it. The same holder may take it again; one of this machine that was killed
        holds nothing."""
        now = clock.now_ns()
        with self._store().write([_lock(id_)]) as tx:
            rows = tx.query("SELECT holder FROM experiments WHERE id = ? AND status <> 'done'", (id_,))
            before = str(rows[0][0]) if rows else ""
            free = _EVER if before == holder or holders.gone(before) else now
            taken = tx.execute(
                "UPDATE experiments SET holder = ?, held_until = ?, status = 'running', ended = 0"
                " WHERE id = ? AND status <> 'done' AND holder = ? AND held_until < ?",
                (holder, now + HOLD_NS, id_, before, free),
            )
        return taken == 1

    def hold(self, id_: str, holder: str) -> bool:
        """Keep holding it. False: somebody else does, or it was stopped."""
        with self._store().write([_lock(id_)]) as tx:
            held = tx.execute(
                "UPDATE experiments SET held_until = ? WHERE id = ? AND holder = ? AND status = 'running'",
                (clock.now_ns() + HOLD_NS, id_, holder),
            )
        return held == 1

    def end(self, id_: str, holder: str, status: Status, about: Mapping[str, Any] | None = None) -> None:
        """Let go of it."""
        with self._store().write([_lock(id_)]) as tx:
            tx.execute(
                "UPDATE experiments SET status = ?, ended = ?, held_until = 0, about = ? WHERE id = ? AND holder = ?",
                (status, clock.now_ns(), _encode(dict(about or {})).decode(), id_, holder),
            )

    def stop(self, project: str, id_: str) -> Experiment:
        """Ask whoever works on it to stop; it can be resumed. Raises RequestError 404."""
        found = self.get(project, id_)
        with self._store().write([_lock(found.id)]) as tx:
            tx.execute(
                "UPDATE experiments SET status = 'stopped', ended = ?"
                " WHERE id = ? AND status IN ('waiting', 'running')",
                (clock.now_ns(), found.id),
            )
        return self.get(project, found.id)

    # -- items --------------------------------------------------------------------------------------------------

    def waiting(self, id_: str, after: int = -1, limit: int = PORTION) -> list[Item]:
        """Items without an answer, by place."""
        rows = self._store().query(
            "SELECT place, case_id, case_digest, variant, turn, known_as FROM experiment_items"
            " WHERE experiment = ? AND place > ? AND status = 'waiting' ORDER BY place LIMIT ?",
            (id_, after, limit),
        )
        return [Item(*row) for row in rows]

    def record(self, id_: str, done: Iterable[Done]) -> None:
        """Write down what came of items, all or none. What is there already stays."""
        rows, gists = [], []
        for one in done:
            rows.append((one.cost, zstandard.compress(_encode(one.outcome)), _encode(one.scores), id_, one.item.place))
            gists.append((_said(one.outcome), _marked(one.scores), id_, one.item.place))
        with self._store().write([_lock(id_)]) as tx:
            tx.executemany(f"{_GIST} AND status = 'waiting'", gists)
            tx.executemany(
                "UPDATE experiment_items SET status = 'done', cost = ?, outcome = ?, scores = ?"
                " WHERE experiment = ? AND place = ? AND status = 'waiting'",
                rows,
            )

    def rescore(self, id_: str, place: int, scores: Mapping[str, Score]) -> None:
        """Other scores for an answer that is there."""
        with self._store().write([_lock(id_)]) as tx:
            tx.execute(
                "UPDATE experiment_items SET scores = ? WHERE experiment = ? AND place = ?",
                (_encode(scores), id_, place),
            )
            tx.execute(
                "UPDATE experiment_gists SET marks = ? WHERE experiment = ? AND place = ?",
                (_marked(scores), id_, place),
            )

    def earlier(self, project: str, known_as: Sequence[str]) -> dict[str, Outcome]:
        """Good answers to the same questions in any experiment of the project."""
        found: dict[str, Outcome] = {}
        for at in range(0, len(known_as), PORTION):
            part = list(known_as[at : at + PORTION])
            rows = self._store().query(
                "SELECT i.known_as, i.outcome FROM experiment_items i JOIN experiments e ON e.id = i.experiment"
                f" WHERE e.project = ? AND i.status = 'done' AND i.known_as IN ({', '.join('?' * len(part))})",
                (project, *part),
            )
            for key, body in rows:
                outcome = _outcome(zstandard.decompress(body))
                if outcome.status != "error":
                    found[str(key)] = outcome
        return found

    def done(self, id_: str, *, case: str = "") -> Iterator[Done]:
        """What came of it so far, by place; of one case alone where it is named."""
        last, more = -1, True
        where, params = (" AND case_id = ?", (case,)) if case else ("", ())
        while more:
            rows = self._store().query(
                "SELECT place, case_id, case_digest, variant, turn, known_as, outcome, scores FROM experiment_items"
                f" WHERE experiment = ? AND place > ? AND status = 'done'{where} ORDER BY place LIMIT {PORTION}",
                (id_, last, *params),
            )
            more = len(rows) == PORTION
            for *known, outcome, scores in rows:
                item = Item(*known)
                last = item.place
                yield Done(item, _outcome(zstandard.decompress(outcome)), _scores(bytes(scores)))

    def at(self, id_: str, places: Sequence[int]) -> list[Done]:
        """What came of the items at these places, in their order; what waits is left out."""
        found: list[Done] = []
        for at in range(0, len(places), PORTION):
            part = list(places[at : at + PORTION])
            rows = self._store().query(
                "SELECT place, case_id, case_digest, variant, turn, known_as, outcome, scores FROM experiment_items"
                f" WHERE experiment = ? AND place IN ({', '.join('?' * len(part))}) AND status = 'done' ORDER BY place",
                (id_, *part),
            )
            found += [
                Done(Item(*known), _outcome(zstandard.decompress(outcome)), _scores(bytes(scores)))
                for *known, outcome, scores in rows
            ]
        return found

    def gists(self, id_: str) -> Iterator[Gist]:
        """What came of it so far, by place, without any text: so quick that the size of answers does not count."""
        last, more = -1, True
        while more:
            rows = self._store().query(
                "SELECT i.place, i.case_id, i.variant, g.said, g.marks FROM experiment_items i"
                " LEFT JOIN experiment_gists g ON g.experiment = i.experiment AND g.place = i.place"
                f" WHERE i.experiment = ? AND i.place > ? AND i.status = 'done' ORDER BY i.place LIMIT {_MANY}",
                (id_, last),
            )
            more = len(rows) == _MANY
            late = self._late(id_, [int(row[0]) for row in rows if row[3] is None])
            for place, case, variant, said, marks in rows:
                last = int(place)
                known = late.get(last) if said is None else (bytes(said), str(marks))
                if known is not None:
                    yield Gist(last, str(case), str(variant), known[0], _marks(known[1]))

    def _late(self, id_: str, places: Sequence[int]) -> dict[int, tuple[bytes, str]]:
        """Gists of answers that were written down before there were any: made now, and kept."""
        found: dict[int, tuple[bytes, str]] = {}
        for at in range(0, len(places), PORTION):
            some = {one.item.place: (_said(one.outcome), _marked(one.scores))
                    for one in self.at(id_, places[at : at + PORTION])}  # fmt: skip
            with self._store().write([_lock(id_)]) as tx:
                tx.executemany(_GIST + _ONCE, [(*gist, id_, place, id_, place) for place, gist in some.items()])
            found |= some
        return found


_MANY = 5_000
_GIST = (
    "INSERT INTO experiment_gists (experiment, place, said, marks)"
    " SELECT experiment, place, ?, ? FROM experiment_items WHERE experiment = ? AND place = ?"
)
_ONCE = " AND NOT EXISTS (SELECT 1 FROM experiment_gists WHERE experiment = ? AND place = ?)"


def _said(outcome: Outcome) -> bytes:
    """By which answers that say the same are known."""
    said = _encode([outcome.status, outcome.text, outcome.calls, outcome.error])
    return hashlib.blake2b(said, digest_size=8).digest()


def _marked(scores: Mapping[str, Score]) -> str:
    values = {name: one.value for name, one in scores.items()}
    return _encode({name: one for name, one in values.items() if one is not None and math.isfinite(one)}).decode()


def _put(tx: Tx, id_: str, items: Sequence[Item]) -> None:
    tx.executemany(
        "INSERT INTO experiment_items (experiment, place, case_id, case_digest, variant, turn, known_as,"
        " status, cost) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', 0)",
        [(id_, *msgspec.structs.astuple(item)) for item in items],
    )


def _experiment(row: Row) -> Experiment:
    plan, about = msgspec.json.decode(zstandard.decompress(row[-2])), msgspec.json.decode(row[-1])
    fields = dict(zip(Experiment.__struct_fields__, (*row[:-2], plan, about), strict=True))
    return msgspec.convert(fields, Experiment)


def _lock(id_: str) -> int:
    return zlib.crc32(f"experiment/{id_}".encode()) >> 1
