"""A clock that jumps: nothing is waited for, what is due at the same time runs in order, and `clock` says the same."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest import mock

from outrider.base import clock

T = TypeVar("T")
START = 1_000.0
"""Seconds on the clock when a run begins: not 0, which means "never" to much of the code."""


class _Jumping(selectors.DefaultSelector):
    loop: "JumpingLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.loop.now += timeout
        if timeout is None:
            raise AssertionError("everything waits for something that will never come")
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = START
        selector = _Jumping()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run on a clock that jumps; fails if a task is left behind or an error was not looked at."""
    complaints: list[dict[str, Any]] = []

    async def watched() -> T:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))

        def now() -> int:
            return round(loop.time() * 1e9)

        with mock.patch.object(clock, "mono_ns", now), mock.patch.object(clock, "now_ns", now):
            try:
                return await main
            finally:
                left = asyncio.all_tasks() - {asyncio.current_task()}
                assert not left, f"tasks left: {left}"

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        result = runner.run(watched())
    assert not complaints, complaints
    return result
