"""Which deployment is asked first, and what is said about it."""

import time
from typing import Any

import pytest
from msgspec import structs

from outrider.base import chance
from outrider.base.choice import Ask, Candidate
from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment, Facts
from outrider.base.usage import Price
from outrider.gateway.choice import ask_of, candidates_for, choose, none_available
from outrider.gateway.surface import chat, embeddings
from outrider.gateway.table import Route
from outrider.limits.board import Board
from outrider.limits.vitals import Vitals
from outrider.providers import prices
from outrider.testing import ScriptedProvider
from tests.gateway import calls

TRANSPORT = ScriptedProvider().transport()
BROKEN = UpstreamError("no", code="upstream_error", status=500)


@pytest.fixture
def vitals() -> Vitals:
    chance.source.seed(7)
    prices.warm()
    return Vitals(Board())


def deployment(model: str, **facts: Any) -> Deployment:
    return Deployment(f"p/{model}", "p", model, "openai", TRANSPORT, calls.PATHS, price_list="", facts=Facts(**facts))


def route(*deployments: Deployment, **rules: Any) -> Route:
    return Route("r", deployments, **rules)


def names(found: list[Candidate]) -> str:
    return " ".join(c.deployment.model for c in found)


def fail(vitals: Vitals, target: Deployment, error: UpstreamError = BROKEN, times: int = 5) -> None:
    for _ in range(times):
        attempt = vitals.begin(target)
        assert attempt is not None
        attempt.failed(error, time.monotonic_ns())


A, B, C = (deployment(name) for name in "abc")


def test_the_strategy_decides_and_says_so(vitals: Vitals) -> None:
    found = choose(route(A, B, C), Ask(), vitals)
    assert (names(found), found[0].why) == ("a b c", "fallback")
    found = choose(route(A, B, weights={"p/a": 0.0}, strategy="balance"), Ask(), vitals)
    assert (names(found), found[0].why) == ("b a", "balance: drawn by weight")


def test_open_breakers_come_last_and_are_named(vitals: Vitals) -> None:
    fail(vitals, A)
    found = choose(route(A, B, C), Ask(), vitals)
    assert names(found) == "b c a"
    assert found[0].why == "p/a is left alone (fallback)"
    assert found[2].open
    assert not found[2].resting


def test_who_rests_comes_before_who_is_broken(vitals: Vitals) -> None:
    fail(vitals, A)
    fail(vitals, B, UpstreamError("", code="provider_rate_limited", status=429, retry_after=60.0), 1)
    found = choose(route(A, B, C), Ask(), vitals)
    assert names(found) == "c b a"
    assert found[1].resting
    assert names(choose(route(B, A), Ask(), vitals)) == "b a"


def test_a_call_that_does_not_fit_the_providers_limit_goes_elsewhere(vitals: Vitals) -> None:
    attempt = vitals.begin(A)
    assert attempt is not None
    attempt.heard(
        [(b"x-ratelimit-limit-tokens", b"10000"), (b"x-ratelimit-remaining-tokens", b"500"),
         (b"x-ratelimit-reset-tokens", b"60s")]
    )  # fmt: skip
    assert names(choose(route(A, B), Ask(100, 100), vitals)) == "a b"
    found = choose(route(A, B), Ask(100, 5000), vitals)
    assert names(found) == "b a"
    assert "p/a is resting" in found[0].why


@pytest.mark.parametrize(
    ("facts", "ask", "why"),
    [
        ({"sees": frozenset()}, Ask(kinds=frozenset({"image"})), "it takes no image"),
        ({"tools": False}, Ask(tools=True), "it has no tools"),
        ({"json_schema": False}, Ask(json_schema=True), "it knows no JSON schema"),
        ({"context": 1000}, Ask(900, 200), "more than its context of 1000"),
        ({"max_output": 100}, Ask(1, 200), "at most 100 tokens, not 200"),
    ],
)
def test_who_cannot_take_the_call_is_left_out(vitals: Vitals, facts: dict[str, Any], ask: Ask, why: str) -> None:
    unable = deployment("unable", **facts)
    assert names(choose(route(unable, B), ask, vitals)) == "b"
    assert names(choose(route(unable, B), Ask(), vitals)) == "unable b"
    (found,) = choose(route(unable), ask, vitals)
    assert found.why.startswith("none seems to fit: ")
    assert why in found.why


def test_if_none_fits_the_largest_is_asked_and_may_say_no_itself(vitals: Vitals) -> None:
    small, large = deployment("small", context=1000), deployment("large", context=2000)
    assert names(choose(route(small, large), Ask(5000), vitals)) == "large small"


def test_known_models_need_no_description(vitals: Vitals) -> None:
    blind, seeing = deployment("gpt-3.5-turbo"), deployment("gpt-4o")
    assert names(choose(route(blind, seeing), Ask(kinds=frozenset({"image"})), vitals)) == "gpt-4o"
    said = deployment("gpt-3.5-turbo", sees=frozenset({"image"}))
    assert names(choose(route(said, seeing), Ask(kinds=frozenset({"image"})), vitals)) == "gpt-3.5-turbo gpt-4o"


