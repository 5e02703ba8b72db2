"""Header lines of rates: OpenAI's form, and the tightest of several."""

import pytest

from outrider.base import clock
from outrider.limits.bucket import Rate
from outrider.limits.meter import Meter
from outrider.limits.rate_lines import lines, pairs, show_wait
from tests.jumping import run
from tests.limits.lending import SECOND, desks

MINUTE = 60 * SECOND


def test_the_tightest_of_each_kind_is_told() -> None:
    async def story() -> None:
        _, (desk,) = desks(1)
        wide, tight = (Meter(desk, f"b{n}", "", Rate(n, MINUTE, n)) for n in (600, 60))
        tokens = Meter(desk, "t", "", Rate(10, SECOND, 10), by_token=True)
        assert not await tight.take(30)
        assert not await tokens.take(5)
        assert not wide.stands(clock.mono_ns())[1]
        found = pairs(lines([wide, tight], [tokens]))
        assert [name for name, _ in found] == [
            f"x-ratelimit-{what}-{kind}" for kind in ("requests", "tokens") for what in ("limit", "remaining", "reset")
        ]
        assert [value for name, value in found if "reset" not in name] == ["60", "30", "10", "5"]
        assert lines([], []) == b""
        assert lines([], [tokens]).startswith(b"x-ratelimit-limit-tokens: 10\r\n")
        await desk.close()

    run(story())


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0ms"), (1, "1ms"), (120_000_000, "120ms"), (1_500_000_000, "1.5s"), (90_951_000_000, "1m30.951s"),
        (360_000_000_000, "6m0s"), (3_600_000_000_000, "1h0m0s"),
    ],
)  # fmt: skip
def test_durations_read_as_openai_writes_them(ns: int, text: str) -> None:
    assert show_wait(ns) == text
