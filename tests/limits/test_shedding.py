"""What is shed: calls above the cap, and those that come faster than a worker can serve them; batch first."""

import asyncio
import random
import time
from collections import deque

import pytest

from outrider.base.errors import RequestError
from outrider.limits.fair import Priority
from outrider.limits.shedding import Shedder
from tests.jumping import JumpingLoop, run


def loop() -> JumpingLoop:
    found = asyncio.get_running_loop()
    assert isinstance(found, JumpingLoop)
    return found


def come_in(shedder: Shedder, priority: Priority = "interactive") -> None:
    """What door and corridor do together."""
    if shedder.refuses(priority):
        raise shedder.refusal()
    shedder.enter()


async def block(seconds: float) -> None:
    """One turn of the loop takes so long, on its own clock."""
    await asyncio.sleep(0)
    loop().now += seconds
    await asyncio.sleep(0.0001)


def test_nothing_is_shed_without_limits() -> None:
    shedder = Shedder()
    for _ in range(10_000):
        come_in(shedder)
    assert shedder.in_flight == 10_000


async def test_the_cap_on_calls_in_flight_keeps_room_for_interactive_ones() -> None:
    shedder = Shedder(most=10)
    for _ in range(8):
        come_in(shedder, "batch")
    with pytest.raises(RequestError) as caught:
        come_in(shedder, "batch")
    assert (caught.value.status, caught.value.code) == (503, "overloaded")
    assert dict(caught.value.headers)["retry-after"] == "1"
    come_in(shedder)
    come_in(shedder)
    with pytest.raises(RequestError):
        come_in(shedder)
    assert shedder.shed == {"interactive": 1, "batch": 1}
    shedder.leave()
    come_in(shedder)


def test_a_pause_or_a_burst_sheds_nothing() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.5)
        come_in(shedder)
        for _ in range(20):  # a collection of garbage now and then, and what came meanwhile is looked at after it
            await block(5.0)
            for _ in range(500):
                assert not shedder.refuses()
            await block(2.0)
            assert not shedder.refuses("batch")
            await asyncio.sleep(0.2)
            assert not shedder.overloaded
        shedder.leave()
        await asyncio.sleep(1)

    run(story())


async def too_much(shedder: Shedder) -> None:
    """Long turns, one after another."""
    for _ in range(20):
        loop().now += 2 * shedder.lag
        await asyncio.sleep(0)
    assert shedder.overloaded


async def test_calls_read_in_one_turn_count_before_their_handlers_begin() -> None:
    shedder = Shedder(most=10)
    assert [shedder.refuses() for _ in range(12)] == [False] * 10 + [True] * 2
    await asyncio.sleep(0)
    for _ in range(10):
        shedder.enter()
    assert shedder.refuses()
    shedder.leave()
    assert not shedder.refuses()  # whose client hangs up before its handler begins: it takes no place for ever
    await asyncio.sleep(0)
    assert not shedder.refuses()


def test_while_a_queue_stands_calls_in_flight_are_capped() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.4)
        for _ in range(100):
            come_in(shedder)
        await too_much(shedder)
        assert shedder.cap <= 50
        assert shedder.refuses()
        for _ in range(60):
            shedder.leave()
        await too_much(shedder)
        assert shedder.cap < 40  # the turns were still too long
        while shedder.in_flight + 1 > shedder.cap * 0.8:
            shedder.leave()
        shedder.shed.update(batch=0)
        assert not shedder.refuses("batch")
        while not shedder.refuses():
            shedder.enter()
        assert shedder.refuses("batch")
        shedder.leave()
        assert shedder.refuses("batch")  # interactive calls come first
        assert not shedder.refuses()
        assert shedder.shed["batch"] == 2
        assert int(dict(shedder.refusal().headers)["retry-after"]) > 1
        for _ in range(shedder.in_flight):
            shedder.leave()
        await asyncio.sleep(10)

    run(story())


def test_a_cap_that_is_lowered_meanwhile_holds_at_once() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.4)
        for _ in range(100):
            come_in(shedder)
        await too_much(shedder)
        for _ in range(95):
            shedder.leave()
        shedder.most = 6
        come_in(shedder)
        assert shedder.refuses()
        shedder.most = 0
        assert not shedder.refuses()
        for _ in range(shedder.in_flight):
            shedder.leave()
        await asyncio.sleep(5)
        assert not shedder.overloaded

    run(story())


def test_it_is_over_when_nothing_is_refused_for_a_while() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.4)
        for _ in range(10):
            come_in(shedder)
        await too_much(shedder)
        cap = shedder.cap
        for _ in range(50):  # short turns, and still more comes than may come in
            while not shedder.refuses():
                shedder.enter()
            await asyncio.sleep(0.1)
        assert shedder.overloaded
        assert shedder.cap > 3 * cap
        await asyncio.sleep(2)
        assert not shedder.overloaded
        assert not shedder.refuses("batch")
        assert dict(shedder.refusal().headers)["retry-after"] == "1"
        for _ in range(shedder.in_flight):
            shedder.leave()
        await asyncio.sleep(1)

    run(story())


