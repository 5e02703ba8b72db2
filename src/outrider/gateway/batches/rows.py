"""Batches in the lease store: who works on one, how far it is, the lines that are done. Blocking; use it in threads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import zstandard

from outrider.base import clock, ids
from outrider.base.errors import OutriderError, RequestError
from outrider.base.usage import Usage
from outrider.gateway.batches.files import WHOLE, Writer, lock, unpack
from outrider.limits.kept import Share
from outrider.store import Store, Tx

Status = Literal["validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"]
Kind = Literal["openai", "anthropic", "background"]
"""Whose API it was made by: it is shown by that one alone. `background`: a response of one line."""
PREFIXES: Mapping[Kind, str] = {"openai": "batch_", "anthropic": "msgbatch_", "background": "resp_"}
HOLD_NS = 20_000_000_000
"""How long a process that is not heard of keeps its batches."""
LARGEST_LINE = 256 << 20
"""Bytes of one line of an output: more than any answer may have."""
PAGE = 100

_COLUMNS = (
    "id, project, key, kind, status, created, expires, cancelling, ended, input_file, total, completed, failed,"
    " input_tokens, cached_tokens, output_tokens, reasoning_tokens, cost, holder, held_until, waits, made, about"
)


class Lost(OutriderError):
    """Another process works on the batch by now."""

    code = "batch_lost"


class Made(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked for. `headers` are those of the caller that its lines carry; `keep` is how many seconds the output
    files are kept; `stream`: of a response, it is said as a stream."""

    endpoint: str
    window: str
    metadata: dict[str, str] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    keep: int = 0
    stream: bool = False


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a batch failed; `line` counts from 1, 0: it is no line's fault."""

    code: str
    message: str
    line: int = 0
    param: str = ""


class Part(msgspec.Struct, omit_defaults=True):
    """`lines` of the lines `first` to `last` at their provider, as its batch `theirs` with input `file`. `sending` was
    written before it was sent, at the time `sent`; `tried`: it may have been begun; `given_up`: it is not there, and
    its lines are executed here. They ask for `model` ("": the batch has one alone). `held` is what budgets keep for it;
    none: nothing, or nothing any more."""

    first: int
    last: int
    state: Literal["sending", "open", "home", "given_up"] = "sending"
    file: str = ""
    theirs: str = ""
    tried: bool = False
    why: str = ""
    lines: int = 0
    sent: int = 0
    at: str = ""
    factor: str = ""
    model: str = ""
    held: list[Share] = []


class About(msgspec.Struct, omit_defaults=True):
    """What became of a batch. Times are nanoseconds; 0: not yet. `missing` lines were not executed when it
    ended; `parts` are with providers. `models` are those that its lines name, the first ones of many."""

    started: int = 0
    finalizing: int = 0
    output_file: str = ""
    error_file: str = ""
    model: str = ""
    faults: list[Fault] = []
    missing: int = 0
    parts: list[Part] = []
    models: list[str] = []


class Batch(msgspec.Struct):
    """A row. Times are nanoseconds since the epoch. `waits` says what its lines wait for, in words. `cost` is that of
    the lines that are done, in nano-dollars; None for a batch of before it was counted."""

    id: str
    project: str
    key: str
    kind: Kind
    status: Status
    created: int
    expires: int
    cancelling: int
    ended: int
    input_file: str
    total: int
    completed: int
    failed: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost: int | None
    holder: str
    held_until: int
    waits: str
    made: Made
    about: About


class Done(NamedTuple):
    """One line that is done: its number, whether it succeeded, its line of the output, what it used and cost
    (nano-dollars), and the id of the run that answered it (b"": there is none)."""

    line: int
    good: bool
    body: bytes
    usage: Usage
    cost: int = 0
    run: bytes = b""


_encode = msgspec.json.encode
_made = msgspec.json.Decoder(Made).decode
_about = msgspec.json.Decoder(About).decode


