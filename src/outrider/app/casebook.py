"""The Casebook of an installation: opened on first use, filled with the bundled cases, and the work that it has."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.app.knowledge import Knowledge, writer
from outrider.app.settings import Settings
from outrider.base.errors import OutriderError

if TYPE_CHECKING:  # for annotations only: where nobody looks at it, nothing of this is loaded
    from outrider.casebook.book import Casebook
    from outrider.knowledge.work import Work
    from outrider.store import Store

QUIET = 3.0
"""Seconds after the start that belong to the first requests."""


class CasebookHandle:
    """One process's way to the Casebook."""

    def __init__(self, knowledge: Knowledge, store_url: str) -> None:
        self._knowledge, self._url = knowledge, store_url
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._book: Casebook | None = None

    def get(self) -> "Casebook":
        """The Casebook; an empty one gets the bundled cases first. Blocks: call it in a thread. Raises
        StoreUnavailable."""
        with self._opening:
            if self._book is None:
                from outrider.casebook.book import Casebook
                from outrider.store import open_casebook

                self._store = self._store or open_casebook(self._url)
                book = Casebook(self._knowledge.library(), self._store, self._knowledge.record)
                if is_stocked(self._knowledge.settings) and not book.revision():
                    self._fill(book)
                self._book = book
            return self._book

    def stock(self) -> None:
        """Bring the bundled cases up to date, and ask for their vectors."""
        if is_stocked(self._knowledge.settings):
            self._fill(self.get())

    def _fill(self, book: "Casebook") -> None:
        from outrider.casebook import bundled
        from outrider.knowledge import embed

        bundled.put(book)
        embedded = self._knowledge.settings.embedded.enabled
        if embedded and embed.request(book.library, self._knowledge.jobs(), book.collection) is not None:
            self._knowledge.wake()

    async def warm_later(self) -> None:
        """Warm it in a thread, when the first requests have had their time."""
        await asyncio.sleep(QUIET)
        await asyncio.to_thread(self.warm)

    def warm(self) -> None:
        """Read what the first search would read, where there is a Casebook; an installation without one gets none."""
        if not self._is_there():
            return
        from outrider.casebook.find import finder
        from outrider.knowledge.records import Query

        with suppress(OutriderError):  # the first search will say it
            book = self.get()
            finder(book).catalogue()
            book.library.search(book.collection, Query("case", 1, "keyword"))

    def _is_there(self) -> bool:
        from outrider.store.open_ import beside

        if not self._knowledge.settings.casebook.enabled:
            return False
        scheme, _, path = beside(self._url, "casebook").partition(":///")
        return Path(path).exists() if scheme == "sqlite" else is_stocked(self._knowledge.settings)

    def work(self) -> "dict[str, Work]":
        """The kinds of jobs of the Casebook."""
        from outrider.casebook import pipeline
        from outrider.knowledge.fetch import Options

        settings = self._knowledge.settings
        options = Options(allow=settings.knowledge.internal_hosts)
        model = None
        if name := settings.casebook.model:
            from outrider.casebook.modelled import Reader

            model = Reader(writer(settings, self._knowledge.home, name), name)
        return {pipeline.KIND: pipeline.work(self.get, options, model)}

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def is_stocked(settings: Settings) -> bool:
    """Whether the bundled cases belong into this installation's Casebook."""
    rules = settings.casebook
    return rules.enabled and (settings.embedded.enabled if rules.bundled is None else rules.bundled)
