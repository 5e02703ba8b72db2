"""`/api/deployments`: how deployments are doing, and an operator's hand on their breakers."""

import msgspec

from outrider.api.edge import Ask, Endpoint
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits.conditions import Condition, Deployments


class NamedDeployment(msgspec.Struct, forbid_unknown_fields=True):
    """The deployment that is meant, `provider/model`, and `why`, in one line; the journal keeps it with the key."""

    name: str
    why: str = ""


class ProviderLimit(msgspec.Struct):
    """What the provider says it allows: `kind` is `requests`, `tokens`, `input_tokens` or `output_tokens`.

    `resets_in` is seconds until all of `limit` is there again.
    """

    kind: str
    limit: int
    remaining: int
    resets_in: float


class WorkerPart(msgspec.Struct):
    """What one worker process does: its number, calls in flight, calls since it started."""

    worker: int
    in_flight: int
    calls: int


class DeploymentState(msgspec.Struct):
    """One deployment on this machine, since Outrider started. Times are seconds, null where nothing was seen.

    `breaker` is `closed`, `open` or `half-open`; `cause` says why it is not closed, `ready_at` when it may be tried.
    `resting_until`: its provider has no room before. `recent_calls` and `recent_failed` are those of the last half
    minute (`breaker.window`); `failures` are counted by error code.
    """

    name: str
    health: str
    breaker: str
    cause: str
    since: str | None
    ready_at: str | None
    resting_until: str | None
    in_flight: int
    calls: int
    answered: int
    failures: dict[str, int]
    recent_calls: int
    recent_failed: int
    first_token: float | None
    tokens_per_second: float | None
    last_call: str | None
    last_failure: str | None
    limits: list[ProviderLimit]
    workers: list[WorkerPart]


class DeploymentList(msgspec.Struct):
    """Those that need attention first."""

    deployments: list[DeploymentState]


def _moment(ns: int) -> str | None:
    return clock.iso(ns) if ns else None


def shown(found: Condition) -> DeploymentState:
    """As machines read it."""
    return DeploymentState(
        name=found.name,
        health=found.health,
        breaker=found.state,
        cause=found.cause,
        since=_moment(found.since),
        ready_at=_moment(found.ready_at),
        resting_until=_moment(found.resting_until),
        in_flight=found.in_flight,
        calls=found.calls,
        answered=found.answered,
        failures=found.failures,
        recent_calls=found.recent_calls,
        recent_failed=found.recent_failed,
        first_token=found.first_token or None,
        tokens_per_second=round(1 / found.token_pace, 3) if found.token_pace else None,
        last_call=_moment(found.last_call),
        last_failure=_moment(found.last_failure),
        limits=[ProviderLimit(one.kind, one.limit, one.remaining, round(one.reset, 3)) for one in found.limits],
        workers=[WorkerPart(one.worker, one.in_flight, one.calls) for one in found.workers],
    )


def _deployments(ask: Ask) -> Deployments:
    if ask.deps.deployments is None:
        raise RequestError("this process serves no deployments", status=503, code="not_served")
    return ask.deps.deployments


def list_(ask: Ask) -> DeploymentList:
    return DeploymentList([shown(one) for one in _deployments(ask).all()])


def open_(ask: Ask) -> DeploymentState:
    """No call goes to the deployment until somebody closes it."""
    return shown(_deployments(ask).force(ask.who, ask.body.name, open_=True, why=ask.body.why))


def close(ask: Ask) -> DeploymentState:
    """Calls go to the deployment again at once, and its failures are forgotten."""
    return shown(_deployments(ask).force(ask.who, ask.body.name, open_=False, why=ask.body.why))


ENDPOINTS = [
    Endpoint("GET", "/api/deployments", "How deployments are doing", DeploymentList, read=list_),
    Endpoint(
        "POST",
        "/api/deployments/open",
        "Hold a deployment's breaker open",
        DeploymentState,
        read=open_,
        takes=NamedDeployment,
    ),
    Endpoint(
        "POST",
        "/api/deployments/close",
        "Close a deployment's breaker",
        DeploymentState,
        read=close,
        takes=NamedDeployment,
    ),
]
