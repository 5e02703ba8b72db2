"""What is shed: calls above the cap, and those that a late loop has no time for; batch first."""

import asyncio
import random
import time

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


def test_the_cap_on_calls_in_flight_keeps_room_for_interactive_ones() -> None:
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


def test_a_burst_or_one_long_block_sheds_nothing() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.5)
        come_in(shedder)
        for _ in range(20):
            await asyncio.sleep(0.1)
            loop().now += 3.0
            assert not shedder.refuses()  # what came meanwhile is looked at first
            await asyncio.sleep(0.01)
            assert not shedder.refuses()
            assert not shedder.refuses("interactive")
            await asyncio.sleep(0.1)
            assert not shedder.refuses("batch")
        shedder.leave()
        await asyncio.sleep(1)

    run(story())


def test_while_lateness_stands_a_turn_takes_on_what_it_has_time_for() -> None:
    async def story() -> None:
        shedder = Shedder(lag=0.4)
        come_in(shedder)
        await block(0.6)
        assert shedder.overloaded
        assert shedder.refuses("batch")
        for _ in range(2):
            assert not shedder.refuses()
            loop().now += 0.09
            assert not shedder.refuses()
            loop().now += 0.02
            assert shedder.refuses()
            await asyncio.sleep(0)  # the next turn has time again
        await block(0.6)
        assert dict(shedder.refusal().headers)["retry-after"] == "1"
        await asyncio.sleep(0)
        for _ in range(30):
            await block(0.2)
            assert shedder.overloaded
        assert dict(shedder.refusal().headers)["retry-after"] == "5"
        await asyncio.sleep(0.1)
        assert not shedder.overloaded
        assert not shedder.refuses("batch")
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
        assert shedder._probing is None
        come_in(shedder)
        shedder.leave()
        await asyncio.sleep(0.1)

    run(story())


async def test_a_loop_that_is_really_late_sheds() -> None:
    shedder = Shedder(lag=0.02)
    come_in(shedder)
    for _ in range(5):
        time.sleep(0.08)  # noqa: ASYNC251 -- what blocks the loop is what is tested
        await asyncio.sleep(0.001)
    assert shedder.overloaded
    assert not shedder.refuses()
    time.sleep(0.08)  # noqa: ASYNC251
    assert shedder.refuses()
    await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)
    shedder.leave()


@pytest.mark.parametrize("times", [0.9, 1.5, 2.0, 4.0])
def test_latency_stays_flat_whatever_is_offered(times: float) -> None:
    """A call costs 1 ms, a refusal 0.1 ms. Offered up to four times what can be served, for 20 s."""

    async def story() -> tuple[float, float]:
        chance = random.Random(1)
        shedder = Shedder(lag=0.2)
        come_in(shedder)
        begin = loop().now
        coming, latencies = begin, []
        while loop().now < begin + 20:
            until = loop().now
            while coming <= until:
                if shedder.refuses():
                    loop().now += 0.0001
                else:
                    loop().now += 0.001
                    latencies.append(loop().now - coming)
                coming += chance.expovariate(times * 1000)
            await asyncio.sleep(0.0005 if coming > loop().now else 0)
        shedder.leave()
        late = latencies[len(latencies) // 4 :]
        return len(latencies) / 20_000, max(late)

    goodput, slowest = run(story())
    ideal = min(times, (1 - times * 0.1) / 0.9) if times > 1 else times
    assert goodput > 0.93 * ideal
    assert slowest < (0.05 if times < 1 else 0.25)
