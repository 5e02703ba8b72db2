"""Who may start now: a first-in first-out gate over two things that run out, seats and context tokens."""

import asyncio
from collections import deque

from outrider.base.errors import RequestError

RETRY_AFTER = 2  # seconds; about one short answer of the small model


class Gate:
    """Admits while `seats` and `tokens` last; at most `queue` wait. Belongs to one event loop."""

    def __init__(self, seats: int, tokens: int, queue: int) -> None:
        self._seats, self._tokens, self._queue = seats, tokens, queue
        self._waiting: deque[tuple[int, int, asyncio.Future[None]]] = deque()

    def check(self) -> None:
        """Raises RequestError (503 with retry-after) when no more may wait."""
        if len(self._waiting) >= self._queue:
            raise RequestError(
                f"the embedded model is busy and {self._queue} requests wait already; try again in {RETRY_AFTER} s",
                status=503,
                code="overloaded",
                kind="overloaded_error",
                headers=(("retry-after", str(RETRY_AFTER)),),
            )

    async def enter(self, seats: int, tokens: int) -> None:
        """Wait for the turn and take. A cancelled wait takes nothing."""
        if not self._waiting and self._fits(seats, tokens):
            self._take(seats, tokens)
            return
        self.check()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (seats, tokens, turn)
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(seats, tokens)
            else:
                self._waiting.remove(entry)
                self._admit()
            raise

    def leave(self, seats: int, tokens: int) -> None:
        """Give back what `enter` took."""
        self._seats += seats
        self._tokens += tokens
        self._admit()

    def _fits(self, seats: int, tokens: int) -> bool:
        return seats <= self._seats and tokens <= self._tokens

    def _take(self, seats: int, tokens: int) -> None:
        self._seats -= seats
        self._tokens -= tokens

    def _admit(self) -> None:
        while self._waiting and self._fits(*self._waiting[0][:2]):
            seats, tokens, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._take(seats, tokens)
                turn.set_result(None)
