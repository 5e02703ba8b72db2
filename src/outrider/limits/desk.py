"""Where a worker's meters and slots ask the lease store: everything that came up meanwhile goes in one transaction.

One question is under way at a time, in a thread of its own; what comes up during it waits for the next. So the load
on the store is bounded by its own speed, and a burst of a thousand requests is a handful of transactions.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.limits.rate_store import BEAT, Ask, Grant, RateStore

LIFE = 250_000_000
"""How long, in nanoseconds, what was taken ahead stays here unused."""
SOON = 0.02
AGAIN = 1_000_000_000
"""While the store is away it is asked once in this time."""

T = TypeVar("T")

log = logging.getLogger("outrider")


class Client(Protocol):
    """A meter or slots. `asking` snapshots what to ask (None: nothing any more); one of the others is called after."""

    def asking(self) -> Ask | None: ...
    def granted(self, grant: Any) -> None: ...
    def away(self) -> None:
        """The store cannot be asked: answer whoever waits from this worker's share."""
        ...

    def idle(self, now: int) -> bool:
        """Called every LIFE while it holds something: give back what is not used; True when nothing is held."""
        ...


class Desk:
    """`open_store` gives the worker's RateStore (blocking; called in the thread). `share`: how many workers divide a
    limit among them while the store is away."""

    def __init__(self, open_store: Callable[[], RateStore], *, share: int = 1) -> None:
        self._open, self.share = open_store, max(1, share)
        self._store: RateStore | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._asking: dict[Client, None] = {}
        self._soon: dict[Client, None] = {}
        self._soon_timer: asyncio.TimerHandle | None = None
        self.holding: set[Client] = set()  # who may have to give something back: see `hold`
        self._running: asyncio.Task[None] | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._not_before = self._asked_at = 0
        self._closed = False
        self.unavailable = False
        self.asked = 0  # transactions, for metrics and tests

    def touch(self, client: Client) -> None:
        """Ask for `client` in the next transaction."""
        if self._closed:
            if client.asking() is not None:
                client.away()
            return
        self._asking[client] = None
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._serve())

    def touch_soon(self, client: Client) -> None:
        """Ask for `client` within SOON: several that follow one another cost one transaction."""
        self._soon[client] = None
        if self._soon_timer is None and not self._closed:
            self._soon_timer = asyncio.get_running_loop().call_later(SOON, self._touch_all)

    def _touch_all(self) -> None:
        self._soon_timer = None
        clients, self._soon = self._soon, {}
        for client in clients:
            self.touch(client)

    def hold(self, client: Client) -> None:
        """`client` holds something that it may have to give back."""
        self.holding.add(client)
        if self._ticking is None and not self._closed:
            self._ticking = asyncio.get_running_loop().call_later(LIFE / 1e9, self._tick)

    async def close(self) -> None:
        """Give everything back. What is asked afterwards is answered from this worker's share."""
        self._closed = True
        for timer in (self._ticking, self._soon_timer):
            if timer is not None:
                timer.cancel()
        if self._running is not None:
            await self._running
        if self._store is not None:
            try:
                await self._in_thread(self._store.leave)
            except StoreUnavailable as error:
                log.warning("rates were not given back, others can use them in some seconds: %s", error.message)
        if self._thread is not None:
            self._thread.shutdown()

    async def _serve(self) -> None:
        try:
            await asyncio.sleep(0)  # what this turn of the loop asks goes together
            while self._asking or self._due():
                clients, self._asking = list(self._asking), {}
                asks = [(ask, client) for client in clients if (ask := client.asking()) is not None]
                asks.sort(key=lambda pair: pair[0].place)  # every worker locks rows in the same order
                if asks or self._due():
                    await self._ask([ask for ask, _ in asks], [client for _, client in asks])
        finally:
            self._running = None

    def _due(self) -> bool:
        """Whether it is time to be seen: a worker that is not seen loses what it holds."""
        return not self._closed and bool(self.holding) and clock.mono_ns() - self._asked_at > BEAT

    async def _ask(self, asks: list[Ask], clients: list[Client]) -> None:
        self._asked_at = clock.mono_ns()
        grants: list[Grant] | None = None
        try:
            if not self.unavailable or self._asked_at >= self._not_before:
                grants = await self._in_thread(lambda: self._apply(asks))
                self.unavailable = False
        except StoreUnavailable as error:
            if not self.unavailable:
                log.warning("every worker keeps to its share of the rates by itself: %s", error.message)
            self.unavailable, self._not_before = True, clock.mono_ns() + AGAIN
        finally:
            for index, client in enumerate(clients):  # whatever went wrong, nobody may wait for ever
                if grants is None:
                    client.away()
                else:
                    client.granted(grants[index])

    async def _in_thread(self, call: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="rates")
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _apply(self, asks: list[Ask]) -> list[Grant]:
        if self._store is None:
            self._store = self._open()
        self.asked += 1
        return self._store.apply(asks)

    def _tick(self) -> None:
        self._ticking = None
        now = clock.mono_ns()
        self.holding = {client for client in self.holding if not client.idle(now)}
        if not self.holding:
            return
        self._ticking = asyncio.get_running_loop().call_later(LIFE / 1e9, self._tick)
        if self._due() and self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._serve())
