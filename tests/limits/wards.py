"""Deployments in every condition that there is."""

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment
from outrider.base.usage import Usage
from outrider.limits.vitals import Attempt, Vitals
from outrider.testing import ScriptedProvider

BROKEN = UpstreamError("no", code="upstream_error", status=500)
BUSY = UpstreamError("later", code="provider_rate_limited", status=429, retry_after=20.0)
HEADERS = [
    (b"x-ratelimit-limit-tokens", b"10000"), (b"x-ratelimit-remaining-tokens", b"2500"),
    (b"x-ratelimit-reset-tokens", b"45s"),
]  # fmt: skip
TRANSPORT = ScriptedProvider().transport()


def deployment(name: str) -> Deployment:
    provider, _, model = name.partition("/")
    return Deployment(name, provider, model, "openai", TRANSPORT, {})


def begin(vitals: Vitals, name: str) -> Attempt:
    attempt = vitals.begin(deployment(name))
    assert attempt is not None
    return attempt


def answer(vitals: Vitals, name: str, times: int = 1) -> None:
    for _ in range(times):
        attempt, now = begin(vitals, name), clock.mono_ns()
        attempt.heard(HEADERS)
        attempt.first_token(now + 500_000_000)
        attempt.ok(Usage(100, 100), now + 2_500_000_000)


def fail(vitals: Vitals, name: str, error: UpstreamError = BROKEN, times: int = 5) -> None:
    for _ in range(times):
        begin(vitals, name).failed(error, clock.mono_ns())


def fill(vitals: Vitals) -> None:
    """`a/well`, `b/down`, `c/resting`, `d/unused`."""
    answer(vitals, "a/well", 3)
    begin(vitals, "a/well")
    fail(vitals, "b/down")
    fail(vitals, "c/resting", BUSY, 1)
    vitals.know([deployment("d/unused")])
