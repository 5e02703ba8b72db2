"""The indexer as a process: indexes, and ends when told to or when its parent is gone."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from outrider.journal import index_process, read
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.store import Store, open_store

Make = Callable[..., RunRecorded]


def command(spool: Path, url: str) -> list[str]:
    return [sys.executable, "-m", "outrider.journal.index", "--spool", str(spool), "--store", url]


def wait_for(store: Store, count: int) -> None:
    """Until the store has `count` records; the writer's transactions end the waiting, or the test's own limit."""
    for _ in range(600):
        if read.newest_seq(store) >= count:
            return
        with store.write():
            pass
        signal.sigtimedwait([], 0.05)
    raise AssertionError(f"{count} records did not arrive")


def test_it_indexes_and_ends_when_told(store_url: str, tmp_path: Path, run: Make) -> None:
    journal = Journal(tmp_path / "spool")
    journal.append_now(run())
    store = open_store(store_url)
    process = subprocess.Popen(command(tmp_path / "spool", store_url))
    wait_for(store, 1)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 10
    journal.append_now(run())
    wait_for(store, 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    store.close()
    journal.close()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    script = (
        "import os, subprocess\n"
        f"command = {command(tmp_path / 'spool', url)!r}\n"
        "child = subprocess.Popen([*command, '--parent', str(os.getpid())], stdout=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\n"
    )
    parent = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True)
    pid = int(parent.stdout)
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError("the indexer outlived its parent")


def test_it_waits_for_a_store_that_is_away(tmp_path: Path) -> None:
    stop = threading.Event()
    tries: list[int] = []

    def wait(timeout: float | None = None) -> bool:
        tries.append(1)
        if len(tries) == 2:
            stop.set()
        return stop.is_set()

    stop.wait = wait  # type: ignore[method-assign]
    called: list[int] = []
    assert index_process._open("postgresql://127.0.0.1:1/none", stop, [lambda: called.append(1)]) is None
    assert len(tries) == len(called) == 2
