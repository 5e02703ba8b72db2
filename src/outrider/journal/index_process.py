"""The indexer as a process of its own, at the lowest priority, so that it never competes with traffic."""

import argparse
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from outrider.base.errors import StoreUnavailable
from outrider.journal.index import PRESS_ON_ABOVE, Indexer
from outrider.store import Store, open_store

_NICEST = 19
_log = logging.getLogger("outrider.index")


def main(arguments: Sequence[str] | None = None) -> int:
    """Index until SIGTERM or SIGINT, or until the parent process is gone; finishes the batch at hand."""
    parser = argparse.ArgumentParser(prog="python -m outrider.journal.index", description=main.__doc__)
    parser.add_argument("--spool", type=Path, required=True, help="the spool's folder")
    parser.add_argument("--store", required=True, help="the store's URL")
    parser.add_argument("--parent", type=int, help="the process to end with (default: the one that started this)")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    run(options.spool, options.store, parent=options.parent)
    return 0


def _open(url: str, stop: threading.Event, each: Sequence[Callable[[], object]]) -> Store | None:
    """The store, as soon as it can be reached; None when told to stop before."""
    delay = 0.5
    while not stop.is_set():
        try:
            return open_store(url)
        except StoreUnavailable as error:
            _log.warning("records wait in the spool: %s", error.message)
        for task in each:
            task()
        stop.wait(delay)
        delay = min(10.0, delay * 2)
    return None


def settle_memory() -> None:
    """Let the collector come rarely: a batch makes many objects that all go again, and none in circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def run(
    spool: Path,
    store_url: str,
    each: Sequence[Callable[[], object]] = (),
    parent: int | None = None,
    press_on_above: int = PRESS_ON_ABOVE,
) -> None:
    """The process's whole life; `each` is called after every round of the indexer.

    A starter that may die at once gives its process id as `parent`, since it is read here only after the imports.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    os.nice(_NICEST)
    settle_memory()
    starter = os.getppid() if parent is None else parent

    def follow_parent() -> None:
        if os.getppid() != starter:
            stop.set()

    store = _open(store_url, stop, (follow_parent,))
    if store is None:
        return
    try:
        Indexer(spool, store, press_on_above=press_on_above).run_forever(stop, (follow_parent, *each))
    finally:
        store.close()
