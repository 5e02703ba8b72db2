"""Review queues: how far each is, and a form that begins one; one queue: its agreement, its pace, what came of it."""

from collections import Counter
from urllib.parse import quote, urlencode

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.calibrate.intervals import Interval
from outrider.console import notices
from outrider.console.edge import Edge, View
from outrider.console.pages.experiments import desk_of
from outrider.evals.review import rubric
from outrider.evals.review.desk import ReviewDesk
from outrider.evals.review.figures import Pace
from outrider.evals.review.queues import STATUSES, Queue, Source, State, Status
from outrider.evals.review.results import Result
from outrider.evals.review.rubric import Field
from outrider.journal import read, where

PAGE = 25
EXAMPLE = """right: yes/no | Is this answer right?
quality: 1..5 within 1 | How well is it said?
better: text | What should it have said?
"""
STARTS = (
    "name",
    "where",
    "runs",
    "experiment",
    "variant",
    "judge",
    "rule",
    "rubric",
    "reviewers",
    "most",
    "share",
    "open",
)


class Card(msgspec.Struct):
    """A queue with its items by status."""

    name: str
    href: str
    state: str
    source: str
    reviewers: int
    blind: bool
    created: int
    items: dict[Status, int]
    total: int


class Context(msgspec.Struct):
    """`form` is what was typed, `problem` what is wrong with it; `experiments` are the newest with their names,
    `rules` those of live traffic that have a judge."""

    cards: list[Card]
    form: dict[str, str]
    experiments: list[tuple[str, str]]
    rules: list[str]
    problem: str = ""


class Agreed(msgspec.Struct):
    """Agreement of reviewers on a field."""

    field: str
    raw: Interval
    kappa: Interval
    ac1: Interval


class One(msgspec.Struct):
    """A queue. `who` is how the reader is known here ("": they have to say), `names` what people's keys are called.
    `results` are items of a status, a page of them. `problem` is what a form could not do, `done` what it did."""

    card: Card
    fields: list[Field]
    who: str
    doubly: int
    last_day: int
    agreed: list[Agreed]
    paces: list[Pace]
    all: Pace | None
    names: dict[str, str]
    status: str
    statuses: list[tuple[str, int, str]]
    results: list[Result]
    next: str
    texts: list[str]
    accepts: list[str]
    datasets: list[str]
    problem: str = ""
    done: str = ""


def reviews_of(view: View) -> ReviewDesk:
    found = desk_of(view).review
    if found is None:
        raise RequestError("this process serves no reviews", status=503, code="not_served")
    return found


def queue_of(view: View) -> Queue:
    """The queue of the address. Raises RequestError 404."""
    return reviews_of(view).get(view.session.project, view.path["name"])


def person_of(view: View) -> str:
    """Who reviews: the key of the session; with auth off, who they say they are ("": nobody said)."""
    if view.session.key:
        return view.session.key
    return " ".join((view.form.get("who") or view.query.get("who") or "").split())


def names_of(view: View, people: list[str]) -> dict[str, str]:
    """What keys are called, with their beginning where two are called the same; others are called what they are."""
    found = {}
    for who in people:
        public, slash, name = who.partition("/")
        key = read.find_key(view.store, public)
        found[who] = f"{(key.name or public) if key is not None else public}{slash}{name}"
    twice = [name for name, count in Counter(found.values()).items() if count > 1]
    return {who: f"{name} ({who[:6]})" if name in twice else name for who, name in found.items()}


def href(name: str, *more: str, **query: str) -> str:
    said = urlencode({key: value for key, value in query.items() if value})
    return "/".join(["/reviews", quote(name, safe=""), *more]) + (f"?{said}" if said else "")


def load(view: View) -> Context:
    desk = reviews_of(view)
    cards = [card(desk, one) for one in desk.queues.newest(view.session.project)]
    form = {name: view.query.get(name, "") for name in STARTS} | {"rubric": view.query.get("rubric", EXAMPLE)}
    newest = [(one.id, one.name) for one in desk_of(view).experiments.newest(view.session.project, 20)]
    live = view.deps.online.judges(view.session.project) if view.deps.online is not None else []
    return Context(cards, form, newest, sorted({rule for rule, _ in live}))


def card(desk: ReviewDesk, one: Queue) -> Card:
    counts, plan = desk.queues.counts(one), one.plan
    return Card(
        one.name, href(one.name), one.state, source_words(plan.source), plan.reviewers, plan.blind, one.created,
        counts, sum(counts.values()),
    )  # fmt: skip


