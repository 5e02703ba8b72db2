"""The configuration's budgets on their way into the journal, so that their changes are in the record as all others are.

One place per machine does this: the indexer process, between its rounds. Workers do not wait for it: their rules hold
the configuration's budgets as soon as they have read the file.
"""

import logging
from pathlib import Path

from outrider.app.config_limits import budgets_of
from outrider.app.settings import Settings, changed, load
from outrider.base.errors import ConfigError, JournalFull, StoreUnavailable
from outrider.journal import read
from outrider.journal.append import Journal
from outrider.journal.events import BudgetSet
from outrider.limits.changes import from_config
from outrider.store import Store, open_store

log = logging.getLogger("outrider.budgets")


class ConfigBudgets:
    """Called after every round of the indexer: at the start and after a change of the file it compares and records."""

    def __init__(self, settings: Settings, config: Path | None, spool: Path, url: str) -> None:
        self._settings, self._config, self._spool, self._url = settings, config, spool, url
        self._mark: tuple[int, int] | None = None  # the file may have changed since `settings` were read
        self._due = True

    def __call__(self) -> None:
        self._look_at_the_file()
        if not self._due:
            return
        try:
            store = open_store(self._url)
        except StoreUnavailable:
            return  # the indexer says so; the next turn comes
        try:
            self._record(store)
            self._due = False
        except (StoreUnavailable, JournalFull) as error:
            log.warning("changed budgets of the configuration are not in the journal yet: %s", error.message)
        finally:
            store.close()

    def _look_at_the_file(self) -> None:
        """Take over a changed file; a wrong one is left alone, as the workers leave it, and they say why."""
        if self._config is None:
            return
        mark = changed(self._config, self._mark)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._settings = load(self._config)
        except ConfigError:
            return
        self._due = True

    def _record(self, store: Store) -> None:
        events = from_config(read.list_budgets(store), budgets_of(self._settings.budgets))
        if not events:
            return
        journal = Journal(self._spool, durability=self._settings.journal.durability)
        try:
            for event in events:
                journal.append_now(event)
        finally:
            journal.close()
        names = sorted(e.budget.id if isinstance(e, BudgetSet) else e.budget for e in events)
        log.info("budgets of the configuration have changed, which is recorded: %s", ", ".join(names))
