"""Durable jobs in the knowledge store: who works on one, how far it is, what became of each of its items.

Blocking; use it in threads. What a job does is not known here (`work`): an application names its own kinds.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError
from outrider.knowledge import sent
from outrider.knowledge.sent import Sending, SentFile
from outrider.store import Store, Tx

Status = Literal["waiting", "running", "done", "failed", "cancelled"]
HOLD_NS = 20_000_000_000
"""How long a process that is not heard of keeps its jobs."""
EMBED = "embed"
"""The kind that waits for all others: it goes on for long, and nothing waits for it."""
MOST_REASON = 500
PAGE = 200

_COLUMNS = (
    "id, project, collection, kind, status, asker, created, started, ended, cancelling, holder, held_until, total,"
    " done, faults, made, about"
)


class Lost(OutriderError):
    """Another process works on the job by now, or it is over."""

    code = "job_lost"


class Job(msgspec.Struct, omit_defaults=True):
    """Work on a collection. Times are nanoseconds (0: not yet). `total` and `done` count items (0: not known yet),
    `faults` those that failed. `made` is what was asked for, `about` what became of it; both depend on `kind`."""

    id: str
    project: str
    collection: str
    kind: str
    status: Status
    asker: str
    created: int
    started: int
    ended: int
    cancelling: int
    holder: str
    held_until: int
    total: int
    done: int
    faults: int
    made: dict[str, Any]
    about: dict[str, Any]


class Item(NamedTuple):
    """What became of one item: `outcome` is `fault` (with its reason), or a word of the job's kind."""

    item: str
    outcome: str
    reason: str = ""
    document: str = ""


FAULT = "fault"


