"""What providers' headers say of their limits, in all the ways in which they say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.limits import learned
from outrider.limits.learned import Learned, seconds_to

SECOND = 1_000_000_000
NOW = 5000 * SECOND


def heard(text: str, now: int = NOW) -> Learned:
    made = Learned([0] * learned.LIMIT_CELLS)
    made.hear(headers(text), now)
    return made


def headers(text: str) -> list[tuple[bytes, bytes]]:
    lines = [line.strip().partition(": ") for line in text.strip().splitlines()]
    return [(b"content-type", b"application/json"), *((n.encode(), v.encode()) for n, _, v in lines)]


OPENAI = """
x-ratelimit-limit-requests: 500
x-ratelimit-remaining-requests: 499
x-ratelimit-reset-requests: 120ms
x-ratelimit-limit-tokens: 200000
x-ratelimit-remaining-tokens: 1000
x-ratelimit-reset-tokens: 59.7s
"""
ANTHROPIC = """
anthropic-ratelimit-requests-limit: 50
anthropic-ratelimit-requests-remaining: 49
anthropic-ratelimit-requests-reset: 2026-11-22T10:00:02Z
anthropic-ratelimit-input-tokens-limit: 40000
anthropic-ratelimit-input-tokens-remaining: 39000
anthropic-ratelimit-input-tokens-reset: 2026-11-22T10:00:30Z
anthropic-ratelimit-output-tokens-limit: 8000
anthropic-ratelimit-output-tokens-remaining: 100
anthropic-ratelimit-output-tokens-reset: 2026-11-22T10:00:59Z
"""
TWO_WINDOWS = """
x-ratelimit-limit-requests-day: 1000
x-ratelimit-remaining-requests-day: 3
x-ratelimit-reset-requests-day: 3600
x-ratelimit-limit-tokens-minute: 60000
x-ratelimit-remaining-tokens-minute: 59000
x-ratelimit-limit-requests-minute: 30
x-ratelimit-remaining-requests-minute: 29
"""


@pytest.fixture
def at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ns", lambda: 1795341600 * SECOND)  # 2026-11-22T10:00:00Z


def shown(made: Learned, now: int = NOW) -> dict[str, tuple[int, int, float]]:
    return {one.kind: (one.limit, one.remaining, round(one.reset, 1)) for one in made.known(now)}


def test_openai() -> None:
    assert shown(heard(OPENAI)) == {"requests": (500, 499, 0.1), "tokens": (200000, 1000, 59.7)}


def test_anthropic(at_ten: None) -> None:
    assert shown(heard(ANTHROPIC)) == {
        "requests": (50, 49, 2.0), "input_tokens": (40000, 39000, 30.0), "output_tokens": (8000, 100, 59.0)
    }  # fmt: skip


def test_of_two_windows_the_tighter_counts() -> None:
    assert shown(heard(TWO_WINDOWS)) == {"requests": (1000, 3, 3600.0), "tokens": (60000, 59000, 60.0)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x-ratelimit-remaining-requests: 9", {"requests": (9, 9, 60.0)}),
        ("x-ratelimit-limit: 60\nx-ratelimit-remaining: 5\nx-ratelimit-reset: 30", {"requests": (60, 5, 30.0)}),
        ("ratelimit-limit: 100, 100;w=60\nratelimit-remaining: 5\nratelimit-reset: 7", {"requests": (100, 5, 7.0)}),
        ("x-ratelimit-limit-req-minute: 60\nx-ratelimit-remaining-req-minute: 59.0", {"requests": (60, 59, 60.0)}),
        ("x-ratelimit-limit-requests: many\nx-ratelimit-remaining-requests: -1", {}),
        ("x-ratelimit-reset-requests: 1s", {}),
        ("retry-after: 5", {}),
    ],
)  # fmt: skip
def test_others(text: str, found: dict[str, tuple[int, int, float]]) -> None:
    assert shown(heard(text)) == found


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("6m0s", 360), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("12", 12), ("0.25", 0.25), ("1795341605", 5),
     ("1795341605500", 5.5), ("2026-11-22T10:00:09+00:00", 9), ("2020-01-01T00:00:00Z", 0), ("soon", 60), ("", 60),
     ("1s!", 60), ("99999999d", 604800)],
)  # fmt: skip
def test_resets_are_read_as_they_are_written(at_ten: None, value: str, seconds: float) -> None:
    assert seconds_to(value.encode()) == pytest.approx(seconds)
    assert seconds_to(None) == 60


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "x-ratelimit-limit-tokens",
                    "x-ratelimit-remaining-tokens",
                    "x-ratelimit-reset-tokens",
                    "ratelimit-reset",
                ]
            ),
            st.binary(max_size=12),
        )
    )
)
def test_nothing_that_a_provider_says_breaks_it(pairs: list[tuple[str, bytes]]) -> None:
    made = Learned([0] * learned.LIMIT_CELLS)
    made.hear([(name.encode(), value) for name, value in pairs], NOW)
    share, until = made.room(NOW, 100, 100)
    assert 0.0 <= share <= 1.0
    assert until >= 0
    made.known(NOW)


def test_a_call_that_does_not_fit_is_told_when_it_will() -> None:
    made = heard(OPENAI)
    assert made.room(NOW, 100)[0] > 0
    share, until = made.room(NOW, 1000, 99_500)
    assert share == 0.0
    assert 29 * SECOND < until - NOW < 31 * SECOND  # half of it is back after half of the time
    assert made.room(until, 1000, 99_500)[0] > 0
    assert made.room(NOW + 60 * SECOND, 1000, 150_000) == (1.0, 0)


def test_a_call_larger_than_the_limit_waits_for_all_of_it() -> None:
    share, until = heard(OPENAI).room(NOW, 10**9)
    assert share == 0.0
    assert until - NOW == pytest.approx(59.7 * SECOND, rel=0.01)


def test_calls_on_their_way_take_room_before_their_answers_say_so() -> None:
    made = heard("x-ratelimit-limit-requests: 10\nx-ratelimit-remaining-requests: 4\nx-ratelimit-reset-requests: 60s")
    for _ in range(4):
        assert made.room(NOW, 10)[0] > 0
        made.take(10)
    assert made.room(NOW, 10)[0] == 0.0


def test_nothing_known_means_room() -> None:
    made = Learned([0] * learned.LIMIT_CELLS)
    made.take(10**9)
    assert made.room(NOW, 10**9) == (1.0, 0)
    assert made.known(NOW) == []


def test_a_refusal_rests_as_long_as_it_says() -> None:
    made = heard(OPENAI)
    made.limited(NOW, 7.0)
    assert made.resting() == NOW + 7 * SECOND
    made.limited(NOW, 2.0)
    assert made.resting() == NOW + 7 * SECOND
    made.limited(NOW, 1e9)
    assert made.resting() == NOW + 3600 * SECOND


def test_a_refusal_without_a_word_rests_until_what_is_used_up_is_back_or_ever_longer() -> None:
    told = heard("x-ratelimit-limit-requests: 5\nx-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 12s")
    told.limited(NOW, None)
    assert told.resting() == NOW + 12 * SECOND
    made, rests = Learned([0] * learned.LIMIT_CELLS), []
    for _ in range(9):
        made.limited(NOW, None, 0.5)
        rests.append((made.resting() - NOW) / SECOND)
    assert rests == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_rest_ends_when_a_call_in_spite_of_it_is_answered() -> None:
    made = heard("")
    made.limited(NOW, 30.0)
    made.served(NOW - SECOND)
    assert made.resting()
    made.served(NOW + SECOND)
    assert not made.resting()
    made.limited(NOW, 30.0)
    made.rest_over()
    assert not made.resting()


def test_who_never_says_anything_is_seldom_listened_to() -> None:
    made = heard("")
    for _ in range(20):
        made.hear(headers(""), NOW)
    made.hear(headers(OPENAI), NOW)
    assert not made.known(NOW)
    made.hear(headers(OPENAI), NOW, refused=True)
    assert made.known(NOW)


def test_with_plenty_of_room_headers_are_not_read_again_at_once() -> None:
    plenty = "x-ratelimit-limit-requests: 100\nx-ratelimit-remaining-requests: {}\nx-ratelimit-reset-requests: 60s"
    made = heard(plenty.format(90))
    made.hear(headers(plenty.format(80)), NOW + 1)
    assert made.known(NOW)[0].remaining == 90
    made.hear(headers(plenty.format(20)), NOW + SECOND)
    made.hear(headers(plenty.format(19)), NOW + SECOND + 1)
    assert made.known(NOW)[0].remaining == 19
