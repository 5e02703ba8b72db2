"""Batches as people look at them: of both APIs in one list, with what they cost and what went wrong. Blocking but for
`cancel`."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from outrider.base.errors import RequestError
from outrider.gateway.batches.files import PIECE, File
from outrider.gateway.batches.lines import Cutter
from outrider.gateway.batches.rows import LARGEST_LINE, PREFIXES, Batch, Kind
from outrider.gateway.batches.runner import Runner
from outrider.journal.session_costs import Taken, session_costs
from outrider.limits.keys import Identity
from outrider.store import Store

KINDS: tuple[Kind, ...] = ("openai", "anthropic")
"""A response in the background is a batch of one line for us, but none for people."""
MOST = 100
LOOKED_THROUGH = 16 * PIECE
"""Bytes of a file of results among which errors are looked for at a time."""
LONGEST_MESSAGE = 500

Where = Literal["here", "provider", "both", ""]


class Page(msgspec.Struct):
    """Batches, the newest first. `next` is `after=` of the older ones, "" at the end."""

    batches: list[Batch]
    next: str


class LineError(msgspec.Struct):
    """A line that did not succeed. `line` is its number from 1 (0: the file does not say), `status` the HTTP status of
    its answer (0: it was not executed), `run` the id of its run."""

    custom_id: str
    line: int
    status: int
    code: str
    message: str
    run: str


class LineErrors(msgspec.Struct):
    """Some of them in the order of the input; `next` is `after=` of the following ones, 0 at the end. `gone`: the file
    that had them is not kept any more."""

    errors: list[LineError]
    next: int
    gone: bool = False


class Whole(msgspec.Struct):
    """One batch. `input` is its file, if it is still there; `session` that of its runs. `taken` is what its lines took,
    by deployment; None where the caller gave them a session that has other runs too."""

    batch: Batch
    input: File | None
    session: str
    taken: list[Taken] | None

    @property
    def cost(self) -> int | None:
        """Nano-dollars."""
        return None if self.taken is None else sum(one.cost for one in self.taken)

    @property
    def where(self) -> Where:
        """Who answers its lines, as far as that is known: this Outrider, its provider's own batch API, or both."""
        return where(self.batch)


def where(batch: Batch) -> Where:
    """See `Whole.where`."""
    there = [part for part in batch.about.parts if part.state != "given_up"]
    if not there:
        return "here" if batch.about.started else ""
    return "provider" if sum(part.lines for part in there) >= batch.total else "both"


class BatchDesk:
    """`store` gives the journal's store."""

    def __init__(self, runner: Runner, store: Callable[[], Store]) -> None:
        self._runner, self._batches, self._files, self._store = runner, runner.batches, runner.files, store

    def list(self, project: str, *, after: str = "", most: int = 50) -> Page:
        """Those of a project. `after` is the id of any of them. Raises RequestError 400."""
        mark = _mark(after) if after else ""
        found: list[Batch] = []
        for kind in KINDS:
            last = PREFIXES[kind] + mark if mark else ""
            found += self._batches.list(project, kind, after=last, before="", most=most + 1)
        found.sort(key=lambda one: one.id.rpartition("_")[2], reverse=True)
        return Page(found[:most], found[most - 1].id if len(found) > most else "")

    def get(self, project: str, id_: str) -> Batch:
        """Raises RequestError 404."""
        return self._batches.get(project, _kind(id_), id_)

    def whole(self, project: str, id_: str) -> Whole:
        """Raises RequestError 404."""
        batch = self.get(project, id_)
        session = dict(batch.made.headers).get("x-outrider-session", batch.id)
        own = session == batch.id
        return Whole(
            batch,
            self._files.find(project, batch.input_file),
            session,
            session_costs(self._store(), project, session) if own else None,
        )

    def errors(self, batch: Batch, *, after: int = 0, most: int = 50) -> LineErrors:
        """Its lines that did not succeed; what was wrong with its input is in `about.faults`."""
        if not batch.ended:
            found = self._batches.wrong(batch.id, after, most + 1)
            rows = [told for line, text in found[:most] if (told := read_error(text, line)) is not None]
            return LineErrors(rows, found[most - 1][0] if len(found) > most else 0)
        name = batch.about.output_file if batch.kind == "anthropic" else batch.about.error_file
        file = self._files.find(batch.project, name) if name else None
        if file is None:
            return LineErrors([], 0, gone=bool(batch.failed and batch.total))
        return self._look_through(file, after, most)

    def _look_through(self, file: File, after: int, most: int) -> LineErrors:
        """Errors in a file of results, from byte `after` on, where a line begins."""
        cutter, rows = Cutter(LARGEST_LINE), list[LineError]()
        end = after
        for starts, piece in self._files.pieces(file, after):
            end = starts + len(piece)
            cut = cutter.feed(piece[max(0, after - starts) :])
            for place, text in [*cut, *(cutter.rest() if end >= file.size else ())]:
                if len(rows) == most or place.offset >= LOOKED_THROUGH:
                    return LineErrors(rows, after + place.offset)
                told = read_error(text)
                if told is not None:
                    rows.append(told)
        return LineErrors(rows, 0)

    def results(self, batch: Batch, which: Literal["results", "errors"]) -> tuple[File, Iterator[bytes]]:
        """A file of results with its content. Raises RequestError 404."""
        about = batch.about
        file = self._files.find(batch.project, about.output_file if which == "results" else about.error_file)
        if file is None:
            why = "it is not over" if not batch.ended else "it has none, or they are not kept any more"
            raise RequestError(f"no {which} of {batch.id}: {why}", status=404, code="file_not_found")
        return file, (piece for _, piece in self._files.pieces(file))

    async def cancel(self, who: Identity, id_: str) -> Batch:
        """End one early. Raises RequestError 404, 409, JournalFull."""
        return await self._runner.cancel(who, _kind(id_), id_)


