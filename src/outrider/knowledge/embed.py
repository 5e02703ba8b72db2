"""Vectors behind the import: what has none gets one, page by page; a new model's take over when they are all there."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.knowledge import rows
from outrider.knowledge.jobs import EMBED, Job, Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection, Space
from outrider.knowledge.work import Desk
from outrider.knowledge.writing import heading
from outrider.store.ports import Row

PAGE = 1024
"""Chunks that are read at once: the search for those that wait costs the same for few and for many."""
BATCH = 96
"""Chunks that are embedded and stored at once: one or two seconds, which a kill may cost."""
PASSAGE = "passage"


def wanted(library: Library, collection: Collection) -> bool:
    """Whether some chunk waits for a vector, or a generation that is whole for its turn."""
    spaces = library.spaces(collection)
    return any(not space.live for space in spaces) or any(library.waiting(collection, space, 1) for space in spaces)


def request(library: Library, jobs: Jobs, collection: Collection, asker: str = "") -> Job | None:
    """A job that embeds what waits (the one that is there, if there is one); None: nothing waits."""
    if not wanted(library, collection):
        return None
    return jobs.create(collection.project, collection.name, EMBED, asker=asker, once=True)


def again(library: Library, jobs: Jobs, job: Job) -> None:
    """What came between a job's last look and its end: who asked for vectors then was given that job."""
    if job.kind != EMBED or job.status != "done":
        return
    with contextlib.suppress(RequestError):  # the collection may be gone by now
        request(library, jobs, library.collection(job.project, job.collection), job.asker)


class Embed:
    """The work of the kind `embed`. Its `done` and `total` are vectors, of all spaces of the collection."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(self, desk: Desk) -> None:
        while self._round(desk):
            pass  # documents and embeddings that came meanwhile: who asked for them was given this job

    def _round(self, desk: Desk) -> bool:
        """Make what waits now; whether anything was made."""
        collection = self._library.collection(desk.job.project, desk.job.collection)
        spaces, made, faults = self._library.spaces(collection), False, list[OutriderError]()
        replaced = {space.name for space in spaces if not space.live}
        for space in spaces:
            before = len(faults)
            made |= self._fill(desk, collection, space, faults)
            if space.live and space.name in replaced:
                del faults[before:]  # another model takes its place: that this one is away may be why
            elif not space.live and len(faults) == before:
                made |= self._library.switch(space)
        self._library.tend(collection)
        self._library.graphs().graph(self._library.store, collection)  # its file is there before anybody asks for it
        if faults:
            raise faults[0]
        return made and wanted(self._library, collection)

    def _fill(self, desk: Desk, collection: Collection, space: Space, faults: list[OutriderError]) -> bool:
        """Vectors for what waits in a space; whether any were made. A model that gives none is noted in `faults`: that
        one is away keeps no other from being asked."""
        made = False
        for page in self._pages(collection, space):
            done, total = self._counted(collection)
            for at in range(0, len(page), BATCH):
                part = page[at : at + BATCH]
                try:
                    vectors = self._vectors(space, [text_of(row, space.of) for row in part])
                except OutriderError as error:
                    faults.append(error)
                    return made
                self._library.add_vectors(space, [row[0] for row in part], vectors)
                done, made = done + len(part), True
                desk.count(done, max(done, total))
        return made

    def _pages(self, collection: Collection, space: Space) -> Iterator[list[Row]]:
        """Chunks that wait. Ends when a page brought nothing new: then what is left is gone by now. A space that was
        dropped meanwhile has none."""
        last: list[int] = []
        while any(known.id == space.id for known in self._library.spaces(collection)):
            rows_ = self._library.waiting(collection, space, PAGE)
            ids = [row[0] for row in rows_]
            if ids == last:
                return
            last = ids
            yield rows_

    def _counted(self, collection: Collection) -> tuple[int, int]:
        status = self._library.status(collection)
        there = sum(status.vectors.values())
        return there, there + sum(status.waiting.values())

    def _vectors(self, space: Space, texts: Sequence[str]) -> Any:
        if self._library.embedders is None:
            raise OutriderError("the embedded models are off (`embedded.enabled`): nothing here makes vectors")
        return self._library.embedders.documents(space.model, texts)


def text_of(row: Row, of: str) -> str:
    """What is embedded of a chunk (id, text, about, title, meta): the passage under its headings, or a field of its
    document's `meta`; the passage where the document has no such field."""
    _, text, about, title, meta = row
    if of != PASSAGE:
        said = msgspec.json.decode(meta).get(of)
        if said:
            return "\n".join(map(str, said)) if isinstance(said, list) else str(said)
    headings = msgspec.json.decode(about, type=rows.About).headings
    above = heading(title, headings)
    return f"{above}\n{text}" if above else str(text)
