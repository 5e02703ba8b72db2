"""One worker process: an event loop, uvicorn's server, and a drain that cuts nobody off.

Also the entry of further workers: `python -m outrider.app.worker FD PARENT`, with the shared listening socket at FD.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import uvicorn

from outrider.app.build import Worker
from outrider.app.logs import set_up
from outrider.app.settings import Settings, load
from outrider.base import env
from outrider.gateway.server import protocol_class

KEEP_ALIVE_SECONDS = 75


class Server(uvicorn.Server):
    """uvicorn's server: the first signal drains, a second one of any kind ends at once."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal again at the end: the journal has to be closed after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True
        self._on_stop()


def run_worker(
    settings: Settings, home: Path, config: Path | None, sock: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve on `sock` until a signal; returns when the drain is over. `ready` is called once requests are accepted."""
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        runner.run(_serve(settings, home, config, sock, ready))


def event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The loop to run on: uvloop where it exists."""
    try:
        import uvloop
    except ImportError:  # Windows: asyncio's own loop
        return None
    return uvloop.new_event_loop


async def _serve(
    settings: Settings, home: Path, config: Path | None, sock: socket.socket, ready: Callable[[], None]
) -> None:
    worker = Worker(settings, home, config)
    server = Server(http_config(worker), on_stop=worker.leave)
    try:
        await worker.start()
        _settle_memory()
        asyncio.get_running_loop().call_soon(ready)
        await server.serve(sockets=[sock])
    finally:
        await worker.stop()


def _settle_memory() -> None:
    """What start-up made stays: keep the collector from walking it again and again, and let it come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def http_config(worker: Worker) -> uvicorn.Config:
    """uvicorn's settings for a worker."""
    return uvicorn.Config(
        worker.app,
        http=protocol_class(worker.front),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(worker.settings.server.drain_timeout)),
        backlog=2048,
    )


def main() -> None:
    """A further worker: settings and home come from the environment that the supervisor set."""
    set_up()
    sock = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor decides
    threading.Thread(target=_end_with_parent, args=(int(sys.argv[2]),), daemon=True).start()
    config, home = env.config_path(), env.home()
    run_worker(load(config), home, config, sock, lambda: None)


def _end_with_parent(parent: int) -> None:
    """A supervisor that was killed cannot pass its signal on."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
