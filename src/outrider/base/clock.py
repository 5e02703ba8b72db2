"""Time. The only place that reads a clock, so that tests can replace it."""

import time
from datetime import UTC, datetime

now_ns = time.time_ns
"""Wall clock, nanoseconds since the Unix epoch."""

mono_ns = time.monotonic_ns
"""Monotonic clock for durations, nanoseconds."""

cpu_ns = time.thread_time_ns
"""CPU time of the calling thread, nanoseconds."""

HOUR_NS = 3_600_000_000_000


def iso(ns: int) -> str:
    """RFC 3339 text in UTC with milliseconds."""
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
