"""Time as text."""

from outrider.base import clock


def test_iso() -> None:
    assert clock.iso(0) == "1970-01-01T00:00:00.000Z"
    assert clock.iso(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123Z"


def test_clocks_run() -> None:
    assert clock.mono_ns() <= clock.mono_ns()
    assert clock.now_ns() > 1_700_000_000_000_000_000
