"""The way into a deployment whose capacity is limited: so many calls at once, so many requests and tokens in a time.

A call enters at once while there is room and nobody waits. Else it waits in a fair queue (`fair`), as long as its
deadline allows; when what is known says that it would wait longer, it is refused at once, so that it can go elsewhere.
"""

import asyncio
import math
from collections.abc import Mapping

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.limits.bucket import Rate
from outrider.limits.desk import Desk
from outrider.limits.fair import FairQueue, Priority
from outrider.limits.meter import Meter
from outrider.limits.slots import Slots

POLL = 0.025
"""Seconds between questions for a slot that another worker holds, or is owed and may not want any more."""
SELDOM = 1.0
"""The same while this worker itself uses all slots: a call that ends here wakes who waits."""
SMOOTH = 0.2
"""Weight of the newest call in the usual duration."""


class Capacity(msgspec.Struct, frozen=True):
    """What a deployment can do: calls at the same time, requests and tokens in a time; at most `queue` calls wait."""

    concurrent: int | None = None
    requests: Rate | None = None
    tokens: Rate | None = None
    queue: int = 1000


Taken = list[tuple[Meter | Slots, int]]


class Place:
    """A call that is in. `leave` must be called when it is over; a second time does nothing. `waited` is in ns."""

    __slots__ = ("_began", "_charged", "_taken", "_turnstile", "priority", "project", "waited")

    def __init__(self, turnstile: "Turnstile", project: str, priority: Priority, taken: Taken, waited: int) -> None:
        self._turnstile: Turnstile | None = turnstile
        self.project, self.priority, self._taken, self.waited = project, priority, taken, waited
        self._began, self._charged = clock.mono_ns(), turnstile.usual

    def leave(self, usage: Usage | None = None) -> None:
        """The call is over and used `usage`; None: what it was estimated at."""
        if self._turnstile is None:
            return
        turnstile, self._turnstile = self._turnstile, None
        turnstile.left(self, (clock.mono_ns() - self._began) / 1e9, self._charged)
        for part, units in self._taken:
            if isinstance(part, Slots):
                part.leave()
            elif part.by_token and usage is not None:
                part.back(units - usage.input - usage.output)


class _Waiter:
    __slots__ = ("future", "priority", "project", "since", "tokens")

    def __init__(self, project: str, priority: Priority, tokens: int) -> None:
        self.project, self.priority, self.tokens = project, priority, tokens
        self.since = clock.mono_ns()
        self.future: asyncio.Future[Place] = asyncio.get_running_loop().create_future()


