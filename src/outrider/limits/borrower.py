"""Where a worker's ledger meets the lease store: a thread that asks, and the loop that tells the ledger.

Everything that came up meanwhile is one transaction, and one is under way at a time; so the load on the store is
bounded by its own speed. While something is borrowed, the thread also looks whether others want it back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.limits.leases import LeaseStore
from outrider.limits.ledger import Ledger

LOOK_NS = 50_000_000
"""Between looks for questions of others, while something is borrowed."""

AGAIN_NS = 20_000_000
"""Until those who were asked to give back are looked at again."""

SWEEP_NS = 1_000_000_000

PAUSE = 0.1
"""Seconds after a fault: it may come again at once, and each is told in the log."""

T = TypeVar("T")
_log = logging.getLogger("outrider.limits")


class Borrower:
    """Serves one ledger. `open_` makes its lease store, in the thread; it may raise StoreUnavailable and is asked
    again. `close` closes the stores behind it."""

    def __init__(
        self, ledger: Ledger, open_: Callable[[], LeaseStore], close: Callable[[], None] = lambda: None
    ) -> None:
        self._ledger, self._open, self._close = ledger, open_, close
        self._store: LeaseStore | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leases")
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._away = False

    def start(self, pause: float = 0.0) -> None:
        """Begin, on the running loop, after so many seconds."""
        self._ledger.wake = self._awake.set
        self._task = asyncio.get_running_loop().create_task(self._run(pause), name="leases")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Only a fault in Outrider ends the task: say so, and go on, or every call would wait in vain."""
        if not task.cancelled() and task is self._task:
            _log.error("borrowing room of budgets failed", exc_info=task.exception())
            self.start(PAUSE)

    async def stop(self) -> None:
        """After the last call: give back everything that is free, and let go of the file of holds."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._ledger.give_back_all()
        await self._trade()
        await self._in_thread(self._close)
        self._thread.shutdown(wait=False)
        self._ledger.file.close()

    async def _run(self, pause: float) -> None:
        """Trade as soon as there is something; look, ask again and sweep at their times."""
        await asyncio.sleep(pause)
        look = again = sweep = 0
        while True:
            await self._sleep(again if self._ledger.waits else look if self._ledger.lends else None)
            await self._trade()
            now = clock.mono_ns()
            if now >= again:
                again = now + AGAIN_NS
                self._ledger.ask_again()
            if now >= look and self._ledger.lends:
                look = now + LOOK_NS
                await self._look()
            if now >= sweep:
                sweep = now + SWEEP_NS
                self._ledger.sweep()

    async def _sleep(self, until: int | None) -> None:
        """Until the ledger has something to ask, or it is `until`."""
        timeout = None if until is None else max(0, until - clock.mono_ns()) / 1e9
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._awake.wait()
        self._awake.clear()

    async def _trade(self) -> None:
        """Ask what there is to ask."""
        asks = self._ledger.asks()
        if not asks:
            return
        try:
            given = await self._in_thread(lambda: self._opened().trade([ask for _, ask in asks]))
        except StoreUnavailable as error:
            self._ledger.failed(asks)
            self._say(error)
        except BaseException:
            self._ledger.failed(asks)
            raise
        else:
            self._ledger.take(asks, given)
            self._say(None)

    async def _look(self) -> None:
        """Questions of others. While the store is away there are none."""
        if not self._away:
            with contextlib.suppress(StoreUnavailable):
                self._ledger.recalled(await self._in_thread(lambda: self._opened().recalls()))

    def _opened(self) -> LeaseStore:
        if self._store is None:
            self._store = self._open()
        return self._store

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _say(self, error: StoreUnavailable | None) -> None:
        """Once when the store goes, once when it is back."""
        if error is not None and not self._away:
            _log.warning("budgets live on what was borrowed: %s", error.message)
        elif error is None and self._away:
            _log.info("budgets are shared out again")
        self._away = error is not None
