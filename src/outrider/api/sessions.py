"""`/api/sessions`: sessions of agents: which there are, and what happened in one, with labels and decisions."""

from outrider.api import shapes_approvals as shapes
from outrider.api.approvals import office
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.journal import read, where

MOST = 500
_NUMBER = {"type": "integer", "minimum": 1, "maximum": MOST}


def list_(ask: Ask) -> shapes.AgentSessionList:
    limit, tainted = where.whole("limit", ask.query.get("limit", "50"), 1, MOST), ask.query.get("tainted", "")
    if tainted not in ("", "true", "false"):
        raise RequestError("`tainted` is true or false", code="invalid_parameter", param="tainted")
    before = ask.query.get("before", "")
    found = office(ask).sessions(
        ask.who.project,
        agent=ask.query.get("agent", ""),
        user=ask.query.get("user", ""),
        tainted=None if not tainted else tainted == "true",
        before=where.whole("before", before, 1, 2**63 - 1) if before else 0,
        limit=limit,
    )
    return shapes.AgentSessionList(
        [shapes.session(one) for one in found], str(found[-1].touched) if len(found) == limit else None
    )


def get(ask: Ask) -> shapes.AgentSessionWhole:
    there, project, id_ = office(ask), ask.who.project, ask.path["id"]
    brief = there.session(project, id_)
    after = where.whole("after", ask.query.get("after", "0"), 0, 10**12)
    page = there.page(project, brief, after=after, limit=where.whole("limit", ask.query.get("limit", "100"), 1, MOST))
    known = there.control.sessions.get(project, id_)
    runs = read.list_runs(ask.store, read.RunFilter(project=project, session=id_), limit=50).rows
    return shapes.AgentSessionWhole(
        shapes.session(brief),
        [shapes.event(one) for one in page.entries],
        page.next,
        [shapes.grant(grant, used) for grant, used in known.grants],
        [shapes.approval(one) for one in there.approvals.past(project, session=id_, limit=100)],
        sorted(known.parents),
        [ids.text(run.id) for run in runs],
    )


ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/sessions",
        "Sessions of agents, the last used first",
        shapes.AgentSessionList,
        read=list_,
        query=[
            Param("agent", "Those of this agent."),
            Param("user", "Those of this user."),
            Param("tainted", "Those that have read what others wrote, or have not.", {"type": "boolean"}),
            Param("before", "The `next` of a list: older ones.", {"type": "string"}),
            Param("limit", "At most so many.", _NUMBER),
        ],
    ),
    Endpoint(
        "GET",
        "/api/sessions/{id}",
        "One session: its events, decisions, grants, approvals and runs",
        shapes.AgentSessionWhole,
        read=get,
        params=[Param("id", "The session's id.")],
        query=[
            Param("after", "Events after this one.", {"type": "integer"}),
            Param("limit", "At most so many events.", _NUMBER),
        ],
    ),
]
