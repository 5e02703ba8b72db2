"""The indexer process: spool to store, retention, spans to a collector. Its own interpreter, at low priority."""

import logging
import sys
import threading
from pathlib import Path

from outrider.app import paths
from outrider.app.alarming import Alarming
from outrider.app.config_budgets import ConfigBudgets
from outrider.app.logs import set_up
from outrider.app.settings import JournalRules, Settings, load
from outrider.app.trimming import Trimming
from outrider.base import clock, env
from outrider.base.errors import StoreUnavailable
from outrider.journal import index_process, prune
from outrider.journal.index import PRESS_ON_ABOVE
from outrider.journal.otlp import outgoing
from outrider.limits.recovery import Recovery
from outrider.store import Store, open_leases, open_store

PRUNE_EVERY_NS = 600 * 1_000_000_000

log = logging.getLogger("outrider.retention")


def main() -> None:
    """`python -m outrider.app.indexer PARENT`: ends when the process PARENT does."""
    set_up()
    parent = int(sys.argv[1])
    config, home = env.config_path(), env.home()
    settings = load(config)
    url = env.database_url(home)
    _export_spans(settings, url)
    retention = Retention(settings.journal, paths.spool(home), url)
    press_on_above = min(PRESS_ON_ABOVE, settings.journal.spool_max // 8)
    budgets = ConfigBudgets(settings, config, paths.spool(home), url)
    recovering = Recovering(paths.holds(home), paths.spool(home), url)
    alarming = Alarming(settings, config, home, url)
    each = (recovering, retention, budgets, alarming, Trimming(url))
    try:
        index_process.run(paths.spool(home), url, each, parent, press_on_above)
    finally:
        alarming.close()


class Retention:
    """Removes what is too old or too much, every ten minutes; called after every round of the indexer."""

    def __init__(self, rules: JournalRules, spool: Path, url: str) -> None:
        self._rules, self._spool, self._url = rules, spool, url
        self._next = clock.mono_ns()

    def __call__(self) -> None:
        if clock.mono_ns() < self._next:
            return
        self._next = clock.mono_ns() + PRUNE_EVERY_NS
        age = self._rules.retention
        try:
            store = open_store(self._url)
        except StoreUnavailable:
            return  # the indexer says so; the next turn comes
        try:
            prune.prune(
                store,
                self._spool,
                max_age_ns=None if age is None else int(age * 1e9),
                max_bytes=self._rules.max_size,
                by="retention",
            )
        except StoreUnavailable as error:
            log.warning("retention waits: %s", error.message)
        finally:
            store.close()


class Recovering:
    """Calls that ended with their process are recorded, and what it had borrowed of budgets is free again.

    Called after every round of the indexer, and before retention removes anything.
    """

    def __init__(self, holds: Path, spool: Path, url: str) -> None:
        self._holds, self._spool, self._url = holds, spool, url
        self._store: Store | None = None
        self._recovery: Recovery | None = None

    def __call__(self) -> None:
        try:
            self._store = self._store or open_store(self._url)
            if self._recovery is None:
                self._recovery = Recovery(self._holds, self._spool, self._store, open_leases(self._url))
            self._recovery()
        except StoreUnavailable as error:
            log.warning("recovery of budgets waits: %s", error.message)


def _export_spans(settings: Settings, store_url: str) -> None:
    """A thread beside the indexer, if there is a collector. It ends with the process: its cursor is in the store."""
    headers = {name: secret.reveal() for name, secret in settings.otlp.headers.items()}
    collector = outgoing.from_environment(settings.otlp.endpoint or "", headers)
    if collector is not None:
        work = (store_url, collector, threading.Event())
        threading.Thread(target=outgoing.run, args=work, name="otlp", daemon=True).start()


if __name__ == "__main__":
    main()
