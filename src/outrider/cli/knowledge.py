"""`outrider knowledge`: collections of documents: fill them, look at them, search them."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.cli import _knowledge_ask, _knowledge_eval, _knowledge_search
from outrider.cli._knowledge_search import opened
from outrider.cli._output import (
    JSON_OPTION,
    CheckFailed,
    clean,
    emit_json,
    hint,
    many,
    note,
    say,
    size,
    table,
    when,
)
from outrider.cli.context import KnowledgeView, Outrider, outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.knowledge.jobs import Job
    from outrider.knowledge.library import Library
    from outrider.knowledge.records import Collection

app = typer.Typer(
    help="Collections of documents: fill them, look at them, search them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
app.command("ask")(_knowledge_ask.ask)
app.command("eval")(_knowledge_eval.eval_)
app.command("fit")(_knowledge_eval.fit)
app.command("search")(_knowledge_search.search)

_COLLECTION = typer.Argument(help="The collection.")
_PROJECT = typer.Option(help="The project that the collection belongs to; the first one if not given.")
SHOWN_FAULTS = 10
FOLLOW_SECONDS = 0.3


@app.command()
def add(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="The collection; it is made if there is none of that name.")],
    sources: Annotated[list[str], typer.Argument(help="Files, folders, archives, URLs, feeds, sitemaps.")],
    prune: Annotated[bool, typer.Option("--prune", help="End documents that are gone at these sources.")] = False,
    reader: Annotated[
        list[str] | None, typer.Option(help="Who may read them: `user:anna`, `group:hr`, `*`. May be repeated.")
    ] = None,
    no_vectors: Annotated[
        bool, typer.Option("--no-vectors", help="Do not wait for the vectors; `outrider up` makes them.")
    ] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Read documents into a collection. What did not change is passed over, and what was interrupted goes on."""
    from outrider.knowledge import ingest

    here = outrider(ctx)
    named = [_named(source) for source in sources]
    ingest.check_sources(named)
    with opened(here, project) as (knowledge, owner):
        known, made = _found_or_made(knowledge, owner, collection, named)
        asked = ingest.Asked(named, prune, tuple(reader) if reader else None)
        job = _done(here, knowledge, ingest.request(knowledge.jobs(), known, asked).id, owner, json)
        faults = knowledge.jobs().items(job.id, "fault", most=10_000)
        left = not (made and _nothing_came(knowledge, known))
        waiting = _vectors(here, knowledge, known, wait=not no_vectors, quiet=json) if left else 0
        if json:
            plain = {"job": job.id, "status": job.status, "outcomes": job.about.get("outcomes", {}), "waiting": waiting}
            emit_json({**plain, "faults": [{"item": f.item, "reason": f.reason} for f in faults]})
        else:
            _tell(job, [(f.item, f.reason) for f in faults], waiting, left=left)
    if not left or job.status != "done" or (faults and len(faults) == job.done):
        raise CheckFailed
    hint(f'outrider knowledge search {collection} "…"', json=json)


def _named(source: str) -> str:
    """A source as the collection names it: a path in full, whichever folder it was seen from."""
    return source if "://" in source else os.path.abspath(os.path.expanduser(source))


def _found_or_made(
    knowledge: KnowledgeView, project: str, name: str, named: Sequence[str]
) -> "tuple[Collection, bool]":
    """The collection, and whether it is new. Raises RequestError, and makes none, where no path is right."""
    from outrider.base.errors import RequestError
    from outrider.knowledge import rows

    library = knowledge.library()
    found = rows.collection(library.store, project, name)
    if found is not None:
        return found, False
    if all("://" not in source and not os.path.lexists(source) for source in named):
        raise RequestError(f"there is nothing at {clean(', '.join(named))[:1000]}", param="sources")
    found = library.create(project, name)
    _changed(knowledge, found, "made")
    return found, True


def _nothing_came(knowledge: KnowledgeView, collection: "Collection") -> bool:
    """Whether a new collection is as empty as before, and nobody works on it: then it is taken away again."""
    library, jobs = knowledge.library(), knowledge.jobs().newest(collection.project, collection.name, most=50)
    if library.status(collection).versions or any(not job.ended for job in jobs):
        return False
    library.drop(collection)
    _changed(knowledge, collection, "dropped")
    return True


def _changed(knowledge: KnowledgeView, collection: "Collection", action: str) -> None:
    from outrider.base import clock
    from outrider.journal.events import CollectionChanged

    event = CollectionChanged(collection.project, collection.name, clock.now_ns(), action)  # type: ignore[arg-type]  # one of its
    knowledge.record(event)


