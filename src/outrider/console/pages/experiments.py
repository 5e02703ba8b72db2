"""Experiments, the newest first, with their progress; a form that begins one from a suite."""

from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.evals.desk import Desk, State, state
from outrider.evals.experiments import Experiment
from outrider.journal import where

PAGE = 25
LARGEST = 200_000
"""Bytes of the form: a suite, percent-encoded."""
EXAMPLE = """dataset: {dataset}
variants:
  now: {route}
  next: {{model: {route}, prompt: "Answer in one sentence."}}
evaluators: [exact, seconds, dollars]
gates:
  - next: exact >= now - 0.02
"""


class Card(msgspec.Struct):
    """An experiment with its progress. `cost` is nano-dollars."""

    id: str
    name: str
    state: State
    dataset: str
    version: int
    variants: list[str]
    created: int
    items: int
    done: int
    cost: int
    why: str


class Context(msgspec.Struct):
    """`suite` is the text of the form, `problem` what is wrong with it. `datasets` are the names that there are."""

    cards: list[Card]
    more: str
    suite: str
    datasets: list[str]
    may_begin: bool
    problem: str = ""


def desk_of(view: View) -> Desk:
    if view.deps.experiments is None:
        raise RequestError("this process serves no experiments", status=503, code="not_served")
    return view.deps.experiments


def card(desk: Desk, one: Experiment) -> Card:
    far, plan = desk.progress(one), one.plan
    return Card(
        one.id, one.name, state(one), str(plan.get("dataset", "")), int(plan.get("version", 0)),
        [str(variant["name"]) for variant in plan["variants"]], one.created, far.items, far.done, far.cost,
        "" if state(one) == "running" else str(one.about.get("why", "")),
    )  # fmt: skip


def load(view: View) -> Context:
    desk = desk_of(view)
    before = where.whole("before", view.query["before"], 0, 2**63 - 1) if view.query.get("before") else 0
    found = desk.experiments.newest(view.session.project, PAGE, before)
    names = [one.dataset for one in desk.datasets.newest(view.session.project)]
    route = next(iter(view.deps.routes()), "my-route")
    return Context(
        [card(desk, one) for one in found],
        f"/experiments?{urlencode({'before': found[-1].created})}" if len(found) == PAGE else "",
        EXAMPLE.format(dataset=msgspec.json.encode(names[0]).decode() if names else "my-cases", route=route),
        names,
        desk.works(),
    )


def routes(edge: Edge) -> list[Route]:
    async def begin(view: View) -> Response | tuple[str, Context]:
        suite = view.form.get("suite", "").replace("\r\n", "\n")
        try:
            made = await anyio.to_thread.run_sync(desk_of(view).begin, view.who, suite)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem, page.suite = error.message, suite
            return "experiments.html", page
        return RedirectResponse(f"/experiments/{made.id}", 303)

    return [
        *edge.page("/experiments", load, "experiments.html", part="experiments_part.html"),
        edge.action("/experiments", begin, largest=LARGEST),
    ]
