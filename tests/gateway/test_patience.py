"""Deadlines kept by one timer: they expire, they move, they leave other cancellations alone."""

import asyncio

import pytest

from outrider.base import clock
from outrider.gateway.patience import TICK, Watch

LONG = 3_600_000_000_000


def me() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None
    return task


async def test_what_takes_too_long_is_a_timeout() -> None:
    with pytest.raises(TimeoutError), Watch().until(me(), clock.mono_ns()):
        await asyncio.Event().wait()
    assert me().cancelling() == 0


async def test_what_is_in_time_is_let_be() -> None:
    watch = Watch()
    with watch.until(me(), clock.mono_ns() + LONG):
        await asyncio.sleep(2 * TICK)
    with watch.until(me(), clock.mono_ns()):
        pass
    await asyncio.sleep(2 * TICK)
    assert me().cancelling() == 0


async def test_a_deadline_moves() -> None:
    with Watch().until(me(), clock.mono_ns()) as patience:
        patience.due = clock.mono_ns() + LONG
        await asyncio.sleep(2 * TICK)
        patience.due = clock.mono_ns()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()
    assert me().cancelling() == 0


async def test_each_task_has_its_own() -> None:
    watch = Watch()

    async def one(due: int) -> str:
        try:
            with watch.until(me(), due):
                await asyncio.sleep(3 * TICK)
        except TimeoutError:
            return "late"
        return "done"

    dues = [clock.mono_ns() + (LONG if i % 2 else 0) for i in range(10)]
    assert await asyncio.gather(*(one(due) for due in dues)) == ["late", "done"] * 5


async def test_somebody_elses_cancellation_passes() -> None:
    async def waits() -> None:
        with Watch().until(me(), clock.mono_ns() + LONG):
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_both_at_once_is_a_cancellation() -> None:
    """The client leaves in the moment of the deadline: nobody is there to be told of a timeout."""

    async def waits() -> None:
        with Watch().until(me(), clock.mono_ns()) as patience:
            me().cancel()
            patience.expire()
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_no_timer_runs_while_nobody_waits() -> None:
    watch = Watch()
    for _ in range(2):  # it starts again
        with pytest.raises(TimeoutError), watch.until(me(), clock.mono_ns()):
            await asyncio.Event().wait()
        await asyncio.sleep(2 * TICK)