class Batches:
    """All batches. `open_` gives the lease store. Every method blocks and raises StoreUnavailable."""

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_

    # -- what callers do ----------------------------------------------------------------------------------------

    def create(
        self,
        project: str,
        key: str,
        kind: Kind,
        input_file: str,
        made: Made,
        window_ns: int,
        *,
        purpose: str = "batch",
        total: int = 0,
    ) -> Batch:
        """A new batch, which some process will begin soon. Raises RequestError when there is no such input file, or
        none of that purpose."""
        now = clock.now_ns()
        batch = Batch(
            PREFIXES[kind] + ids.new_id().hex(), project, key, kind, "validating", now, now + window_ns, 0, 0,
            input_file, total, 0, 0, 0, 0, 0, 0, 0, "", 0, "", made, About(),
        )  # fmt: skip
        fields = msgspec.structs.astuple(batch)
        with self._open().write((lock(project),)) as tx:
            found = tx.query("SELECT purpose FROM files WHERE id = ? AND project = ? AND state = ?",
                             (input_file, project, WHOLE))  # fmt: skip
            if not found:
                raise RequestError(
                    f"No such File object: {input_file[:100]}. Upload it with purpose 'batch' first.",
                    status=404,
                    code="file_not_found",
                    param="input_file_id",
                )
            if found[0][0] != purpose:
                raise RequestError(
                    f"The purpose of the file is {found[0][0]!r}; a batch reads files of purpose 'batch'.",
                    code="invalid_purpose",
                    param="input_file_id",
                )
            marks = ", ".join("?" * len(fields))
            tx.execute(
                f"INSERT INTO batches ({_COLUMNS}) VALUES ({marks})", (*fields[:-2], _encode(made), _encode(About()))
            )
        return batch

    def get(self, project: str, kind: Kind, id_: str) -> Batch:
        """Raises RequestError 404."""
        sql = f"SELECT {_COLUMNS} FROM batches WHERE id = ? AND project = ? AND kind = ?"
        rows = self._open().query(sql, (id_, project, kind))
        if not rows:
            raise RequestError(f"No batch found with id '{id_[:100]}'.", status=404, code="batch_not_found", param="id")
        return _batch(rows[0])

    def list(self, project: str, kind: Kind, *, after: str, before: str, most: int) -> list[Batch]:
        """The newest first: at most `most` that are older than `after`, or the next newer ones than `before`."""
        sql, params = f"SELECT {_COLUMNS} FROM batches WHERE project = ? AND kind = ?", [project, kind]
        if after:
            sql, params = f"{sql} AND id < ?", [*params, after]
        if before:
            sql, params = f"{sql} AND id > ?", [*params, before]
        order = "ASC" if before and not after else "DESC"
        rows = self._open().query(f"{sql} ORDER BY id {order} LIMIT ?", (*params, most))
        return [_batch(row) for row in (rows if order == "DESC" else reversed(rows))]

    def cancel(self, project: str, kind: Kind, id_: str) -> Batch:
        """Ask for its end. Raises RequestError 404, or 409 when it is over."""
        with self._open().write((lock(id_),)) as tx:
            asked = tx.execute(
                "UPDATE batches SET cancelling = ?, status = 'cancelling' WHERE id = ? AND project = ? AND kind = ?"
                " AND ended = 0 AND cancelling = 0 AND status <> 'finalizing'",
                (clock.now_ns(), id_, project, kind),
            )
        found = self.get(project, kind, id_)
        if found.ended and not asked:  # it may have ended of being asked
            raise RequestError(
                f"Cannot cancel a batch with status '{found.status}'.", status=409, code="batch_over", param="id"
            )
        return found

    def delete(self, project: str, kind: Kind, id_: str) -> None:
        """Take a batch that is over out. Raises RequestError 404, or 409 when it is not over."""
        found = self.get(project, kind, id_)
        if not found.ended:
            raise RequestError(f"{id_} is not over: cancel it first.", status=409, code="batch_not_over", param="id")
        with self._open().write((lock(id_),)) as tx:
            tx.execute("DELETE FROM batches WHERE id = ? AND ended > 0", (id_,))

    # -- who works on what --------------------------------------------------------------------------------------

    def claim(
        self,
        holder: str,
        now: int,
        dead: Callable[[str], bool],
        besides: Sequence[str] = (),
        *,
        background: bool | None = None,
    ) -> Batch | None:
        """The oldest batch that nobody works on, now held by `holder`, but none of `besides`. `dead` says that a
        process is surely gone. `background`: only responses, or none of them."""
        which = "" if background is None else f"AND kind {'=' if background else '<>'} 'background'"
        sql = f"SELECT id, holder, held_until FROM batches WHERE ended = 0 AND holder <> ? {which} ORDER BY created"
        for id_, present, until in self._open().query(sql, (holder,)):
            if id_ in besides or (present and until > now and not dead(present)):
                continue
            with self._open().write((lock(id_),)) as tx:
                taken = tx.execute(
                    "UPDATE batches SET holder = ?, held_until = ? WHERE id = ? AND holder = ? AND ended = 0",
                    (holder, now + HOLD_NS, id_, present),
                )
                if taken:
                    return _batch(tx.query(f"SELECT {_COLUMNS} FROM batches WHERE id = ?", (id_,))[0])
        return None

    def hold(self, holder: str, held: Mapping[str, str], now: int) -> dict[str, int]:
        """Keep on holding (id: what it waits for); the ids that are still held, each with when its end was asked for
        (0: it was not)."""
        kept: dict[str, int] = {}
        for id_, waits in held.items():
            with self._open().write((lock(id_),)) as tx:
                sql = "UPDATE batches SET held_until = ?, waits = ? WHERE id = ? AND holder = ?"
                if tx.execute(sql, (now + HOLD_NS, waits, id_, holder)):
                    kept[id_] = int(tx.query("SELECT cancelling FROM batches WHERE id = ?", (id_,))[0][0])
        return kept

    def release(self, id_: str, holder: str, waits: str = "") -> None:
        """Somebody else may go on with it, `waits` says what it waits for."""
        with self._open().write((lock(id_),)) as tx:
            sql = "UPDATE batches SET holder = '', held_until = 0, waits = ? WHERE id = ? AND holder = ?"
            tx.execute(sql, (waits, id_, holder))

    # -- what its holder writes ---------------------------------------------------------------------------------

    def move(self, batch: Batch, status: Status) -> None:
        """The batch as it is now, with a new status; a cancellation that came meanwhile stays. Raises Lost."""
        with self._open().write((lock(batch.id),)) as tx:
            changed = tx.execute(
                "UPDATE batches SET"
                " status = CASE WHEN cancelling > 0 AND ? <> 'finalizing' THEN 'cancelling' ELSE ? END,"
                " total = ?, about = ? WHERE id = ? AND holder = ? AND ended = 0",
                (status, status, batch.total, _encode(batch.about), batch.id, batch.holder),
            )
            if not changed:
                raise Lost(f"{batch.id} is worked on by another process")
        batch.status = status

    def record(self, batch: Batch, done: Sequence[Done]) -> None:
        """Write lines that are done. A line that is there already stays as it is. Raises Lost."""
        pack = zstandard.ZstdCompressor(level=1, write_checksum=False)
        with self._open().write((lock(batch.id),)) as tx:
            new = [one for one in done if _put(tx, batch.id, one, pack)]
            used = [one.usage for one in new]
            good = sum(one.good for one in new)
            changed = tx.execute(
                "UPDATE batches SET completed = completed + ?, failed = failed + ?, input_tokens = input_tokens + ?,"
                " cached_tokens = cached_tokens + ?, output_tokens = output_tokens + ?,"
                " reasoning_tokens = reasoning_tokens + ?, cost = cost + ?"
                " WHERE id = ? AND holder = ? AND ended = 0",
                (
                    good,
                    len(new) - good,
                    sum(u.input for u in used),
                    sum(u.cached for u in used),
                    sum(u.output for u in used),
                    sum(u.reasoning for u in used),
                    sum(one.cost for one in new),
                    batch.id,
                    batch.holder,
                ),
            )
            if not changed:
                raise Lost(f"{batch.id} is worked on by another process")

    def done(self, id_: str) -> set[int]:
        """The numbers of the lines that are done."""
        return {row[0] for row in self._open().query("SELECT line FROM batch_lines WHERE batch = ?", (id_,))}

    def runs(self, id_: str, first: int, last: int) -> Sequence[bytes]:
        """The ids of the runs that answered the lines `first` to `last`."""
        sql = "SELECT run FROM batch_lines WHERE batch = ? AND line >= ? AND line <= ?"
        return [bytes(row[0]) for row in self._open().query(sql, (id_, first, last)) if row[0]]

    def lines(self, id_: str) -> Iterator[tuple[int, bool, bytes]]:
        """(number, good, body) of the lines that are done, in order."""
        last = 0
        sql = "SELECT line, good, body FROM batch_lines WHERE batch = ? AND line > ? ORDER BY line LIMIT ?"
        while rows := self._open().query(sql, (id_, last, PAGE)):
            for line, good, body in rows:
                yield line, bool(good), unpack(body, LARGEST_LINE)
            last = rows[-1][0]

    def wrong(self, id_: str, after: int, most: int) -> Sequence[tuple[int, bytes]]:
        """(number, body) of at most `most` lines behind `after` that are done and did not succeed, in order."""
        sql = "SELECT line, body FROM batch_lines WHERE batch = ? AND line > ? AND good = 0 ORDER BY line LIMIT ?"
        return [(line, unpack(body, LARGEST_LINE)) for line, body in self._open().query(sql, (id_, after, most))]

    def end(self, batch: Batch, status: Status, files: Mapping[str, Writer | None], missing: int) -> None:
        """The batch is over, with its files (`output`, `error`): all of it or nothing. Raises Lost.

        `missing` is the number of lines that were not executed; they count as failed.
        """
        for writer in files.values():
            if writer is not None:
                writer.flush()
        with self._open().write((lock(batch.id), lock(batch.project))) as tx:
            output, error = files.get("output"), files.get("error")
            batch.about.missing = missing
            batch.about.output_file = output.finish_in(tx).id if output is not None else ""
            batch.about.error_file = error.finish_in(tx).id if error is not None else ""
            changed = tx.execute(
                "UPDATE batches SET status = ?, ended = ?, failed = failed + ?, about = ?, holder = '', held_until = 0,"
                " waits = ''"
                " WHERE id = ? AND holder = ? AND ended = 0",
                (status, clock.now_ns(), missing, _encode(batch.about), batch.id, batch.holder),
            )
            if not changed:
                raise Lost(f"{batch.id} is worked on by another process")

    # -- housekeeping -------------------------------------------------------------------------------------------

    def forget_lines(self, id_: str, most: int = 500) -> bool:
        """Remove up to `most` lines of a batch that is over (its files have them); whether there may be more."""
        with self._open().write((lock(id_),)) as tx:
            sql = "SELECT line FROM batch_lines WHERE batch = ? ORDER BY line LIMIT ?"
            rows = tx.query(sql, (id_, most))
            if rows:
                tx.execute("DELETE FROM batch_lines WHERE batch = ? AND line <= ?", (id_, rows[-1][0]))
        return len(rows) == most

    def sweep(self, before: int) -> None:
        """Remove batches that ended before that time, and lines that a process left when it died."""
        store = self._open()
        left = store.query(
            "SELECT id FROM batches WHERE ended > 0 AND EXISTS (SELECT 1 FROM batch_lines WHERE batch = batches.id)"
        )
        for (id_,) in left:
            while self.forget_lines(id_):
                pass
        for (id_,) in store.query("SELECT id FROM batches WHERE ended > 0 AND ended < ? LIMIT 100", (before,)):
            with store.write((lock(id_),)) as tx:
                tx.execute("DELETE FROM batches WHERE id = ?", (id_,))


def _put(tx: Tx, batch: str, one: Done, pack: zstandard.ZstdCompressor) -> bool:
    return bool(
        tx.execute(
            "INSERT INTO batch_lines (batch, line, good, body, run) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (batch, one.line, int(one.good), pack.compress(one.body), one.run),
        )
    )


def _batch(row: Sequence[Any]) -> Batch:
    fields: tuple[Any, ...] = (*row[:-2], _made(row[-2]), _about(row[-1]))
    return Batch(*fields)
