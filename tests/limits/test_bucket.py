"""A bucket: so many at once, then so many a second, exactly."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.limits.bucket import Bucket

SECOND = 1_000_000_000
START = 12_345 * SECOND


def test_so_many_at_once_then_so_many_a_second() -> None:
    bucket = Bucket(burst=3, per_second=2)
    assert [bucket.take(START) for _ in range(5)] == [True, True, True, False, False]
    assert not bucket.take(START + SECOND // 2 - 1)
    assert bucket.take(START + SECOND // 2)
    assert not bucket.take(START + SECOND // 2)


def test_rest_fills_it_up_and_no_further() -> None:
    bucket = Bucket(burst=3, per_second=2)
    for now in (START, START + 3600 * SECOND):
        assert [bucket.take(now) for _ in range(4)] == [True, True, True, False]


def test_less_than_one_a_second() -> None:
    bucket = Bucket(burst=1, per_second=0.1)
    assert [bucket.take(START + n * SECOND) for n in range(21)].count(True) == 3


@given(st.lists(st.integers(0, SECOND), max_size=200), st.integers(1, 20), st.integers(1, 50))
def test_never_more_than_the_burst_and_the_rate_allow(pauses: list[int], burst: int, per_second: int) -> None:
    bucket, now, taken = Bucket(burst=burst, per_second=per_second), START, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
    allowed = burst + (now - START) * per_second / SECOND
    assert min(len(pauses), burst) <= taken <= allowed + 1e-3
