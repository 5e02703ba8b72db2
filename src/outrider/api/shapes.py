"""What the API answers: the public shapes of runs, steps, costs and keys, kept apart from the journal's own.

Times are RFC 3339 text in UTC, spans are nanoseconds (`_ns`), money is whole nano-dollars (`_nano_usd`), ids are UUIDs
and digests hexadecimal text.
"""

from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.usage import Price, Usage
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.read import KeyRow, RunRow, UsageRow


class BodyRef(msgspec.Struct):
    """A payload by content; read it at `/api/bodies/{sha256}`. `size` is bytes."""

    sha256: str
    size: int


class RunSummary(msgspec.Struct):
    """A run as the list shows it. `seq` is its place in the journal."""

    id: str
    seq: int
    project: str
    at: str
    duration_ns: int
    name: str
    source: str
    status: str
    error: str
    http_status: int
    model: str
    route: str
    deployment: str
    provider: str
    key: str
    user: str
    session: str
    stream: bool
    cache: str
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    ttft_ns: int
    overhead_ns: int
    steps: int
    preview: str


class RunList(msgspec.Struct):
    """Runs, newest first. `next` is the value of `before` for the following page, null at the end."""

    runs: list[RunSummary]
    next: int | None


class Run(msgspec.Struct):
    """A whole run but for its steps (`/api/runs/{id}/steps`) and bodies (`/api/runs/{id}/body/…`)."""

    id: str
    project: str
    at: str
    duration_ns: int
    name: str
    source: str
    status: str
    error: str
    message: str
    http_status: int
    model: str
    route: str
    deployment: str
    provider: str
    why: str
    key: str
    user: str
    agent: str
    session: str
    tags: list[str]
    stream: bool
    cache: str
    usage: Usage | None
    cost_nano_usd: int
    ttft_ns: int
    queue_ns: int
    overhead_ns: int
    request: BodyRef | None
    response: BodyRef | None
    trace: str
    preview: str


class RunStep(msgspec.Struct):
    """One recorded act. `start_ns` counts from the run's start; `parent` 0 is the run itself.

    `id` and `parent` are text, because span ids do not fit a JavaScript number.
    """

    id: str
    parent: str
    kind: str
    name: str
    start_ns: int
    duration_ns: int
    status: str
    error: str
    usage: Usage | None
    cost_nano_usd: int
    price: Price | None
    request: BodyRef | None
    response: BodyRef | None
    attrs: dict[str, Any]


class StepList(msgspec.Struct):
    """Steps in the order they were recorded. `next` is the `offset` of the following page, null at the end."""

    steps: list[RunStep]
    next: int | None


class Cost(msgspec.Struct):
    """Sums over the period for one label. Percentiles are within 2 % of the exact value; 0: nothing to measure."""

    label: str
    calls: int
    errors: int
    cached: int
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    p50_ns: int
    p95_ns: int
    ttft_p50_ns: int
    ttft_p95_ns: int


class CostList(msgspec.Struct):
    """Costs by one dimension in [since, until)."""

    by: str
    since: str
    until: str
    rows: list[Cost]


class Key(msgspec.Struct):
    """A key without its secret. `revoked_at` is null while it works.

    `team` is whom its calls count for ("": none); `may` are its rights beyond calling and reading.
    """

    public: str
    project: str
    name: str
    created_at: str
    revoked_at: str | None
    team: str
    may: list[str]


class KeyList(msgspec.Struct):
    keys: list[Key]


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """What to make: `name` is for people. `may` are rights beyond calling and reading, of those that the maker has."""

    name: str = ""
    may: list[str] = []


class MadeKey(msgspec.Struct):
    """A new key. `key` is its full text and is shown this once. Project and team are its maker's."""

    key: str
    project: str
    name: str
    team: str
    may: list[str]


class Revoked(msgspec.Struct):
    public: str
    revoked: bool


class ModelList(msgspec.Struct):
    """Names that can be put into `model`: routes, then deployments."""

    models: list[str]


class Problem(msgspec.Struct):
    """`code` is stable; `param` names the parameter at fault."""

    message: str
    type: str
    code: str
    param: str | None


class Failure(msgspec.Struct):
    error: Problem


def summary(row: RunRow) -> RunSummary:
    return RunSummary(
        id=ids.text(row.id), seq=row.seq, project=row.project, at=clock.iso(row.at), duration_ns=row.duration,
        name=row.name, source=row.source, status=row.status, error=row.error, http_status=row.http_status,
        model=row.model, route=row.route, deployment=row.deployment, provider=row.provider, key=row.key,
        user=row.user, session=row.session, stream=row.stream, cache=row.cache, input_tokens=row.input,
        output_tokens=row.output, cost_nano_usd=row.cost, ttft_ns=row.ttft, overhead_ns=row.overhead,
        steps=row.steps, preview=row.preview,
    )  # fmt: skip


def whole(run: RunRecorded) -> Run:
    return Run(
        id=ids.text(run.id), project=run.project, at=clock.iso(run.at), duration_ns=run.duration, name=run.name,
        source=run.source, status=run.status, error=run.error, message=run.message, http_status=run.http_status,
        model=run.model, route=run.route, deployment=run.deployment, provider=run.provider, why=run.why, key=run.key,
        user=run.user, agent=run.agent, session=run.session, tags=run.tags, stream=run.stream, cache=run.cache,
        usage=run.usage, cost_nano_usd=run.cost, ttft_ns=run.ttft, queue_ns=run.queue, overhead_ns=run.overhead,
        request=_ref(run.request), response=_ref(run.response), trace=run.trace.hex(), preview=run.preview,
    )  # fmt: skip


def step(s: Step) -> RunStep:
    return RunStep(
        id=str(s.id), parent=str(s.parent), kind=s.kind, name=s.name, start_ns=s.start, duration_ns=s.duration,
        status=s.status, error=s.error, usage=s.usage, cost_nano_usd=s.cost, price=s.price, request=_ref(s.request),
        response=_ref(s.response), attrs=s.attrs,
    )  # fmt: skip


def cost(row: UsageRow) -> Cost:
    return Cost(
        label=row.label, calls=row.calls, errors=row.errors, cached=row.cached, input_tokens=row.input,
        output_tokens=row.output, cost_nano_usd=row.cost, p50_ns=row.p50, p95_ns=row.p95, ttft_p50_ns=row.ttft_p50,
        ttft_p95_ns=row.ttft_p95,
    )  # fmt: skip


def key(row: KeyRow) -> Key:
    revoked = clock.iso(row.revoked_at) if row.revoked_at else None
    return Key(row.public, row.project, row.name, clock.iso(row.created_at), revoked, row.team, row.may.split())


def _ref(ref: BlobRef | None) -> BodyRef | None:
    return BodyRef(ref.sha256.hex(), ref.size) if ref is not None else None
