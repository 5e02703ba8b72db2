"""Steps: the recorded acts inside a run. They form a tree by `parent`."""

from typing import Any, Literal

import msgspec

from outrider.base.usage import Price, Usage

StepKind = Literal["model", "retrieval", "tool", "guardrail", "policy", "cache", "human", "code"]
Status = Literal["ok", "error", "cancelled", "running"]


class BlobRef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A payload by content: SHA-256 digest (32 bytes) and length in bytes before compression."""

    sha256: bytes
    size: int


class Step(msgspec.Struct, omit_defaults=True, gc=False):
    """One recorded act.

    `id` is unique in its run and is its OpenTelemetry span id (1..2^64-1); `parent` 0 means the run itself.
    `start` is nanoseconds after the run's start, `duration` nanoseconds. Money is in nano-dollars.
    `attrs` holds small extra facts of the kind (deployment, HTTP status, retry_after, …), never payloads.
    """

    id: int
    kind: StepKind
    name: str
    start: int = 0
    duration: int = 0
    parent: int = 0
    status: Status = "ok"
    error: str = ""
    usage: Usage | None = None
    cost: int = 0
    price: Price | None = None
    request: BlobRef | None = None
    response: BlobRef | None = None
    attrs: dict[str, Any] = {}


class StepsRecorded(msgspec.Struct, tag_field="kind", tag="steps.recorded", omit_defaults=True):
    """Steps of a run that is longer than one record (imported traces, long jobs).

    `at` is the wall-clock start of the run as far as known, nanoseconds since the epoch; the steps' `start` counts
    from it. `source` says where they came from (`otlp`: imported). The run's row exists from the first such record
    on, with status `running` until a `run.recorded`.
    """

    run: bytes
    project: str
    at: int
    steps: list[Step]
    name: str = ""
    source: str = ""
    v: int = 1
