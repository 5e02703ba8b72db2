"""`/api/datasets`: versions of cases, cases from production; `/api/proposals`: runs that should become cases."""

from collections.abc import Sequence

from outrider.api import shapes_datasets as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.evals import adding, cases, production
from outrider.evals.desk import Desk
from outrider.evals.proposals import STATUSES, Proposals
from outrider.evals.records import Case
from outrider.journal import where
from outrider.journal.feedback_query import feedback_on

MOST = 200
MOST_RUNS = 200
_NAME = Param("name", "The dataset.")
_RUN = Param("run", "The run's id.")
_VERSION = Param("version", "Which version; the newest if not given.", {"type": "integer", "minimum": 1})
_STATUS = Param("status", "Those that are `waiting` if not given.", {"type": "string", "enum": list(STATUSES)})
_FIRST = Param("first", "The `next` of the page before.", {"type": "integer", "minimum": 0})
_LIMIT = Param("limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST})


def desk(ask: Ask) -> Desk:
    if ask.deps.experiments is None:
        raise RequestError("this process serves no datasets", status=503, code="not_served")
    return ask.deps.experiments


def _proposals(ask: Ask) -> Proposals:
    found = desk(ask).proposals
    if found is None:
        raise RequestError("this process serves no proposals", status=503, code="not_served")
    return found


def _whole(ask: Ask, name: str, least: int, most: int, usual: int) -> int:
    return where.whole(name, ask.query[name], least, most) if name in ask.query else usual


def list_(ask: Ask) -> shapes.DatasetList:
    return shapes.DatasetList([shapes.dataset(one) for one in desk(ask).datasets.newest(ask.who.project)])


def versions(ask: Ask) -> shapes.DatasetList:
    datasets, name = desk(ask).datasets, ask.path["name"]
    datasets.version(ask.who.project, name)
    return shapes.DatasetList([shapes.dataset(one) for one in datasets.versions(ask.who.project, name)])


def cases_(ask: Ask) -> shapes.CaseList:
    datasets, limit, first = desk(ask).datasets, _whole(ask, "limit", 1, MOST, 50), _whole(ask, "first", 0, 10**9, 0)
    version = datasets.version(ask.who.project, ask.path["name"], _whole(ask, "version", 1, 10**9, 0))
    found = datasets.page(version, ask.who.project, first, limit)
    more = first + limit if first + limit < version.cases else None
    return shapes.CaseList(version.version, found, more)


def difference(ask: Ask) -> shapes.Change:
    datasets, name = desk(ask).datasets, ask.path["name"]
    new = datasets.version(ask.who.project, name, _whole(ask, "new", 1, 10**9, 0)).version
    old = _whole(ask, "old", 1, 10**9, new - 1)
    if not old:
        raise RequestError(f"{name!r} has one version only", param="old")
    return datasets.difference(ask.who.project, name, old, new)


def add(ask: Ask) -> shapes.Added:
    found = [cases.made(one, f"cases[{at}]") for at, one in enumerate(ask.body.cases)]
    return _put(ask, found, ask.body.merge, ask.body.note)


def from_runs(ask: Ask) -> shapes.Added:
    """Proposals of these runs are taken."""
    said, project = ask.body, ask.who.project
    if not 1 <= len(said.runs) <= MOST_RUNS:
        raise RequestError(f"give 1 to {MOST_RUNS} runs", param="runs")
    if said.expected is not None and (len(said.runs) > 1 or said.accept):
        raise RequestError("`expected` is said of one run alone, and without `accept`", param="expected")
    found = [adding.of_run(ask.store, project, one, accept=said.accept) for one in said.runs]
    if said.expected is not None:
        found = [production.labelled(one, said.expected, "person") for one in found]
    made, proposed = _put(ask, found, said.merge, said.note), _proposals(ask)
    proposed.gather(ask.store, project)
    proposed.taken(project, found, ask.path["name"], ask.who.key)
    return made


def _put(ask: Ask, found: Sequence[Case], merge: bool, note: str) -> shapes.Added:
    version, left = adding.put(
        desk(ask).datasets, ask.who.project, ask.path["name"], found, merge=merge, author=ask.who.key, note=note
    )
    return shapes.added(version, left)


def proposals(ask: Ask) -> shapes.ProposalList:
    project, kept = ask.who.project, _proposals(ask)
    status = next((one for one in STATUSES if one == ask.query.get("status", "waiting")), None)
    if status is None:
        raise RequestError(f"give `status` as one of {', '.join(STATUSES)}", code="invalid_parameter", param="status")
    kept.gather(ask.store, project)
    rows = kept.list(project, status, _whole(ask, "limit", 1, MOST, 50))
    return shapes.ProposalList(
        [shapes.proposal(row, feedback_on(ask.store, project, run=ids.parse(row.run), limit=5)) for row in rows]
    )


def dismiss(ask: Ask) -> shapes.Dismissed:
    proposed = _proposals(ask)
    proposed.gather(ask.store, ask.who.project)
    proposed.dismiss(ask.who.project, ask.path["run"], ask.who.key)
    return shapes.Dismissed(ask.path["run"], True)


ENDPOINTS = [
    Endpoint("GET", "/api/datasets", "Datasets, each with its newest version", shapes.DatasetList, read=list_),
    Endpoint("GET", "/api/datasets/{name}", "Versions of a dataset", shapes.DatasetList, read=versions, params=[_NAME]),
    Endpoint(
        "GET", "/api/datasets/{name}/cases", "Cases of a version, in pages", shapes.CaseList, read=cases_,
        params=[_NAME], query=[_VERSION, _FIRST, _LIMIT],
    ),
    Endpoint(
        "GET", "/api/datasets/{name}/difference", "What a version has that another has not", shapes.Change,
        read=difference, params=[_NAME],
        query=[
            Param("old", "A version; the one before `new` if not given.", {"type": "integer", "minimum": 1}),
            Param("new", "A version; the newest if not given.", {"type": "integer", "minimum": 1}),
        ],
    ),
    Endpoint(
        "POST", "/api/datasets/{name}/cases", "Add cases: a new version", shapes.Added, read=add, params=[_NAME],
        takes=shapes.NewCases, status=201,
    ),
    Endpoint(
        "POST", "/api/datasets/{name}/runs", "Make cases of runs or steps, with what was recorded", shapes.Added,
        read=from_runs, params=[_NAME], takes=shapes.NewRuns, status=201,
    ),
    Endpoint(
        "GET", "/api/proposals", "Runs that should perhaps become cases", shapes.ProposalList, read=proposals,
        query=[_STATUS, _LIMIT],
    ),
    Endpoint(
        "DELETE", "/api/proposals/{run}", "A run shall not become a case", shapes.Dismissed, read=dismiss,
        params=[_RUN],
    ),
]  # fmt: skip
