"""The way into a limited deployment: nobody is lost, nothing is exceeded, who waits is served in order or told so."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.limits.bucket import Rate
from outrider.limits.fair import PRIORITIES, Priority
from outrider.limits.turnstile import POLL, Capacity, Place, Turnstile, Turnstiles
from tests.jumping import run
from tests.limits.lending import SECOND, NearDesk, desks

MINUTE = 60 * SECOND


async def enter(
    turnstile: Turnstile, project: str = "p", priority: Priority = "interactive", patience: float = 60, tokens: int = 0
) -> Place:
    return await turnstile.enter(project, priority, clock.mono_ns() + int(patience * SECOND), tokens)


async def stay(turnstile: Turnstile, seconds: float, **how: Any) -> Place:
    place = await enter(turnstile, **how)
    await asyncio.sleep(seconds)
    place.leave()
    return place


def single(capacity: Capacity, weights: dict[str, float] | None = None) -> tuple[NearDesk, Turnstile]:
    _, (desk,) = desks(1)
    return desk, Turnstile(desk, "openai/large", capacity, weights)


def test_so_many_at_once_and_the_others_in_turn() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=2))
        began = clock.mono_ns()
        places = await asyncio.gather(*(stay(turnstile, 1.0) for _ in range(6)))
        assert 3.0 <= (clock.mono_ns() - began) / 1e9 < 3.1
        assert sorted(round(p.waited / 1e9) for p in places) == [0, 0, 1, 1, 2, 2]
        assert (turnstile.inside, turnstile.waiting) == (0, 0)
        assert turnstile.usual == pytest.approx(1.0)
        await desk.close()

    run(story())


def test_a_free_place_is_taken_without_waiting() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=2))
        (await enter(turnstile)).leave()
        place = turnstile.try_enter("p", "interactive")
        assert place is not None
        assert place.waited == 0
        place.leave()
        place.leave()
        assert turnstile.inside == 0
        assert turnstile.predicted("p", "interactive") == 0.0
        await desk.close()

    run(story())


def test_interactive_overtakes_batch_and_projects_have_their_shares() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=1), {"big": 3})
        order: list[str] = []

        async def call(name: str, priority: Priority) -> None:
            place = await enter(turnstile, name, priority, patience=1000)
            order.append(name)
            await asyncio.sleep(1)
            place.leave()

        first = await enter(turnstile)
        tasks = [asyncio.create_task(call("night", "batch")) for _ in range(3)]
        for _ in range(40):
            tasks += [asyncio.create_task(call(name, "interactive")) for name in ("big", "small")]
        await asyncio.sleep(1)
        first.leave()
        await asyncio.gather(*tasks)
        assert order[-3:] == ["night"] * 3
        assert 29 <= Counter(order[:40])["big"] <= 31
        await desk.close()

    run(story())


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=2))
        await asyncio.gather(*(stay(turnstile, 2.0) for _ in range(4)))
        tasks = [asyncio.create_task(stay(turnstile, 2.0)) for _ in range(10)]
        await asyncio.sleep(0.1)
        began = clock.mono_ns()
        with pytest.raises(RequestError) as caught:
            await enter(turnstile, patience=5)
        assert clock.mono_ns() == began
        assert (caught.value.status, caught.value.code) == (503, "overloaded")
        assert int(dict(caught.value.headers)["retry-after"]) in range(2, 8)
        assert "openai/large is at the limit of its capacity" in caught.value.message
        assert (await stay(turnstile, 0.0, project="other", patience=5)).waited < 3 * SECOND
        await asyncio.gather(*tasks)
        await desk.close()

    run(story())


def test_a_deadline_that_passes_while_waiting() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=1))
        place = await enter(turnstile)
        with pytest.raises(RequestError, match="not this call's turn within 3 s"):
            await enter(turnstile, patience=3)
        place.leave()
        await stay(turnstile, 0.1)
        await desk.close()

    run(story())


def test_the_queue_is_bounded_and_batch_makes_room() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(concurrent=1, queue=2))
        place = await enter(turnstile)
        batch = [asyncio.create_task(enter(turnstile, priority="batch")) for _ in range(2)]
        await asyncio.sleep(0.1)
        with pytest.raises(RequestError, match="2 calls wait already"):
            await enter(turnstile, priority="batch")
        quick = [asyncio.create_task(stay(turnstile, 0.1)) for _ in range(2)]
        assert all(isinstance(e, RequestError) for e in await asyncio.gather(*batch, return_exceptions=True))
        with pytest.raises(RequestError, match="2 calls wait already"):
            await enter(turnstile)
        place.leave()
        await asyncio.gather(*quick)
        await desk.close()

    run(story())


def test_rates_of_a_deployment_are_waited_for() -> None:
    async def story() -> None:
        desk, turnstile = single(Capacity(requests=Rate(60, MINUTE, 2), tokens=Rate(6000, MINUTE, 1000)))
        began = clock.mono_ns()
        places = [await enter(turnstile, tokens=100) for _ in range(5)]
        assert 2.9 < (clock.mono_ns() - began) / 1e9 < 3.2
        places[0].leave(Usage(1000, 700))
        await enter(turnstile, tokens=5000)  # more than fits at once: counts as much as fits
        assert 10 < (clock.mono_ns() - began) / 1e9 < 30
        assert turnstile.predicted("p", "interactive") == 0.0
        for place in places:
            place.leave(Usage(50, 50))
        await desk.close()

    run(story())


@pytest.mark.parametrize("moment", [0.0, 0.0005, 0.001, 0.9995, 1.0, 1.0005, 1.5])
def test_a_client_that_leaves_blocks_nobody(moment: float) -> None:
    async def story() -> None:
        shared, (desk,) = desks(1)
        turnstile = Turnstile(desk, "d", Capacity(concurrent=1, requests=Rate(10**6, SECOND, 10**6)))
        first = asyncio.create_task(stay(turnstile, 1.0))
        await asyncio.sleep(0)
        leaving = asyncio.create_task(enter(turnstile))
        after = asyncio.create_task(stay(turnstile, 0.1))
        await asyncio.sleep(moment)
        leaving.cancel()
        await asyncio.sleep(0)
        if leaving.done() and not leaving.cancelled():
            leaving.result().leave()
        await asyncio.gather(first, after, return_exceptions=True)
        assert after.exception() is None
        assert turnstile.inside <= 1
        await turnstile.close()
        await desk.close()
        assert shared.held() == 0

    run(story())


def test_a_place_that_is_free_in_the_moment_the_next_one_leaves() -> None:
    """Cancelling a task cancels what it waits for at once; the task itself runs later."""

    async def story() -> None:
        shared, (desk,) = desks(1)
        turnstile = Turnstile(desk, "d", Capacity(concurrent=1))
        place = await enter(turnstile)
        leaving, after = (asyncio.create_task(stay(turnstile, 0.1)) for _ in range(2))
        await asyncio.sleep(0.5)
        place.leave()
        leaving.cancel()
        await asyncio.gather(leaving, after, return_exceptions=True)
        assert leaving.cancelled()
        assert after.exception() is None
        assert turnstile.inside == 0
        await desk.close()
        assert shared.held() == 0

    run(story())


def test_workers_share_slots_also_while_both_have_a_queue() -> None:
    async def story() -> None:
        shared, (one, two) = desks(2)
        here, there = Turnstile(one, "d", Capacity(concurrent=4)), Turnstile(two, "d", Capacity(concurrent=4))
        done: Counter[str] = Counter()

        async def many(turnstile: Turnstile, name: str, calls: int) -> None:
            async def call() -> None:
                await stay(turnstile, 0.2, patience=1000)
                done[name] += 1
                assert here.inside + there.inside <= 4

            await asyncio.gather(*(call() for _ in range(calls)))

        busy = asyncio.create_task(many(here, "here", 200))
        await asyncio.sleep(2)
        assert done["here"] > 30
        late = asyncio.create_task(many(there, "there", 60))
        before = done["here"]
        await asyncio.sleep(3)
        assert 0.7 < done["there"] / (done["here"] - before) < 1.3
        await asyncio.gather(busy, late)
        await one.close()
        await two.close()
        assert shared.held() == 0

    run(story())


def test_one_slot_and_four_workers_with_queues() -> None:
    async def story() -> None:
        _, made = desks(4)
        turnstiles = [Turnstile(desk, "d", Capacity(concurrent=1)) for desk in made]
        order: list[int] = []

        async def call(n: int) -> None:
            place = await enter(turnstiles[n], patience=1000)
            assert sum(t.inside for t in turnstiles) == 1
            order.append(n)
            await asyncio.sleep(0.05)
            place.leave()

        await asyncio.gather(*(call(n) for n in range(4) for _ in range(12)))
        assert max(Counter(order[:16]).values()) <= 6
        for desk in made:
            await desk.close()

    run(story())


@pytest.mark.parametrize("workers", [2, 3])
def test_a_slot_that_is_owed_to_another_queue_does_not_stand_unused(workers: int) -> None:
    """Each worker is told that the one slot is another's turn: nobody may sleep long because nobody holds it."""

    async def story() -> None:
        _, made = desks(workers)
        turnstiles = [Turnstile(desk, "d", Capacity(concurrent=1)) for desk in made]
        began = clock.mono_ns()

        async def call(n: int) -> None:
            await asyncio.sleep(n * 0.007)
            await stay(turnstiles[n % workers], 0.01, patience=1000)

        await asyncio.gather(*(call(n) for n in range(60)))
        assert (clock.mono_ns() - began) / 60e9 < 0.01 + 3 * POLL
        for desk in made:
            await desk.close()

    run(story())


