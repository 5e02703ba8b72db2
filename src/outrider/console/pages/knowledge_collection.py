"""One collection: its counts and jobs (live), its documents, and forms that add to it."""

from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console import forms, words
from outrider.console.edge import Edge, View
from outrider.console.pages.knowledge import changeable, collection_of, knowing, may_change, principals, status_of
from outrider.knowledge import ingest
from outrider.knowledge.jobs import FAULT, Item, Job
from outrider.knowledge.records import Collection, Document, Status

PAGE = 100
FAULTS = 50
JOBS = 8
TITLES = {"ingest": "Read documents", "embed": "Make vectors"}
NOTICES = {
    "added": "It is read now, behind this page. What cannot be read is listed with its reason.",
    "cancelled": "The job ends.",
    "removed": "The document is removed.",
}


class JobLine(msgspec.Struct):
    """A job with its progress. `faults` are the first of `faulty` items that could not be read; `took` ns."""

    id: str
    title: str
    status: str
    created: int
    took: int
    done: int
    total: int
    faulty: int
    faults: list[Item]
    outcomes: list[tuple[str, int]]
    error: str


class Context(msgspec.Struct):
    """`documents` are those that the session may read; `more` leads to the next ones."""

    name: str
    about: str
    status: Status
    jobs: list[JobLine]
    documents: list[Document]
    more: str
    may_change: bool
    largest: int
    problem: str = ""
    notice: str = ""


class StateContext(msgspec.Struct):
    """What changes while a job is at work."""

    name: str
    status: Status
    jobs: list[JobLine]
    may_change: bool


def load(view: View) -> Context:
    library, collection = collection_of(view)
    state = load_state(view)
    rows = library.documents(collection, view.query.get("after", ""), PAGE + 1, principals(view))
    return Context(
        name=collection.name,
        about=collection.settings.about,
        status=state.status,
        jobs=[job for job in state.jobs if job.status in ("running", "waiting") or job.faulty],
        documents=rows[:PAGE],
        more=f"/knowledge/{collection.name}?{urlencode({'after': rows[PAGE - 1].id})}" if len(rows) > PAGE else "",
        may_change=state.may_change,
        largest=min(forms.LARGEST_UPLOAD, knowing(view).max_upload),
        notice=NOTICES.get(view.query.get("done", ""), ""),
    )


def load_state(view: View) -> StateContext:
    library, collection = collection_of(view)
    jobs = knowing(view).jobs()
    lines = [_line(view, job) for job in jobs.newest(collection.project, collection.name, most=JOBS)]
    return StateContext(collection.name, status_of(view, library, collection), lines, may_change(view, collection))


def _line(view: View, job: Job) -> JobLine:
    jobs = knowing(view).jobs()
    counted = {w: n for w, n in jobs.outcomes(job.id).items() if w != FAULT} if job.total or job.ended else {}
    return JobLine(
        id=job.id,
        title=TITLES.get(job.kind, job.kind.replace("_", " ").capitalize()),
        status=job.status,
        created=job.created,
        took=job.ended - job.started if job.ended and job.started else 0,
        done=job.done,
        total=job.total,
        faulty=job.faults,
        faults=jobs.items(job.id, FAULT, most=FAULTS) if job.faults else [],
        outcomes=sorted(counted.items()),
        error=str(job.about.get("error", "")),
    )


def _small(view: View) -> None:
    """Raises RequestError (413) for a file that is larger than the configuration allows."""
    most = knowing(view).max_upload
    for name, _, body in view.files:
        if len(body) > most:
            text = f"{name[:100]!r} has {words.size(len(body))}, and a file may have {words.size(most)}: divide it"
            raise RequestError(f"{text}, or add it with `outrider knowledge add`", status=413, param="files")


def _add(view: View, asked: ingest.Asked, files: list[tuple[str, str, bytes]]) -> Collection:
    _, collection = changeable(view)
    ingest.request(knowing(view).jobs(), collection, asked, asker=view.session.key, files=files)
    knowing(view).wake()
    return collection


def routes(edge: Edge) -> list[Route]:
    def said(template: str, problem: str, view: View) -> tuple[str, Context]:
        page = load(view)
        page.problem = problem
        return template, page

    async def upload(view: View) -> Response | tuple[str, Context]:
        try:
            if not view.files:
                raise RequestError("no file was chosen: choose one or more", param="files")
            _small(view)
            asked = ingest.Asked(trust="untrusted")
            collection = await anyio.to_thread.run_sync(_add, view, asked, list(view.files))
        except RequestError as error:
            return await anyio.to_thread.run_sync(said, "knowledge_collection.html", error.message, view)
        return RedirectResponse(f"/knowledge/{collection.name}?done=added", 303)

    async def address(view: View) -> Response | tuple[str, Context]:
        url = view.form.get("url", "").strip()
        try:
            if not url.startswith(("https://", "http://")):
                raise RequestError("give a web address that begins with https:// or http://", param="url")
            asked = ingest.Asked([url], trust="untrusted")
            collection = await anyio.to_thread.run_sync(_add, view, asked, [])
        except RequestError as error:
            return await anyio.to_thread.run_sync(said, "knowledge_collection.html", error.message, view)
        return RedirectResponse(f"/knowledge/{collection.name}?done=added", 303)

    async def cancel(view: View) -> Response:
        def end() -> str:
            _, collection = changeable(view)
            jobs = knowing(view).jobs()
            job = jobs.get(collection.project, view.form.get("job", ""))
            if job.collection == collection.name:
                jobs.cancel(collection.project, job.id)
            return collection.name

        return RedirectResponse(f"/knowledge/{await anyio.to_thread.run_sync(end)}?done=cancelled", 303)

    return [
        *edge.page("/knowledge/{name}", load, "knowledge_collection.html"),
        *edge.page("/knowledge/{name}/state", load_state, "knowledge_state.html"),
        *edge.page("/knowledge/{name}/jobs", load_state, "knowledge_jobs.html"),
        edge.action("/knowledge/{name}/upload", upload, files=True),
        edge.action("/knowledge/{name}/url", address),
        edge.action("/knowledge/{name}/cancel", cancel),
    ]
