"""Questions to others (a database) about what a model says or calls, for both URLs.

They block, so they are asked in threads of their own, a few at a time: a slow database holds up who asks it, and nobody
else. All questions about one answer or one call have one time together, waiting for a thread included. Who leaves takes
their question with them: it is ended where it is asked, and the thread is free for the next one.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from outrider.base import clock

AT_ONCE = 4
"""Answers and calls of a worker about which others are asked at the same time; the next ones wait for them."""
TOTAL = 30.0
"""Seconds that all questions about one answer or one call may take together. What was not asked by then counts so."""
_AGAIN = 1.0
"""Seconds after which a question that did not end is ended again, more roughly."""
_threads = ThreadPoolExecutor(AT_ONCE, "guardrails")
T = TypeVar("T")
log = logging.getLogger("outrider.guardrails")


class Waiter:
    """Somebody who waits for what others say, until `until` (nanoseconds of the clock; 0: as long as it takes), or
    until they leave."""

    def __init__(self, until: int = 0) -> None:
        self.until = until
        self._gone = False
        self._told = threading.Condition()

    def left(self, seconds: float) -> float:
        """Seconds that the next question may take, of those that it has. 0: nobody waits any more."""
        if self._gone:
            return 0.0
        return max(0.0, min(seconds, (self.until - clock.mono_ns()) / 1e9)) if self.until else seconds

    def over(self, end: int) -> bool:
        """Whether nobody waits any more, or `end` (nanoseconds of the clock) is past."""
        return self._gone or clock.mono_ns() > end

    def leave(self) -> None:
        """Nobody waits any more: what is being asked is ended."""
        with self._told:
            self._gone = True
            self._told.notify_all()

    @contextmanager
    def asking(self, seconds: float, end: Callable[[bool], None]) -> Iterator[None]:
        """Around one question. From the moment on at which nobody waits or the seconds are over, another thread calls
        `end`, till the question has ended. It is told whether to be rough (time is over, or it did not help before),
        and raises OSError where it cannot."""
        ended = False

        def watch() -> None:
            with self._told:
                rough = not self._told.wait_for(lambda: ended or self._gone, seconds)
            while not ended:
                try:
                    end(rough)
                except OSError as error:  # it is tried again, more roughly
                    log.warning("a question to others could not be ended: %s", error)
                rough = True
                with self._told:
                    self._told.wait_for(lambda: ended, _AGAIN)

        thread = threading.Thread(target=watch, name="guardrails-end", daemon=True)
        thread.start()
        try:
            yield
        finally:
            with self._told:
                ended = True
                self._told.notify_all()
            thread.join()


async def asked(check: Callable[[Waiter], T], deadline: int = 0) -> T:
    """What `check` says. It runs in one of the threads, and may wait until `deadline` (nanoseconds of the clock; 0: as
    long as all questions may take)."""
    latest = clock.mono_ns() + int(TOTAL * 1e9)
    waiter = Waiter(min(deadline, latest) if deadline else latest)
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, check, waiter)
    finally:
        waiter.leave()
