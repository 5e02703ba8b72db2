"""Sessions of agents: the list, and one of them with its labels where they arise and each decision with its reason."""

import hashlib

import msgspec
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console import policy_words as words
from outrider.console.edge import Edge, View
from outrider.console.pages.approvals import office
from outrider.console.pages.run import Said, said_of
from outrider.journal import read, where
from outrider.journal.rows import RunRow
from outrider.policy.present import plain
from outrider.policy.timeline import Brief, Entry

LISTED = 50
RUNS = 20


class Context(msgspec.Struct):
    """The last used sessions of the project; `next` leads to older ones (0: there are none)."""

    sessions: list[Brief]
    agent: str
    user: str
    tainted: str
    next: int


class Grant(msgspec.Struct):
    """Something that was allowed beforehand: `bounds` are (name, values)."""

    tools: list[str]
    bounds: list[tuple[str, str]]
    calls: int
    used: int
    until: int
    strict: bool
    by: str
    note: str


class Proposal(msgspec.Struct):
    """A grant that the user's words speak for; `digest` is what a form names it by."""

    digest: str
    grant: Grant


class Moment(msgspec.Struct):
    """An event with its reasons: (rule, words)."""

    entry: Entry
    reasons: list[tuple[str, str]]


class One(msgspec.Struct):
    """A session with a part of its events: those after `after`; `next` leads to later ones (0: there are none).
    `proposals` are by the rules and by the model `reader` ("": none read the words), of whose answer `dropped` did not
    hold; `asks`: this process asks models. `said`
    is feedback on the session; `form` is what was typed, `problem` what is wrong with it, `done` what was done."""

    brief: Brief
    moments: list[Moment]
    after: int
    next: int
    grants: list[Grant]
    proposals: list[Proposal]
    reader: str
    dropped: list[str]
    asks: bool
    approvals: list[words.Call]
    parents: list[str]
    runs: list[RunRow]
    verdicts: dict[str, tuple[str, str]]
    said: list[Said]
    may_say: bool
    form: dict[str, str]
    problem: str = ""
    done: str = ""


def load(view: View) -> Context:
    tainted = view.query.get("tainted", "")
    if tainted not in ("", "true", "false"):
        raise RequestError("`tainted` is true or false", code="invalid_parameter", param="tainted")
    before = view.query.get("before", "")
    agent, user = view.query.get("agent", ""), view.query.get("user", "")
    found = office(view).sessions(
        view.session.project,
        agent=agent,
        user=user,
        tainted=None if not tainted else tainted == "true",
        before=where.whole("before", before, 1, 2**63 - 1) if before else 0,
        limit=LISTED,
    )
    return Context(found, agent, user, tainted, found[-1].touched if len(found) == LISTED else 0)


def load_one(view: View) -> One:
    there, project, id_ = office(view), view.session.project, view.path["id"]
    brief = there.session(project, id_)
    after = where.whole("after", view.query.get("after", "0"), 0, 10**12)
    page = there.page(project, brief, after=after)
    known, desk = there.control.sessions.get(project, id_), there.desk
    offered = desk.offered(project, id_) if desk is not None else None
    asks = {rule.id: rule.ask or ("it is forbidden" if rule.forbids else "it permits") for rule in there.rules().rules}
    runs = read.list_runs(view.store, read.RunFilter(project=project, session=id_), limit=RUNS).rows
    return One(
        brief=brief,
        moments=[Moment(one, [(rule, asks.get(rule, "")) for rule in one.because]) for one in page.entries],
        after=after,
        next=page.next or 0,
        grants=[_grant(grant, used) for grant, used in known.grants],
        proposals=[Proposal(digest(one), _grant(one, 0)) for one in (desk.propose(project, id_) if desk else ())],
        reader=plain(offered.model, 80) if offered else "",
        dropped=[plain(one, 300) for one in offered.dropped] if offered else [],
        asks=desk is not None and desk.reader() is not None,
        approvals=[words.call(one) for one in there.approvals.past(project, session=id_, limit=20)],
        parents=sorted(known.parents),
        runs=runs,
        verdicts=words.VERDICTS,
        said=said_of(view, session=id_),
        may_say=view.deps.record is not None,
        form=dict(view.form),
        done=view.query.get("done", ""),
    )


def digest(one: words.Granted) -> str:
    """What a proposal is known by: what it allows, and not when it was made."""
    bounds = msgspec.structs.replace(one, until=0)
    return hashlib.sha256(msgspec.json.encode(bounds, enc_hook=str)).hexdigest()[:24]


def _grant(one: words.Granted, used: int) -> Grant:
    lists = ("recipients", "paths", "urls", "ids")
    bounds = [
        (name, ", ".join(plain(each, 120) for each in getattr(one, name))) for name in lists if getattr(one, name)
    ]
    bounds += [(name, str(getattr(one, name))) for name in ("amount", "total") if getattr(one, name) is not None]
    return Grant(
        [plain(tool, 120) for tool in one.tools], bounds, one.calls, used, one.until, one.strict, plain(one.by, 80),
        plain(one.note, 300),
    )  # fmt: skip


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/sessions", load, "sessions.html"),
        *edge.page("/sessions/{id:path}", load_one, "session.html"),
    ]
