"""What one worker needs so that limits hold: the ledger of budgets, rates, turnstiles, idempotency keys.

They share one lease store and one name for this life of the process (the holder).
"""

import asyncio
import logging
from functools import partial
from pathlib import Path

from outrider.app import paths
from outrider.app.config_limits import budgets_of
from outrider.app.config_rates import capacities, rules_of
from outrider.app.settings import Settings
from outrider.app.stores import StoreHandle
from outrider.base.errors import StoreUnavailable
from outrider.cache.claims import Claims, Place
from outrider.cache.idempotent import Once
from outrider.cache.orphans import Orphans
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.limits import changes, holds
from outrider.limits.borrower import Borrower
from outrider.limits.changes import Change, KeptBudgets, Known
from outrider.limits.desk import Desk
from outrider.limits.leases import LeaseStore
from outrider.limits.ledger import Ledger
from outrider.limits.rate_store import RateStore
from outrider.limits.rates import Rates
from outrider.limits.rules import Rules
from outrider.limits.shedding import Shedder
from outrider.limits.turnstile import Turnstiles
from outrider.store import open_leases

log = logging.getLogger("outrider")


class Limiting:
    """The limits of one worker. `start` and `stop` on its loop; `look` once a second. `holder` names this process."""

    def __init__(self, settings: Settings, home: Path, url: str, store: StoreHandle, journal: Journal) -> None:
        self._store, self._journal = store, journal
        self.leases = StoreHandle(url, open_leases)
        file = holds.HoldFile(paths.holds(home), journal.slot)
        self.holder = file.holder
        self.ledger = Ledger(file, Rules())
        self._borrower = Borrower(self.ledger, lambda: LeaseStore(self.leases.get(), store.get(), file.holder))
        self._desk = Desk(lambda: RateStore(self.leases.get(), file.holder), share=settings.server.workers)
        self.rates, self.lanes = Rates(self._desk), Turnstiles(self._desk)
        self.shedder = Shedder(most=settings.server.most_calls, lag=settings.server.shed_lag)
        orphans = Orphans(paths.spool(home), store.get, partial(holds.alive, paths.holds(home)))
        self.once = Once(Claims(self.leases.get), orphans, Place(file.holder, journal.slot))
        self._kept = KeptBudgets(paths.budgets(home))
        self._known = Known()
        self._away = False
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """Take over the settings, new or changed."""
        self._configured = budgets_of(settings.budgets)
        self.rates.load(rules_of(settings.rates))
        limits = {name: provider.limits for name, provider in settings.providers.items()}
        self.lanes.load(capacities(limits), {name: float(weight) for name, weight in settings.shares.items()})
        self.shedder.most, self.shedder.lag = settings.server.most_calls, settings.server.shed_lag
        self._apply()

    async def start(self) -> None:
        await self.look()
        self._borrower.start()

    async def stop(self) -> None:
        """After the last call: give everything back."""
        await self.once.close()
        await self.lanes.close()
        await self._desk.close()
        await self._borrower.stop()
        await asyncio.to_thread(self.leases.close)

    async def look(self) -> None:
        """Take over what changed in the store; while it is away, what was known last (also after a restart)."""
        try:
            mark = await self._store.ask(read.budgets_mark)
            if mark != self._known.mark:
                self._known = await self._store.ask(changes.known)
                self._apply()
                await asyncio.to_thread(self._kept.write, self._known)
            self._away = False
        except StoreUnavailable as error:
            if not self._away and self._known.mark < 0:
                log.warning("budgets are those known last: %s", error.message)
                self._known = await asyncio.to_thread(self._kept.read)
                self._apply()
            self._away = True

    async def record(self, change: Change) -> None:
        """Write a change of budgets to the journal and follow it; other workers do within a second."""
        await self._journal.append(change)
        self._known = self._known.after(change)
        self._apply()

    def _apply(self) -> None:
        self.ledger.use(self._known.rules(self._configured))
