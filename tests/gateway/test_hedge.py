"""A second deployment beside a slow first: who wins, who is cancelled, and that nothing is left behind."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import UpstreamError
from outrider.gateway.hedge import GRACE, HedgeCap, HedgeRule, Leg, Raced, race
from outrider.gateway.patience import Watch
from outrider.providers import openai
from outrider.testing import ScriptedProvider
from tests.gateway.calls import body, deployment
from tests.jumping import START, run


class Head:
    """What a deployment answers, with a note whether anybody let go of it."""

    def __init__(self, name: str, status: int = 200) -> None:
        self.name, self.status, self.discarded = name, status, 0

    def discard(self) -> None:
        self.discarded += 1


class Side:
    """A deployment that answers after `seconds`: with a head, an error, or never. `slow` is how long it clings on."""

    def __init__(self, name: str, seconds: float, ending: str = "head", slow: float = 0.0) -> None:
        self.name, self.seconds, self.ending, self.slow = name, seconds, ending, slow
        self.heads: list[Head] = []
        self.started = self.cancelled = 0
        self.asked_at = -1.0

    async def send(self) -> Head:
        self.started += 1
        self.asked_at = asyncio.get_running_loop().time() - START
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            if self.ending == "stubborn":
                return self._head()
            await asyncio.sleep(self.slow)
            raise
        if self.ending == "error":
            raise UpstreamError(f"{self.name} failed")
        return self._head(503 if self.ending == "bad" else 200)

    def _head(self, status: int = 200) -> Head:
        self.heads.append(Head(self.name, status))
        return self.heads[-1]


def good(head: Head) -> bool:
    return head.status == 200


async def raced(a: Side, b: Side, after: float = 1.0, *, allowed: bool = True) -> Raced[Head]:
    return await race(a.send, b.send, after, lambda: allowed, good=good, discard=Head.discard)


def held(*sides: Side) -> list[Head]:
    """Heads that nobody has let go of."""
    return [head for side in sides for head in side.heads if not head.discarded]


# -- who wins ---------------------------------------------------------------------------------------------------------


def test_a_quick_first_is_alone() -> None:
    a, b = Side("a", 0.5), Side("b", 0.1)
    ended = run(raced(a, b))
    assert (ended.result().name, ended.hedged, ended.loser, b.started) == ("a", False, None, 0)


def test_a_slow_first_gets_company_and_may_still_win() -> None:
    a, b = Side("a", 1.5), Side("b", 5)
    ended = run(raced(a, b))
    assert (ended.result().name, ended.winner, b.asked_at, b.cancelled) == ("a", 0, 1.0, 1)
    assert ended.loser is not None
    assert ended.loser.cancelled
    assert ended.loser.ended >= ended.loser.began


def test_the_second_wins_when_it_is_quicker() -> None:
    a, b = Side("a", 9), Side("b", 0.2)
    ended = run(raced(a, b))
    assert (ended.result().name, ended.winner, a.cancelled) == ("b", 1, 1)
    assert ended.loser is ended.legs[0]


def test_no_second_without_leave() -> None:
    a, b = Side("a", 9), Side("b", 0.2)
    ended = run(raced(a, b, allowed=False))
    assert (ended.result().name, ended.hedged, b.started) == ("a", False, 0)


def test_a_failure_before_the_second_is_the_result() -> None:
    a, b = Side("a", 0.5, "error"), Side("b", 0.2)
    ended = run(raced(a, b))
    assert b.started == 0
    with pytest.raises(UpstreamError, match="a failed"):
        ended.result()


@pytest.mark.parametrize("ending", ["error", "bad"])
def test_a_failure_does_not_win_while_the_other_is_under_way(ending: str) -> None:
    a, b = Side("a", 1.2, ending), Side("b", 5)
    ended = run(raced(a, b))
    assert ended.result().name == "b"
    assert ended.loser is not None
    assert not ended.loser.cancelled
    assert (ended.loser.error is not None) is (ending == "error")
    a, b = Side("a", 5), Side("b", 0.2, ending)
    assert run(raced(a, b)).result().name == "a"
    assert held(a, b) == a.heads


def test_when_both_fail_the_first_counts() -> None:
    a, b = Side("a", 3, "error"), Side("b", 0.2, "error")
    ended = run(raced(a, b))
    with pytest.raises(UpstreamError, match="a failed"):
        ended.result()
    assert ended.loser is not None
    assert isinstance(ended.loser.error, UpstreamError)
    a, b = Side("a", 3, "bad"), Side("b", 0.2, "bad")
    assert run(raced(a, b)).result().name == "a"
    assert held(a, b) == a.heads


def test_both_at_once_is_the_first_and_the_other_is_let_go() -> None:
    a, b = Side("a", 2.0), Side("b", 1.0)
    ended = run(raced(a, b))
    assert ended.result().name == "a"
    assert held(a, b) == a.heads


def test_a_loser_that_answers_although_cancelled_is_let_go_once() -> None:
    a, b = Side("a", 9, "stubborn"), Side("b", 0.2)
    assert run(raced(a, b)).result().name == "b"
    assert [h.discarded for h in a.heads] == [1]


def test_a_loser_that_clings_on_holds_nobody_up() -> None:
    async def main() -> float:
        a, b = Side("a", 9, slow=3.0), Side("b", 0.2)
        await raced(a, b)
        over = asyncio.get_running_loop().time() - START
        await asyncio.sleep(5)
        return over

    assert run(main()) == pytest.approx(1.2 + GRACE)


# -- cancellation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0.0, 0.5, 1.0, 1.1])
def test_cancelling_cancels_both(at: float) -> None:
    a, b = Side("a", 9), Side("b", 9)

    async def main() -> None:
        task = asyncio.create_task(raced(a, b))
        await asyncio.sleep(at)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (a.cancelled, b.cancelled) == (a.started, b.started)

    run(main())


def test_a_deadline_around_the_race_is_a_timeout() -> None:
    """As an attempt does it; on a real clock, which `Watch` reads."""

    async def main() -> None:
        a, b = Side("a", 60), Side("b", 60)
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(TimeoutError), Watch().until(task, 1):
            await raced(a, b, after=0.001)
        assert a.cancelled == a.started == b.cancelled == b.started == 1
        assert task.cancelling() == 0
        assert asyncio.all_tasks() == {task}

    asyncio.run(main())


@given(
    st.tuples(*[st.integers(0, 8)] * 2),
    st.tuples(*[st.sampled_from(["head", "error", "bad", "stubborn"])] * 2),
    st.integers(0, 6),
    st.none() | st.integers(0, 10),
    st.booleans(),
)
def test_in_every_order_one_head_is_kept_or_none(
    seconds: tuple[int, int], endings: tuple[str, str], after: int, cancel_at: int | None, allowed: bool
) -> None:
    a, b = Side("a", seconds[0], endings[0]), Side("b", seconds[1], endings[1])

    async def main() -> Raced[Head] | None:
        task = asyncio.create_task(raced(a, b, after, allowed=allowed))
        if cancel_at is not None:
            asyncio.get_running_loop().call_later(cancel_at, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            return None
        finally:
            await asyncio.sleep(20)  # whoever is late has come by now

    ended = run(main())
    assert a.started <= 1
    assert all(h.discarded <= 1 for s in (a, b) for h in s.heads)
    if ended is None:
        assert held(a, b) == []
        return
    assert len(ended.legs) == a.started + b.started
    won = ended.legs[ended.winner].value
    assert held(a, b) == ([won] if won is not None else [])
    values = [head for side in (a, b) for head in side.heads if good(head) and not side.cancelled]
    assert won in values if values else won is None or not good(won)


# -- with a real transport ---------------------------------------------------------------------------------------------


async def test_the_loser_s_exchange_is_aborted() -> None:
    slow, quick = ScriptedProvider(), ScriptedProvider()
    ways = [deployment("a", slow, "scripted:delay=30"), deployment("b", quick)]

    def asking(place: int) -> Callable[[], Awaitable[Any]]:
        to = ways[place]
        wire = openai.encode(to, "chat", body("hi"), "r", stream=False, wants_usage=False)
        return lambda: to.transport.send(wire)

    ended = await race(asking(0), asking(1), 0.001, lambda: True, discard=lambda r: r.abort())
    assert b"scripted answer" in await ended.result().read(1 << 20)
    assert slow.counts["cancelled"] == 1


async def test_nothing_keeps_an_answer_in_memory() -> None:
    a, b = Side("a", 9), Side("b", 0.0)
    ended = await raced(a, b, after=0.0)
    assert isinstance(ended.loser, Leg)
    gc.collect()
    del ended
    assert not [leg for leg in gc.get_objects() if isinstance(leg, Leg)]


# -- the cap ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.booleans(), max_size=400), st.floats(0.01, 0.5))
def test_extra_calls_never_exceed_their_share(slow: list[bool], share: float) -> None:
    cap, extra = HedgeCap(share), 0
    for calls, each in enumerate(slow, 1):
        cap.earn()
        extra += each and cap.take()
        assert extra <= share * calls + 1e-6


def test_the_share_can_be_spent_in_full_but_not_saved_up_for_ever() -> None:
    cap = HedgeCap(0.05, burst=3)
    for _ in range(1000):
        cap.earn()
    assert [cap.take() for _ in range(4)] == [True, True, True, False]
    for _ in range(20):
        cap.earn()
    assert cap.take()
    assert not cap.take()


def test_weights_let_dear_calls_count_more() -> None:
    cap = HedgeCap(0.5)
    cap.earn(2.0)
    assert not cap.take(2.0)
    assert cap.take(1.0)


def test_when_to_hedge() -> None:
    assert HedgeRule().delay(None) is None
    assert HedgeRule().delay(1.5) == 1.5
    assert HedgeRule().delay(0.001) == 0.05
    assert HedgeRule(after=2.0).delay(None) == 2.0
    assert HedgeRule(after=2.0).delay(0.3) == 2.0
