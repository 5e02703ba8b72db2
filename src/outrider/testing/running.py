"""A whole Outrider worker inside a test: real sockets, a real spool and store, on a thread of its own."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from outrider.app import paths
from outrider.app.build import Worker
from outrider.app.settings import Settings, parse
from outrider.app.worker import Server, event_loop, http_config
from outrider.base import env
from outrider.journal.append import Journal
from outrider.journal.index import Indexer
from outrider.limits.keys import new_key
from outrider.store import Store, open_store


class Running:
    """`url` is the root (`http://127.0.0.1:PORT`), `key` a live key of project `default`."""

    def __init__(self, settings: Settings, home: Path, store_url: str) -> None:
        self.settings, self.home, self.store_url = settings, home, store_url
        home.mkdir(parents=True, exist_ok=True)
        self._store: Store | None = None
        self.key = self.new_key("default")
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._sock.setblocking(False)
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self.worker: Worker | None = None
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="outrider-under-test")

    def new_key(self, project: str, *may: str) -> str:
        """A further key, recorded and indexed, with the rights `may`."""
        text, event = new_key(project, "test", may=may)
        journal = Journal(paths.spool(self.home))
        journal.append_now(event, (), project)
        journal.close()
        self.store()
        return text

    def store(self) -> Store:
        """The store, with everything in it that is in the spool by now."""
        if self._store is None:
            self._store = open_store(self.store_url)
        Indexer(paths.spool(self.home), self._store).drain()
        return self._store

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(30)
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Drain, as on SIGTERM."""
        if self._server is not None and not self._server.should_exit:
            self._server.handle_exit(signal.SIGTERM, None)
        self._thread.join(30)
        if self._store is not None:
            self._store.close()

    def tasks(self) -> int:
        """How many tasks live on the worker's event loop."""
        assert self._loop is not None

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return asyncio.run_coroutine_threadsafe(count(), self._loop).result(10)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=event_loop()) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 -- handed to the thread that waits in `start`
            self._failed = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        worker = self.worker = Worker(self.settings, self.home, None, store_url=self.store_url)
        self._server = Server(http_config(worker), worker.leave)
        try:
            await worker.start()
            asyncio.get_running_loop().call_soon(self._ready.set)
            await self._server.serve(sockets=[self._sock])
        finally:
            await worker.stop()


@contextlib.contextmanager
def running(
    config: str,
    home: Path,
    *,
    store_url: str = "",
    before: Callable[[Running], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """Outrider with the settings of YAML text `config`, serving until the block ends. `environment` is added to what
    the process has."""
    settings = parse(config, "test", {**env.all_(), **(environment or {})})
    outrider = Running(settings, home, store_url or f"sqlite:///{home / 'outrider.sqlite3'}")
    if before is not None:
        before(outrider)
    outrider.start()
    try:
        yield outrider
    finally:
        outrider.stop()