def test_slots_kept_for_the_next_burst_are_given_to_who_waits_for_them() -> None:
    async def story() -> None:
        _, (one, two) = desks(2)
        bursts, queue = (Turnstile(desk, "d", Capacity(concurrent=4)) for desk in (one, two))

        async def in_bursts() -> None:
            for _ in range(20):
                await asyncio.gather(*(stay(bursts, 0.001, patience=1000) for _ in range(2)))
                await asyncio.sleep(0.2)

        other = asyncio.create_task(in_bursts())
        await asyncio.sleep(0.1)
        waiting = [asyncio.create_task(stay(queue, 100, patience=1000)) for _ in range(3)]
        await asyncio.sleep(2)
        assert queue.inside == 3
        for task in (*waiting, other):
            await task
        await one.close()
        await two.close()

    run(story())


def test_a_worker_that_ends_refuses_whoever_waits() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        turnstiles = Turnstiles(desk)
        turnstiles.load({"a": Capacity(concurrent=1)})
        turnstile = turnstiles.of("a", "m")
        assert turnstile is not None
        place = await enter(turnstile)
        waiting = asyncio.create_task(enter(turnstile))
        await asyncio.sleep(0.1)
        await turnstiles.close()
        with pytest.raises(RequestError, match="this worker is ending"):
            await waiting
        place.leave()
        await desk.close()

    run(story())


