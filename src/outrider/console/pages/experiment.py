"""One experiment: how far it is, its gates with their reasons, its scores with intervals, and who wavers."""

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.attacked import Attacked, attacked
from outrider.console.edge import Edge, View
from outrider.console.pages.experiments import Card, card, desk_of
from outrider.evals.compare import Against, Held, Measured, Report
from outrider.evals.experiments import Experiment
from outrider.evals.redteam import campaign
from outrider.evals.report import against_words

WIDE = 1000.0


class Bar(msgspec.Struct):
    """An interval as it is drawn, in thousandths of the width: from `low` to `high`, a mark at `at`."""

    low: float
    high: float
    at: float


class Row(msgspec.Struct):
    """A score of a variant. `said` is the mean with its interval; `against` compares with the baseline in words, and
    `way` is better, worse, or empty where nobody knows."""

    variant: str
    n: int
    said: str
    bar: Bar | None
    against: str
    way: str
    gained: int
    lost: int
    ties: int
    silent: int
    why: str
    flaky: list[str]


class Score(msgspec.Struct):
    """An evaluator with its row for each variant; bars go from 0 to `most`. `note` speaks against believing it."""

    name: str
    better: str
    unit: str
    most: str
    rows: list[Row]
    note: str = ""


class Context(msgspec.Struct):
    """`failed` are answers that are errors, by variant. `comparable`: there is a second variant and a score."""

    card: Card
    baseline: str
    answers: int
    cached: int
    gates: list[Held]
    verdict: str
    scores: list[Score]
    failed: list[tuple[str, int]]
    comparable: bool
    may_resume: bool
    may_stop: bool
    problem: str = ""
    attacked: Attacked | None = None
    """What a red team found; its scores are these rates, and no mean over attempts that a search chose."""


def experiment_of(view: View) -> Experiment:
    """The experiment of the address. Raises RequestError 404."""
    return desk_of(view).experiments.get(view.session.project, view.path["id"])


def load(view: View) -> Context:
    desk, found = desk_of(view), experiment_of(view)
    shown, read = card(desk, found), desk.read(found)
    report = read.report
    under_way = shown.state in ("running", "waiting")
    team = attacked(desk.attacked(found)) if campaign.PLAN in found.plan else None
    return Context(
        shown,
        read.suite.baseline,
        report.answers,
        report.cached,
        report.gates,
        report.verdict if report.gates else "",
        _scores(report) if team is None else [],
        [(name, count) for name, count in report.failed.items() if count],
        bool(report.against),
        desk.works() and shown.state in ("stopped", "interrupted"),
        under_way,
        attacked=team,
    )


def _scores(report: Report) -> list[Score]:
    against = {(one.score, one.variant): one for one in report.against}
    found: dict[str, list[Measured]] = {}
    for one in report.measured:
        found.setdefault(one.score, []).append(one)
    scores = []
    for name, measured in found.items():
        first = measured[0]
        most = max([one.mean.high for one in measured], default=1.0) * 1.04 if first.better != "higher" else 1.0
        rows = [_row(one, against.get((name, one.variant)), most or 1.0) for one in measured]
        scores.append(Score(name, first.better, first.unit, f"{most:.3g}", rows, first.note))
    return scores


def _row(one: Measured, other: Against | None, most: float) -> Row:
    mean = one.mean
    bar = Bar(*(round(WIDE * max(0.0, min(1.0, x / most)), 1) for x in (mean.low, mean.high, mean.estimate)))
    unit = f" {one.unit}" if one.unit else ""
    return Row(
        one.variant, mean.n, f"{mean.estimate:.3g} [{mean.low:.3g}, {mean.high:.3g}]{unit}" if mean.n else "–",
        bar if mean.n else None, against_words(other) if other else "", _way(one, other),
        len(other.gained) if other else 0, len(other.lost) if other else 0, other.ties if other else 0, one.silent,
        one.why, one.flaky,
    )  # fmt: skip


def _way(one: Measured, other: Against | None) -> str:
    """Better or worse, where the adjusted test and the interval both say so."""
    if other is None or one.better == "none" or other.p >= 0.05 or other.difference.low <= 0 <= other.difference.high:
        return ""
    return "better" if (other.difference.estimate > 0) == (one.better == "higher") else "worse"


def routes(edge: Edge) -> list[Route]:
    async def stop(view: View) -> Response:
        await anyio.to_thread.run_sync(desk_of(view).stop, view.who, view.path["id"])
        return RedirectResponse(f"/experiments/{view.path['id']}", 303)

    async def resume(view: View) -> Response | tuple[str, Context]:
        try:
            await anyio.to_thread.run_sync(desk_of(view).resume, view.who, view.path["id"])
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem = error.message
            return "experiment.html", page
        return RedirectResponse(f"/experiments/{view.path['id']}", 303)

    return [
        *edge.page("/experiments/{id}", load, "experiment.html", part="experiment_part.html"),
        edge.action("/experiments/{id}/stop", stop),
        edge.action("/experiments/{id}/resume", resume),
    ]
