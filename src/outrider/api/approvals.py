"""`/api/approvals`: calls that wait for a person: list, one, decide, and what they cost people.

Reading takes any key of the project, deciding the right `approvals`; GET decides nothing.
"""

import asyncio
import hashlib
import hmac
from typing import Any, cast

import anyio.to_thread
import msgspec

from outrider.api import approvals_slack as chat
from outrider.api import shapes_approvals as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.journal import where
from outrider.limits import rights
from outrider.policy.office import Office
from outrider.policy.pending import STATES, Decider

MOST_WAIT = 55
LOOK_SECONDS = 0.5
SIGNED_FOR = 300
"""Seconds for which a signed answer is good."""
MONTH_NS = 30 * 86_400 * 1_000_000_000

ID = Param("id", "The approval's id.")
_STATES = {"type": "string", "enum": list(STATES)}
QUERY = [
    Param("state", "Those in this state.", _STATES),
    Param("session", "Those of this session."),
    Param("agent", "Those of this agent."),
    Param("before", "Those asked before: the `next` of a list, or a time.", {"type": "string"}),
    Param("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": 500}),
    Param(
        "after",
        "With `wait`: the `mark` of a list. Answered as soon as something has changed since.",
        {"type": "string"},
    ),
    Param("wait", f"Seconds to wait for a change, at most {MOST_WAIT}.", {"type": "integer"}),
]


def office(ask: Ask) -> Office:
    if ask.deps.office is None:
        raise RequestError("this process serves no approvals", status=503, code="not_served")
    return ask.deps.office


async def list_(ask: Ask) -> shapes.ApprovalList:
    """With `wait` the answer comes when something has changed, or when the time is over."""
    patience = where.whole("wait", ask.query["wait"], 0, MOST_WAIT) if "wait" in ask.query else 0
    known = _mark(ask.query.get("after", ""))
    end = clock.mono_ns() + patience * 1_000_000_000
    approvals = office(ask).approvals
    while patience and known is not None and clock.mono_ns() < end:
        if await anyio.to_thread.run_sync(approvals.mark, ask.who.project) > known:
            break
        await asyncio.sleep(LOOK_SECONDS)
    return await anyio.to_thread.run_sync(_list, ask)


def _list(ask: Ask) -> shapes.ApprovalList:
    approvals, limit = office(ask).approvals, where.whole("limit", ask.query.get("limit", "50"), 1, 500)
    state = ask.query.get("state", "")
    if state and state not in STATES:
        raise RequestError(f"`state` is one of {', '.join(STATES)}", code="invalid_parameter", param="state")
    before = _mark(ask.query.get("before", ""), "before") or 0
    mark = approvals.mark(ask.who.project)
    found = approvals.past(
        ask.who.project,
        state=state,
        session=ask.query.get("session", ""),
        agent=ask.query.get("agent", ""),
        before=before,
        limit=limit,
    )
    return shapes.ApprovalList(
        [shapes.approval(one) for one in found], str(mark), str(found[-1].asked) if len(found) == limit else None
    )


def get(ask: Ask) -> shapes.ApprovalCase:
    """Whoever may decide, and does not hold the key that asks, is taken to have looked at it now."""
    may = rights.has_right(ask.deps.store, ask.who, "approvals")
    found = office(ask).case(ask.who.project, ask.path["id"])
    if may and not found.approval.barred(decider(ask)):
        found = office(ask).case(ask.who.project, ask.path["id"], opened=True)
    return shapes.case(found)


def decide(ask: Ask) -> shapes.ApprovalsDecided:
    rights.require(ask.deps.store, ask.who, "approvals")
    return _decide(ask, ask.who.project, decider(ask), cast(shapes.ApprovalDecision, ask.body))


def decider(ask: Ask) -> Decider:
    """Who asks, as a decision says it."""
    return Decider(*rights.signature(ask.deps.store, ask.who), through="api")


def _decide(ask: Ask, project: str, by: Decider, body: shapes.ApprovalDecision) -> shapes.ApprovalsDecided:
    found = office(ask).approvals.decide(
        project, ask.path["id"], approve=body.approve, by=by, note=body.note, plan=body.plan, only=body.only
    )
    return shapes.ApprovalsDecided([shapes.approval(one) for one in found])