def test_models_with_limits_of_their_own() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        turnstiles = Turnstiles(desk)
        assert turnstiles.of("a", "m") is None
        turnstiles.load({"a": Capacity(concurrent=3), "a/large": Capacity(concurrent=1)})
        large, small, other = turnstiles.of("a", "large"), turnstiles.of("a", "small"), turnstiles.of("a", "other")
        assert small is other
        assert large is not small
        assert turnstiles.of("b", "large") is None
        assert small is not None
        places = [await enter(small) for _ in range(3)]
        turnstiles.load({"a": Capacity(concurrent=1)}, {"p": 2})
        assert turnstiles.of("a", "large") is small
        places.pop().leave()
        assert small.try_enter("p", "batch") is None
        turnstiles.load({})
        assert turnstiles.of("a", "small") is None
        turnstiles.load({"a": Capacity(requests=Rate(100, SECOND, 100))})
        await asyncio.gather(*(enter(small) for _ in range(10)))
        turnstiles.load({"a": Capacity(concurrent=3)})
        waiting = asyncio.create_task(enter(small))
        for place in places:
            place.leave()
        await waiting
        await turnstiles.close()
        await desk.close()

    run(story())


class Arrival:
    """A call: when it comes, who it is, how long it stays and is patient, and when its client leaves."""

    def __init__(self, at: int, worker: int, project: str, priority: Priority, stays: int, patience: int, gone: int):
        self.at, self.worker, self.project, self.priority = at, worker, project, priority
        self.stays, self.patience, self.gone = stays, patience, gone


