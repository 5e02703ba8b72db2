"""Trying again: whether it may help, when, and within what time."""

import asyncio

from outrider.base import chance, clock
from outrider.base.choice import Candidate
from outrider.base.errors import OutriderError, RequestError, UpstreamError
from outrider.base.ports import Deployment
from outrider.gateway.call import Call

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0
LONGEST_DEADLINE = 15
"""Digits of a deadline in milliseconds: more are further away than any route's own."""


def refused_prefill(call: Call, error: OutriderError) -> bool:
    """Whether the deployment does not take a message to go on from, after all: it is told in words then."""
    on = call.continuation
    return on is not None and on.mode == "prefill" and isinstance(error, UpstreamError) and error.status == 400


async def rest(call: Call, candidate: Candidate) -> None:
    """Every provider said "not now": wait until the first of them has room, if that is soon."""
    pause = (candidate.until - clock.mono_ns()) / 1e9
    if 0 < pause <= LONGEST_PAUSE and candidate.until < call.deadline:
        call.why = f"{call.why}; waited {pause:.1f} s for {candidate.deployment.name} to have room"
        await wait(call, pause)


async def wait(call: Call, pause: float) -> None:
    """The pause before another try. It is the provider's doing and not counted as ours."""
    before = clock.mono_ns()
    await asyncio.sleep(pause)
    call.waited += clock.mono_ns() - before


def overall(call: Call) -> float:
    """Seconds for the whole call: the route's, or less if the caller says so. Raises RequestError 400."""
    assert call.route is not None
    asked = call.headers.get(b"x-outrider-deadline-ms")
    if asked is None:
        return call.route.timeout
    digits = asked.lstrip(b"0")
    if not digits.isdigit():
        raise RequestError(
            "`x-outrider-deadline-ms` must be a whole number of milliseconds above 0", param="x-outrider-deadline-ms"
        )
    if len(digits) > LONGEST_DEADLINE:  # what is not even read: Python refuses to, from 4,300 digits on
        return call.route.timeout
    return min(call.route.timeout, int(digits) / 1000)


ELSEWHERE = {
    "provider_key_refused",
    "provider_model_not_found",
    "upstream_answer_too_large",
    "upstream_event_too_large",
}
"""The same deployment would say it again; another may do better."""


def worth_another(error: OutriderError) -> bool:
    """Whether trying elsewhere may help; otherwise the caller's request itself is at fault."""
    if not isinstance(error, UpstreamError):
        return True
    return error.retryable or error.code in ELSEWHERE


def pause(error: OutriderError, turn: int, more: bool, *, last_turn: bool) -> float | None:
    """Seconds until the next try of the same deployment; None: go to the next one."""
    if last_turn or not isinstance(error, UpstreamError) or not error.retryable:
        return None
    if more:
        return None  # somebody else can answer now
    ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2**turn)
    return max(error.retry_after or 0.0, chance.uniform(ceiling))


def late(call: Call, deployment: Deployment, allowed: float) -> UpstreamError:
    """What a deadline that passed is called: this try's, a stream's between two chunks, or that of all together."""
    assert call.route is not None
    name = deployment.name
    if clock.mono_ns() >= call.deadline:
        words = f"{name} did not answer within {overall(call):g} s, all tries together"
    elif call.started:
        words = f"{name} was silent for {call.route.stall_timeout:g} s in the middle of its answer"
    else:
        words = f"{name} did not answer within {allowed:g} s"
    return UpstreamError(words, code="upstream_timeout")
