"""A process that scores live traffic for the server, so that nothing of it holds up an answer. It has the lowest
priority, its judges are asked as a batch is, and it ends in good order when its standard input is closed.
"""

import functools
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.app import config_evaluation, paths
from outrider.app.evals import EvalsHandle
from outrider.app.knowledge import own_server
from outrider.app.logs import set_up
from outrider.app.settings import Settings, load
from outrider.app.stores import StoreHandle
from outrider.base import clock, env, ids
from outrider.base.errors import JournalFull, OutriderError, StoreUnavailable
from outrider.evals.evaluators import Ports
from outrider.evals.judging.asking import Asking
from outrider.evals.online.book import Book, Changed
from outrider.evals.online.lead import NotLeading
from outrider.evals.online.meaning import Meaning, metered
from outrider.evals.online.rounds import Rounds
from outrider.evals.online.scoring import Limits
from outrider.evals.proposals import Proposals
from outrider.journal import spool
from outrider.journal.append import Journal
from outrider.journal.events import AlarmRaised
from outrider.limits.keys import Identity
from outrider.store import open_evals, open_store

LOOK = 1.0
"""Seconds between looks at whether a round is asked for, or a run is due."""
AGAIN = 10.0
"""Seconds after which it is tried again when the store or the server was away."""
log = logging.getLogger("outrider.online")


class Task(msgspec.Struct):
    """What is to be done: rules of the configuration, over the store at `store_url`, with judges asked at `url`, in the
    name of `holder`, who has the lead."""

    home: str
    config: str
    store_url: str
    url: str
    holder: str


class Onlooker:
    """Everything that scoring live traffic needs, in one process."""

    def __init__(self, settings: Settings, home: Path, store_url: str, holder: str, *, url: str = "") -> None:
        self._evals = EvalsHandle(settings, home, store_url)
        self._store, self._journal = StoreHandle(store_url, open_evals), StoreHandle(store_url, open_store)
        self._spool, self._by = paths.spool(home), spool.identity(paths.spool(home))
        self._every = settings.evaluation.online.every
        self.book = Book(self._store.get, holder)
        self._settings, self._home, self._url = settings, home, url
        ports = functools.cache(self._ports)
        money, calls = config_evaluation.limits(settings.evaluation)
        keep = settings.journal.retention
        self.rounds = Rounds(
            config_evaluation.made(settings.evaluation, settings.projects), self._journal.get, self.book,
            Proposals(self._store.get), ports, Limits(money, calls), self._tell,
            None if keep is None else int(keep * 1e9), self._meaning(Limits(money, calls)),
        )  # fmt: skip

    def _meaning(self, limits: Limits) -> Meaning:
        """What tells which runs are rare. Loads and asks nothing yet."""
        from outrider.knowledge.embedders import EMBEDDED, Embedders, loader
        from outrider.providers.embedded import weights

        settings, models = self._settings, env.models_dir(self._home)
        name, usual = settings.evaluation.online.embeddings, settings.embedded.embed
        if not name and settings.embedded.enabled and weights.is_installed(usual, models):
            name = EMBEDDED + usual
        if not name or name == "words":
            return Meaning()
        if name.startswith(EMBEDDED):
            embedders = Embedders(loader(models))
            return Meaning(name, lambda project, texts: embedders.documents(name, texts).tolist())

        def ask(project: str, texts: Sequence[str]) -> tuple[Any, int]:
            return self._asking(project).vectors(name, texts)

        return Meaning(name, metered(ask, self.book, limits.calls, limits.money))

    def _asking(self, project: str) -> Asking:
        """Routes as the project's operator asks them, behind its users."""
        url, headers = self._asked(project)
        return Asking(self._url or url, headers, [config_evaluation.TAG])

    def _asked(self, project: str) -> tuple[str, Callable[[], Mapping[str, str]]]:
        url, headers = own_server(self._settings, self._home, Identity(project, "", operator=True))
        return url, lambda: {**headers(), "x-outrider-priority": "batch"}

    def _ports(self, project: str) -> Ports:
        """What evaluators are lent. Judges are asked in the name of the project's operator, and behind its users."""
        url, headers = self._asked(project)
        return self._evals.ports([config_evaluation.TAG], url=self._url or url, headers=headers)

    def run(self, stop: threading.Event) -> None:
        """Until it is stopped, or another leads. What is away is waited for."""
        began = due = 0
        while not stop.is_set():
            try:
                lead = self.book.lead()
                if clock.mono_ns() >= due or lead.wanted > lead.done:
                    began, due = clock.now_ns(), clock.mono_ns() + int(self._every * 1e9)
                    self.rounds.read(stop.is_set)
                self.book.hold()
                busy = self.rounds.fill()
                if self.rounds.reap(LOOK if busy else 0.0):
                    self.rounds.look()
                    continue
                self.rounds.look()
                if not busy and began:
                    self.book.ended(began)
                    began = 0
                if not busy:
                    stop.wait(LOOK)
            except NotLeading:
                log.warning("another process scores live traffic by now; this one ends")
                return
            except (StoreUnavailable, JournalFull) as error:
                log.warning("scores of live traffic wait: %s", error.message)
                stop.wait(AGAIN)

    def close(self) -> None:
        self.rounds.close()
        try:
            self.book.release()
        except StoreUnavailable:
            pass  # nobody is heard of soon
        for one in (self._evals, self._store, self._journal):
            one.close()

    def _tell(self, one: Changed) -> None:
        """Into the journal, from where it is told as alarms of budgets are."""
        unit = (one.unit or "1") if one.measure else ""
        parts = 10**9 if unit == "$" else 1_000
        event = AlarmRaised(
            ids.new_id(), "quality", one.rule, clock.now_ns(), one.evaluator, one.since_at, round(one.mean * parts),
            amount=one.n - one.since, usual=round(one.usual * parts), by=self._by, unit=unit,
        )  # fmt: skip
        journal = Journal(self._spool)
        try:
            journal.append_now(event)
        finally:
            journal.close()


def main() -> None:
    set_up()
    task = msgspec.json.decode(sys.stdin.readline(), type=Task)
    stop = threading.Event()
    threading.Thread(target=_until_alone, args=(stop.set,), name="parent", daemon=True).start()
    settings = load(Path(task.config) if task.config else None)
    onlooker = Onlooker(settings, Path(task.home), task.store_url, task.holder, url=task.url)
    try:
        onlooker.run(stop)
    except OutriderError as error:
        log.error("scores of live traffic have ended: %s", error.message)
        raise SystemExit(1) from None
    finally:
        onlooker.close()
        logging.shutdown()
        sys.stderr.flush()
        threading.Thread(target=_end, daemon=True).start()


def _until_alone(stop: Callable[[], None]) -> None:
    sys.stdin.read()
    stop()


def _end() -> None:
    """A judge may take minutes to answer; nobody waits for that."""
    time.sleep(5.0)
    os._exit(0)


if __name__ == "__main__":
    main()
