"""Stage `settle`: what the call used and cost, as one record in the journal, before the answer's last byte leaves."""

import asyncio
from collections.abc import Sequence

from outrider.gateway.booking import spent
from outrider.gateway.call import Call
from outrider.journal.append import Journal, blob
from outrider.journal.events import BlobRef, Charge, RunRecorded

NAMES = {"chat": "chat.completions", "embeddings": "embeddings", "rerank": "rerank"}


def name_of(call: Call) -> str:
    """How the record calls it: by the endpoint that was asked."""
    return NAMES[call.endpoint] if call.voice is None else call.voice.surface.run


def settle(call: Call, journal: Journal, preview: str, refused: Sequence[Charge] = ()) -> asyncio.Future[None]:
    """Append the run. The future resolves when it is in the spool; the caller may then let the last byte go.

    `refused` says which budget had no room for it: see `limits.refusal.charges`.
    """
    call.committed = True
    duration = call.since()
    bodies: list[tuple[BlobRef, bytes]] = [*call.evidence]
    project = call.identity.project
    record = RunRecorded(
        id=call.id,
        project=project,
        at=call.at,
        name=name_of(call),
        duration=duration,
        status=call.status,
        error=call.error,
        message=call.message,
        http_status=call.http_status,
        model=call.model,
        route=call.route.name if call.route is not None else "",
        deployment=call.deployment.name if call.deployment is not None else "",
        provider=call.deployment.provider if call.deployment is not None else "",
        key=call.identity.key,
        user=call.user,
        agent=call.agent,
        session=call.session,
        tags=call.tags,
        stream=call.stream,
        cache=call.cache,
        usage=call.usage,
        cost=call.cost,
        ttft=call.ttft,
        queue=call.queue,
        overhead=max(0, duration - call.waited),
        request=_keep(_told(call, call.body), bodies),
        response=_keep(_told(call, b"".join(call.blocks) if call.blocks else call.response), bodies),
        steps=call.steps,
        trace=call.trace,
        parent_span=call.parent_span,
        why=call.why,
        preview=preview,
    )
    record.charges.extend(refused)
    if call.hold is None:
        return journal.append(record, bodies, project)
    record.charges += call.hold.settle(spent(call), call.at)
    record.holder = call.hold.holder
    return journal.append(record, bodies, project, call.hold.done)  # once written, the charges take the hold's place


def _told(call: Call, body: bytes) -> bytes:
    """A body without what the guardrails took out of it."""
    return body if call.guarded is None else call.guarded.kept(body)


def _keep(body: bytes, bodies: list[tuple[BlobRef, bytes]]) -> BlobRef | None:
    if not body:
        return None
    ref = blob(body)
    bodies.append((ref, body))
    return ref