arrivals = st.lists(
    st.builds(
        Arrival,
        at=st.integers(0, 3000),
        worker=st.integers(0, 2),
        project=st.sampled_from("abc"),
        priority=st.sampled_from(PRIORITIES),
        stays=st.integers(0, 800),
        patience=st.integers(0, 4000),
        gone=st.one_of(st.just(10**6), st.integers(0, 2000)),
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None, max_examples=80)
@given(arrivals, st.integers(1, 3), st.integers(1, 4), st.integers(0, 40), st.integers(0, 20))
def test_any_crowd(script: list[Arrival], workers: int, concurrent: int, per_second: int, queue: int) -> None:
    """Whatever comes and goes: never more inside than slots, everybody gets an answer, room is not left unused while
    somebody waits (another worker may keep some for its next calls: for its usual second and what asking takes), and
    in the end everything is given back."""
    rate = Rate(per_second, SECOND, per_second) if per_second else None

    async def story() -> None:
        shared, made = desks(workers)
        turnstiles = [Turnstile(desk, "d", Capacity(concurrent, rate, None, queue)) for desk in made]
        answers: Counter[str] = Counter()
        began = clock.mono_ns()

        def inside() -> int:
            return sum(t.inside for t in turnstiles)

        async def call(arrival: Arrival) -> None:
            turnstile = turnstiles[arrival.worker % workers]
            await asyncio.sleep(arrival.at / 1000)
            try:
                place = await enter(turnstile, arrival.project, arrival.priority, arrival.patience / 1000)
            except RequestError as error:
                assert error.code == "overloaded"  # noqa: PT017 -- it is one of two good answers
                answers["refused"] += 1
                return
            try:
                answers["served"] += 1
                assert inside() <= concurrent
                assert place.waited <= (arrival.patience + 5) * 1_000_000
                await asyncio.sleep(arrival.stays / 1000)
            finally:
                place.leave()

        async def client(arrival: Arrival) -> None:
            task = asyncio.create_task(call(arrival))
            done, _ = await asyncio.wait([task], timeout=(arrival.at + arrival.gone) / 1000)
            if not done:
                task.cancel()
                await asyncio.wait([task])
                answers["gone"] += task.cancelled()
            if not task.cancelled():
                task.result()

        async def watch(busy: Callable[[], bool]) -> None:
            unused = 0
            while busy():
                await asyncio.sleep(0.01)
                room = inside() < concurrent and any(t.waiting for t in turnstiles)
                unused = unused + 1 if room and rate is None else 0
                assert unused < (2 if workers == 1 else 160), "there is room, and somebody waits"

        clients = asyncio.gather(*(client(arrival) for arrival in script))
        watching = asyncio.create_task(watch(lambda: not clients.done()))
        await clients
        await watching
        assert sum(answers.values()) >= len(script)
        assert inside() == 0
        assert not any(t.waiting for t in turnstiles)
        if rate is not None:
            assert answers["served"] <= rate.burst + rate.units(clock.mono_ns() - began + 10**9)
        await asyncio.sleep(2)
        assert shared.held() == 0
        for desk in made:
            await desk.close()

    run(story())