def _kind(id_: str) -> Kind:
    for kind in KINDS:
        if id_.startswith(PREFIXES[kind]) and id_.isascii() and id_.isprintable():  # PostgreSQL takes no NUL
            return kind
    raise RequestError(f"No batch found with id '{id_[:100]}'.", status=404, code="batch_not_found", param="id")


def _mark(after: str) -> str:
    """What orders batches of every kind."""
    prefix, _, mark = after.rpartition("_")
    if f"{prefix}_" not in (PREFIXES[kind] for kind in KINDS) or not mark.isalnum():
        raise RequestError("`after` is the id of a batch", code="invalid_parameter", param="after")
    return mark


class _Problem(msgspec.Struct):
    code: object = None
    type: object = None
    message: object = None


class _Body(msgspec.Struct):
    error: _Problem | None = None


class _Response(msgspec.Struct):
    status_code: int = 0
    request_id: str = ""
    body: msgspec.Raw = msgspec.Raw(b"")


class _Result(msgspec.Struct):
    type: str = ""
    error: msgspec.Raw = msgspec.Raw(b"")


class _Line(msgspec.Struct):
    """A line of an output or error file, of either API."""

    custom_id: str = ""
    response: _Response | None = None
    error: _Problem | None = None
    result: _Result | None = None


_line = msgspec.json.Decoder(_Line).decode
_body = msgspec.json.Decoder(_Body).decode
_MISSING = {
    "canceled": "The batch was cancelled before this request was executed.",
    "expired": "This request could not be executed before the completion window expired.",
}


def read_error(text: bytes, line: int = 0) -> LineError | None:
    """What a line of results says of its error; None: it succeeded."""
    try:
        said = _line(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return LineError("", line, 0, "unreadable", "This line of the results cannot be read.", "")
    status, run, problem = 0, "", said.error or _Problem()
    if said.result is not None:
        if said.result.type == "succeeded":
            return None
        problem = _problem(bytes(said.result.error))
        if said.result.type != "errored":
            problem = _Problem(code=said.result.type, message=_MISSING.get(said.result.type))
    elif said.response is not None:
        status, run = said.response.status_code, said.response.request_id
        if status == 200:
            return None
        problem = _problem(bytes(said.response.body))
    code = problem.code if isinstance(problem.code, str) else problem.type if isinstance(problem.type, str) else ""
    message = problem.message if isinstance(problem.message, str) else ""
    return LineError(said.custom_id, line, status, code, message[:LONGEST_MESSAGE], run)


def _problem(body: bytes) -> _Problem:
    try:
        return _body(body).error or _Problem()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Problem(message=body[:LONGEST_MESSAGE].decode("utf-8", "replace"))
