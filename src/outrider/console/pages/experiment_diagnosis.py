"""Where answers from documents went wrong: how often each stage failed, and on which cases."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.routing import Route

from outrider.console.edge import Edge, View
from outrider.console.pages.experiment import experiment_of
from outrider.console.pages.experiments import desk_of
from outrider.evals import planning
from outrider.evals.diagnosis import STAGES, Diagnosis, Stage
from outrider.journal import where

PAGE = 25
MEANS: dict[Stage, str] = {
    "right": "",
    "not indexed": "no document said it, or none that whoever asked may read",
    "not retrieved": "a document says it, and the search did not come near",
    "not ranked": "the search found it, behind what was given",
    "not used": "it was given, and the answer does not say it",
    "contradicted": "it was given, and the answer says what no passage says",
    "unknown": "what is missing is said beside each answer",
}


class Row(msgspec.Struct):
    """A stage: what it means, and for each variant how often it failed, with the page of those answers."""

    stage: Stage
    means: str
    counts: list[tuple[int, str]]


class Wrong(msgspec.Struct):
    told: Diagnosis
    href: str


class Context(msgspec.Struct):
    """`looked` of `total` answers were looked at so far. `stage` and `variant` are what is chosen; `all` leads back."""

    id: str
    name: str
    score: str
    scores: list[str]
    variants: list[str]
    rows: list[Row]
    stage: str
    variant: str
    all: str
    answers: list[Wrong]
    first: int
    wrong: int
    looked: int
    total: int
    here: str
    previous: str
    next: str


def load(view: View) -> Context:
    desk, found = desk_of(view), experiment_of(view)
    asked: dict[str, Any] = {name: view.query.get(name, "") for name in ("score", "variant", "stage")}
    first = where.whole("first", view.query["first"], 0, 2**31) if view.query.get("first") else 0
    looked, suite = desk.diagnosed(found, **asked), planning.read(found.plan)

    def address(**changed: Any) -> str:
        query = {name: one for name, one in {**asked, **changed}.items() if one}
        return f"/experiments/{found.id}/diagnosis" + (f"?{urlencode(query)}" if query else "")

    shown = looked.wrong[first : first + PAGE]
    variants = [one.name for one in suite.variants]
    rows = [
        Row(stage, MEANS[stage], [
            (looked.stages.get(name, {}).get(stage, 0), address(stage=stage, variant=name)) for name in variants
        ])
        for stage in STAGES
    ]  # fmt: skip
    last = first + len(shown)
    return Context(
        found.id, found.name, looked.score, [one.name for one in suite.evaluators if one.better == "higher"], variants,
        rows, asked["stage"], asked["variant"], address(stage="", variant=""),
        [Wrong(one, f"/experiments/{found.id}/case?{urlencode({'case': one.case})}") for one in shown],
        first, len(looked.wrong), looked.looked, looked.total, address(first=first),
        address(first=max(0, first - PAGE)) if first else "", address(first=last) if last < len(looked.wrong) else "",
    )  # fmt: skip


def routes(edge: Edge) -> list[Route]:
    path = "/experiments/{id}/diagnosis"
    return edge.page(path, load, "experiment_diagnosis.html", part="experiment_diagnosis_part.html")
