"""The library of an installation: opened on first use, with its embedders and the kinds of work that there are."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.app import paths
from outrider.app.settings import Settings
from outrider.base import clock, env, ids
from outrider.base.errors import OutriderError, RequestError
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.journal.append import Bodies, Journal
from outrider.journal.events import DocumentChange, DocumentsChanged, Event
from outrider.knowledge import waking
from outrider.limits.keys import Identity

if TYPE_CHECKING:  # for annotations only: where nobody searches, nothing of this is loaded
    from outrider.knowledge.embedders import Ask, Embedders
    from outrider.knowledge.ingest import Steps
    from outrider.knowledge.jobs import Job, Jobs
    from outrider.knowledge.library import Library
    from outrider.knowledge.records import Collection
    from outrider.knowledge.records import Settings as CollectionSettings
    from outrider.knowledge.work import Work
    from outrider.knowledge.writers import Writer
    from outrider.providers.embedded.embed import Embedder
    from outrider.providers.embedded.transport import EmbeddedTransport
    from outrider.store import Store

log = logging.getLogger("outrider.knowledge")


class Knowledge:
    """One process's way to the library. `library` and `jobs` block on first use: call them in a thread.

    `transport`: the process has the embedded models already, and its embedder is used. `threads`: batches of documents
    that are embedded at once.
    """

    def __init__(
        self,
        settings: Settings,
        home: Path,
        store_url: str,
        journal: Journal,
        *,
        transport: "EmbeddedTransport | None" = None,
        threads: int = 1,
    ) -> None:
        self.settings, self.home, self._url, self._journal = settings, home, store_url, journal
        self._transport, self._threads = transport, threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._library: Library | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop that the embedded models belong to."""
        self._loop = loop

    def use(self, settings: Settings) -> None:
        """Take over changed settings; the process that does jobs reads them when it begins."""
        if settings.knowledge != self.settings.knowledge:
            self.wake()
        self.settings = settings

    def library(self) -> "Library":
        """The library. Raises StoreUnavailable."""
        with self._opening:
            if self._library is None:
                from outrider.knowledge.library import Library
                from outrider.store import open_knowledge

                self._store = open_knowledge(self._url)
                self._library = Library(self._store, self.home, self._embedders())
            return self._library

    def jobs(self) -> "Jobs":
        from outrider.knowledge.jobs import Jobs

        return Jobs(lambda: self.library().store)

    def works(self) -> "dict[str, Work]":
        """Every kind of job that this installation can do."""
        return works(self)

    def configure(self) -> None:
        """Make the library's collections as the configuration has them."""
        configure(self)

    def wake(self) -> None:
        """There is a new job: the process that does them begins, where `outrider up` runs."""
        waking.wake(paths.run(self.home))

    def record(self, event: Event, bodies: Bodies = ()) -> None:
        """Write an event of the project's into the journal. Blocking. Raises JournalFull."""
        self._journal.append_now(event, bodies, getattr(event, "project", ""))

    @property
    def max_upload(self) -> int:
        return self.settings.knowledge.max_upload

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def _embedders(self) -> "Embedders":
        from outrider.knowledge.embedders import Embedders

        return Embedders(self._load, self._ask(), threads=self._threads)

    def _load(self, name: str) -> "Embedder":
        """An embedded model: the one that serves `/v1/embeddings` here, or one of this process's own."""
        if not self.settings.embedded.enabled:
            raise OutriderError("the embedded models are off; turn `embedded.enabled` on, or name a route")
        if self._transport is not None and self._loop is not None and name == self.settings.embedded.embed:
            return asyncio.run_coroutine_threadsafe(self._transport.embedder(), self._loop).result()
        from outrider.knowledge.embedders import loader

        return loader(env.models_dir(self.home), self._threads)(name)

    def _ask(self) -> "Ask":
        """Asks this installation's own server, as its operator: what routes cost is recorded like any other call."""
        from outrider.knowledge.embedders import over_http

        return over_http(*own_server(self.settings, self.home))


def found_for(store: "Callable[[], Store]", project: str, run: str) -> bytes | None:
    """What a run of a project found in a collection, as it was recorded; None: there is nothing of that."""
    from outrider.journal.read import get_body, get_run, list_steps

    try:
        id_ = ids.parse(run)
    except ValueError:
        return None
    found = get_run(store(), id_)
    if found is None or found.project != project:
        return None
    steps = (one for one in list_steps(store(), id_, limit=100) if one.kind == "retrieval" and one.response is not None)
    step = next(steps, None)
    return get_body(store(), project, step.response.sha256) if step is not None and step.response is not None else None