class Jobs:
    """All jobs of a knowledge store. `open_` gives the store. Every method blocks and raises StoreUnavailable."""

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_

    # -- what callers do ----------------------------------------------------------------------------------------

    def create(
        self,
        project: str,
        collection: str,
        kind: str,
        made: Mapping[str, Any] | None = None,
        *,
        asker: str = "",
        once: bool = False,
        files: Sequence[Sending] = (),
    ) -> Job:
        """A job that some process will begin soon. With `once`, one of the same kind and collection that is not over is
        given instead. `files` come with it."""
        now = clock.now_ns()
        job = Job(
            f"job_{ids.new_id().hex()}", project, collection, kind, "waiting", asker, now, 0, 0, 0, "", 0, 0, 0, 0,
            dict(made or {}), {},
        )  # fmt: skip
        row = (*msgspec.structs.astuple(job)[:-2], _text(job.made), "{}")
        with self._open().write((lock(f"{project}/{collection}"),)) as tx:
            if once:
                sql = "SELECT id FROM knowledge_jobs WHERE project = ? AND collection = ? AND kind = ? AND ended = 0"
                for (id_,) in tx.query(sql, (project, collection, kind)):
                    return _job(tx.query(f"SELECT {_COLUMNS} FROM knowledge_jobs WHERE id = ?", (id_,))[0])
            tx.execute(f"INSERT INTO knowledge_jobs ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
            sent.keep(tx, job.id, files)
        return job

    def get(self, project: str, id_: str) -> Job:
        """Raises RequestError 404."""
        sql = f"SELECT {_COLUMNS} FROM knowledge_jobs WHERE id = ? AND project = ?"
        rows = self._open().query(sql, (id_, project))
        if not rows:
            raise RequestError(
                f"no job {id_[:100]!r} in the project {project!r}; `outrider knowledge status` lists them",
                status=404,
                code="job_not_found",
                param="id",
            )
        return _job(rows[0])

    def newest(self, project: str, collection: str = "", *, most: int = 20) -> list[Job]:
        """The newest first."""
        sql, params = f"SELECT {_COLUMNS} FROM knowledge_jobs WHERE project = ?", [project]
        if collection:
            sql, params = f"{sql} AND collection = ?", [project, collection]
        rows = self._open().query(f"{sql} ORDER BY id DESC LIMIT ?", (*params, most))
        return [_job(row) for row in rows]

    def open(self) -> int:
        """How many jobs are not over."""
        return int(self._open().query("SELECT count(*) FROM knowledge_jobs WHERE ended = 0")[0][0])

    def waiting(self) -> list[str]:
        """The ids of jobs that nobody works on."""
        return [r[0] for r in self._open().query("SELECT id FROM knowledge_jobs WHERE ended = 0 AND holder = ''")]

    def items(self, id_: str, outcome: str = "", *, after: str = "", most: int = PAGE) -> list[Item]:
        """What became of the job's items, by name: of all, or those with this outcome (`fault`)."""
        sql = "SELECT item, outcome, reason, document FROM knowledge_job_items WHERE job = ? AND item > ?"
        params: list[str | int] = [id_, after]
        if outcome:
            sql, params = f"{sql} AND outcome = ?", [*params, outcome]
        return [Item(*row) for row in self._open().query(f"{sql} ORDER BY item LIMIT ?", (*params, most))]

    def outcomes(self, id_: str) -> dict[str, int]:
        """How many items had which outcome."""
        sql = "SELECT outcome, count(*) FROM knowledge_job_items WHERE job = ? GROUP BY outcome"
        return {outcome: int(count) for outcome, count in self._open().query(sql, (id_,))}

    def cancel(self, project: str, id_: str) -> Job:
        """Ask for its end; one that nobody works on ends at once. Raises RequestError 404; 409 when it is over."""
        found, now = self.get(project, id_), clock.now_ns()
        with self._open().write((lock(id_),)) as tx:
            tx.execute(
                "UPDATE knowledge_jobs SET cancelling = ?,"
                " status = CASE WHEN holder = '' THEN 'cancelled' ELSE status END,"
                " ended = CASE WHEN holder = '' THEN ? ELSE ended END WHERE id = ? AND ended = 0",
                (now, now, id_),
            )
            if tx.query("SELECT 1 FROM knowledge_jobs WHERE id = ? AND ended > 0", (id_,)):
                sent.forget(tx, id_)
        found = self.get(project, id_)
        if found.ended and found.status != "cancelled":
            raise RequestError(f"the job is over: {found.status}", status=409, code="job_over", param="id")
        return found

    # -- who works on what --------------------------------------------------------------------------------------

    def claim(
        self,
        holder: str,
        dead: Callable[[str], bool],
        *,
        kinds: Sequence[str] = (),
        only: str = "",
        besides: Iterable[str] = (),
    ) -> Job | None:
        """The oldest job that nobody works on, now held by `holder`: of these kinds (none named: any), `only` this one,
        none of `besides`. `dead` says that a process is surely gone."""
        now, store = clock.now_ns(), self._open()
        sql = "SELECT id, kind, holder, held_until FROM knowledge_jobs WHERE ended = 0 ORDER BY created"
        rows = sorted(store.query(sql), key=lambda row: row[1] == EMBED)
        for id_, kind, present, until in rows:
            if (only and id_ != only) or (kinds and kind not in kinds) or id_ in besides:
                continue
            if present and until > now and not dead(present):
                continue
            with store.write((lock(id_),)) as tx:
                taken = tx.execute(
                    "UPDATE knowledge_jobs SET holder = ?, held_until = ?, status = 'running',"
                    " started = CASE WHEN started = 0 THEN ? ELSE started END"
                    " WHERE id = ? AND holder = ? AND ended = 0",
                    (holder, now + HOLD_NS, now, id_, present),
                )
                if taken:
                    return _job(tx.query(f"SELECT {_COLUMNS} FROM knowledge_jobs WHERE id = ?", (id_,))[0])
        return None

    def hold(self, job: Job) -> int:
        """Keep on holding it; when its end was asked for (0: it was not). Raises Lost."""
        with self._open().write((lock(job.id),)) as tx:
            sql = "UPDATE knowledge_jobs SET held_until = ? WHERE id = ? AND holder = ? AND ended = 0"
            if not tx.execute(sql, (clock.now_ns() + HOLD_NS, job.id, job.holder)):
                raise _lost(job)
            return int(tx.query("SELECT cancelling FROM knowledge_jobs WHERE id = ?", (job.id,))[0][0])

    def release(self, job: Job) -> None:
        """Somebody else may go on with it."""
        with self._open().write((lock(job.id),)) as tx:
            sql = "UPDATE knowledge_jobs SET holder = '', held_until = 0, status = 'waiting', about = ? WHERE id = ?"
            tx.execute(f"{sql} AND holder = ? AND ended = 0", (_text(job.about), job.id, job.holder))

    def others_wait(self) -> bool:
        """Whether a job waits that goes before embedding."""
        sql = "SELECT 1 FROM knowledge_jobs WHERE ended = 0 AND holder = '' AND kind <> ? LIMIT 1"
        return bool(self._open().query(sql, (EMBED,)))

    # -- what its holder writes ---------------------------------------------------------------------------------

    def done(self, id_: str) -> set[str]:
        """The items that have an outcome."""
        return {row[0] for row in self._open().query("SELECT item FROM knowledge_job_items WHERE job = ?", (id_,))}

    def record(self, job: Job, items: Iterable[Item] = (), *, total: int | None = None) -> None:
        """Write what became of items; one that is there already stays as it is. Raises Lost."""
        now = clock.now_ns()
        with self._open().write((lock(job.id),)) as tx:
            new = [one for one in items if _put(tx, job.id, one, now)]
            faults = sum(one.outcome == FAULT for one in new)
            self._changed(
                tx,
                job,
                "total = ?, done = done + ?, faults = faults + ?, about = ?",
                (job.total if total is None else total, len(new), faults, _text(job.about)),
            )
        job.total = job.total if total is None else total
        job.done, job.faults = job.done + len(new), job.faults + faults

    def count(self, job: Job, done: int, total: int) -> None:
        """How far a job without items is. Raises Lost."""
        with self._open().write((lock(job.id),)) as tx:
            self._changed(tx, job, "done = ?, total = ?, about = ?", (done, total, _text(job.about)))
        job.done, job.total = done, total

    def end(self, job: Job, status: Status, why: str = "") -> None:
        """The job is over. Raises Lost."""
        now = clock.now_ns()
        if why:
            job.about["why"] = why[:MOST_REASON]
        with self._open().write((lock(job.id),)) as tx:
            self._changed(
                tx,
                job,
                "status = ?, ended = ?, about = ?, holder = '', held_until = 0",
                (status, now, _text(job.about)),
            )
            sent.forget(tx, job.id)
        job.status, job.ended = status, now

    @staticmethod
    def _changed(tx: Tx, job: Job, what: str, values: Sequence[int | str]) -> None:
        sql = f"UPDATE knowledge_jobs SET {what} WHERE id = ? AND holder = ? AND ended = 0"
        if not tx.execute(sql, (*values, job.id, job.holder)):
            raise _lost(job)

    def files(self, id_: str) -> Iterator[SentFile]:
        """The files that came with the job."""
        return sent.files(self._open(), id_)

    def sweep(self, before: int, keep: int = 20) -> int:
        """Remove jobs that ended before that time, but the newest `keep` of each collection; the number of them."""
        rows = self._open().query(
            "SELECT id FROM (SELECT id, ended,"
            " row_number() OVER (PARTITION BY project, collection ORDER BY id DESC) AS n"
            " FROM knowledge_jobs) AS j WHERE n > ? AND ended > 0 AND ended < ? LIMIT 200",
            (keep, before),
        )
        for (id_,) in rows:
            with self._open().write((lock(id_),)) as tx:
                tx.execute("DELETE FROM knowledge_job_items WHERE job = ?", (id_,))
                sent.forget(tx, id_)
                tx.execute("DELETE FROM knowledge_jobs WHERE id = ?", (id_,))
        return len(rows)


def lock(name: str) -> int:
    """A number of 31 bits: who changes the same thing waits for the other."""
    return zlib.crc32(name.encode()) >> 1


def _put(tx: Tx, job: str, one: Item, now: int) -> bool:
    sql = "INSERT INTO knowledge_job_items (job, item, outcome, reason, document, at) VALUES (?, ?, ?, ?, ?, ?)"
    values = (job, one.item, one.outcome, one.reason[:MOST_REASON], one.document, now)
    return bool(tx.execute(f"{sql} ON CONFLICT DO NOTHING", values))


def _lost(job: Job) -> Lost:
    return Lost(f"{job.id} is worked on by another process, or was ended")


def _text(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value).decode()


def _job(row: Sequence[Any]) -> Job:
    fields: tuple[Any, ...] = (*row[:-2], msgspec.json.decode(row[-2]), msgspec.json.decode(row[-1]))
    return Job(*fields)
