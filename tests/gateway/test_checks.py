"""Checks are made when nobody calls, count what they find, and are not made twice."""

import time
from collections.abc import Mapping

import pytest

from outrider.base import chance
from outrider.base.ports import Deployment
from outrider.gateway import checks
from outrider.gateway.checks import CheckRule, Checks
from outrider.limits.board import Board
from outrider.limits.conditions import condition
from outrider.limits.vitals import Vitals
from outrider.testing import ScriptedProvider
from tests.gateway.calls import PATHS

SECOND = 1_000_000_000
LATER = 100 * SECOND


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    monkeypatch.setattr(chance, "uniform", lambda ceiling: 0.0)
    return ScriptedProvider()


def deployment(provider: ScriptedProvider, model: str, paths: Mapping[str, str] = PATHS) -> Deployment:
    return Deployment(f"p/{model}", "p", model, "openai", provider.transport(), paths)


def made(*deployments: Deployment, completion: bool = False) -> tuple[Vitals, Checks]:
    vitals = Vitals(Board())
    vitals.know(deployments)
    return vitals, Checks(vitals, lambda: {"p": CheckRule(30.0, completion), "unused": CheckRule(1.0)})


async def test_a_quiet_provider_is_asked_for_its_models_once(provider: ScriptedProvider) -> None:
    vitals, found = made(deployment(provider, "a"), deployment(provider, "b"))
    now = time.monotonic_ns() + LATER
    await found.look(now)
    assert provider.counts["models"] == 1
    await found.look(time.monotonic_ns() + 5 * SECOND)
    assert provider.counts["models"] == 1
    await found.look(time.monotonic_ns() + 31 * SECOND)
    assert provider.counts["models"] == 2
    assert condition(vitals.board, "p/a").calls == 0


async def test_live_traffic_makes_checks_needless(provider: ScriptedProvider) -> None:
    a = deployment(provider, "a")
    vitals, found = made(a, deployment(provider, "b"))
    attempt = vitals.begin(a)
    assert attempt is not None
    await found.look(time.monotonic_ns() + LATER)
    attempt.ok(None, time.monotonic_ns())
    await found.look(time.monotonic_ns() + 29 * SECOND)
    assert provider.counts["models"] == 0


async def test_a_failing_list_opens_breakers_and_a_good_one_closes_none(provider: ScriptedProvider) -> None:
    broken = {**PATHS, "models": "/nowhere/else"}
    a = deployment(provider, "scripted:status=500", broken)
    vitals, found = made(a)
    for _ in range(5):
        await found.look(time.monotonic_ns() + LATER)
    assert condition(vitals.board, a.name).state == "open"
    good = deployment(provider, "scripted:status=500")
    vitals.know([good])
    await found.look(time.monotonic_ns() + LATER)
    assert condition(vitals.board, a.name).state == "open"


async def test_a_completion_is_a_call_and_a_probe(provider: ScriptedProvider) -> None:
    a, vectors = deployment(provider, "a"), deployment(provider, "text-embedding-x")
    vitals, found = made(a, vectors, completion=True)
    await found.look(time.monotonic_ns() + LATER)
    assert provider.counts["chat"] == 1
    assert condition(vitals.board, "p/a").answered == 1
    vitals.of(a).breaker.hold_open(time.monotonic_ns())
    await found.look(time.monotonic_ns() + LATER)
    assert provider.counts["chat"] == 1


async def test_a_completion_that_fails_or_hangs_counts(
    provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PATIENCE", 0.05)
    failing, hanging = deployment(provider, "scripted:status=503"), deployment(provider, "scripted:delay=30")
    vitals, found = made(failing, hanging, completion=True)
    await found.look(time.monotonic_ns() + LATER)
    assert condition(vitals.board, failing.name).failures == {"upstream_error": 1}
    assert condition(vitals.board, hanging.name).failures == {"upstream_timeout": 1}
    assert vitals.of(hanging).busy() == 0
