"""When windows begin and end, by the wall clock of their zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.limits import windows

S = windows.SECOND_NS
CALENDAR = ("hour", "day", "week", "month")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana",
         "Africa/Cairo", "Asia/Kathmandu", "America/St_Johns", "Asia/Beirut")  # fmt: skip
times = st.integers(int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * S, int(datetime(2040, 1, 1).timestamp()) * S)


def ns(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * S


@given(st.sampled_from(CALENDAR), st.sampled_from(ZONES), times)
def test_a_time_lies_in_its_window_and_windows_join(window: str, zone: str, now: int) -> None:
    start, end = windows.start(window, zone, now), windows.resets_at(window, zone, now)
    assert end is not None
    assert start <= now < end
    assert windows.start(window, zone, start) == start
    assert windows.start(window, zone, end - 1) == start
    assert windows.start(window, zone, end) == end
    assert windows.resets_at(window, zone, start) == end


@given(st.sampled_from(CALENDAR), st.sampled_from(ZONES), times)
def test_windows_begin_where_the_wall_clock_says(window: str, zone: str, now: int) -> None:
    wall = datetime.fromtimestamp(windows.start(window, zone, now) // S, ZoneInfo(zone))
    assert wall.second == 0
    if zone in ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu"):
        assert wall.minute == 0
        assert window == "hour" or wall.hour == 0
        assert window != "week" or wall.weekday() == 0
        assert window != "month" or wall.day == 1


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24), ("2026-10-24", 24)]
)
def test_days_of_a_changed_clock(day: str, hours: int) -> None:
    noon = ns(f"{day}T12:00", "Europe/Berlin")
    start, end = windows.start("day", "Europe/Berlin", noon), windows.resets_at("day", "Europe/Berlin", noon)
    assert start == ns(f"{day}T00:00", "Europe/Berlin")
    assert end is not None
    assert end - start == hours * windows.HOUR_NS


def test_a_midnight_that_is_skipped_or_comes_twice() -> None:
    skipped = ns("2026-04-24T12:00", "Africa/Cairo")  # the clock goes from 00:00 to 01:00
    first = datetime.fromtimestamp(windows.start("day", "Africa/Cairo", skipped) // S, ZoneInfo("Africa/Cairo"))
    assert (first.day, first.hour) == (24, 1)
    twice = ns("2026-11-01T12:00", "America/Havana")  # and here back from 01:00 to 00:00
    start = windows.start("day", "America/Havana", twice)
    assert twice - start == 13 * windows.HOUR_NS


def test_the_hour_of_a_clock_that_jumps_by_half_an_hour() -> None:
    before, after = ns("2026-10-03T15:29"), ns("2026-10-03T15:31")
    assert windows.resets_at("hour", "Australia/Lord_Howe", before) == ns("2026-10-03T15:30")
    assert windows.start("hour", "Australia/Lord_Howe", after) == ns("2026-10-03T15:30")
    assert windows.resets_at("hour", "Australia/Lord_Howe", after) == ns("2026-10-03T16:00")


def test_week_month_and_year_ends() -> None:
    assert windows.start("week", "UTC", ns("2027-01-03T23:59")) == ns("2026-12-28T00:00")
    assert windows.resets_at("week", "UTC", ns("2027-01-03T23:59")) == ns("2027-01-04T00:00")
    assert windows.resets_at("month", "UTC", ns("2026-12-31T23:59")) == ns("2027-01-01T00:00")
    assert windows.resets_at("month", "UTC", ns("2028-02-01T00:00")) == ns("2028-03-01T00:00")


@pytest.mark.parametrize("window", ["run", "lifetime", "60"])
def test_windows_without_a_start(window: str) -> None:
    assert windows.start(window, "UTC", 10**18) == 0
    assert windows.resets_at(window, "UTC", 10**18) is None


@given(st.integers(1, 40 * 86400), times, st.integers(0, 41 * 86400 * S))
def test_a_rolling_window_counts_what_is_in_it_and_a_step_more(length: int, now: int, ago: int) -> None:
    window, at = str(length), now - ago
    counts = windows.bucket(window, at) >= windows.since(window, now)
    if ago < length * S:
        assert counts
    if ago >= length * S + 2 * windows.step(window):
        assert not counts


@given(st.sampled_from([*CALENDAR, "run", "lifetime", "1", "3600", "2592000"]), times)
def test_a_bucket_is_not_after_its_time(window: str, at: int) -> None:
    bucket = windows.bucket(window, at)
    assert bucket <= at
    assert windows.bucket(window, bucket) == bucket
    assert windows.since("day", at) == 0


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match="no window"):
        windows.start("fortnight", "UTC", 0)
    with pytest.raises(ValueError, match="no window"):
        windows.resets_at("fortnight", "UTC", 0)