def test_switched_off_it_lets_everybody_in_again() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.4)
        come_in(shedder)
        await too_much(shedder)
        shedder.lag = 0.0
        await asyncio.sleep(0.5)
        assert not shedder.overloaded
        shedder.leave()
        await asyncio.sleep(1)

    run(story())


def test_an_idle_worker_reads_no_clock() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.1)
        come_in(shedder)
        await asyncio.sleep(1)
        shedder.leave()
        await asyncio.sleep(0.1)
        assert not shedder._probing
        come_in(shedder)
        shedder.leave()
        await asyncio.sleep(0.1)

    run(story())


async def test_a_loop_that_is_really_late_sheds() -> None:
    shedder = Shedder(lag=0.005)
    come_in(shedder)
    for _ in range(1000):
        if shedder.overloaded:
            break
        time.sleep(0.02)  # noqa: ASYNC251 -- what blocks the loop is what is tested
        await asyncio.sleep(0)
    assert shedder.overloaded
    assert any(shedder.refuses() for _ in range(10))
    shedder.leave()
    shedder.lag = 0.0
    await asyncio.sleep(0.3)
    assert not shedder.overloaded


class Callers:
    """Callers with 1,000 connections, who come `rate` times a second whatever became of those before; who finds no free
    connection waits for one."""

    def __init__(self, rate: float) -> None:
        self._rate, self._chance, self._due = rate, random.Random(1), loop().now
        self._wait: deque[float] = deque()
        self.free = 1000

    def come(self) -> list[float]:
        """When those were due who are to be read now."""
        while self._due <= loop().now:
            self._wait.append(self._due)
            self._due += self._chance.expovariate(self._rate)
        read = [self._wait.popleft() for _ in range(min(self.free, len(self._wait)))]
        self.free -= len(read)
        return read

    def soonest(self) -> float:
        return loop().now if self._wait and self.free else self._due


def test_the_cap_comes_back_where_turns_are_not_quite_short() -> None:
    """They may be so for other reasons than calls."""

    async def story() -> None:
        shedder = Shedder(lag=0.4)
        for _ in range(100):
            come_in(shedder)
        await too_much(shedder)
        for _ in range(shedder.in_flight):
            shedder.leave()
        cap = shedder.cap
        for _ in range(200):
            while not shedder.refuses():
                shedder.enter()
            loop().now += shedder.lag * 0.2
            await asyncio.sleep(0)
            for _ in range(shedder.in_flight):
                shedder.leave()
        assert shedder.overloaded
        assert shedder.cap > cap + 50
        shedder.lag = 0.0
        await asyncio.sleep(1)

    run(story())


@pytest.mark.parametrize(("times", "seconds", "least"), [
    (0.9, 12, 0.88), (1.5, 12, 0.5), (2.0, 12, 0.5), (3.0, 12, 0.5),
    (5.0, 30, 0.25),  # refusing takes two thirds of it, and what queued before it was told goes away slowly
])  # fmt: skip
def test_latency_stays_flat_whatever_is_offered(times: float, seconds: float, least: float) -> None:
    """To read a call costs 0.1 ms, to refuse it 0.05 ms, to send it on 0.5 ms, and its answer, after 20 ms, 0.5 ms:
    what a call costs is seen in later turns than it comes."""
    READ, REFUSE, SEND, ANSWER, AWAY = 0.0001, 0.00005, 0.0005, 0.0005, 0.02
    capacity = 1 / (READ + SEND + ANSWER)

    async def story() -> tuple[float, float]:
        shedder, callers, begin = Shedder(lag=0.1), Callers(times * capacity), loop().now
        sent: deque[tuple[float, float]] = deque()
        latencies: list[float] = []
        while loop().now < begin + seconds:
            accepted = []
            for due in callers.come():
                loop().now += READ
                if shedder.refuses():
                    loop().now += REFUSE
                    callers.free += 1
                else:
                    accepted.append(due)
            while sent and sent[0][0] <= loop().now:
                loop().now += ANSWER
                latencies.append(loop().now - sent.popleft()[1])
                shedder.leave()
                callers.free += 1
            for due in accepted:
                shedder.enter()
                loop().now += SEND
                sent.append((loop().now + AWAY, due))
            soonest = min(callers.soonest(), sent[0][0] if sent else callers.soonest())
            await asyncio.sleep(max(0.0, soonest - loop().now))
        for _ in range(shedder.in_flight):
            shedder.leave()
        await asyncio.sleep(3)
        return len(latencies) / seconds / capacity, max(latencies[len(latencies) // 2 :])

    goodput, slowest = run(story())
    assert goodput > least
    assert slowest < (0.05 if times < 1 else 0.4)
