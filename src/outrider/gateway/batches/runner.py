"""Which batches this process works on: claimed one by one, held while it lives, given back when it stops."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from outrider.base import clock
from outrider.base.errors import JournalFull, OutriderError, RequestError, StoreUnavailable
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.gateway.batches.asking import Shop
from outrider.gateway.batches.files import Files
from outrider.gateway.batches.rows import Batch, Batches, Kind, Lost, Made
from outrider.gateway.batches.rules import Rules
from outrider.gateway.batches.told import Told
from outrider.gateway.batches.work import STOP_GRACE, Work
from outrider.gateway.front import Handler
from outrider.gateway.table import Route
from outrider.journal.events import BatchCancelled, BatchCreated, Event
from outrider.limits.kept import Reserves
from outrider.limits.keys import Identity, KeyRing
from outrider.store import Store

LOOK = 2.0
"""Seconds between looks for batches that nobody works on, and for cancellations that came to another process. As often
it is written that this process lives."""
SWEEP = 600.0
"""Seconds between removals of what is expired."""
BACKGROUND, BACKGROUND_TRIES = 256, 3
"""Responses in the background that one process works on at most, besides batches; how often one is tried."""
REST = 5.0
"""Seconds for which a batch is left alone whose work failed in a way that nobody thought of."""

log = logging.getLogger("outrider.batches")


class Runner:
    """One per worker. `holder` is this life of this process, as `<machine>/<name>`; `alive` says whether another one
    of this machine lives. `find` gives the handler of a path, `busy` whether the worker must not take on more now,
    `leaving` whether it is about to end: then it begins with nothing more.
    `record` writes an event into the journal; the others are for batches that go to their provider's own batch API (see
    `asking.Shop`)."""

    def __init__(
        self,
        *,
        leases: Callable[[], Store],
        find: Callable[[bytes, bytes], Handler | None],
        keys: KeyRing,
        anonymous: Identity | None,
        busy: Callable[[], bool],
        holder: str,
        alive: Callable[[str], bool],
        rules: Rules,
        resolve: Callable[[str], Route] | None = None,
        price_of: Callable[[Deployment, int, int], Price | None] | None = None,
        reserves: Reserves | None = None,
        overseen: Callable[[], bool] = bool,
        guarded: Callable[[], bool] = bool,
        record: Callable[[Event], Awaitable[None]] | None = None,
        leaving: Callable[[], bool] = bool,
    ) -> None:
        self.batches, self.files, self.rules, self.find = Batches(leases), Files(leases), rules, find
        self.told = Told(leases)
        self._keys, self._anonymous, self._busy = keys, anonymous, busy
        self._holder, self._alive = holder, alive
        self._resolve, self._price_of, self._reserves, self._record = resolve, price_of, reserves, record
        self._overseen, self._guarded = overseen, guarded
        self._works: dict[str, Work] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, int] = {}
        self._watching: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._leaving, self._away = leaving, False

    async def start(self) -> None:
        self._shop = Shop(
            self.batches,
            self.files,
            self.find,
            self._owner,
            self._busy,
            asyncio.Semaphore(self.rules.concurrency),
            self.rules.concurrency,
            longest=self.rules.longest,
            keep=self.rules.keep,
            forward=self.rules.forward,
            resolve=self._resolve,
            price_of=self._price_of,
            reserves=self._reserves,
            overseen=self._overseen,
            guarded=self._guarded,
            record=self._record,
            told=self.told,
        )
        self._behind = msgspec.structs.replace(
            self._shop, slots=asyncio.Semaphore(BACKGROUND), tries=BACKGROUND_TRIES, forward=False, busy=bool
        )
        self._watching = asyncio.create_task(self._watch())

    async def finish(self, patience: Callable[[], float]) -> None:
        """Wait for what is told while it is given, since it has no second try, as long as `patience` gives seconds."""
        while told := [self._tasks[id_] for id_, work in self._works.items() if work.batch.made.stream]:
            left = patience()
            if left <= 0:
                return
            await asyncio.wait(told, timeout=min(left, 1.0))

    async def stop(self) -> None:
        """Lines under way get a moment, then everything is given back. Before what lines need is closed."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for work in self._works.values():
            work.stopping = True
            work.wake()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_GRACE + 2)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, id_: str = "") -> None:
        """There is a new batch, or the one with this id is to end."""
        work = self._works.get(id_)
        if work is not None:
            work.cancelling = True
            work.wake()
        self._woken.set()

    # -- what callers do ----------------------------------------------------------------------------------------

    async def create(
        self,
        who: Identity,
        kind: Kind,
        file: str,
        made: Made,
        window_ns: int,
        *,
        purpose: str = "batch",
        total: int = 0,
    ) -> Batch:
        """A new batch, recorded, of an input file of that purpose. Raises RequestError 403, 404, JournalFull."""
        if not who.key and self._anonymous is None:
            raise RequestError(
                "a batch goes on when its browser is gone, so it is made with a key: `outrider keys create`",
                status=403,
                code="key_needed",
            )
        found = await asyncio.to_thread(self.files.find, who.project, file)
        batch = await asyncio.to_thread(
            self.batches.create, who.project, who.key, kind, file, made, window_ns, purpose=purpose, total=total
        )
        if self._record is not None and found is not None:
            event = BatchCreated(
                batch.id,
                batch.project,
                batch.created,
                who.key,
                made.endpoint,
                file,
                found.size,
                found.sha256,
                batch.expires,
            )
            try:
                await self._record(event)
            except JournalFull:  # nobody could tell whose it was: it must not go on
                await asyncio.to_thread(self.batches.cancel, who.project, kind, batch.id)
                raise
        self.wake()
        return batch

    async def cancel(self, who: Identity, kind: Kind, id_: str) -> Batch:
        """End a batch early. Raises RequestError 404, 409, JournalFull."""
        before = await asyncio.to_thread(self.batches.get, who.project, kind, id_)
        batch = await asyncio.to_thread(self.batches.cancel, who.project, kind, id_)
        self.wake(id_)
        if self._record is not None and not before.cancelling:
            await self._record(BatchCancelled(id_, who.project, clock.now_ns(), who.key))
        return batch

    # -- watching -----------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        held_at = swept_at = 0
        while True:
            self._woken.clear()
            now = clock.mono_ns()
            try:
                if (
                    self._works and now - held_at >= LOOK * 1e9
                ):  # first: what cannot be claimed must not cost what is held
                    held_at = now
                    await self._hold()
                if not self._leaving():
                    await self._claim()
                if now - swept_at >= SWEEP * 1e9:
                    swept_at = now
                    await asyncio.to_thread(self._sweep)
                self._away = False
            except StoreUnavailable as error:
                if not self._away:
                    log.warning("batches wait: %s", error.message)
                self._away = True
            except Exception as error:  # the edge of the watch: if it ended, no batch would go on any more
                log.exception("the look for batches was not complete: %s", type(error).__name__)
            try:
                async with asyncio.timeout(LOOK):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _claim(self) -> None:
        """Begin with batches that nobody works on, as long as there are any and we have room."""
        for background, most, shop in ((True, BACKGROUND, self._behind), (False, self.rules.most, self._shop)):
            while sum((work.batch.kind == "background") is background for work in self._works.values()) < most:
                now = clock.mono_ns()
                self._resting = {id_: until for id_, until in self._resting.items() if until > now}
                batch = await asyncio.to_thread(
                    self.batches.claim,
                    self._holder,
                    clock.now_ns(),
                    self._dead,
                    list(self._resting),
                    background=background,
                )
                if batch is None:
                    break
                work = self._works[batch.id] = Work(batch, shop)
                self._tasks[batch.id] = asyncio.create_task(self._run(work))

    async def _hold(self) -> None:
        held = {id_: work.waits() for id_, work in self._works.items()}
        kept = await asyncio.to_thread(self.batches.hold, self._holder, held, clock.now_ns())
        for id_ in held:
            work = self._works.get(id_)
            if work is None:
                continue
            if id_ not in kept:
                self._tasks[id_].cancel()
            elif kept[id_] and not work.cancelling:
                work.cancelling = True
                work.wake()

    def _sweep(self) -> None:
        now = clock.now_ns()
        if self.rules.keep:
            self.batches.sweep(now - self.rules.keep * 1_000_000_000)
            self.told.sweep()
        while self.files.sweep(now):
            pass

    async def _run(self, work: Work) -> None:
        """The edge of a batch: whatever goes wrong in it, the others go on."""
        id_ = work.batch.id
        over, why = False, ""
        try:
            over = await work.run()
        except Lost as lost:
            log.warning("%s", lost.message)
            over = True
        except StoreUnavailable as error:
            log.warning("%s waits: %s", id_, error.message)
        except OutriderError as error:
            why = error.code
            log.error("%s is left alone for %g s: %s", id_, REST, error.message)
        except (
            Exception
        ) as error:  # the edge of a batch: its bug must neither end the worker's others nor keep its hold
            why = OutriderError.code
            log.exception("%s is left alone for %g s: %s", id_, REST, type(error).__name__)
        finally:
            if not over:
                self._resting[id_] = clock.mono_ns() + int(REST * 1e9)
                await self._give_back(id_, why)
            del self._works[id_], self._tasks[id_]
            self.told.wake(id_)
            self._woken.set()

    async def _give_back(self, id_: str, why: str) -> None:
        """`why` it failed, "" if it did not: its caller sees it, until it goes on."""
        waits = f"its work failed ({why}; the log says more) and is tried again" if why else ""
        try:
            await asyncio.to_thread(self.batches.release, id_, self._holder, waits)
        except StoreUnavailable as error:
            log.warning("%s stays with this process until it is found gone: %s", id_, error.message)

    # -- who is who ---------------------------------------------------------------------------------------------

    def _dead(self, holder: str) -> bool:
        """Whether a process is surely gone. Of other machines only time tells."""
        machine, _, name = holder.partition("/")
        return machine == self._holder.partition("/")[0] and not self._alive(name)

    def _owner(self, batch: Batch) -> Identity | None:
        if not batch.key:
            return self._anonymous
        if self._keys.is_revoked(batch.key):
            raise RequestError(
                f"the key {batch.key!r}, which made this batch, was revoked; make the batch again with another one",
                status=401,
                code="key_revoked",
            )
        return self._keys.identity(batch.key)
