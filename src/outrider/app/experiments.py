"""Experiments that the server works on: each in a process of its own, a few at once, ended with the server."""

import asyncio
import logging
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from outrider.app.knowledge import own_server
from outrider.app.settings import Settings

if TYPE_CHECKING:  # for annotations only: where nobody evaluates, nothing of this is loaded
    from outrider.app.evals import EvalsHandle
    from outrider.evals.desk import Desk
    from outrider.evals.experiments import Experiment
    from outrider.knowledge.library import Library
    from outrider.limits.keys import Identity

AT_ONCE = 2
GENTLY = ["nice", "-n", "10"] if shutil.which("nice") else []
PATIENCE = 15.0
"""Seconds that a process has to write down what was answered."""
log = logging.getLogger("outrider.evals")


class Experimenting:
    """One process's way to experiments. `url` is where this installation's server is asked."""

    def __init__(self, settings: Settings, home: Path, config: Path | None, store_url: str) -> None:
        self._settings, self._home, self._config, self._store_url = settings, home, config, store_url
        self.url = own_server(settings, home)[0]
        self._handle: EvalsHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = threading.Lock()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def desk(self, library: "Callable[[], Library] | None" = None) -> "Desk":
        """What pages and programs do with experiments. Opens no store yet. `library` is the knowledge that is kept."""
        from outrider.app.evals import EvalsHandle
        from outrider.evals.desk import Desk
        from outrider.evals.diagnosed import Diagnoses

        with self._opening:
            self._handle = self._handle or EvalsHandle(self._settings, self._home, self._store_url)
        made = self._handle
        diagnoses = Diagnoses(made.datasets, made.experiments, made.journal, library)
        return Desk(made.datasets, made.experiments, self._begin, made.proposals, made.labels, made.review, diagnoses)

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop that the processes are watched from."""
        self._loop = loop

    async def stop(self) -> None:
        """End what is under way; it can be resumed."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._handle is not None:
            await asyncio.to_thread(self._handle.close)

    def _begin(self, experiment: "Experiment", who: "Identity") -> None:
        """Called in a thread."""
        assert self._loop is not None, "begun before the server was"
        said: dict[str, str | bool] = {
            "home": str(self._home), "config": str(self._config or ""), "store_url": self._store_url, "url": self.url,
            "experiment": experiment.id, "project": experiment.project, "key": who.key,
            "operator": who.operator or not who.key,
        }  # fmt: skip
        self._loop.call_soon_threadsafe(self._keep, said)

    def _keep(self, task: dict[str, str | bool]) -> None:
        working = asyncio.create_task(self._work(task))
        self._tasks.add(working)
        working.add_done_callback(self._tasks.discard)

    async def _work(self, task: dict[str, str | bool]) -> None:
        async with self._room:
            child = await asyncio.create_subprocess_exec(
                *GENTLY, sys.executable, "-m", "outrider.app.experimenter", stdin=asyncio.subprocess.PIPE
            )
            assert child.stdin is not None
            try:
                child.stdin.write(msgspec.json.encode(task) + b"\n")  # not in its arguments, which everybody may see
                code = await child.wait()
            except asyncio.CancelledError:
                await _end(child)
                raise
            if code:
                log.warning("the process that worked on %s ended with code %d", task["experiment"], code)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Tell it that nobody waits any more, and see it off."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(PATIENCE):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
