"""How often something may happen."""


class Bucket:
    """`burst` at once, and again `per_second` a second. Pure: the caller says what time it is.

    Kept as one number, the moment at which the bucket will be full again (GCRA), so that asking costs no clock and no
    rounding adds up.
    """

    __slots__ = ("_burst_ns", "_each_ns", "_full_at")

    def __init__(self, *, burst: int, per_second: float) -> None:
        self._each_ns = int(1e9 / per_second)
        self._burst_ns = burst * self._each_ns
        self._full_at = 0

    def take(self, now: int) -> bool:
        """Whether it may happen at `now` (monotonic nanoseconds); if so, it counts."""
        full_at = max(self._full_at, now) + self._each_ns
        if full_at - now > self._burst_ns:
            return False
        self._full_at = full_at
        return True
