"""A finished run with its steps, in one record: what a gateway request writes."""

import msgspec

from outrider.base.usage import Usage
from outrider.journal.events.budget import Charge
from outrider.journal.events.step import BlobRef, Status, Step

__all__ = ["BlobRef", "RunRecorded"]


class RunRecorded(msgspec.Struct, tag_field="kind", tag="run.recorded", omit_defaults=True, gc=False):
    """One unit of work, complete.

    `id` is the UUIDv7 (16 bytes) that the caller got as `x-request-id`. Times are nanoseconds: `at` since the epoch,
    `duration` in all, `ttft` until the first byte of the answer left (0: none), `queue` waiting before the first
    attempt, `overhead` spent in Outrider itself. `cost` is nano-dollars. `model` is the name the caller asked for,
    `route` what it resolved to, `deployment` what answered, `why` the reason in words. `error` is a stable code.
    `trace`/`parent_span` come from the caller's `traceparent`. `preview` is a short text for lists and search.
    `charges` are what budgets were charged, out of the leases of `holder` (a name of one life of a process).
    """

    id: bytes
    project: str
    at: int
    name: str
    duration: int = 0
    source: str = "gateway"
    status: Status = "ok"
    error: str = ""
    message: str = ""
    http_status: int = 0
    model: str = ""
    route: str = ""
    deployment: str = ""
    provider: str = ""
    key: str = ""
    user: str = ""
    agent: str = ""
    session: str = ""
    tags: list[str] = []
    stream: bool = False
    cache: str = ""
    usage: Usage | None = None
    cost: int = 0
    ttft: int = 0
    queue: int = 0
    overhead: int = 0
    request: BlobRef | None = None
    response: BlobRef | None = None
    steps: list[Step] = []
    trace: bytes = b""
    parent_span: int = 0
    why: str = ""
    preview: str = ""
    charges: list[Charge] = []
    holder: str = ""
    v: int = 1