def test_prices_are_looked_up_for_who_needs_them(vitals: Vitals) -> None:
    def price_of(deployment: Deployment, at: int, tokens: int) -> Price:
        return Price(input={"a": 300, "b": 100, "c": 200}[deployment.model])

    found = choose(route(A, B, C, strategy="cheapest"), Ask(1_000_000), vitals, price_of)
    assert names(found) == "b c a"


def test_a_session_stays_while_its_deployment_is_well(vitals: Vitals) -> None:
    here = route(A, B, C, strategy="balance", sticky=True)
    homes = {s: names(choose(here, Ask(affinity=s), vitals)[:1]) for s in map(str, range(300))}
    assert homes == {s: names(choose(here, Ask(affinity=s), vitals)[:1]) for s in homes}
    assert all(70 < list(homes.values()).count(name) < 130 for name in "abc")
    fail(vitals, B)
    moved = {s: names(choose(here, Ask(affinity=s), vitals)[:1]) for s in homes}
    assert all(moved[s] == home for s, home in homes.items() if home != "b")
    assert {moved[s] for s, home in homes.items() if home == "b"} == {"a", "c"}
    assert "the session stays here" in choose(here, Ask(affinity="1"), vitals)[0].why


def test_sessions_follow_the_weights(vitals: Vitals) -> None:
    here = route(A, B, strategy="balance", sticky=True, weights={"p/a": 3.0})
    homes = [names(choose(here, Ask(affinity=str(n)), vitals)[:1]) for n in range(1000)]
    assert homes.count("a") == pytest.approx(750, abs=50)


def test_a_tag_is_kept_although_its_deployment_is_open(vitals: Vitals) -> None:
    eu = deployment("eu", tags=frozenset({"eu"}))
    fail(vitals, eu)
    assert names(choose(route(eu, B, strategy="by_tag"), Ask(tags=["eu"]), vitals)) == "eu"


def test_the_refusal_says_when_and_what_is_wrong(vitals: Vitals) -> None:
    fail(vitals, A)
    fail(vitals, B, UpstreamError("", code="upstream_timeout"))
    here = route(A, B)
    refusal = none_available(here, choose(here, Ask(), vitals), time.monotonic_ns())
    assert (refusal.status, refusal.code) == (503, "no_deployment_available")
    assert "p/a: failures in a row" in refusal.message
    assert "p/b: failures in a row" in refusal.message
    (name, seconds) = refusal.headers[0]
    assert name == "retry-after"
    assert 8 <= int(seconds) <= 11


# -- what a call needs ------------------------------------------------------------------------------------------------


async def asked(body: bytes, **headers: str) -> Ask:
    made = calls.call("x", **headers)
    made.body, made.request = body, chat.parse_chat(body)
    return ask_of(made)


async def test_a_plain_call() -> None:
    ask = await asked(calls.body("hello " * 100, max_tokens=70))
    assert (ask.max_output, ask.kinds, ask.tools, ask.json_schema, ask.project) == (70, frozenset(), False, False, "p")
    assert 150 < ask.tokens < 200


async def test_a_call_with_everything() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    tools = [{"type": "function", "function": {"name": "f"}}]
    ask = await asked(calls.body("hi", tools=tools, response_format=schema, prompt_cache_key="k"))
    assert (ask.tools, ask.json_schema, ask.affinity) == (True, True, "k")


async def test_images_are_not_counted_as_text() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}}
    parts = [{"type": "text", "text": "what is it? " * 10}, image, {"type": "input_audio", "input_audio": {}}]
    later = {"role": "user", "content": "and this?"}
    ask = await asked(
        calls.json.dumps({"model": "r", "messages": [{"role": "user", "content": parts}, later]}).encode()
    )
    assert ask.kinds == {"image", "audio"}
    assert 2000 < ask.tokens < 2100


async def test_embeddings() -> None:
    made = calls.call("x")
    made.endpoint, made.body = "embeddings", b'{"model": "r", "input": "hello"}'
    made.request = embeddings.parse_embeddings(made.body)
    assert ask_of(made).tokens == 8


async def test_a_route_with_one_deployment_needs_no_thought(vitals: Vitals) -> None:
    made = calls.call("x", route(A))
    (found,) = candidates_for(made, vitals, lambda *_: None)
    assert (found.deployment, found.why) == (A, "")
    made = calls.call("x", route(A, B))
    made.request = chat.parse_chat(made.body)
    assert names(candidates_for(made, vitals, lambda *_: None)) == "a b"


async def test_who_does_not_offer_the_endpoint_is_left_out(vitals: Vitals) -> None:
    deaf = structs.replace(B, paths={"embeddings": "/v1/embeddings"})
    made = calls.call("x", route(deaf, A))
    assert names(candidates_for(made, vitals, lambda *_: None)) == "a"
    for several in ((deaf,), (deaf, deaf)):
        with pytest.raises(RequestError, match="no deployment of it offers that"):
            candidates_for(calls.call("x", route(*several)), vitals, lambda *_: None)
