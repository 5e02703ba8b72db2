"""`/api/runs`: the list, one run, its steps and its bodies."""

import re
from uuid import UUID

from outrider.api import shapes
from outrider.api.edge import Ask, Endpoint, Param, Raw
from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.journal import read, where
from outrider.journal.events import RunRecorded

MOST = 500
STEPS_MOST = 1000
_BIG = 2**63 - 1

_SPAN = {"type": "string", "examples": ["800ms", "1.5s"]}
_TIME = {"type": "string", "examples": ["24h", "2026-11-22", "2026-11-22T14:00:00Z"]}
_USD = {"type": "string", "examples": ["0.01"]}
_ID = Param("id", "The run's id, as in `x-request-id`.", {"type": "string"})
_WHICH = Param("which", "Which side.", {"type": "string", "enum": ["request", "response"]})
FILTERS = [
    *(Param(name, f"Runs with this {name}.") for name in where.TEXTS if name != "text"),
    Param("text", "Runs whose preview, name, model or error has all these words; the last may be a beginning."),
    Param("status", "Runs with this status.", {"type": "string", "enum": list(where.STATUSES)}),
    Param("min_cost", "Runs that cost at least so many dollars.", _USD),
    Param("max_cost", "Runs that cost at most so many dollars.", _USD),
    Param("min_duration", "Runs that took at least so long.", _SPAN),
    Param("min_ttft", "Runs whose first token took at least so long.", _SPAN),
    Param("since", "Runs that started then or later: a span ago, a date, or RFC 3339.", _TIME),
    Param("until", "Runs that started before then.", _TIME),
]


def list_(ask: Ask) -> shapes.RunList:
    keep = where.parse(ask.query, project=ask.who.project)
    limit = _number(ask, "limit", 1, MOST) or 50
    before, after = _number(ask, "before", 1, _BIG), _number(ask, "after", 0, _BIG)
    if before is not None and after is not None:
        raise RequestError("give `before` or `after`, not both", code="invalid_parameter", param="after")
    page = read.list_runs(ask.store, keep, before=before, after=after, limit=limit)
    return shapes.RunList([shapes.summary(row) for row in page.rows], page.next)


def get(ask: Ask) -> shapes.Run:
    return shapes.whole(_run(ask))


def steps(ask: Ask) -> shapes.StepList:
    run, offset = _run(ask), _number(ask, "offset", 0, 10**9) or 0
    limit = _number(ask, "limit", 1, STEPS_MOST) or 500
    found = read.list_steps(ask.store, run.id, offset=offset, limit=limit + 1)
    return shapes.StepList([shapes.step(s) for s in found[:limit]], offset + limit if len(found) > limit else None)


def body(ask: Ask) -> Raw:
    run, which = _run(ask), ask.path["which"]
    if which not in ("request", "response"):
        raise RequestError("a body is `request` or `response`", status=404, code="body_not_found", param="which")
    ref = run.request if which == "request" else run.response
    if ref is None:
        raise RequestError(f"this run has no {which}", status=404, code="body_not_found")
    return _payload(ask, ref.sha256)


def by_digest(ask: Ask) -> Raw:
    digest = ask.path["sha256"]
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise RequestError("a digest is 64 lower-case hexadecimal digits", code="invalid_parameter", param="sha256")
    return _payload(ask, bytes.fromhex(digest))


def _payload(ask: Ask, digest: bytes) -> Raw:
    found = read.get_body(ask.store, ask.who.project, digest)
    if found is None:
        raise RequestError(
            f"no body {digest.hex()} in the project {ask.who.project!r}: unknown, not indexed yet, or pruned",
            status=404,
            code="body_not_found",
        )
    if found.startswith((b"data:", b"event:")):
        return Raw(found, "text/event-stream")
    return Raw(found, "application/json" if found[:1] in (b"{", b"[") else "application/octet-stream")


def _run(ask: Ask) -> RunRecorded:
    id_ = _uuid(ask.path["id"])
    run = read.get_run(ask.store, id_)
    if run is None or run.project != ask.who.project:
        raise RequestError(
            f"no run {ids.text(id_)} in the project {ask.who.project!r}; a run appears about a second after its answer",
            status=404,
            code="run_not_found",
        )
    return run


def _uuid(value: str) -> bytes:
    try:
        return UUID(value).bytes
    except ValueError:
        raise RequestError("a run's id is a UUID", code="invalid_parameter", param="id") from None


def _number(ask: Ask, name: str, least: int, most: int) -> int | None:
    value = ask.query.get(name)
    return None if value is None else where.whole(name, value, least, most)


def _page(least: int, most: int, default: int) -> dict[str, object]:
    return {"type": "integer", "minimum": least, "maximum": most, "default": default}


_CURSOR = {"type": "integer", "minimum": 1}
ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/runs",
        "Runs of the key's project, newest first",
        shapes.RunList,
        read=list_,
        query=[
            *FILTERS,
            Param("before", "The `next` of the page before: older runs.", _CURSOR),
            Param("after", "A `seq`: newer runs.", {"type": "integer", "minimum": 0}),
            Param("limit", "How many.", _page(1, MOST, 50)),
        ],
    ),
    Endpoint("GET", "/api/runs/{id}", "One run", shapes.Run, read=get, params=[_ID]),
    Endpoint(
        "GET",
        "/api/runs/{id}/steps",
        "A run's steps, in pages",
        shapes.StepList,
        read=steps,
        params=[_ID],
        query=[
            Param("offset", "Steps to leave out at the start.", _page(0, 10**9, 0)),
            Param("limit", "How many.", _page(1, STEPS_MOST, 500)),
        ],
    ),
    Endpoint(
        "GET", "/api/runs/{id}/body/{which}", "A run's request or response, as recorded", None, read=body,
        params=[_ID, _WHICH],
    ),
    Endpoint(
        "GET", "/api/bodies/{sha256}", "A payload of the key's project by content", None, read=by_digest,
        params=[Param("sha256", "SHA-256, hexadecimal.", {"type": "string", "pattern": "^[0-9a-f]{64}$"})],
    ),
]  # fmt: skip