def answer(ask: Ask) -> shapes.ApprovalsDecided:
    """An answer that is signed instead of sent with a key: by a webhook, by a chat. Whoever holds the secret says who
    decided."""
    raw, headers = cast(tuple[bytes, Any], ask.body)
    body = signed(office(ask).secret(), ask.path["id"], raw, headers.get("x-outrider-signature", ""))
    if not body.by.strip() or len(body.by) > 200 or not body.by.isprintable():
        raise RequestError("`by` names who decided, in printable characters", code="invalid_parameter", param="by")
    project = body.project or ask.deps.projects[0]
    return _decide(ask, project, Decider(body.by.strip(), through="webhook"), body)


def signed(secret: str, id_: str, raw: bytes, header: str) -> shapes.SignedDecision:
    """The body, if `t=<seconds>,v1=<hex>` is its signature: HMAC-SHA256 of `t.id.body`. Raises RequestError 401."""
    if not secret:
        text = "signed answers are not taken here: set policy.approvals.secret in outrider.yaml"
        raise RequestError(text, status=401, code="not_signed", kind="authentication_error")
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    wanted = signature(secret, moment, id_, raw)
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        text = "x-outrider-signature does not fit: it is t=<seconds>,v1=<hex of HMAC-SHA256 over t.id.body>"
        raise RequestError(text, status=401, code="not_signed", kind="authentication_error")
    if not moment.isdecimal() or abs(clock.now_ns() // 1_000_000_000 - int(moment)) > SIGNED_FOR:
        text = f"this signature is more than {SIGNED_FOR} seconds old, or the clocks differ: sign it again"
        raise RequestError(text, status=401, code="not_signed", kind="authentication_error")
    try:
        return msgspec.json.decode(raw, type=shapes.SignedDecision)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"the body cannot be used: {error}", code="invalid_body") from None


def signature(secret: str, moment: str, id_: str, raw: bytes) -> str:
    """What `v1` has to be."""
    return hmac.new(secret.encode(), moment.encode() + b"." + id_.encode() + b"." + raw, hashlib.sha256).hexdigest()


def friction(ask: Ask) -> shapes.ApprovalFriction:
    given, now = ask.query.get("since", "7d"), clock.now_ns()
    since = where.moment("since", given)
    return shapes.friction(office(ask).friction(ask.who.project, max(since, now - MONTH_NS)))


def _mark(value: str, name: str = "after") -> int | None:
    if not value:
        return None
    if value.isdecimal() and len(value) < 20:
        return min(int(value), (1 << 63) - 1)  # later than any approval
    return where.moment(name, value)


ENDPOINTS = [
    Endpoint(
        "POST",
        "/api/approvals/slack",
        "A button that was pressed in Slack, as Slack sends it (a form with `payload`)",
        shapes.Pressed,
        read=chat.pressed,
        signed=Param("x-slack-signature", "Slack's `v0=<hex>`, with `x-slack-request-timestamp`."),
        media="application/x-www-form-urlencoded",
        largest=chat.LARGEST,
    ),
    Endpoint(
        "GET", "/api/approvals", "Calls that wait or waited for a person", shapes.ApprovalList, act=list_, query=QUERY
    ),
    Endpoint(
        "GET",
        "/api/approvals/friction",
        "What approvals cost people",
        shapes.ApprovalFriction,
        read=friction,
        query=[Param("since", "Since then: a span ago, a date, or RFC 3339. Default: 7d; at most 30d.")],
    ),
    Endpoint(
        "GET", "/api/approvals/{id}", "One call, as a person should see it", shapes.ApprovalCase, read=get, params=[ID]
    ),
    Endpoint(
        "POST",
        "/api/approvals/{id}",
        "Decide about a call, or about its plan",
        shapes.ApprovalsDecided,
        read=decide,
        takes=shapes.ApprovalDecision,
        params=[ID],
    ),
    Endpoint(
        "POST",
        "/api/approvals/{id}/answer",
        "Decide by a signed body, without a key",
        shapes.ApprovalsDecided,
        read=answer,
        takes=shapes.SignedDecision,
        params=[ID],
        signed=Param("x-outrider-signature", "`t=<seconds>,v1=<hex of HMAC-SHA256 over t.id.body>`."),
    ),
]
