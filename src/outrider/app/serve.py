"""`outrider up`: one supervisor, its workers, and the indexer beside them.

With one worker the supervisor is the worker. Children end with the supervisor: SIGTERM is passed on, and each child
watches that its parent lives.
"""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from outrider.app import announce, paths
from outrider.app.casebook import is_stocked
from outrider.app.logs import set_up
from outrider.app.settings import Settings
from outrider.base import clock, env
from outrider.base.errors import ConfigError
from outrider.knowledge import waking

RESTARTS_PER_MINUTE = 5
GENTLY = ["nice", "-n", "19"] if shutil.which("nice") else []
"""The indexer has the lowest priority from its first instruction: its imports must not hold up the first answer."""

LIBRARIAN_AFTER, LIBRARIAN_LOOK, LIBRARIAN_AGAIN = 5.0, 1.0, 10.0
"""Seconds after the start at which work is looked for first, then how often, and after how long when it failed."""

log = logging.getLogger("outrider")


def serve(settings: Settings, home: Path, config: Path | None = None) -> int:
    """Run until SIGTERM or SIGINT. Returns the exit code. Raises ConfigError if the port is taken."""
    set_up()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(paths.run(home))
    sock = _listen(settings)
    url = f"http://{_shown(settings.server.host)}:{sock.getsockname()[1]}"
    first = announce.prepare(settings, home)
    indexer = _Kept("outrider.app.indexer", home, config)
    librarian = _Librarian(settings, home, config)
    workers: list[subprocess.Popen[bytes]] = []
    _tell(home, url)
    try:
        if settings.server.workers == 1:
            from outrider.app.worker import run_worker

            run_worker(settings, home, config, sock, lambda: announce.ready(first, url))
        else:
            sock.set_inheritable(True)
            workers = [_worker(sock, home, config) for _ in range(settings.server.workers)]
            announce.ready(first, url)
            _supervise(workers, sock, home, config)
    finally:
        sock.close()
        _forget(home, url)
        _end(workers, settings.server.drain_timeout + 5)
        librarian.stop()
        indexer.stop()
    return 0


class _Kept:
    """A child process that is started again when it dies."""

    def __init__(self, module: str, home: Path, config: Path | None) -> None:
        self._start: Callable[[], subprocess.Popen[bytes]] = lambda: _child(
            module, home, config, str(os.getpid()), before=GENTLY
        )
        self._stopping = threading.Event()
        self._child = self._start()
        threading.Thread(target=self._watch, name=module, daemon=True).start()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            code = self._child.wait()
            if not self._stopping.wait(1.0):
                log.warning("the indexer ended with code %s and is started again", code)
                self._child = self._start()

    def stop(self) -> None:
        """It finishes the batch at hand."""
        self._stopping.set()
        _end([self._child], 30.0)


class _Librarian:
    """A child process that runs while there is work for it, and never before the first answers were given."""

    def __init__(self, settings: Settings, home: Path, config: Path | None) -> None:
        self._run = paths.run(home)
        self._wanted = bool(settings.knowledge.collections) or is_stocked(settings)
        self._start: Callable[[], subprocess.Popen[bytes]] = lambda: _child(
            "outrider.app.librarian", home, config, str(os.getpid()), before=GENTLY
        )
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="librarian", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        if self._stopping.wait(LIBRARIAN_AFTER):
            return
        while not self._stopping.wait(LIBRARIAN_LOOK):
            due = 0 if self._wanted else waking.due(self._run)
            if due is None or due > clock.now_ns():
                continue
            self._wanted = False
            self._child = self._start()
            code = self._child.wait()
            if code and not self._stopping.wait(LIBRARIAN_AGAIN):
                log.warning("the librarian ended with code %s and is started again", code)
                waking.wake(self._run)

    def stop(self) -> None:
        """It finishes the part at hand."""
        self._stopping.set()
        if self._child is not None:
            _end([self._child], 30.0)
        self._thread.join(5.0)


def _listen(settings: Settings) -> socket.socket:
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}. "
            "Is Outrider running already? Another port: `outrider up --port N`."
        ) from None
    sock.listen(2048)
    sock.setblocking(False)
    return sock


def _tell(home: Path, url: str) -> None:
    """Where this server is, for processes that ask it: `--port` is no setting that they could read."""
    told = paths.address(home)
    told.parent.mkdir(parents=True, exist_ok=True)
    aside = told.with_suffix(f".{os.getpid()}")
    aside.write_text(url)
    os.replace(aside, told)  # who reads meanwhile finds the whole of the one or the other


def _forget(home: Path, url: str) -> None:
    """What a server that began later told here stays."""
    told = paths.address(home)
    if told.is_file() and told.read_text() == url:
        told.unlink(missing_ok=True)


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _clear(run: Path) -> None:
    """Counters of processes that are gone."""
    if run.is_dir():
        for old in run.glob("*.metrics*"):
            old.unlink(missing_ok=True)


def _child(
    module: str,
    home: Path,
    config: Path | None,
    *args: str,
    fds: tuple[int, ...] = (),
    before: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    settings = {"OUTRIDER_HOME": str(home), "OUTRIDER_DATABASE_URL": env.database_url(home)}
    if config is not None:
        settings["OUTRIDER_CONFIG"] = str(config)
    command = [*before, sys.executable, "-m", module, *args]
    return subprocess.Popen(command, env={**env.all_(), **settings}, pass_fds=fds)


def _worker(sock: socket.socket, home: Path, config: Path | None) -> subprocess.Popen[bytes]:
    return _child("outrider.app.worker", home, config, str(sock.fileno()), str(os.getpid()), fds=(sock.fileno(),))


def _supervise(
    workers: list[subprocess.Popen[bytes]],
    sock: socket.socket,
    home: Path,
    config: Path | None,
) -> None:
    """Wait for a signal; a worker that dies is replaced, unless they die too often."""
    stopping: list[int] = []

    def stop(sig: int, frame: object) -> None:
        stopping.append(sig)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)  # the second time, a worker ends at once

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    deaths: list[float] = []
    while not (stopping and all(worker.poll() is not None for worker in workers)):
        for position, worker in enumerate(workers):
            if stopping or worker.poll() is None:
                continue
            log.warning("worker %d ended with code %s and is replaced", worker.pid, worker.returncode)
            deaths = [t for t in deaths if t > time.monotonic() - 60] + [time.monotonic()]
            if len(deaths) > RESTARTS_PER_MINUTE * len(workers):
                log.error("workers die as soon as they start: giving up")
                stop(signal.SIGTERM, None)
                break
            workers[position] = _worker(sock, home, config)
        time.sleep(0.1)


def _end(children: list[subprocess.Popen[bytes]], patience: float) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
