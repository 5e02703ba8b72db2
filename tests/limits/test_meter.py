"""A worker's slice of a rate: it grows with demand, lapses unused, and is asked for before it runs dry."""

import asyncio

from outrider.base import clock
from outrider.limits.bucket import Rate
from outrider.limits.desk import LIFE, Desk
from outrider.limits.meter import Meter
from outrider.limits.slots import Slots
from tests.jumping import run
from tests.limits.lending import SECOND, desks

FAST = Rate(10_000, SECOND, 10_000)


async def take(meter: Meter, units: int = 1) -> int:
    if meter.try_take(units, clock.mono_ns()):
        return 0
    return await meter.take(units)


def test_steady_demand_hardly_asks() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        meter = Meter(desk, "b", "", FAST)
        for _ in range(2000):
            assert await take(meter) == 0
            await asyncio.sleep(0.0002)
        assert desk.asked < 200
        await asyncio.sleep(1)
        assert meter.credit == 0
        assert meter.resting
        await desk.close()

    run(story())


def test_what_is_in_use_does_not_lapse() -> None:
    """Where a slice lasts longer than that. Else all who come at that moment wait for the store, and as what has to be
    waited for seems too little, slices grow without end."""

    async def story() -> None:
        _, (desk,) = desks(1)
        meter = Meter(desk, "b", "", Rate(1_000_000, SECOND, 100_000_000))
        waited = 0

        async def calls(number: int, pause: float) -> None:
            nonlocal waited
            for _ in range(number):
                if not meter.try_take(1, clock.mono_ns()):
                    waited += 1
                    assert await meter.take(1) == 0
                await asyncio.sleep(pause)

        await calls(5000, 0.0001)
        waited = 0
        await calls(2000, 0.002)
        assert waited == 0
        assert meter.credit <= 3 * 125  # what is used in as many ticks
        await asyncio.sleep(0.8)
        assert meter.credit == 0
        await desk.close()

    run(story())


def test_a_single_request_takes_nothing_ahead() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        meter = Meter(desk, "b", "", FAST)
        for _ in range(5):
            assert await take(meter) == 0
            assert meter.credit == 0
            await asyncio.sleep(1)
        assert desk.asked == 5
        await desk.close()

    run(story())


def test_what_is_unused_goes_back_to_the_others() -> None:
    async def story() -> None:
        _, (one, two) = desks(2)
        rate = Rate(60, 3600 * SECOND, 60)
        here, there = Meter(one, "b", "", rate), Meter(two, "b", "", rate)
        for _ in range(8):
            assert await take(here) == 0
        assert here.credit > 0
        assert await there.take(52) > 0
        assert there.refused(52, clock.mono_ns()) > 0
        assert there.refused(51, clock.mono_ns()) == 0
        await asyncio.sleep(3 * LIFE / 1e9)
        assert here.credit == 0
        assert await there.take(52) == 0
        await one.close()
        await two.close()

    run(story())


def test_what_is_left_is_known_without_asking() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        meter = Meter(desk, "b", "", Rate(60, 60 * SECOND, 60))
        assert await take(meter, 30) == 0
        assert meter.stands(clock.mono_ns()) == (30, 30 * SECOND)
        await asyncio.sleep(10)
        assert meter.stands(clock.mono_ns())[0] == 40
        meter.back(10)
        assert meter.stands(clock.mono_ns()) == (50, 10 * SECOND)
        meter.back(-25)
        assert meter.stands(clock.mono_ns())[0] == 25
        await asyncio.sleep(100)
        assert meter.stands(clock.mono_ns()) == (60, 0)
        await desk.close()

    run(story())


def test_slots_are_kept_for_a_moment_and_then_given_back() -> None:
    async def story() -> None:
        shared, (desk,) = desks(1)
        slots = Slots(desk, "p", "", 100)
        for _ in range(10):
            assert slots.try_take() or await slots.take()
        asked = desk.asked
        for _ in range(10):
            slots.leave()
        for _ in range(200):
            assert slots.try_take()
            await asyncio.sleep(0.001)
            slots.leave()
        assert desk.asked <= asked + 2
        await asyncio.sleep(3 * LIFE / 1e9)
        assert shared.held() == 0
        assert slots.resting
        await desk.close()

    run(story())


def test_a_worker_with_long_calls_is_seen_all_the_time() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        slots = Slots(desk, "p", "", 100)
        assert await slots.take()
        asked = desk.asked
        await asyncio.sleep(10)
        assert 5 <= desk.asked - asked <= 12
        slots.leave()
        await asyncio.sleep(2)
        asked = desk.asked
        await asyncio.sleep(60)
        assert desk.asked == asked
        await desk.close()

    run(story())


async def test_a_fault_in_the_store_leaves_nobody_waiting() -> None:
    class Broken(Desk):
        async def _in_thread(self, call: object) -> object:  # type: ignore[override]
            raise ZeroDivisionError

    desk = Broken(lambda: None)  # type: ignore[arg-type,return-value]
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    assert await Meter(desk, "b", "", FAST).take(1) == 0  # from this worker's share
    assert await Slots(desk, "p", "", 1).take()
    await desk.close()
    assert await Meter(desk, "b", "", FAST).take(1) == 0
