"""The process that works on jobs: imports, and the vectors behind them. Its own interpreter, at the lowest priority.

The supervisor starts it when there is work (`knowledge.waking`), and it ends when there is none.
"""

import logging
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

from outrider.app import paths
from outrider.app.casebook import CasebookHandle
from outrider.app.knowledge import Knowledge, refresh, works
from outrider.app.logs import set_up
from outrider.app.settings import load
from outrider.base import clock, env
from outrider.base.errors import StoreUnavailable
from outrider.journal.append import Journal
from outrider.knowledge import abroad, embed, waking
from outrider.knowledge.jobs import HOLD_NS, Job
from outrider.knowledge.presence import Presence
from outrider.knowledge.work import Bench

LINGER = 10.0
"""Seconds that it waits for further work before it ends: one import often follows another."""
LOOK = 0.5
FIRST_PAUSE_NS, LONGEST_PAUSE_NS = 5_000_000_000, 300_000_000_000
"""How long a job rests that waits for something outside, at first and at most: doubled with each try."""
KEEP_JOBS_NS = 30 * 86_400 * 1_000_000_000

log = logging.getLogger("outrider.knowledge")


def main() -> None:
    """`python -m outrider.app.librarian PARENT`: ends when there is nothing to do, or when the process PARENT does."""
    set_up()
    parent, stop = int(sys.argv[1]), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_follow, args=(parent, stop), name="parent", daemon=True).start()
    config, home = env.config_path(), env.home()
    settings = load(config)
    folder = config.absolute().parent if config is not None else Path.cwd()
    journal = Journal(paths.spool(home), durability=settings.journal.durability, max_size=settings.journal.spool_max)
    knowledge = Knowledge(settings, home, env.database_url(home), journal, threads=cores())
    casebook = CasebookHandle(knowledge, env.database_url(home))
    try:
        Librarian(knowledge, folder, stop, casebook).run()
    except StoreUnavailable as error:
        log.warning("jobs on knowledge wait: %s", error.message)
        sys.exit(1)  # the supervisor tries again
    finally:
        journal.close()
        casebook.close()
        knowledge.close()


def _follow(parent: int, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        if os.getppid() != parent:
            stop.set()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Librarian:
    """Does jobs until there are none. `folder` is what relative sources of the configuration are seen from."""

    def __init__(
        self, knowledge: Knowledge, folder: Path, stop: threading.Event, casebook: CasebookHandle | None = None
    ) -> None:
        self._knowledge, self._folder, self._stop, self._casebook = knowledge, folder, stop, casebook
        self._run = paths.run(knowledge.home)
        self._presence = Presence(paths.jobs(knowledge.home))
        self._jobs = knowledge.jobs()
        kinds = {**works(knowledge), **(casebook.work() if casebook is not None else {})}
        self._bench = Bench(self._jobs, self._presence, kinds, stop.is_set)
        self._resting: dict[str, tuple[int, int]] = {}  # id: until when, how long (ns)

    def run(self) -> None:
        """Returns when it was told to stop, or after a while without work."""
        if self._casebook is not None:
            self._casebook.stock()
        library = self._knowledge.library()
        if library.left():
            library.sweep()
        idle_since = clock.mono_ns()
        due = refresh(self._knowledge, self._folder)
        while not self._stop.is_set():
            if due is not None and due <= clock.now_ns():
                due = refresh(self._knowledge, self._folder)
            if self._one():
                idle_since = clock.mono_ns()
            elif clock.mono_ns() - idle_since < LINGER * 1e9:
                self._stop.wait(LOOK)
            elif waking.rest(self._run, partial(self._next, due)):
                break
        self._jobs.sweep(clock.now_ns() - KEEP_JOBS_NS)
        self._presence.sweep()
        self._presence.close()

    def _one(self) -> bool:
        now = clock.now_ns()
        besides = [id_ for id_, (until, _) in self._resting.items() if until > now]
        job = self._bench.one(besides=besides)
        if job is None:
            return False
        self._note(job)
        return True

    def _note(self, job: Job) -> None:
        waits = str(job.about.get("waits", "")) if job.status == "waiting" else ""
        if waits:
            pause = min(LONGEST_PAUSE_NS, 2 * self._resting.get(job.id, (0, FIRST_PAUSE_NS // 2))[1])
            self._resting[job.id] = clock.now_ns() + pause, pause
            log.warning("%s (%s of %s) waits: %s", job.id, job.kind, job.collection, waits)
            return
        self._resting.pop(job.id, None)
        embed.again(self._knowledge.library(), self._jobs, job)
        log.info(
            "%s (%s of %s): %s, %d done, %d faults", job.id, job.kind, job.collection, job.status, job.done, job.faults
        )

    def _next(self, due: int | None) -> int | None:
        """When there is work again: 0 now, None not by itself."""
        waiting = self._jobs.waiting()
        if any(id_ not in self._resting for id_ in waiting):
            return 0
        moments = [self._resting[id_][0] for id_ in waiting]
        library = self._knowledge.library()
        copies = abroad.due(library.store, library.home / "knowledge")
        moments += [moment for moment in (due, copies) if moment is not None]
        if self._jobs.open() > len(waiting):
            moments.append(clock.now_ns() + HOLD_NS)  # another process has it, which may die
        return min(moments, default=None)


if __name__ == "__main__":
    main()
