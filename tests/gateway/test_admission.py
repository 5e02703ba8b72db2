"""Who is let in: by room in the worker, by class, by rates; and what is given back when a call ends."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.gateway.admission import PATIENCE_NS, Admission, subject_of
from outrider.gateway.call import Call
from outrider.limits.bucket import Rate
from outrider.limits.keys import Identity
from outrider.limits.rates import RateRule, Rates
from outrider.limits.shedding import Shedder
from tests.gateway.calls import call
from tests.jumping import run
from tests.limits.lending import SECOND, MemoryStore, NearDesk, Shared, desks

T = TypeVar("T")
HOUR = 3600 * SECOND


def door(desk: NearDesk, *rules: RateRule) -> Admission:
    return Admission(Shedder(), Rates(desk, rules))


async def let_in(admission: Admission, made: Call) -> None:
    admission.accept(made)
    waiting = admission.admit(made)
    if waiting is not None:
        await waiting


def remaining(made: Call, kind: bytes) -> int:
    assert made.passed is not None
    lines = dict(line.split(b": ") for line in made.passed.headers().splitlines())
    return int(lines[b"x-ratelimit-remaining-" + kind])


def test_without_rates_nothing_is_looked_at() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission, made = door(desk), call()
        admission.accept(made)
        assert admission.admit(made) is None
        assert made.passed is None
        assert made.subject is None
        assert admission.shedder.in_flight == 1
        admission.leave(made)
        assert admission.shedder.in_flight == 0
        await desk.close()

    run(story())


def test_who_was_not_let_in_is_not_counted_out() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk)
        bad = call(x_outrider_priority="urgent")
        with pytest.raises(RequestError) as caught:
            admission.accept(bad)
        assert (caught.value.status, caught.value.param) == (400, "x-outrider-priority")
        admission.leave(bad)
        assert admission.shedder.in_flight == 0
        good = call()
        admission.accept(good)
        assert admission.shedder.in_flight == 1
        admission.leave(good)
        assert admission.shedder.in_flight == 0
        await desk.close()

    run(story())


def test_the_first_call_asks_and_the_next_ones_need_not() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk, RateRule("wide", requests=Rate(100_000, HOUR, 100_000)))
        first = call()
        waiting = admission.admit(first)
        assert waiting is not None
        await waiting
        assert first.waited > 0  # the store's time is not ours
        for _ in range(3):  # slices grow with use
            await let_in(admission, call())
        later = call()
        assert admission.admit(later) is None
        assert later.passed is not None
        assert later.waited == 0
        await desk.close()

    run(story())


def test_a_refusal_says_when_to_come_again_and_a_leaver_takes_nothing() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk, RateRule("one", requests=Rate(1, HOUR, 1)))
        await let_in(admission, call())
        made = call()
        with pytest.raises(RequestError) as caught:
            await let_in(admission, made)
        assert (caught.value.status, caught.value.code) == (429, "rate_limit_exceeded")
        admission.leave(made)
        assert admission.shedder.in_flight == 1
        await desk.close()

    run(story())


@pytest.mark.parametrize(
    ("cache", "usage", "used"), [("", Usage(30, 20), 50), ("hit", Usage(30, 20), 0), ("replay", None, 0), ("", None, 0)]
)
def test_tokens_are_estimated_then_corrected(cache: str, usage: Usage | None, used: int) -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk, RateRule("words", tokens=Rate(100_000, HOUR, 100_000)))
        made = call(fields={"max_tokens": 500, "n": 2})
        await let_in(admission, made)
        assert remaining(made, b"tokens") == 100_000 - len(made.body) // 4 - 1000
        made.cache, made.usage = cache, usage
        admission.leave(made)
        admission.leave(made)
        assert made.passed is not None
        assert remaining(made, b"tokens") == 100_000 - used
        await desk.close()

    run(story())


def test_a_rule_makes_calls_batch_and_a_header_cannot_lift_them() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk, RateRule("nightly", match={"tag": ("nightly",)}, priority="batch"))
        found = {}
        for asked in ("interactive", "batch", ""):
            for tags in (["nightly"], []):
                made = call(x_outrider_priority=asked) if asked else call()
                made.tags = tags
                await let_in(admission, made)
                found[asked, bool(tags)] = made.priority
        assert found == {
            ("interactive", True): "batch", ("interactive", False): "interactive",
            ("batch", True): "batch", ("batch", False): "batch",
            ("", True): "batch", ("", False): "interactive",
        }  # fmt: skip
        await desk.close()

    run(story())


def test_calls_at_the_same_time_are_counted_until_they_leave() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        admission = door(desk, RateRule("two", concurrent=2))
        inside: Sequence[Call] = [call(), call()]
        for made in inside:
            await let_in(admission, made)
        with pytest.raises(RequestError):
            await let_in(admission, call())
        admission.leave(inside[0])
        await asyncio.sleep(0.1)
        await let_in(admission, call())
        await desk.close()

    run(story())


def test_a_store_that_takes_its_time_is_waited_for_and_then_not() -> None:
    class Slow(NearDesk):
        async def _in_thread(self, call: Callable[[], T]) -> T:
            await asyncio.sleep(60)
            return call()

    async def story() -> None:
        desk = Slow(lambda: MemoryStore(Shared(), "w"))
        admission, made = door(desk, RateRule("wide", requests=Rate(10, HOUR, 10))), call()
        with pytest.raises(RequestError) as caught:
            await let_in(admission, made)
        assert (caught.value.status, caught.value.code) == (503, "limits_unavailable")
        assert made.waited == PATIENCE_NS  # not our own overhead
        admission.leave(made)
        await desk.close()

    run(story())


async def test_whom_a_call_concerns() -> None:
    made = call()
    made.identity = Identity("p", "k", "search")
    made.user, made.session, made.tags = "ada", "s", ["a", "b"]
    found = subject_of(made)
    assert (found.project, found.key, found.team, found.user, found.session) == ("p", "k", "search", "ada", "s")
    assert (found.tags, found.route, found.tree) == (("a", "b"), "r", made.id.hex())
    assert subject_of(made) is found
    child = call()
    child.trace = bytes(range(16))
    assert subject_of(child).tree == child.trace.hex()


async def test_the_tag_of_our_own_judges_counts_for_them_alone() -> None:
    for who, tags in (
        (Identity("p", "k"), ("a",)),
        (Identity("p", ""), ("a",)),
        (Identity("p", "k", operator=True), ("a",)),
        (Identity("p", "", operator=True), ("a", "eval:online")),
    ):
        made = call()
        made.identity, made.tags = who, ["a", "eval:online"]
        assert subject_of(made).tags == tags
        assert made.tags == ["a", "eval:online"], "what is recorded stays"
