"""A part that its provider does not tell of is asked for less and less often, until it is heard of."""

import pytest

from outrider.base.errors import UpstreamError
from outrider.gateway.batches.looking import LONGEST, SURELY, Looks, insist
from outrider.gateway.batches.provider_api import Theirs, Unsure

SECOND = 1_000_000_000


def refused(status: int, *, retryable: bool = False) -> UpstreamError:
    return UpstreamError("the provider said no", status=status, retryable=retryable)


def test_each_time_takes_twice_as_long_and_none_too_long() -> None:
    looks, now = Looks(), 5 * SECOND
    assert looks.is_due("a", now)
    pauses = []
    for count in range(1, 20):
        said = looks.missed("a", refused(401), now, 20.0)
        assert said.startswith("the provider said no (asked again in ")
        assert said.endswith(f"s, since it may be billed; {count} times so far)")
        pause = next(s for s in range(0, 1000, 20) if looks.is_due("a", now + s * SECOND))
        pauses.append(pause)
        now += pause * SECOND
    assert pauses[:6] == [20, 40, 80, 160, 320, 600]
    assert set(pauses[6:]) == {int(LONGEST)}
    assert looks.is_due("b", 0)
    looks.missed("a", refused(401), now, 20.0)
    looks.good("a")
    assert looks.is_due("a", now)
    assert "1 times" in looks.missed("a", refused(401), now, 20.0)


@pytest.mark.parametrize(("status", "is_gone"), [(404, True), (410, True), (401, False), (400, False), (0, False)])
def test_only_what_does_not_exist_is_gone_once_that_was_said_several_times(status: int, is_gone: bool) -> None:
    looks = Looks()
    for _ in range(2):
        assert [looks.gone("a", refused(status)) for _ in range(SURELY)] == [False] * (SURELY - 1) + [is_gone]
        looks.good("a")


def test_what_is_not_found_is_looked_for_again() -> None:
    looks = Looks()
    for _ in range(SURELY - 1):
        with pytest.raises(Unsure):
            looks.found("a", None)
    theirs = Theirs("1", "done")
    assert looks.found("a", theirs) is theirs
    assert looks.found("a", None) is None


@pytest.mark.parametrize(
    ("retryable", "stops", "asked", "paused"),
    [(True, False, 3, [1.0, 2.0]), (False, False, 1, []), (True, True, 1, [])],
)
async def test_what_may_work_in_a_moment_is_tried_again(
    retryable: bool, stops: bool, asked: int, paused: list[float]
) -> None:
    tries: list[int] = []
    pauses: list[float] = []

    async def ask() -> None:
        tries.append(1)
        raise refused(503, retryable=retryable)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with pytest.raises(UpstreamError):
        await insist(ask, pause, lambda: stops, 3, 1.0)
    assert (len(tries), pauses) == (asked, paused)