class Turnstile:
    """One per limited deployment and worker; what the workers share is in the lease store, the queue is each one's."""

    def __init__(self, desk: Desk, name: str, capacity: Capacity, weights: Mapping[str, float] | None = None) -> None:
        self._desk, self.name = desk, name
        self._queue: FairQueue[_Waiter] = FairQueue(weights)
        self._slots: Slots | None = None
        self._kept_slots: Slots | None = None  # also while nothing limits them: calls may be in them
        self._meters: tuple[Meter | None, Meter | None] = (None, None)
        self._serving: asyncio.Task[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self.usual = 0.0  # seconds that a call is in; 0: none has ended yet
        self.inside = 0
        self.load(capacity, weights)

    def load(self, capacity: Capacity, weights: Mapping[str, float] | None = None) -> None:
        """Take over a changed configuration. Calls that are in or wait stay."""
        self.capacity, self._queue.weights = capacity, weights or {}
        if capacity.concurrent is not None:
            if self._kept_slots is None:
                self._kept_slots = Slots(self._desk, f"capacity.{self.name}", "", capacity.concurrent)
                self._kept_slots.on_free = self._rouse
            self._kept_slots.resize(capacity.concurrent)
        self._slots = self._kept_slots if capacity.concurrent is not None else None
        requests, tokens = self._meters
        self._meters = (
            self._meter(requests, "requests", capacity.requests),
            self._meter(tokens, "tokens", capacity.tokens),
        )
        self._rouse()

    def _meter(self, present: Meter | None, kind: str, rate: Rate | None) -> Meter | None:
        if rate is None or present is None:
            name = f"capacity.{self.name}.{kind}"
            return Meter(self._desk, name, "", rate, by_token=kind == "tokens") if rate is not None else None
        present.adapt(rate)
        return present

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def predicted(self, project: str, priority: Priority) -> float:
        """Seconds that a call of `project` that came now would wait, as far as that is known; 0: it would not."""
        if not self._queue and (self._slots is None or self._slots.used < min(self._slots.held, self._slots.most)):
            return 0.0
        return (self._queue.ahead(project, priority) + 1) * self._interval()

    def try_enter(self, project: str, priority: Priority, tokens: int = 0) -> Place | None:
        """A place if there is one here and nobody waits. No I/O."""
        taken = None if self._queue else self._take(tokens)
        if taken is None:
            return None
        self._queue.passed(project, priority, self.usual)
        self.inside += 1
        return Place(self, project, priority, taken, 0)

    async def enter(self, project: str, priority: Priority, deadline: int, tokens: int = 0) -> Place:
        """A place, waiting for it until `deadline` (monotonic ns). Raises RequestError 503 `overloaded`."""
        place = self.try_enter(project, priority, tokens)
        if place is not None:
            return place
        patience = (deadline - clock.mono_ns()) / 1e9
        expected = self.predicted(project, priority)
        if expected > patience:
            raise self._overloaded(f"a call would wait about {expected:.2g} s", expected - max(0.0, patience))
        if len(self._queue) >= self.capacity.queue:
            self._make_room(priority, expected)
        waiter = _Waiter(project, priority, tokens)
        self._queue.push(waiter, project, priority)
        self._start_serving()
        timer = asyncio.get_running_loop().call_later(max(0.0, patience), self._expire, waiter)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._drop(waiter)
            raise
        finally:
            timer.cancel()

    async def close(self) -> None:
        """Refuse whoever waits: the worker ends."""
        serving = self._serving
        if serving is not None:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    def left(self, place: Place, seconds: float, charged: float) -> None:
        """A call was in for `seconds` and its project had been charged `charged` for it."""
        self.inside -= 1
        self.usual = seconds if not self.usual else self.usual + SMOOTH * (seconds - self.usual)
        self._queue.charge(place.project, place.priority, seconds - charged)

    # -- waiting ------------------------------------------------------------------------------------------------

    def _start_serving(self) -> None:
        if self._serving is None or self._serving.done():
            self._serving = asyncio.get_running_loop().create_task(self._serve())
            self._serving.add_done_callback(self._served)

    async def _serve(self) -> None:
        """Lets waiting calls in, one after the other, while there are any."""
        while (head := self._queue.peek()) is not None:
            taken: Taken = []
            pause = await self._make_way(head, taken)
            if pause:
                _give_back(taken)
                await self._sleep(pause)
            elif head is self._queue.peek() and not head.future.done():
                self._queue.pop(self.usual)
                self.inside += 1
                waited = clock.mono_ns() - head.since
                head.future.set_result(Place(self, head.project, head.priority, taken, waited))
            else:
                _give_back(taken)  # it left, or somebody more urgent came: look again
            if head.future.cancelled():  # its task has not run yet, and will find itself gone
                self._queue.remove(head, head.project, head.priority)
        if self._slots is not None and self._slots.waiting:
            self._slots.waiting = 0
            self._desk.touch(self._slots)  # the other workers owe us nothing any more

    async def _make_way(self, head: _Waiter, taken: Taken) -> float:
        """Take what `head` needs into `taken`. 0: all is there; else so many seconds may pass until another try."""
        slots = self._slots
        if slots is not None:
            slots.waiting = min(len(self._queue), slots.limit)
            if not slots.try_take() and not await slots.take():
                return SELDOM if slots.used >= slots.limit else POLL
            taken.append((slots, 1))
        for meter, units in self._wanted(head.tokens):
            now = clock.mono_ns()
            wait = 0 if meter.try_take(units, now) else meter.refused(units, now) or await meter.take(units)
            if wait:
                return max(0.001, wait / 1e9)
            taken.append((meter, units))
        return 0

    async def _sleep(self, seconds: float) -> None:
        """Until something may have changed, at most so long."""
        loop = asyncio.get_running_loop()
        self._wake = loop.create_future()
        timer = loop.call_later(seconds, self._rouse)
        try:
            await self._wake
        finally:
            timer.cancel()
            self._wake = None

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _served(self, task: "asyncio.Task[None]") -> None:
        """Should serving have failed, nobody may wait for ever."""
        if not task.cancelled() and task.exception() is None:
            if self._queue:
                self._start_serving()  # somebody came in the last moment
            return
        error = None if task.cancelled() else task.exception()
        for waiter in list(self._queue):
            self._queue.remove(waiter, waiter.project, waiter.priority)
            if not waiter.future.done():
                waiter.future.set_exception(error or self._overloaded("this worker is ending", 1.0))

    def _expire(self, waiter: _Waiter) -> None:
        if self._queue.remove(waiter, waiter.project, waiter.priority) and not waiter.future.done():
            seconds = (clock.mono_ns() - waiter.since) / 1e9
            waiter.future.set_exception(self._overloaded(f"it was not this call's turn within {seconds:.2g} s", 1.0))
            self._rouse()

    def _drop(self, waiter: _Waiter) -> None:
        """Whoever waited has left; should it have got a place in this moment, that is free again."""
        if self._queue.remove(waiter, waiter.project, waiter.priority):
            self._rouse()
        elif waiter.future.done() and not waiter.future.cancelled() and waiter.future.exception() is None:
            waiter.future.result().leave()

    def _make_room(self, priority: Priority, expected: float) -> None:
        """The queue is full: a batch call makes room for an interactive one; else the new one is refused."""
        last = self._queue.last("batch") if priority == "interactive" else None
        error = self._overloaded(f"{len(self._queue)} calls wait already", max(1.0, expected))
        if last is None:
            raise error
        self._queue.remove(last, last.project, last.priority)
        if not last.future.done():
            last.future.set_exception(error)

    # -- what is taken ------------------------------------------------------------------------------------------

    def _wanted(self, tokens: int) -> list[tuple[Meter, int]]:
        """More tokens than fit at once count as many as fit: the call is let in when nothing else is counted."""
        requests, by_token = self._meters
        wanted = [(requests, 1)] if requests is not None else []
        if by_token is not None and tokens:
            wanted.append((by_token, min(tokens, by_token.rate.burst)))
        return wanted

    def _take(self, tokens: int) -> Taken | None:
        """Everything that a call needs, if all of it is here."""
        taken: Taken = []
        if self._slots is not None:
            if not self._slots.try_take():
                return None
            taken.append((self._slots, 1))
        now = clock.mono_ns()
        for meter, units in self._wanted(tokens):
            if not meter.try_take(units, now):
                _give_back(taken)
                return None
            taken.append((meter, units))
        return taken

    def _interval(self) -> float:
        """Seconds between one call and the next that is let in, when calls wait."""
        requests, _ = self._meters
        by_rate = requests.rate.period / requests.rate.amount / 1e9 if requests is not None else 0.0
        slots = self._slots
        return max(by_rate, self.usual / max(1, min(slots.held, slots.most)) if slots is not None else 0.0)

    def _overloaded(self, why: str, again: float) -> RequestError:
        return RequestError(
            f"{self.name} is at the limit of its capacity: {why}; try again later, or use another model",
            status=503,
            code="overloaded",
            kind="server_error",
            headers=(("retry-after", str(math.ceil(max(1.0, again)))),),
        )


def _give_back(taken: Taken) -> None:
    for part, units in taken:
        if isinstance(part, Meter):
            part.back(units)
        else:
            part.leave()


class Turnstiles:
    """The turnstiles of a worker. A model named with limits of its own has its own; other models of a provider with
    limits share one; the rest has none."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._made: dict[str, Turnstile] = {}
        self._limits: Mapping[str, Capacity] = {}

    def load(self, limits: Mapping[str, Capacity], weights: Mapping[str, float] | None = None) -> None:
        """Take over the limits: by `provider`, or by `provider/model`."""
        self._limits = limits
        for name, capacity in limits.items():
            if name in self._made:
                self._made[name].load(capacity, weights)
            else:
                self._made[name] = Turnstile(self._desk, name, capacity, weights)

    def of(self, provider: str, model: str) -> Turnstile | None:
        """The way into a deployment; None: it has no limits."""
        if not self._limits:
            return None
        for name in (f"{provider}/{model}", provider):
            if name in self._limits:
                return self._made[name]
        return None

    async def close(self) -> None:
        """Refuse whoever waits anywhere."""
        for turnstile in self._made.values():
            await turnstile.close()