def own_server(
    settings: Settings, home: Path, who: Identity | None = None
) -> tuple[str, Callable[[], Mapping[str, str]]]:
    """The address of this installation's server (the one that runs, else the configured one), and headers that say who
    asks: `who`, or its operator."""
    from outrider.cli._http import local_url
    from outrider.console.sessions import SignIns

    sign_ins, asker = SignIns(home), who or Identity(settings.projects[0], "", operator=True)

    def headers() -> Mapping[str, str]:
        token = sign_ins.open(asker)
        session = sign_ins.verify(token)
        assert session is not None
        return {"cookie": f"{COOKIE}={token}", CSRF_HEADER: session.csrf}

    try:
        return paths.address(home).read_text(), headers
    except OSError:
        return local_url(settings.server.host, settings.server.port), headers


def writer(settings: Settings, home: Path, route: str, who: Identity | None = None, tag: str = "casebook") -> "Writer":
    """A route that is asked for what `tag` says, by `who` or the operator."""
    from outrider.knowledge.writers import Writer

    url, headers = own_server(settings, home, who)
    return Writer(url, route, headers, tag)


def works(knowledge: Knowledge) -> "dict[str, Work]":
    """Every kind of job that this installation can do."""
    from outrider.knowledge import embed, ingest, jobs

    library = knowledge.library()
    return {
        ingest.INGEST: ingest.Ingest(library, steps(knowledge)),
        jobs.EMBED: embed.Embed(library),
    }


def steps(knowledge: Knowledge) -> "Steps":
    """The way of a document, as this installation has it."""
    from outrider.knowledge.fetch import Options
    from outrider.knowledge.importing import steps

    return steps(Options(allow=knowledge.settings.knowledge.internal_hosts), partial(_tell, knowledge))


def _tell(knowledge: Knowledge, collection: "Collection", job: "Job", changes: "Sequence[DocumentChange]") -> None:
    """What changed, into the record."""
    now = clock.now_ns()
    knowledge.record(DocumentsChanged(collection.project, collection.name, now, list(changes), job.id, job.asker))


def configure(knowledge: Knowledge) -> "list[Collection]":
    """The collections of the configuration as they are in the library, made or changed where they are not."""
    from outrider.knowledge import rows

    library, found = knowledge.library(), []
    for name, rule in knowledge.settings.knowledge.collections.items():
        project, wanted = rule.project or knowledge.settings.projects[0], rule.settings()
        try:
            known = rows.collection(library.store, project, name)
            if known is None:
                known = _made(library, project, name, wanted)
            wanted.fitted, wanted.stem = known.settings.fitted, known.settings.stem
            found.append(known if known.settings == wanted else library.configure(known, wanted))
        except RequestError as error:  # the others are kept all the same
            log.warning("the collection %r of the configuration is not kept: %s", name, error.message)
    return found


def _made(library: "Library", project: str, name: str, wanted: "CollectionSettings") -> "Collection":
    """A new collection, or the one that another process made just now."""
    from outrider.knowledge import rows

    try:
        return library.create(project, name, wanted)
    except RequestError:
        found = rows.collection(library.store, project, name)
        if found is None:
            raise
        return found


def refresh(knowledge: Knowledge, folder: Path) -> int | None:
    """Jobs for configured sources whose time has come, or that were never read; when the next one is due (ns)."""
    from outrider.knowledge import ingest

    jobs, due = knowledge.jobs(), []
    for collection in configure(knowledge):
        rule = knowledge.settings.knowledge.collections[collection.name]
        if not rule.sources:
            continue
        asked = ingest.Asked(rule.absolute(folder), rule.prune, every=rule.every or -1.0)
        last = last_refresh(jobs.newest(collection.project, collection.name, most=50), asked.sources)
        every = int((rule.every or 0) * 1e9)
        if not last or (every and last + every <= clock.now_ns()):
            last = ingest.request(jobs, collection, asked).created
        if every:
            due.append(last + every)
    return min(due, default=None)


def last_refresh(jobs: "Sequence[Job]", sources: Sequence[str]) -> int:
    """When the newest refresh of these sources among these was made (ns); 0: there was none."""
    same = [job.created for job in jobs if job.made.get("every") and job.made.get("sources") == list(sources)]
    return max(same, default=0)
