"""Scores of live traffic, as the server has them: one process of all workers and machines works on them, its own
child. And what pages and programs look at.
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from outrider.app.experiments import GENTLY, _end
from outrider.app.knowledge import own_server
from outrider.app.settings import Settings
from outrider.app.stores import StoreHandle
from outrider.base.errors import StoreUnavailable
from outrider.store import open_evals

if TYPE_CHECKING:  # for annotations only: where nothing is scored, nothing of this is loaded
    from outrider.app.evals import EvalsHandle
    from outrider.evals.online.book import Book
    from outrider.evals.online.desk import Configured, OnlineDesk
    from outrider.evals.online.rounds import Told

LOOK = 2.0
"""Seconds between looks at whether somebody has to work on it."""
AGAIN = 15.0
"""Seconds after which a process that failed is begun again."""
log = logging.getLogger("outrider.online")


class Onlooking:
    """One worker's part in it. `url` is where this installation's server is asked."""

    def __init__(self, settings: Settings, home: Path, config: Path | None, store_url: str) -> None:
        self._settings, self._home, self._config, self._store_url = settings, home, config, store_url
        self.url = own_server(settings, home)[0]
        self._store = StoreHandle(store_url, open_evals)
        self.child: asyncio.subprocess.Process | None = None
        self._book: Book | None = None
        self._evals: EvalsHandle | None = None

    def use(self, settings: Settings) -> None:
        """Take over changed settings: who works by the old ones ends, and another begins."""
        old, self._settings = self._settings.evaluation, settings
        if settings.evaluation != old and self.child is not None and self.child.stdin is not None:
            self.child.stdin.close()

    def desk(self) -> "OnlineDesk":
        """What pages and programs look at. Opens no store yet."""
        from outrider.app import config_evaluation
        from outrider.app.evals import EvalsHandle
        from outrider.evals.online.desk import OnlineDesk

        evals = self._evals = self._evals or EvalsHandle(self._settings, self._home, self._store_url)

        def rules() -> "Configured":
            settings = self._settings
            return (
                config_evaluation.made(settings.evaluation, settings.projects),
                *config_evaluation.limits(settings.evaluation),
            )

        return OnlineDesk(rules, self._store.get, evals.experiments, evals.labels)

    async def run(self) -> None:
        """For as long as the worker lives: where there are rules and nobody leads, have a child work on them."""
        while True:
            await asyncio.sleep(LOOK)
            if not self._settings.evaluation.online.rules:
                continue
            try:
                leads = await asyncio.to_thread(self.claim)
            except StoreUnavailable:
                continue  # the indexer says so; the next turn comes
            if leads and await self.work():
                await asyncio.sleep(AGAIN)

    async def stop(self) -> None:
        """After `run` was cancelled."""
        if self.child is not None:
            await _end(self.child)
        await asyncio.to_thread(self._store.close)
        if self._evals is not None:
            await asyncio.to_thread(self._evals.close)

    def claim(self) -> bool:
        """Take the lead for this worker, if nobody has it. Blocks."""
        if self._book is None:
            from outrider.evals import holders
            from outrider.evals.online.book import Book

            self._book = Book(self._store.get, holders.name())
        return self._book.claim()

    async def work(self) -> int:
        """The exit code of a child that worked on it."""
        assert self._book is not None
        task = {
            "home": str(self._home), "config": str(self._config or ""), "store_url": self._store_url, "url": self.url,
            "holder": self._book.holder,
        }  # fmt: skip
        child = self.child = await asyncio.create_subprocess_exec(
            *GENTLY, sys.executable, "-m", "outrider.app.onlooker", stdin=asyncio.subprocess.PIPE
        )
        assert child.stdin is not None
        child.stdin.write(msgspec.json.encode(task) + b"\n")
        code = await child.wait()
        self.child = None
        if code:
            log.warning("the process that scores live traffic ended with code %d", code)
        return code


class OnlineHandle:
    """The same for one command of the command line."""

    def __init__(self, settings: Settings, home: Path, config: Path | None, store_url: str) -> None:
        self._settings, self._home, self._store_url = settings, home, store_url
        self._looking = Onlooking(settings, home, config, store_url)

    def desk(self) -> "OnlineDesk":
        return self._looking.desk()

    def round(self) -> "Told | None":
        """A round in this process; None: another works on it, and does it by itself. Raises StoreUnavailable."""
        from outrider.app.onlooker import Onlooker
        from outrider.evals import holders

        onlooker = Onlooker(self._settings, self._home, self._store_url, holders.name())
        try:
            return onlooker.rounds.round() if onlooker.book.claim() else None
        finally:
            onlooker.close()

    def close(self) -> None:
        asyncio.run(self._looking.stop())
