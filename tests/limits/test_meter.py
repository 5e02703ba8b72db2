"""A worker's slice of a rate: it grows with demand, lapses unused, and is asked for before it runs dry."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.limits.bucket import Rate
from outrider.limits.desk import LIFE, Desk
from outrider.limits.meter import Meter
from outrider.limits.slots import Slots
from tests.jumping import run
from tests.limits.lending import SECOND, MemoryStore, Shared, desks

T = TypeVar("T")
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


def test_calls_that_take_nothing_in_the_end_keep_no_slice() -> None:
    """Answers from the cache give all their tokens back: each time that gave the whole slice another quarter second."""

    async def story() -> None:
        _, (desk,) = desks(1)
        rate = Rate(1_000_000, 60 * SECOND, 1_000_000)
        meter = Meter(desk, "b", "", rate, by_token=True)
        for _ in range(5):
            assert await asyncio.gather(*[take(meter, 4000) for _ in range(20)]) == [0] * 20
            await asyncio.sleep(0.02)
        for _ in range(100):
            meter.back(4000)
        assert meter.credit > 400_000
        for _ in range(2000):
            assert await take(meter, 1) == 0
            meter.back(1)
            await asyncio.sleep(0.01)
        asked = [take(meter, 1000) for _ in range(2000)]
        assert (await asyncio.gather(*asked)).count(0) * 1000 <= rate.burst + rate.units(SECOND)
        await asyncio.sleep(1)
        assert meter.credit == 0
        await desk.close()

    run(story())


class SlowDesk(Desk):
    """A desk whose store answers late; or the worker stood still meanwhile."""

    async def _in_thread(self, call: Callable[[], T]) -> T:
        made = call()
        await asyncio.sleep(0.8)
        return made


def test_a_slice_that_comes_late_has_lapsed() -> None:
    async def story() -> None:
        shared = Shared()
        desk = SlowDesk(lambda: MemoryStore(shared, "w"))
        meter = Meter(desk, "b", "", FAST)
        for _ in range(2):
            assert await asyncio.gather(*[meter.take(1) for _ in range(10)]) == [0] * 10
        assert meter.credit > 0
        assert not meter.try_take(1, clock.mono_ns())
        await asyncio.sleep(3)
        assert meter.credit == 0
        await desk.close()

    run(story())


steps = st.tuples(
    st.sampled_from(("steady", "falling", "nothing", "flood", "pause")), st.integers(0, 400), st.floats(0.05, 2)
)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(steps, min_size=1, max_size=8), min_size=1, max_size=3), st.sampled_from((100, 1000, 6000)))
def test_whatever_is_done_with_slices_the_rate_holds(workers: list[list[tuple[str, int, float]]], burst: int) -> None:
    """Steady use and use that dies away, what is given back, floods: in any time at most the burst, and the rate of a
    second more than that time."""
    rate = Rate(100, SECOND, burst)

    async def story() -> None:
        _, made = desks(len(workers))
        used: list[tuple[int, int]] = []

        async def one(meter: Meter, units: int, *, gives_back: bool = False) -> None:
            if await take(meter, units) == 0:
                used.append((clock.mono_ns(), units))
                if gives_back:
                    meter.back(units)
                    used.append((clock.mono_ns(), -units))

        async def worker(meter: Meter, story: list[tuple[str, int, float]]) -> None:
            for kind, size, seconds in story:
                if kind == "flood":
                    await asyncio.gather(*[one(meter, 1 + size % 7, gives_back=size % 2 == 0) for _ in range(size)])
                elif kind == "pause":
                    await asyncio.sleep(size / 40)
                else:
                    pause, left = 0.003 + size / 4000, seconds
                    while left > 0:
                        await one(meter, 1 + size % 3, gives_back=kind == "nothing")
                        await asyncio.sleep(pause)
                        left -= pause
                        pause *= 1.2 if kind == "falling" else 1
            await asyncio.gather(*[one(meter, 1) for _ in range(burst)])

        await asyncio.gather(*[worker(Meter(d, "b", "", rate), s) for d, s in zip(made, workers, strict=True)])
        total = least = 0.0
        for at, units in used:  # the most of all times that end here
            least = min(least, total - rate.amount * (at - used[0][0]) / rate.period)
            total += units
            assert total - rate.amount * (at - used[0][0]) / rate.period - least <= burst + rate.units(SECOND) + 1
        await asyncio.sleep(2)
        for desk in made:
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
