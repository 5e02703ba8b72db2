"""When another try is worth it, and how long it waits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError, UpstreamError
from outrider.gateway import retries
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, deployment, route


@given(st.integers(0, 10), st.booleans(), st.none() | st.floats(0, 100))
def test_a_pause_is_bounded_and_honours_the_provider(turn: int, more: bool, after: float | None) -> None:
    found = retries.pause(UpstreamError("x", status=503, retry_after=after), turn, more, last_turn=False)
    assert (found is None) == more
    if found is not None:
        assert (after or 0) <= found <= max(after or 0, retries.LONGEST_PAUSE)


def test_the_last_turn_and_the_callers_own_mistake_pause_nowhere() -> None:
    assert retries.pause(UpstreamError("x"), 0, False, last_turn=True) is None
    assert retries.pause(UpstreamError("x", retryable=False), 0, False, last_turn=False) is None
    assert retries.pause(RequestError("x", status=429), 0, False, last_turn=False) is None


@pytest.mark.parametrize("code", ["provider_key_refused", "provider_model_not_found", "upstream_answer_too_large"])
def test_what_another_provider_may_do_better_is_worth_another(code: str) -> None:
    assert retries.worth_another(UpstreamError("x", code=code, retryable=False))
    assert not retries.worth_another(UpstreamError("x", status=400, retryable=False))


async def test_a_caller_may_shorten_the_whole_but_not_lengthen_it() -> None:
    through = route(deployment("a", ScriptedProvider()), timeout=10.0)
    assert retries.overall(call("x", through)) == 10.0
    assert retries.overall(call("x", through, x_outrider_deadline_ms="1500")) == 1.5
    assert retries.overall(call("x", through, x_outrider_deadline_ms="99999")) == 10.0


@pytest.mark.parametrize("digits", [400, 5000])
async def test_a_deadline_may_be_as_far_away_as_a_caller_likes(digits: int) -> None:
    through = route(deployment("a", ScriptedProvider()), timeout=10.0)
    assert retries.overall(call("x", through, x_outrider_deadline_ms="9" * digits)) == 10.0
    assert retries.overall(call("x", through, x_outrider_deadline_ms="0" * digits + "1500")) == 1.5
    with pytest.raises(RequestError):
        retries.overall(call("x", through, x_outrider_deadline_ms="0" * digits))