def _done(here: Outrider, knowledge: KnowledgeView, id_: str, project: str, quiet: bool) -> "Job":
    """The job, when it is over: done here, or followed where a running Outrider was quicker."""
    import time

    from outrider.knowledge.presence import Presence
    from outrider.knowledge.work import Bench

    jobs, presence = knowledge.jobs(), Presence(here.home / "run" / "jobs")
    bench = Bench(jobs, presence, knowledge.works())
    try:
        with _progress(quiet) as show:
            while not (job := jobs.get(project, id_)).ended:
                if bench.one(id_, show) is None:
                    show(job)
                    time.sleep(FOLLOW_SECONDS)
                elif waits := jobs.get(project, id_).about.get("waits"):
                    note(f"It waits: {waits}")
                    break
    except KeyboardInterrupt:
        knowledge.wake()
        note(f"\nInterrupted. What is done stays; the rest goes on with `outrider up` ({id_}).")
        raise CheckFailed from None
    finally:
        presence.close()
    return jobs.get(project, id_)


@contextmanager
def _progress(quiet: bool) -> "Iterator[_Show]":
    """What shows a job's progress: a bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield _Show(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Show(bars)


class _Show:
    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._task: Any = None  # rich's, which loads late

    def __call__(self, job: "Job") -> None:
        if self._bars is None:
            return
        bars = self._bars
        if self._task is None:
            words = {"ingest": "reading", "embed": "vectors", "rebuild": "rebuilding"}
            self._task = bars.add_task(words.get(job.kind, job.kind), total=None)
        bars.update(self._task, completed=job.done, total=job.total or None)


def _vectors(here: Outrider, knowledge: KnowledgeView, collection: "Collection", *, wait: bool, quiet: bool) -> int:
    """Make the vectors that wait, unless a running Outrider does; how many wait still."""
    from outrider.knowledge import embed

    library, jobs = knowledge.library(), knowledge.jobs()
    job = embed.request(library, jobs, collection)
    if job is not None and wait and not _runs(here):
        done = _done(here, knowledge, job.id, collection.project, quiet)
        if done.status == "failed":
            note(f"No vectors: {done.about.get('why', '')}")
        embed.again(library, jobs, done)
    elif job is not None:
        knowledge.wake()
    return sum(library.status(collection).waiting.values())


def _runs(here: Outrider) -> bool:
    """Whether a server runs on this home: it answers, and its processes' counters are there."""
    from outrider.cli import _http

    server = here.settings().server
    try:
        status, _ = _http.get(f"{_http.local_url(server.host, server.port)}/health", timeout=1.0)
    except _http.Unreachable:
        return False
    return status == 200 and any((here.home / "run").glob("*.metrics*"))


def _tell(job: "Job", faults: list[tuple[str, str]], waiting: int, *, left: bool = True) -> None:
    outcomes = job.about.get("outcomes", {})
    words = [f"{count:,} {word}" for word, count in outcomes.items() if word != "fault"]
    words += [many(len(faults), "fault")] if faults else []
    say(f"{job.collection}: {', '.join(words) or 'nothing'}")
    shown = SHOWN_FAULTS if left else len(faults)
    for item, reason in faults[:shown]:
        note(f"  {clean(item)}: {clean(reason)}")
    if not left:
        note(f"Nothing came in, so {job.collection!r} was not made.")
    if len(faults) > shown:
        note(f"  … all of them: outrider knowledge status {job.collection} --faults")
    if job.status != "done":
        note(f"{job.status}: {job.about.get('why') or job.about.get('waits') or ''}")
    if waiting:
        note(f"{many(waiting, 'passage')} wait for their vectors; words are searched already.")


@app.command("list")
def list_(ctx: typer.Context, project: Annotated[str, _PROJECT] = "", json: bool = JSON_OPTION) -> None:
    """Collections with their counts."""
    with opened(outrider(ctx), project) as (knowledge, owner):
        library = knowledge.library()
        found = [(one, library.status(one)) for one in library.collections(owner)]
    if json:
        emit_json([{"name": c.name, "shared": not c.project, "about": c.settings.about, "status": s} for c, s in found])
        return
    columns = ("collection", "documents", "passages", "without vector", "about")
    rows = [
        (c.name, f"{s.documents:,}", f"{s.chunks:,}", f"{sum(s.waiting.values()):,}", c.settings.about)
        for c, s in found
    ]
    table(columns, rows, right=columns[1:4], spare=("about",))
    if not found:
        note("There are no collections yet.")
    hint(f"outrider knowledge status {found[0][0].name}" if found else "outrider knowledge add my-docs ./docs")


