"""The public shapes of batches. Times are RFC 3339 text in UTC."""

from typing import Literal

import msgspec

from outrider.base import clock
from outrider.base.usage import Price
from outrider.gateway.batches import desk
from outrider.gateway.batches.desk import LineError
from outrider.gateway.batches.rows import Batch as Row
from outrider.gateway.batches.rows import Part
from outrider.journal.session_costs import Taken

__all__ = ["LineError", "LineErrorList"]


class Batch(msgspec.Struct):
    """One batch. `api` is the one it was made by. `lines` is 0 until they are counted; `failed` ones include those that
    were not executed. `where`: its lines are asked `here`, at the `provider`'s own batch API, or `both`; "": it is not
    known yet. `waits_for` says what lines wait for. `cost_nano_usd` is that of the lines that are done so far, null for
    a batch that was made before it was counted."""

    id: str
    api: Literal["openai", "anthropic"]
    status: str
    endpoint: str
    model: str
    key: str
    window: str
    metadata: dict[str, str]
    lines: int
    completed: int
    failed: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_nano_usd: int | None
    where: desk.Where
    waits_for: str
    input_file: str
    output_file: str
    error_file: str
    created: str
    started: str | None
    cancelling: str | None
    ended: str | None
    expires: str


class BatchList(msgspec.Struct):
    """The newest first; `next` is `after=` of the older ones, null at the end."""

    batches: list[Batch]
    next: str | None


class BatchFault(msgspec.Struct):
    """Why a batch failed as a whole. `line` counts from 1; null: it is no line's fault."""

    line: int | None
    code: str
    message: str
    param: str


class BatchPart(msgspec.Struct):
    """Lines `first` to `last` that were given to a provider's own batch API, `lines` of them, at `factor` of the usual
    price. `state`: `sending`, `open` (it works on them), `home` (its answers are here), `given_up` (asked here instead,
    `why` says why). `batch` is the provider's id."""

    provider: str
    batch: str
    state: str
    first: int
    last: int
    lines: int
    factor: str
    why: str


class BatchCost(msgspec.Struct):
    """What its lines took at one deployment ("": none was reached). A provider's batch API is `name (batch)`. `price`
    is that of the newest call, null where it has none."""

    deployment: str
    calls: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    price: Price | None


class BatchWhole(msgspec.Struct):
    """One batch with what it cost: null where its caller gave the lines a `session` that has other runs too."""

    batch: Batch
    session: str
    cost_nano_usd: int | None
    costs: list[BatchCost] | None
    parts: list[BatchPart]
    faults: list[BatchFault]


class LineErrorList(msgspec.Struct):
    """Lines that did not succeed, in the order of the input; `next` is `after=` of the following ones, null at the end.
    `gone`: the file that had them is not kept any more."""

    errors: list[LineError]
    next: int | None
    gone: bool


def batch(row: Row) -> Batch:
    about = row.about
    return Batch(
        id=row.id,
        api="anthropic" if row.kind == "anthropic" else "openai",
        status=row.status,
        endpoint=row.made.endpoint,
        model=about.model,
        key=row.key,
        window=row.made.window,
        metadata=row.made.metadata or {},
        lines=row.total,
        completed=row.completed,
        failed=row.failed,
        input_tokens=row.input_tokens,
        cached_tokens=row.cached_tokens,
        output_tokens=row.output_tokens,
        cost_nano_usd=row.cost,
        where=desk.where(row),
        waits_for=row.waits,
        input_file=row.input_file,
        output_file=about.output_file,
        error_file=about.error_file,
        created=clock.iso(row.created),
        started=_moment(about.started),
        cancelling=_moment(row.cancelling),
        ended=_moment(row.ended),
        expires=clock.iso(row.expires),
    )


def whole(found: desk.Whole) -> BatchWhole:
    about = found.batch.about
    return BatchWhole(
        batch(found.batch),
        found.session,
        found.cost,
        None if found.taken is None else [_cost(one) for one in found.taken],
        [_part(one) for one in about.parts],
        [BatchFault(one.line or None, one.code, one.message, one.param) for one in about.faults],
    )


def _part(one: Part) -> BatchPart:
    return BatchPart(one.at, one.theirs, one.state, one.first, one.last, one.lines, one.factor, one.why)


def _cost(one: Taken) -> BatchCost:
    return BatchCost(one.deployment, one.runs, one.failed, one.input, one.output, one.cost, one.price)


def _moment(ns: int) -> str | None:
    return clock.iso(ns) if ns else None
