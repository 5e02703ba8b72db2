"""`/api/policy`: permissions, grants of sessions, a decision in plain words, other rules over the record.

Reading takes any key of the project, changing the right `policy`. A model's side has no way here but a key with it.
"""

from typing import cast

from anyio import to_thread

from outrider.api import shapes_policy as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import ConfigError, RequestError, UpstreamError
from outrider.journal import where
from outrider.limits import rights
from outrider.policy.desk import Desk
from outrider.policy.permissions import KINDS, Kind
from outrider.policy.rules import Rules

_KIND = Param("kind", "What it is.", {"type": "string", "enum": list(KINDS)})
_NAME = Param("name", "Its name; `*` for everybody of the kind who is not named.")
_WHY = Param("why", "Why, for the record.")
_SESSION = Param("id", "The session's id.")
_NUMBER = Param("number", "The grant's number.", {"type": "integer", "minimum": 0})


def desk(ask: Ask) -> Desk:
    found = ask.deps.office.desk if ask.deps.office is not None else None
    if found is None:
        raise RequestError("this process serves no policy", status=503, code="not_served")
    return found


def permissions(ask: Ask) -> shapes.Permissions:
    there, project = desk(ask), ask.who.project
    return shapes.permissions(there.roster(project), there.given(project))


def give(ask: Ask) -> shapes.PermissionGiven:
    body, by = cast(shapes.PermissionGrants, ask.body), _allowed(ask)
    return shapes.given(
        desk(ask).give(ask.who.project, _kind(ask), ask.path["name"], body.subject(), by=by, why=body.why)
    )


def take(ask: Ask) -> shapes.PermissionEnded:
    by, kind, name = _allowed(ask), _kind(ask), ask.path["name"]
    desk(ask).take(ask.who.project, kind, name, by=by, why=ask.query.get("why", ""))
    return shapes.PermissionEnded(kind, name)


def grant(ask: Ask) -> shapes.GrantMade:
    """A key that an agent calls with must not widen its own bounds: it takes the right `policy`."""
    by, session = _allowed(ask), ask.path["id"]
    body = cast(shapes.TaskGrant, ask.body)
    return shapes.GrantMade(session, desk(ask).grant(ask.who.project, session, body.grant(), by))


def propose(ask: Ask) -> shapes.GrantProposals:
    there, project, session = desk(ask), ask.who.project, ask.path["id"]
    return shapes.proposals(there.propose(project, session), there.offered(project, session))


async def read(ask: Ask) -> shapes.GrantProposals:
    """It costs money, and what comes of it is for those who may give grants."""
    await to_thread.run_sync(_allowed, ask)
    reader, project, session = desk(ask).reader(), ask.who.project, ask.path["id"]
    if reader is None:
        raise RequestError("this process asks no models", status=503, code="not_served")
    try:
        offered = await reader.read(project, session, cast(shapes.WordsToRead, ask.body).model, key=ask.who.key)
    except UpstreamError as error:
        status = error.status if error.status >= 500 else 502
        raise RequestError(error.message, status=status, code=error.code, kind="server_error") from None
    return shapes.proposals(await to_thread.run_sync(desk(ask).propose, project, session), offered)


def withdraw(ask: Ask) -> shapes.GrantEnded:
    by, session = _allowed(ask), ask.path["id"]
    number = where.whole("number", str(ask.path["number"]), 0, 10_000)
    desk(ask).withdraw(ask.who.project, session, number, by)
    return shapes.GrantEnded(session, number)


def check(ask: Ask) -> shapes.CheckedCall:
    body = cast(shapes.CallToCheck, ask.body)
    rules = _rules(body.rules) if body.rules else None
    return shapes.checked(desk(ask).check(ask.who.project, body.session, body.tool, body.arguments, rules=rules))


def backtest(ask: Ask) -> shapes.Backtest:
    body = cast(shapes.RulesToTry, ask.body)
    since = where.moment("since", body.since)
    return shapes.report(desk(ask).backtest(ask.who.project, _rules(body.rules), since=since, session=body.session))


def _rules(text: str) -> Rules:
    try:
        return Rules(text)
    except ConfigError as error:
        raise RequestError(error.message, code="invalid_parameter", param="rules") from None


def _kind(ask: Ask) -> Kind:
    if ask.path["kind"] not in KINDS:
        raise RequestError(f"`kind` is one of {', '.join(KINDS)}", code="invalid_parameter", param="kind")
    return cast(Kind, ask.path["kind"])


def _allowed(ask: Ask) -> str:
    """Who changes it, for the record. Raises RequestError 403 without the right."""
    rights.require(ask.deps.store, ask.who, "policy")
    return f"key:{ask.who.key}" if ask.who.key else "anybody (auth: off)"


ENDPOINTS = [
    Endpoint("GET", "/api/policy/permissions", "Who may call which tools", shapes.Permissions, read=permissions),
    Endpoint(
        "PUT",
        "/api/policy/permissions/{kind}/{name}",
        "Give roles and tools to a role, a user, an agent or a key",
        shapes.PermissionGiven,
        read=give,
        takes=shapes.PermissionGrants,
        params=[_KIND, _NAME],
    ),
    Endpoint(
        "DELETE",
        "/api/policy/permissions/{kind}/{name}",
        "End what was given over the API",
        shapes.PermissionEnded,
        read=take,
        params=[_KIND, _NAME],
        query=[_WHY],
    ),
    Endpoint(
        "GET",
        "/api/policy/sessions/{id}/proposals",
        "Grants that the user's own words speak for",
        shapes.GrantProposals,
        read=propose,
        params=[_SESSION],
    ),
    Endpoint(
        "POST",
        "/api/policy/sessions/{id}/proposals",
        "Ask a model, which sees nothing but the user's own words, for grants that they speak for",
        shapes.GrantProposals,
        act=read,
        takes=shapes.WordsToRead,
        params=[_SESSION],
    ),
    Endpoint(
        "POST",
        "/api/policy/sessions/{id}/grants",
        "Let a session do something without a question",
        shapes.GrantMade,
        read=grant,
        takes=shapes.TaskGrant,
        params=[_SESSION],
    ),
    Endpoint(
        "DELETE",
        "/api/policy/sessions/{id}/grants/{number}",
        "End a grant",
        shapes.GrantEnded,
        read=withdraw,
        params=[_SESSION, _NUMBER],
    ),
    Endpoint(
        "POST",
        "/api/policy/check",
        "What would be decided about a call, and why",
        shapes.CheckedCall,
        read=check,
        takes=shapes.CallToCheck,
    ),
    Endpoint(
        "POST",
        "/api/policy/backtest",
        "Other rules over the recorded sessions",
        shapes.Backtest,
        read=backtest,
        takes=shapes.RulesToTry,
    ),
]