@app.command()
def status(
    ctx: typer.Context,
    collection: Annotated[str, _COLLECTION],
    faults: Annotated[bool, typer.Option("--faults", help="List what did not come in by the newest import.")] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Counts of a collection, its jobs with their progress, and what did not come in."""
    with opened(outrider(ctx), project) as (knowledge, owner):
        library, jobs = knowledge.library(), knowledge.jobs()
        known = library.collection(owner, collection)
        now, found = library.status(known), jobs.newest(known.project, known.name, most=10)
        last = next((job for job in found if job.faults), None)
        listed = jobs.items(last.id, "fault", most=10_000) if faults and last is not None else []
    if json:
        rows = [{"item": i.item, "reason": i.reason} for i in listed]
        emit_json({"collection": known, "status": now, "jobs": found, **({"faults": rows} if faults else {})})
        return
    if faults:
        table(("source", "reason"), [(item.item, item.reason) for item in listed])
        return
    say(f"{many(now.documents, 'document')} in {many(now.versions, 'version')}, {many(now.chunks, 'passage')}")
    for name, there in now.vectors.items():
        say(f"vectors {name!r}: {there:,}, {now.waiting[name]:,} to come")
    if now.quarantined:
        say(f"{many(now.quarantined, 'document')} in quarantine")
    say(f"{size(now.bytes)} on disk, with all collections\n")
    _show_jobs(found)
    if last is not None:
        hint(f"outrider knowledge status {collection} --faults")


def _show_jobs(found: "list[Job]") -> None:
    columns = ("job", "kind", "status", "done", "of", "faults", "made")
    rows = [
        (j.id, j.kind, j.status, f"{j.done:,}", f"{j.total:,}" if j.total else "", f"{j.faults:,}", when(j.created))
        for j in found
    ]
    table(columns, rows, right=("done", "of", "faults"), spare=("made", "job"))
    for job in found:
        why = job.about.get("why") or (job.about.get("waits") if not job.ended else "")
        if why:
            note(f"{job.id}: {why}")


@app.command()
def remove(
    ctx: typer.Context,
    collection: Annotated[str, _COLLECTION],
    document: Annotated[
        str,
        typer.Argument(help="A document's id or source (a path as `add` took it); without it the whole collection."),
    ] = "",
    erase: Annotated[bool, typer.Option("--erase", help="Take its text away for good, with all versions.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """End a document (its history stays, unless it is erased), or drop a collection."""
    from outrider.base import clock
    from outrider.journal.events import DocumentChange, DocumentsChanged

    left = ""
    with opened(outrider(ctx), project) as (knowledge, owner):
        library = knowledge.library()
        known = _own(library, owner, collection)
        if not document:
            count = library.status(known).documents
            if not yes and not typer.confirm(f"Drop {collection!r} with {many(count, 'document')}?"):
                raise CheckFailed
            left = library.drop(known)
            _changed(knowledge, known, "dropped")
            told = f"{collection} is dropped"
        else:
            there = library.sources(known)
            id_ = (there.get(document) or there.get(_named(document)) or (document, ""))[0]
            if erase and id_ == document:  # maybe it has ended: by its source, or by its id
                id_ = next(iter(library.known_as(known, document) or library.known_as(known, _named(document))), id_)
            one = (library.newest if erase else library.document)(known, id_)
            library.remove(known, id_, erase=erase)
            change = DocumentChange(id_, one.number, "erased" if erase else "ended", one.hash)
            knowledge.record(DocumentsChanged(known.project, known.name, clock.now_ns(), [change]))
            told = f"{one.source} {'is erased' if erase else 'has ended'}"
        if library.left():
            knowledge.wake()
    if json:
        emit_json({"removed": document or collection, "left": left})
        return
    say(told)
    if left:
        note(left)
    hint("outrider knowledge list")


def _own(library: "Library", project: str, name: str) -> "Collection":
    """The collection, if it is the project's own."""
    from outrider.base.errors import RequestError

    found = library.collection(project, name)
    if found.project != project:
        raise RequestError(f"{name!r} is everybody's to read; it is changed by what keeps it", param="collection")
    return found


@app.command()
def rebuild(
    ctx: typer.Context,
    collection: Annotated[str, _COLLECTION],
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Make all vectors anew, beside those that are searched meanwhile.")
    ] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Make anew what is derived from the documents: passages, the index of words, with --embeddings the vectors."""
    here = outrider(ctx)
    with opened(here, project) as (knowledge, owner):
        library = knowledge.library()
        known = _own(library, owner, collection)
        chunks = library.rebuild(known)
        for name in known.settings.embeddings if embeddings else ():
            library.begin_again(known, name)
        _changed(knowledge, known, "rebuilt")
        waiting = _vectors(here, knowledge, known, wait=True, quiet=json)
    if json:
        emit_json({"chunks": chunks, "waiting": waiting})
        return
    say(f"{collection}: {many(chunks, 'passage')}")
    if waiting:
        note(f"{many(waiting, 'vector')} are made in the background.")
    hint(f"outrider knowledge status {collection}")
