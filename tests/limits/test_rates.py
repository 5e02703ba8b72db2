"""Rates of callers: who is let in, what the answer says, and that several workers together keep to the rate."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.budget import Subject
from outrider.base.errors import RequestError, StoreUnavailable
from outrider.base.usage import Usage
from outrider.limits import rates as rates_module
from outrider.limits.bucket import Level, Rate
from outrider.limits.desk import LIFE, Desk
from outrider.limits.rate_store import AT_ONCE, RateStore
from outrider.limits.rates import FREE, Pass, RateRule, Rates, estimate
from outrider.store import open_leases
from tests.jumping import run
from tests.limits.lending import SECOND, desks

ADA, BOB = Subject("p", user="ada"), Subject("p", user="bob")
T = TypeVar("T")
MINUTE = 60 * SECOND
SIX = RateRule("six", per="user", requests=Rate(6, MINUTE, 6))


def told(passed: Pass) -> dict[bytes, bytes]:
    """The header lines of a pass, by name."""
    return {name: value for name, _, value in (line.partition(b": ") for line in passed.headers().splitlines())}


async def admit(rates: Rates, subject: Subject = ADA, tokens: int = 0) -> Pass:
    return await rates.admit(subject, tokens, clock.mono_ns() + 5 * SECOND)


async def refused(rates: Rates, subject: Subject = ADA, tokens: int = 0) -> RequestError:
    with pytest.raises(RequestError) as caught:
        await admit(rates, subject, tokens)
    return caught.value


def test_without_rules_every_call_has_a_free_pass() -> None:
    _, (desk,) = desks(1)
    rates = Rates(desk)
    passed = rates.try_admit(ADA, 10)
    assert passed is FREE
    passed.settle(Usage(1, 1))
    passed.leave()
    assert passed.headers() == b""
    rates.load([SIX])
    assert rates.try_admit(Subject("p"), 10) is FREE  # nobody is named


def test_a_caller_gets_the_burst_and_then_the_rate() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [SIX])
        for _ in range(6):
            await admit(rates)
        error = await refused(rates)
        assert (error.status, error.code) == (429, "rate_limit_exceeded")
        assert error.message == "the limit 'six' of 6 requests a minute for user 'ada' is reached; try again in 10 s"
        assert dict(error.headers)["retry-after"] == "10"
        assert dict(error.headers)["x-ratelimit-remaining-requests"] == "0"
        await admit(rates, BOB)
        await asyncio.sleep(9.9)
        await refused(rates)
        await asyncio.sleep(0.2)
        await admit(rates)
        await refused(rates)
        await desk.close()

    run(story())


def test_a_flood_of_refused_calls_does_not_reach_the_store() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [SIX])
        for _ in range(6):
            await admit(rates)
        asked = desk.asked
        for _ in range(500):
            await refused(rates)
        assert desk.asked <= asked + 1
        await desk.close()

    run(story())


def test_headers_are_those_of_the_tightest_limit() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rules = [
            RateRule("wide", requests=Rate(100, MINUTE, 100), tokens=Rate(1000, MINUTE, 1000)),
            RateRule("narrow", per="user", requests=Rate(6, MINUTE, 6), tokens=Rate(100_000, MINUTE, 100_000)),
        ]
        rates = Rates(desk, rules)
        passed = await admit(rates, tokens=400)
        assert told(passed) == {
            b"x-ratelimit-limit-requests": b"6",
            b"x-ratelimit-remaining-requests": b"5",
            b"x-ratelimit-reset-requests": b"10s",
            b"x-ratelimit-limit-tokens": b"1000",
            b"x-ratelimit-remaining-tokens": b"600",
            b"x-ratelimit-reset-tokens": b"24s",
        }
        passed.settle(Usage(40, 60))
        assert told(passed)[b"x-ratelimit-remaining-tokens"] == b"900"
        await desk.close()

    run(story())


def test_real_usage_replaces_the_estimate() -> None:
    async def story() -> None:
        _, (one, two) = desks(2)
        rule = RateRule("t", tokens=Rate(1000, 3600 * SECOND, 1000))
        here, there = Rates(one, [rule]), Rates(two, [rule])
        passed = await admit(here, tokens=1000)
        await refused(there, tokens=100)
        passed.settle(Usage(100, 200))
        passed.settle(Usage(0, 0))
        passed.leave()
        assert await admit(here, tokens=100)
        await asyncio.sleep(2.5 * LIFE / 1e9)
        await admit(there, tokens=500)  # not settled nor left: still counted
        over = await admit(there, tokens=90)
        over.settle(Usage(0, 5000))
        await asyncio.sleep(2.5 * LIFE / 1e9)
        error = await refused(here, tokens=1)
        assert int(dict(error.headers)["retry-after"]) > 4 * 3600
        await one.close()
        await two.close()

    run(story())


def test_a_call_that_left_without_usage_took_no_tokens() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [RateRule("t", tokens=Rate(1000, 3600 * SECOND, 1000), requests=Rate(10, MINUTE, 10))])
        for _ in range(5):
            (await admit(rates, tokens=1000)).leave()
        await desk.close()

    run(story())


def test_more_than_fits_at_once_is_told_so() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [RateRule("t", tokens=Rate(1000, MINUTE, 500))])
        error = await refused(rates, tokens=501)
        assert "lower `max_tokens`" in error.message
        assert dict(error.headers) == {"x-should-retry": "false"}
        await admit(rates, tokens=500)
        await desk.close()

    run(story())


def test_calls_at_the_same_time() -> None:
    async def story() -> None:
        shared, (one, two) = desks(2)
        rule = RateRule("c", per="user", concurrent=4)
        workers = [Rates(one, [rule]), Rates(two, [rule])]
        passes = [await admit(workers[n % 2]) for n in range(4)]
        for rates in workers:
            error = await refused(rates)
            assert "4 calls at the same time for user 'ada'" in error.message
        await admit(workers[0], BOB)
        passes[0].leave()
        passes[0].leave()
        await admit(workers[0])
        await refused(workers[0])
        passes[1].leave()
        await asyncio.sleep(0.05)
        await admit(workers[0])  # what was free in the other worker came back
        await asyncio.sleep(2)
        assert shared.held() == 5
        await one.close()
        await two.close()
        assert shared.held() == 0

    run(story())


def test_what_one_limit_gave_goes_back_when_another_refuses() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rules = [
            RateRule("all", requests=Rate(100, 3600 * SECOND, 100), concurrent=50, tokens=Rate(900, MINUTE, 900)),
            RateRule("one", per="user", requests=Rate(1, 3600 * SECOND, 1)),
        ]
        rates = Rates(desk, rules)
        await admit(rates, tokens=10)
        for _ in range(80):
            await refused(rates, tokens=10)
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)
        passed = await admit(rates, BOB, tokens=890)
        assert told(passed)[b"x-ratelimit-remaining-requests"] == b"0"
        await asyncio.gather(*(admit(rates, Subject("p", user=str(n))) for n in range(48)))
        await refused(rates, Subject("p", user="last"))
        await desk.close()

    run(story())


def test_who_leaves_while_asking_takes_nothing() -> None:
    async def story() -> None:
        shared, (desk,) = desks(1)
        rates = Rates(desk, [RateRule("c", concurrent=3, requests=Rate(3, 3600 * SECOND, 3))])
        for pause in (0, 0.0005, 0.001, 0.0015):
            tasks = [asyncio.create_task(admit(rates)) for _ in range(3)]
            await asyncio.sleep(pause)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Pass):
                    break
            else:
                await asyncio.sleep(1)
                continue
            break
        else:
            passes = await asyncio.gather(*(admit(rates) for _ in range(3)))
            for passed in passes:
                passed.leave()
        await asyncio.sleep(1)
        await desk.close()
        assert shared.held() == 0

    run(story())


def test_no_answer_in_time_is_said() -> None:
    class Slow(Desk):
        async def _in_thread(self, call: Callable[[], T]) -> T:
            await asyncio.sleep(60)
            raise StoreUnavailable("it hung")

    async def story() -> None:
        desk = Slow(lambda: pytest.fail("not opened"))
        rates = Rates(desk, [SIX])
        with pytest.raises(RequestError) as caught:
            await rates.admit(ADA, 0, clock.mono_ns() + SECOND)
        assert (caught.value.status, caught.value.code) == (503, "limits_unavailable")
        await desk.close()

    run(story())


def test_while_the_store_is_away_workers_keep_to_their_share() -> None:
    async def story() -> None:
        shared, (one, two) = desks(2)
        rule = RateRule("r", requests=Rate(10, MINUTE, 10), concurrent=8)
        workers = [Rates(one, [rule]), Rates(two, [rule])]
        shared.away = True
        for rates in workers:
            passes = [await admit(rates) for _ in range(4)]
            await refused(rates)  # 4 of 8 at the same time
            passes.pop().leave()
            await admit(rates)
            passes.pop().leave()
            assert "10 requests" in (await refused(rates)).message  # 5 of 10 requests
        assert one.unavailable
        shared.away = False
        await asyncio.sleep(MINUTE / 1e9)
        for _ in range(6):
            passed = await admit(workers[0])
            passed.leave()
        assert not one.unavailable
        await one.close()
        await two.close()

    run(story())


def test_a_changed_configuration_keeps_calls_in_flight_counted() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [RateRule("c", concurrent=3)])
        passes = [await admit(rates) for _ in range(3)]
        rates.load([RateRule("c", concurrent=2)])
        passes.pop().leave()
        await refused(rates)
        rates.load([])
        assert await admit(rates) is FREE
        rates.load([RateRule("c", requests=SIX.requests)])
        await admit(rates)
        rates.load([RateRule("c", concurrent=3)])
        passes.append(await admit(rates))
        await refused(rates)
        for passed in passes:
            passed.leave()
        await asyncio.gather(*(admit(rates) for _ in range(3)))
        await desk.close()

    run(story())


def test_priority_of_a_rule_is_the_most_a_header_can_have() -> None:
    _, (desk,) = desks(1)
    rates = Rates(desk, [RateRule("night", match={"tag": ("night",)}, priority="batch")])
    assert rates.priority(ADA, "interactive") == "interactive"
    assert rates.priority(ADA, "batch") == "batch"
    assert rates.priority(Subject("p", tags=("night",)), "interactive") == "batch"


def test_users_at_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_module, "MOST_KEPT", 10)

    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [SIX])
        rates._sweep_at = 10
        for n in range(200):
            await admit(rates, Subject("p", user=str(n)))
        assert len(rates._allowances) <= 20
        for _ in range(5):
            await admit(rates, Subject("p", user="0"))
        await refused(rates, Subject("p", user="0"))
        await desk.close()

    run(story())


def test_what_was_found_for_a_caller_is_forgotten_with_the_rules() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        rates = Rates(desk, [SIX])
        early = await admit(rates)
        rates.load([RateRule("one", per="user", concurrent=1), RateRule("all", requests=Rate(100, MINUTE, 100))])
        held = await admit(rates)
        assert b"x-ratelimit-limit-requests" in told(held)
        early.leave(Usage(1, 1))  # of a rule that is gone
        await refused(rates)
        held.leave()
        await admit(rates)
        rates.load([])
        assert await admit(rates) is FREE
        await desk.close()

    run(story())


def test_what_a_call_is_admitted_at() -> None:
    assert estimate(4000, None) == 1000
    assert estimate(4000, 500, 2) == 2000
    assert estimate(0, 0) == 1


calls = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 3), st.integers(1, 12), st.integers(0, 15)), min_size=1, max_size=120
)


@settings(deadline=None, max_examples=60)
@given(calls, st.integers(1, 4), st.integers(20, 2000), st.integers(12, 300))
def test_workers_together_keep_to_the_rate(
    steps: list[tuple[int, int, int, int]], workers: int, per_minute: int, burst: int
) -> None:
    """Admitted in any time: at most the burst, the rate of that time, and the rate of LIFE (slices may be used that
    much later). Refused: only where less than the slices of other workers was left."""
    rate = Rate(per_minute, MINUTE, burst)

    async def story() -> None:
        _, made = desks(workers)
        all_ = [Rates(desk, [RateRule("r", tokens=rate)]) for desk in made]
        admitted: list[tuple[int, int]] = []
        model = Level()
        for pause, worker, units, many in steps:
            await asyncio.sleep(pause / 1000)
            asked = [all_[(worker + n) % workers].admit(ADA, units, clock.mono_ns() + SECOND) for n in range(many)]
            results = await asyncio.gather(*asked, return_exceptions=True)
            model.look(clock.mono_ns())
            for result in results:
                if isinstance(result, Pass):
                    admitted.append((clock.mono_ns(), units))
                    model.force(rate, units)
            if any(isinstance(result, RequestError) for result in results):
                lent = (burst // 8 + rate.units(AT_ONCE)) if workers > 1 else 0
                assert model.room(rate) <= units + lent
        for first in range(len(admitted)):
            total = 0
            for at, units in admitted[first:]:
                total += units
                assert total <= burst + rate.units(at - admitted[first][0] + 2 * LIFE) + 1
        for desk in made:
            await desk.close()

    run(story())


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[list[Desk]]:
    """Three workers with a lease store of their own each, on one file."""
    stores = []

    def open_() -> RateStore:
        stores.append(open_leases(f"sqlite:///{tmp_path}/outrider.sqlite3"))
        return RateStore(stores[-1], uuid.uuid4().hex)

    made = [Desk(open_) for _ in range(3)]
    yield made
    for desk in made:
        await desk.close()
    for store in stores:
        store.close()


async def test_a_storm_of_callers_on_a_real_store(real: list[Desk]) -> None:
    rule = RateRule("r", per="user", requests=Rate(300, 3600 * SECOND, 300), concurrent=20)
    workers = [Rates(desk, [rule]) for desk in real]
    inside = most = admitted = busy = 0

    async def call(rates: Rates) -> None:
        nonlocal inside, most, admitted, busy
        try:
            passed = await rates.admit(ADA, 10, clock.mono_ns() + 30 * SECOND)
        except RequestError as error:
            busy += "calls at the same time for user 'ada' is reached" in error.message
            return
        admitted += 1
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(random.random() / 500)
        inside -= 1
        passed.leave()

    for _ in range(400):
        before = admitted + busy
        await asyncio.gather(*(call(workers[n % 3]) for n in range(60)))
        if admitted + busy == before:  # what is left of the rate is a slice that another worker has ahead
            assert admitted >= 300 - 300 // 8
            await asyncio.sleep(3 * LIFE / 1e9)
        if admitted == 300:
            break
    for rates in workers:
        await refused(rates)
    assert admitted == 300
    assert most <= 20