def source_words(source: Source) -> str:
    """What a queue is filled from, in a line."""
    if source.where:
        return f"runs: {source.where}"
    if source.runs:
        return "1 run by name" if len(source.runs) == 1 else f"{len(source.runs)} runs by name"
    if source.rule:
        return f"live traffic of {source.rule} · judge {source.judge}"
    parts = [f"judge {source.judge}" if source.judge else "", f"variant {source.variant}" if source.variant else ""]
    return " · ".join([f"answers of {source.experiment}", *(part for part in parts if part)])


def load_one(view: View) -> One:
    desk, queue = reviews_of(view), queue_of(view)
    figures, status = desk.figures(queue), view.query.get("status", "")
    first = where.whole("first", view.query["first"], 0, 10**6) if view.query.get("first") else 0
    results = desk.results(queue, status, first, PAGE, veiled=True)
    people = [one.who for one in figures.paces]
    fields, shown = queue.plan.fields, card(desk, queue)
    agreed = [
        Agreed(one.field, one.agreement.raw, one.agreement.kappa, one.agreement.ac1)
        for one in figures.agreements
        if one.agreement is not None
    ]
    return One(
        shown, list(fields), person_of(view), figures.doubly, figures.last_day, agreed, figures.paces, figures.all,
        names_of(view, people), status,
        [("all", shown.total, href(queue.name)), *((s, shown.items[s], href(queue.name, status=s)) for s in STATUSES)],
        results, href(queue.name, status=status, first=str(results[-1].place + 1)) if len(results) == PAGE else "",
        [one.name for one in fields if one.kind == "text"],
        [one.name for one in fields if one.kind == "yes/no" or one.words() == ("fail", "pass")],
        [one.dataset for one in desk_of(view).datasets.newest(view.session.project)], "",
        notices.about(view, "cases"),
    )  # fmt: skip


def _create(view: View) -> Queue:
    form = view.form
    source = Source(
        form.get("where", "").strip(), tuple(form.get("runs", "").split()), form.get("experiment", "").strip(),
        form.get("variant", "").strip(), form.get("judge", "").strip(), _share(form.get("share", "")),
        where.whole("most", form.get("most") or "1000", 1, 20_000), form.get("rule", "").strip(),
    )  # fmt: skip
    text = "" if source.judge else form.get("rubric", "").replace("\r\n", "\n")
    return reviews_of(view).create(
        view.session.project, form.get("name", "").strip(), source, rubric.parse(text) if text.strip() else (),
        reviewers=where.whole("reviewers", form.get("reviewers") or "1", 1, 9), blind=not form.get("open"),
        author=view.session.key,
        live=view.deps.online.judges(view.session.project) if view.deps.online is not None else (),
    )  # fmt: skip


def _share(said: str) -> float:
    try:
        return float(said or 100) / 100
    except ValueError:
        raise RequestError(f"`share` is {said[:40]!r}; give a number of percent", param="share") from None


def routes(edge: Edge) -> list[Route]:
    async def create(view: View) -> Response | tuple[str, Context]:
        try:
            made = await anyio.to_thread.run_sync(_create, view)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem, page.form = error.message, {name: view.form.get(name, "") for name in STARTS}
            return "reviews.html", page
        return RedirectResponse(href(made.name), 303)

    async def turn(view: View) -> Response:
        state: State = "open" if view.form.get("state") == "open" else "closed"
        found = await anyio.to_thread.run_sync(reviews_of(view).turn, view.session.project, view.path["name"], state)
        return RedirectResponse(href(found.name), 303)

    async def cases(view: View) -> Response | tuple[str, One]:
        def make() -> str:
            said = {name: view.form.get(name, "") for name in ("expected", "accept")}
            dataset = view.form.get("dataset", "").strip()
            made = reviews_of(view).cases(queue_of(view), dataset, **said, author=view.session.key)
            merged = len(made.put[1].merged)
            more = f", {merged} asked what others ask" if merged else ""
            left = f", {len(made.left)} gave none" if made.left else ""
            return f"{made.cases} reviewed cases are in {dataset} version {made.put[0].version}{more}{left}"

        try:
            done = await anyio.to_thread.run_sync(make)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load_one, view)
            page.problem = error.message
            return "review_queue.html", page
        return RedirectResponse(notices.link(view, href(view.path["name"]), "cases", done), 303)

    return [
        *edge.page("/reviews", load, "reviews.html"),
        *edge.page("/reviews/{name}", load_one, "review_queue.html"),
        edge.action("/reviews", create),
        edge.action("/reviews/{name}/state", turn),
        edge.action("/reviews/{name}/cases", cases),
    ]
