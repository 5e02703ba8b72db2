"""Which deployment is asked when, how long is waited, and what is recorded of it."""

import asyncio
import threading
from typing import Any

import msgspec
import pytest

from outrider.base import chance
from outrider.base.errors import RequestError, UpstreamError
from outrider.gateway import continuation, receive
from outrider.gateway.attempts import Attempts, NoAnswer
from outrider.gateway.call import Call
from outrider.gateway.hedge import HedgeRule
from outrider.gateway.patience import Watch
from outrider.limits.board import Board
from outrider.limits.vitals import Vitals
from outrider.testing import ScriptedProvider
from tests.gateway.calls import ask, call, client, deployment, route


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are written down instead of waited for; chance takes the longest one. Not those of servers that run in
    other threads meanwhile."""
    waited: list[float] = []
    sleep, here = asyncio.sleep, threading.get_ident()

    async def note(seconds: float) -> None:
        if threading.get_ident() != here:
            return await sleep(seconds)
        if seconds > 0:
            waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    monkeypatch.setattr(chance, "uniform", lambda ceiling: ceiling)
    return waited


async def failing(made: Call) -> UpstreamError:
    with pytest.raises(NoAnswer) as caught:
        await ask(made)
    return caught.value.last


def steps(made: Call) -> list[tuple[str, str, str]]:
    return [(s.name, s.status, s.error) for s in made.steps]


async def test_the_first_deployment_answers() -> None:
    first, second = ScriptedProvider(), ScriptedProvider()
    made = call("scripted:text=hi", route(deployment("a", first), deployment("b", second)))
    assert (await ask(made)).text == "hi"
    assert steps(made) == [("a/m", "ok", "")]
    assert made.steps[0].usage is not None
    assert (first.counts["chat"], second.counts["chat"]) == (1, 0)


async def test_retries_wait_exponentially_and_are_steps(pauses: list[float]) -> None:
    made = call("scripted:fail-times=3,status=503", route(deployment("a", ScriptedProvider()), retries=3))
    await ask(made)
    assert pauses == [0.25, 0.5, 1.0]
    assert [s.status for s in made.steps] == ["error", "error", "error", "ok"]
    assert [s.attrs["http_status"] for s in made.steps] == [503, 503, 503, 200]


async def test_pauses_have_a_ceiling(pauses: list[float]) -> None:
    made = call("scripted:status=500", route(deployment("a", ScriptedProvider()), retries=8))
    await failing(made)
    assert max(pauses) == pauses[-1] == 8.0
    assert len(made.steps) == 9


async def test_retry_after_is_honoured(pauses: list[float]) -> None:
    made = call("scripted:fail-times=1,status=429,retry-after=7", route(deployment("a", ScriptedProvider()), retries=1))
    await ask(made)
    assert pauses == [7.0]
    assert made.steps[0].attrs["retry_after"] == 7.0


async def test_a_limited_provider_with_a_spare_is_not_waited_for(pauses: list[float]) -> None:
    spare = ScriptedProvider()
    limited = deployment("a", ScriptedProvider(), "scripted:status=429,retry-after=1")
    made = call("hello", route(limited, deployment("b", spare), retries=2))
    await ask(made)
    assert pauses == []
    assert [s.status for s in made.steps] == ["error", "ok"]


async def test_a_long_retry_after_is_not_waited_for_beside_a_spare(pauses: list[float]) -> None:
    busy = deployment("a", ScriptedProvider(), "scripted:status=503,retry-after=30")
    made = call("hello", route(busy, deployment("b", ScriptedProvider()), retries=2))
    await ask(made)
    assert pauses == []


async def test_a_wait_beyond_the_deadline_is_not_begun(pauses: list[float]) -> None:
    made = call(
        "scripted:status=429,retry-after=90", route(deployment("a", ScriptedProvider()), retries=3, timeout=60.0)
    )
    assert (await failing(made)).retry_after == 90
    assert pauses == []
    assert len(made.steps) == 1


@pytest.mark.parametrize(("status", "another"), [(400, False), (422, False), (401, True), (404, True), (500, True)])
async def test_only_what_another_may_mend_goes_on(pauses: list[float], status: int, another: bool) -> None:
    spare = ScriptedProvider()
    made = call(
        "hello", route(deployment("a", ScriptedProvider(), f"scripted:status={status}"), deployment("b", spare))
    )
    if another:
        await ask(made)
    else:
        error = await failing(made)
        assert (error.status, error.retryable) == (status, False)
        assert error.body is not None
        assert b"scripted: status" in error.body
    assert spare.counts["chat"] == int(another)


async def test_a_refused_key_is_not_tried_again(pauses: list[float]) -> None:
    made = call("scripted:status=401", route(deployment("a", ScriptedProvider()), retries=5))
    assert (await failing(made)).code == "provider_key_refused"
    assert len(made.steps) == 1


async def test_every_try_has_its_deadline() -> None:
    slow = ScriptedProvider()
    made = call(
        "hello",
        route(deployment("a", slow, "scripted:delay=60"), deployment("b", ScriptedProvider()), try_timeout=0.05),
    )
    await ask(made)
    assert [(s.status, s.error) for s in made.steps] == [("error", "upstream_timeout"), ("ok", "")]
    assert slow.counts["cancelled"] == 1


@pytest.mark.parametrize("headers", [{}, {"x_outrider_deadline_ms": "60"}])
async def test_the_whole_call_has_one_too(headers: dict[str, str]) -> None:
    """The route's, or the caller's if it is shorter."""
    rules: dict[str, Any] = {"timeout": 60.0 if headers else 0.06, "retries": 5}
    provider = ScriptedProvider()
    made = call("scripted:delay=60", route(deployment("a", provider), deployment("b", provider), **rules), **headers)
    assert (await failing(made)).code == "upstream_timeout"
    assert len(made.steps) == 1
    assert provider.counts["cancelled"] == 1


@pytest.mark.parametrize("value", ["", "0", "-5", "1.5", "soon"])
async def test_a_deadline_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(RequestError) as caught:
        await ask(call("hello", route(deployment("a", ScriptedProvider())), x_outrider_deadline_ms=value))
    assert caught.value.param == "x-outrider-deadline-ms"


@pytest.mark.parametrize("spoilt", ["html", "reset", "status=500", "no-usage,status=503"])
async def test_a_stream_that_has_not_begun_may_fall_back(spoilt: str) -> None:
    bad = deployment("a", ScriptedProvider(), f"scripted:{spoilt}")
    made = call("hello", route(bad, deployment("b", ScriptedProvider())), stream=True)
    await ask(made)
    assert [s.status for s in made.steps] == ["error", "ok"]
    assert client(made).status == 200


async def test_a_stream_that_has_begun_goes_on_elsewhere() -> None:
    cut = deployment("a", ScriptedProvider(), "scripted:cut=2")
    made = call("hello", route(cut, deployment("b", ScriptedProvider()), retries=0), stream=True)
    answer = await ask(made)
    assert answer.text == "This is a scripted answer."
    assert [s.status for s in made.steps] == ["error", "ok"]
    assert made.steps[1].attrs["mode"] == "instruction"
    sent = continuation.read([*client(made).received, made.held])
    assert (sent.text, sent.done) == (answer.text, True)


async def test_a_stream_that_cannot_go_on_says_why() -> None:
    spare = ScriptedProvider()
    cut = deployment("a", ScriptedProvider(), "scripted:cut=2")
    through = route(cut, deployment("b", spare), retries=3)
    made = call("hello", through, stream=True, fields={"n": 2})
    assert "it could not be continued elsewhere: several answers" in (await failing(made)).message
    assert [s.status for s in made.steps] == ["error"]
    assert spare.counts["requests"] == 0


async def test_a_slow_deployment_has_a_rival() -> None:
    slow, quick = ScriptedProvider(), ScriptedProvider()
    rule = HedgeRule(after=0.05, share=1.0)
    through = route(deployment("a", slow, "scripted:delay=30"), deployment("b", quick), hedge=rule)
    made = call("hello", through, fields={"max_tokens": 40})
    assert (await ask(made)).text
    assert [(s.name, s.status, s.error) for s in made.steps] == [
        ("a/scripted:delay=30", "cancelled", "another_was_quicker"),
        ("b/m", "ok", ""),
    ]
    assert made.deployment is not None
    assert made.deployment.name == "b/m"
    assert slow.counts["cancelled"] == 1
    assert made.steps[0].usage is not None
    assert made.steps[0].usage.output == 40  # it may be billed to the end
    assert "was slow" in made.why


async def test_when_both_rivals_fail_the_first_one_counts() -> None:
    rule = HedgeRule(after=0.05, share=1.0)
    first = deployment("a", ScriptedProvider(), "scripted:delay=0.2,status=400")
    second = deployment("b", ScriptedProvider(), "scripted:delay=0.3,status=500")
    made = call("hello", route(first, second, hedge=rule))
    assert (await failing(made)).status == 400
    assert [s.status for s in made.steps] == ["error", "error"]


async def test_a_client_that_leaves_ends_the_attempt() -> None:
    provider = ScriptedProvider()
    steps_seen: list[tuple[str, str, str]] = []

    async def asks() -> None:
        made = call("scripted:delay=60", route(deployment("a", provider)))
        try:
            await ask(made)
        finally:
            steps_seen.extend(steps(made))

    asking = asyncio.create_task(asks())
    await provider.until(chat=1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert steps_seen == [("a/m", "cancelled", "client_gone")]
    assert provider.counts["cancelled"] == 1


async def test_waiting_is_counted_as_the_providers() -> None:
    made = call("scripted:delay=0.05", route(deployment("a", ScriptedProvider())))
    await ask(made)
    assert made.waited >= 40_000_000
    assert made.steps[0].duration <= made.waited


async def test_a_route_without_deployments_says_so() -> None:
    with pytest.raises(RequestError, match="no deployment"):
        await ask(call("hello", route()))


async def test_a_provider_that_said_when_is_waited_for(pauses: list[float]) -> None:
    vitals = Vitals(Board())
    busy = deployment("a", ScriptedProvider(), "scripted:status=429,retry-after=3,fail-times=1,key=x")
    attempts = Attempts(Watch(), lambda deployment, at, size: None, vitals)
    first, second = call("hello", route(busy)), call("hello again", route(busy))
    with pytest.raises(NoAnswer):
        await attempts.ask(first, receive.collect)
    await attempts.ask(second, receive.collect)
    assert len(pauses) == 1
    assert 2 < pauses[0] < 5
    assert "to have room" in second.why


async def test_a_request_that_cannot_be_made_is_not_counted_as_under_way() -> None:
    vitals = Vitals(Board())
    mute = msgspec.structs.replace(deployment("a", ScriptedProvider()), dialect="no-such")
    attempts = Attempts(Watch(), lambda deployment, at, size: None, vitals)
    with pytest.raises(LookupError):
        await attempts.ask(call("hello", route(mute)), receive.collect)
    assert vitals.of(mute).busy() == 0
