"""Asking a provider again that could not say how a part is: when, and what is told meanwhile. Pure but for `insist`.

A part that exists may be billed, whether we hear of it or not. So it is asked for as long as the batch has time, less
and less often, and is given up only when its provider says that there is no such thing. It must say so several times:
what was begun a moment ago need not be known everywhere there.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from outrider.base.errors import UpstreamError
from outrider.gateway.batches.provider_api import Theirs, Unsure

T = TypeVar("T")

GONE, SURELY = (404, 410), 3
LONGEST = 600.0
"""Seconds between two questions at most."""
LONGEST_WORDS = 200


class Looks:
    """When each part is asked for again. Times are monotonic nanoseconds."""

    def __init__(self) -> None:
        self._missed: dict[str, int] = {}
        self._due: dict[str, int] = {}
        self._absent: dict[str, int] = {}

    def is_due(self, part: str, now: int) -> bool:
        return now >= self._due.get(part, 0)

    def good(self, part: str) -> None:
        """It was heard of."""
        self._missed.pop(part, None)
        self._due.pop(part, None)
        self._absent.pop(part, None)

    def gone(self, part: str, error: UpstreamError) -> bool:
        """Whether its provider says for the last time that what it was asked for does not exist."""
        return error.status in GONE and self._is_absent(part)

    def found(self, part: str, theirs: Theirs | None) -> Theirs | None:
        """What was found of it among its provider's batches. Raises Unsure, if that is nothing for the first times."""
        if theirs is None and not self._is_absent(part):
            raise Unsure("its provider does not know of it, or not yet")
        return theirs

    def _is_absent(self, part: str) -> bool:
        count = self._absent[part] = self._absent.get(part, 0) + 1
        return count >= SURELY

    def missed(self, part: str, error: UpstreamError, now: int, first: float) -> str:
        """It was not; what to say of it. `first` is for how many seconds it waits after the first time."""
        count = self._missed[part] = self._missed.get(part, 0) + 1
        pause = min(LONGEST, first * 2 ** min(count - 1, 10))
        self._due[part] = now + int(pause * 1e9)
        again = f"asked again in {pause:.0f} s" if pause >= 1 else "asked again"
        return f"{error.message[:LONGEST_WORDS]} ({again}, since it may be billed; {count} times so far)"


async def insist(
    ask: Callable[[], Awaitable[T]],
    pause: Callable[[float], Awaitable[None]],
    stopping: Callable[[], bool],
    tries: int,
    first: float,
) -> T:
    """Ask, so many times if it may help. Raises UpstreamError."""
    for turn in range(tries):
        try:
            return await ask()
        except UpstreamError as error:
            if not error.retryable or turn == tries - 1 or stopping():
                raise
        await pause(first * 2**turn)
    raise AssertionError("unreachable")
